"""What a GCS store does when GCS does not."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import ClientTimeout

from runhooks.errors import StoreNotFoundError, StoreUnreachableError
from runhooks.storage import Retry, Store, open_store
from tests.servers.faulty import FaultyProxy, faulty_proxy
from tests.servers.gcs import GCSServer
from tests.servers.process import free_port

pytestmark = [
    pytest.mark.faults,
    # aiohttp's advice to gcsfs, which sends a file's parts as bytes.
    pytest.mark.filterwarnings("ignore:Sending a large body directly:ResourceWarning"),
]


@pytest.fixture(scope="module")
def proxy(gcs: GCSServer) -> Iterator[FaultyProxy]:
    with faulty_proxy(gcs.endpoint) as proxy:
        yield proxy


def behind(gcs: GCSServer, proxy: FaultyProxy, retry: Retry | None) -> Store:
    brief = ClientTimeout(sock_connect=2, sock_read=1)
    options = {**gcs.storage_options, "endpoint_url": proxy.endpoint, "requests_timeout": brief}
    store = open_store(f"gs://{gcs.new_bucket()}/runs", options, retry=retry)
    proxy.fail()
    store.write("warm", b"x")
    return store


@pytest.mark.parametrize("fault", ["reset", "silence", "500", "503", "429", "lost"])
def test_one_call_is_one_request(gcs: GCSServer, proxy: FaultyProxy, fault: str) -> None:
    once = behind(gcs, proxy, None)
    proxy.fail(*[fault] * 10)
    with pytest.raises(StoreUnreachableError, match="did not answer"):
        once.write("a", b"x")
    assert len(proxy.requests) == 1


@pytest.mark.parametrize("fault", ["reset", "503", "lost", "cut"])
def test_whichever_request_fails_the_result_is_the_same(
    gcs: GCSServer, proxy: FaultyProxy, tmp_path: Path, fault: str
) -> None:
    store = behind(gcs, proxy, Retry(first=0.01, longest=0.05))
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


def test_a_missing_bucket_is_said_as_such_by_every_call(gcs: GCSServer) -> None:
    store = open_store("gs://no-such-bucket-here/runs", gcs.storage_options)
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


def test_a_server_that_is_not_there_is_said_as_such(gcs: GCSServer) -> None:
    options = {**gcs.storage_options, "endpoint_url": f"http://127.0.0.1:{free_port()}"}
    store = open_store("gs://bucket/runs", options, retry=Retry(deadline=2))
    with pytest.raises(StoreUnreachableError, match="gs://bucket/runs: the store did not answer"):
        store.write("a", b"x")


def test_a_browser_is_told_what_an_object_is(gcs: GCSServer, tmp_path: Path) -> None:
    bucket = gcs.new_bucket()
    store = open_store(f"gs://{bucket}", gcs.storage_options)
    (tmp_path / "f").write_bytes(bytes(9 * 2**20))
    store.write("index.html", b"<p>")
    store.write("app.js", b"", cache_control="public, max-age=31536000, immutable")
    store.create("run.json", b"{}")
    store.write("big.parquet", tmp_path / "f")
    heads = {entry.path: gcs.about(bucket, entry.path) for entry in store.list()}
    assert {path: (head["contentType"], head.get("cacheControl")) for path, head in heads.items()} == {
        "index.html": ("text/html; charset=utf-8", "no-cache"),
        "app.js": ("text/javascript; charset=utf-8", "public, max-age=31536000, immutable"),
        "run.json": ("application/json", "no-cache"),
        "big.parquet": ("application/vnd.apache.parquet", "no-cache"),
    }
