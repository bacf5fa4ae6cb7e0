"""Artifacts in a bucket, and after a crash: what was logged is stored all the same."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import runhooks
from runhooks import Api, Artifact
from runhooks.cli import main
from tests.programs import is_free, wait_until
from tests.programs import run as run_program
from tests.servers.s3 import S3Server, moto_server

WAIT = 120


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with moto_server(tmp_path_factory.mktemp("moto")) as found:
        yield found


def test_a_bucket_holds_each_content_once_and_gives_it_back(server: S3Server, tmp_path: Path) -> None:
    bucket = server.new_bucket()
    store, options = f"s3://{bucket}/runs", server.storage_options
    content = os.urandom(20 * 2**20)
    (tmp_path / "large").write_bytes(content)
    server.raw.put_object(Bucket=bucket, Key="raw/part-0", Body=b"raw")
    with runhooks.init(project="p", store=store, storage_options=options) as run:
        artifact = Artifact("data", "dataset")
        artifact.add_file("large")
        artifact.add_reference(f"s3://{bucket}/raw/part-0")
        artifact.add_reference(f"s3://{bucket}/raw/", "all")
        with artifact.new_file("sub/small.txt") as file:
            file.write("small")
        run.log_artifact(artifact, aliases=["best"]).wait(WAIT)
        again = run.log_artifact(tmp_path / "large", name="again", type="dataset").wait(WAIT)
        used = run.use_artifact("data:best")
        got = Path(used.download("out"))
        used.verify()

    assert again.version == "v0"
    assert used.files() == ["all/part-0", "large", "part-0", "sub/small.txt"]
    assert (used.get_entry("part-0").size, used.get_entry("large").stored) == (3, True)
    assert used.get_entry("all/part-0").etag == used.get_entry("part-0").etag
    assert (got / "large").read_bytes() == content
    assert (got / "all/part-0").read_bytes() == b"raw"
    listed = server.raw.list_objects_v2(Bucket=bucket, Prefix="runs/default/p/blobs/")["Contents"]
    assert sorted(found["Size"] for found in listed) == [5, len(content)]
    api = Api(store, options)
    assert api.artifact("p/data").logged_by().id == run.id
    assert [found.id for found in api.artifact("p/data").used_by()] == [run.id]
    for key in ("default/p/artifacts/index.html", "default/p/artifacts/data/v0.js"):
        assert server.raw.head_object(Bucket=bucket, Key=f"runs/{key}")
    assert not list((tmp_path / "spool").rglob("*.staging*"))


DIES = """
import os, signal
import runhooks
run = runhooks.init(project="p", id="dies")
run.log({"a": 1})
artifact = runhooks.Artifact("data", "dataset")
with open("large", "wb") as file:
    file.write(os.urandom(9 * 2**20))
artifact.add_file("large")
with artifact.new_file("small.txt") as file:
    file.write("small")
recorder = run._connection._recorder.pid
os.kill(recorder, signal.SIGSTOP)
run.log_artifact(artifact, aliases=["best"])
os.remove("large")
os.kill(recorder, signal.SIGKILL)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_logged_survives_both_processes(tmp_path: Path) -> None:
    assert run_program(DIES, tmp_path).returncode == -9
    folder = tmp_path / "runs/default/p/runs/dies"
    wait_until(lambda: is_free(folder), 60)
    assert not (tmp_path / "runs/default/p/artifacts").exists()

    assert main(["sync"]) == 0

    artifact = Api().artifact("p/data:best")
    assert artifact.files() == ["large", "small.txt"]
    artifact.verify()
    assert Api().run("p/dies").state == "crashed"
    assert not (folder / ".staging").exists()
    assert main(["sync"]) == 0


def test_a_run_whose_artifact_waits_is_not_complete(tmp_path: Path) -> None:
    with runhooks.init(project="p", id="waits", mode="offline", store="team") as run:
        artifact = Artifact("data", "dataset")
        with artifact.new_file("a") as file:
            file.write("1")
        run.log_artifact(artifact)
    assert artifact.version is None
    (kept,) = (tmp_path / "spool").glob("*/default/p/runs/waits")
    assert main(["sync"]) == 0
    assert Api("team").artifact("p/data").logged_by().id == "waits"
    assert not kept.exists()
