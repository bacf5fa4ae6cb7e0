"""What an S3 store does when S3 does not: on moto's server, behind a proxy that breaks requests."""

import gc
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import s3fs
from fsspec.asyn import get_loop, sync

from runhooks.errors import (
    StoreError,
    StoreNotFoundError,
    StorePermissionError,
    StoreUnreachableError,
)
from runhooks.storage import Retry, Store, open_store
from tests.servers.faulty import FaultyProxy, faulty_proxy
from tests.servers.process import free_port
from tests.servers.s3 import S3Server

pytestmark = pytest.mark.faults

# Silence is waited for; a busy machine is none.
BRIEF = {"connect_timeout": 3, "read_timeout": 3}


@pytest.fixture(scope="module")
def proxy(moto: S3Server) -> Iterator[FaultyProxy]:
    with faulty_proxy(moto.endpoint) as proxy:
        yield proxy


@pytest.fixture
def bucket(moto: S3Server) -> str:
    return moto.new_bucket()


def options(moto: S3Server, **named: Any) -> dict[str, Any]:
    return {**moto.storage_options, **named}


def behind(moto: S3Server, proxy: FaultyProxy) -> dict[str, Any]:
    return options(moto, endpoint_url=proxy.endpoint, config_kwargs=BRIEF)


@pytest.fixture
def once(moto: S3Server, proxy: FaultyProxy, bucket: str) -> Store:
    """The store behind the proxy, with one try a call."""
    return warm(open_store(f"s3://{bucket}/runs", behind(moto, proxy), retry=None), proxy)


@pytest.fixture
def store(moto: S3Server, proxy: FaultyProxy, bucket: str) -> Store:
    """The store behind the proxy, as it is tried again."""
    retry = Retry(deadline=20, first=0.01, longest=0.05)
    return warm(open_store(f"s3://{bucket}/runs", behind(moto, proxy), retry=retry), proxy)


def warm(store: Store, proxy: FaultyProxy) -> Store:
    """Make the connection, so that the first request of the test is the first that can fail."""
    proxy.fail()
    store.write("warm", b"x")
    proxy.fail()
    return store


@pytest.mark.parametrize("fault", ["reset", "silence", "500", "503", "429", "409", "lost"])
def test_one_call_is_one_try(once: Store, proxy: FaultyProxy, fault: str) -> None:
    proxy.fail(*[fault] * 10)
    with pytest.raises(StoreUnreachableError, match="did not answer"):
        once.write("a", b"x")
    # aiohttp itself repeats a request whose connection broke, once.
    assert len(proxy.requests) == (2 if fault in {"reset", "lost"} else 1)


def test_a_cut_body_is_no_object(once: Store, proxy: FaultyProxy) -> None:
    once.write("a", b"0123456789" * 1000)
    proxy.fail("cut", "cut", "cut")
    with pytest.raises(StoreUnreachableError):
        once.read("a")


@pytest.mark.parametrize("fault", ["reset", "500", "503", "429", "409", "lost", "silence"])
def test_every_call_outlives_a_fault(store: Store, proxy: FaultyProxy, fault: str) -> None:
    faults = [fault] * (1 if fault == "silence" else 3)
    store.write("kept", b"kept")
    proxy.fail(*faults)
    store.write("a", b"1")
    proxy.fail(*faults)
    assert store.create("b", b"2") is True
    proxy.fail(*faults)
    assert store.create("b", b"3") is False
    proxy.fail(*faults)
    assert store.read("kept") == b"kept"
    proxy.fail(*faults)
    store.delete("kept")
    proxy.fail(*faults)
    assert {entry.path: entry.size for entry in store.list()} == {"a": 1, "b": 1, "warm": 1}
    proxy.fail(*faults)
    assert abs(store.now() - time.time()) < 5


def test_an_object_whose_answer_was_lost_below_is_its_creators(once: Store, proxy: FaultyProxy) -> None:
    """aiohttp sends a PUT again by itself: the object in the way carries the write's own id."""
    proxy.fail("lost")
    assert once.create("a", b"mine") is True
    assert [method for method, _ in proxy.requests] == ["PUT", "PUT", "HEAD"]
    assert once.create("a", b"mine") is False


@pytest.mark.parametrize("fault", ["reset", "503", "lost", "cut"])
def test_whichever_request_fails_the_result_is_the_same(
    store: Store, proxy: FaultyProxy, tmp_path: Path, fault: str
) -> None:
    (tmp_path / "file").write_bytes(bytes(1000))
    for k in range(9):
        proxy.fail(*[""] * k, fault, fault)
        store.write(f"{k}/a", b"1")
        assert store.create(f"{k}/b", b"2") is True
        assert store.create(f"{k}/b", b"3") is False
        store.write(f"{k}/file", tmp_path / "file")
        store.delete(f"{k}/a")
        assert store.read(f"{k}/b") == b"2"
        assert {entry.path: entry.size for entry in store.list(f"{k}")} == {f"{k}/b": 1, f"{k}/file": 1000}
        assert len(proxy.requests) > k


def test_half_of_all_requests_broken_at_once(store: Store, proxy: FaultyProxy) -> None:
    kinds = ("reset", "503", "lost", "", "", "", "", "")
    proxy.plan = lambda number, _method, _path: kinds[number * 7919 % 8]
    with ThreadPoolExecutor(4) as pool:
        created = [*pool.map(lambda n: store.create(f"c/{n}", b"%d" % n), range(60))]
    assert created == [True] * 60
    assert len([*store.list("c")]) == 60
    assert all(store.read(f"c/{n}") == b"%d" % n for n in range(60))


def test_a_server_that_is_not_there_is_said_as_such(moto: S3Server) -> None:
    endpoint = f"http://127.0.0.1:{free_port()}"
    store = open_store("s3://bucket/runs", options(moto, endpoint_url=endpoint), retry=Retry(deadline=2))
    with pytest.raises(StoreUnreachableError, match="s3://bucket/runs: the store did not answer"):
        store.write("a", b"x")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of forking with threads, which is the point
def test_a_child_that_closes_what_it_inherited_leaves_its_parents_connections(once: Store) -> None:
    """As s3fs does when the child drops what it inherited, or ends: parent and child share an epoll."""
    once.read("warm")
    pid = os.fork()
    if pid == 0:
        try:
            for file_system in [found for found in gc.get_objects() if isinstance(found, s3fs.S3FileSystem)]:
                sync(get_loop(), file_system._s3creator.__aexit__, None, None, None)
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    assert once.read("warm") == b"x"


def test_a_missing_bucket_is_said_as_such_by_every_call(moto: S3Server) -> None:
    store = open_store("s3://no-such-bucket-here/runs", options(moto))
    for call in (
        lambda: store.write("a", b"x"),
        lambda: store.create("a", b"x"),
        lambda: store.read("a"),
        lambda: [*store.list()],
        lambda: store.delete("a"),
        store.now,
    ):
        with pytest.raises(StoreNotFoundError, match="there is no such bucket"):
            call()


def test_wrong_credentials_are_refused(ceph: S3Server) -> None:
    store = open_store(f"s3://{ceph.new_bucket()}", {**options(ceph), "secret": "wrong-secret-000000"})
    for call in (lambda: store.write("a", b"x"), lambda: store.read("a"), lambda: [*store.list()]):
        with pytest.raises(StorePermissionError, match="refused the credentials") as caught:
            call()
        assert "wrong-secret" not in str(caught.value)


def test_absent_credentials_are_said_as_such(moto: S3Server, tmp_path: Path) -> None:
    script = f"""if 1:
        from runhooks.errors import StorePermissionError
        from runhooks.storage import open_store
        store = open_store("s3://bucket", {{"endpoint_url": {moto.endpoint!r}}})
        try:
            store.write("a", b"x")
        except StorePermissionError as error:
            print(error)
    """
    env = {name: value for name, value in os.environ.items() if not name.startswith("AWS")}
    env |= {"HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true"}
    command = [sys.executable, "-c", script]
    output = subprocess.run(command, env=env, capture_output=True, text=True, check=True, timeout=60).stdout
    assert "none were found. NoCredentialsError" in output


def test_a_browser_is_told_what_an_object_is(moto: S3Server, bucket: str, tmp_path: Path) -> None:
    store = open_store(f"s3://{bucket}", options(moto))
    (tmp_path / "f").write_bytes(bytes(17 * 2**20))
    store.write("index.html", b"<p>")
    store.write("app.js", b"", cache_control="public, max-age=31536000, immutable")
    store.create("run.json", b"{}")
    store.write("big.parquet", tmp_path / "f")
    store.write("odd", b"", content_type="image/png")
    heads = {entry.path: moto.raw.head_object(Bucket=bucket, Key=entry.path) for entry in store.list()}
    assert {path: (head["ContentType"], head["CacheControl"]) for path, head in heads.items()} == {
        "index.html": ("text/html; charset=utf-8", "no-cache"),
        "app.js": ("text/javascript; charset=utf-8", "public, max-age=31536000, immutable"),
        "run.json": ("application/json", "no-cache"),
        "big.parquet": ("application/vnd.apache.parquet", "no-cache"),
        "odd": ("image/png", "no-cache"),
    }


def test_a_listing_of_many_pages_is_whole(moto: S3Server, bucket: str) -> None:
    store = open_store(f"s3://{bucket}/runs", moto.storage_options)
    raw = moto.raw
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: raw.put_object(Bucket=bucket, Key=f"runs/f{n}/x", Body=b""), range(1050)))
    assert len({entry.path for entry in store.list()}) == 1050
    assert len({entry.path for entry in store.list(recursive=False)}) == 1050


def test_folders_that_a_console_made_are_no_objects(moto: S3Server, bucket: str) -> None:
    store = open_store(f"s3://{bucket}/runs", options(moto))
    for key in ("runs/", "runs/folder/", "runs/a", "runs//double"):
        moto.raw.put_object(Bucket=bucket, Key=key, Body=b"")
    assert [entry.path for entry in store.list()] == ["a"]
    assert sorted(entry.path for entry in store.list(recursive=False)) == ["a", "folder"]


def test_a_file_that_grows_while_it_is_sent_is_not_taken_for_whole(
    moto: S3Server, bucket: str, proxy: FaultyProxy, tmp_path: Path
) -> None:
    store = open_store(f"s3://{bucket}", options(moto, endpoint_url=proxy.endpoint), retry=None)
    file = tmp_path / "log"
    file.write_bytes(bytes(17 * 2**20))

    def grow(_number: int, method: str, path: str) -> str:
        if "partNumber=1" in path:
            with file.open("ab") as log:
                log.write(bytes(9 * 2**20))
        return ""

    proxy.plan = grow
    # A part that grew the file is either one too many or the last of a wrong size.
    with pytest.raises(StoreError, match=r"bytes arrived|smaller than the minimum"):
        store.write("log", file)


@pytest.mark.slow
def test_a_large_file_is_sent_in_bounded_memory(ceph: S3Server, tmp_path: Path) -> None:
    bucket = ceph.new_bucket()
    (tmp_path / "weights").write_bytes(b"")
    os.truncate(tmp_path / "weights", 300 * 10**6)
    script = f"""if 1:
        import re
        from pathlib import Path
        from runhooks.storage import open_store
        store = open_store("s3://{bucket}", {ceph.storage_options!r})
        store.write("warm", b"x")
        # Not getrusage: its peak is the parent's, of before exec.
        peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
        before = peak()
        store.write("weights", Path({str(tmp_path / "weights")!r}))
        print(peak() - before)
    """
    command = [sys.executable, "-c", script]
    grown = int(subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout)
    print(f"300 MB sent, memory grew by {grown / 1024:.0f} MB")
    assert grown < 100 * 1024
    assert ceph.raw.head_object(Bucket=bucket, Key="weights")["ContentLength"] == 300 * 10**6
