"""`run.save` where the run belongs to a bucket: each policy, and files that are hard to take."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import runhooks
from tests.programs import wait_until
from tests.servers.s3 import S3Server, moto_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with moto_server(tmp_path_factory.mktemp("moto")) as found:
        yield found


def test_saved_files_reach_the_bucket_as_their_policy_says(
    server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNHOOKS_SPOOL", str(tmp_path / "spool"))
    monkeypatch.chdir(tmp_path)
    bucket = server.new_bucket()
    store, options = f"s3://{bucket}/runs", server.storage_options
    for name in ("live.txt", "now.txt", "end.txt", "odd/empty", "odd/gone.txt"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text("" if name == "odd/empty" else "first")
    Path("odd", os.fsdecode(b"caf\xe9.txt")).write_text("latin-1")
    Path("odd/loop").symlink_to(tmp_path / "odd")
    os.mkfifo("odd/fifo")

    def in_bucket(name: str) -> bytes | None:
        key = f"runs/default/p/runs/{run.id}/files/{name}"
        found = server.raw.list_objects_v2(Bucket=bucket, Prefix=key).get("Contents", [])
        return server.raw.get_object(Bucket=bucket, Key=key)["Body"].read() if found else None

    with runhooks.init(project="p", store=store, storage_options=options) as run:
        run.save("live.txt")
        run.save("now.txt", policy="now")
        run.save("end.txt", policy="end")
        run.save("odd")
        run.log({"loss": 1})
        wait_until(lambda: None not in (in_bucket("now.txt"), in_bucket("odd/gone.txt")), 60)
        assert in_bucket("end.txt") is None
        for name in ("live.txt", "now.txt", "end.txt"):
            Path(name).write_text("second")
        Path("odd/gone.txt").unlink()

    files = {file.name: file for file in runhooks.Api(store, options).run(f"p/{run.id}").files()}
    assert {name: files[name].read() for name in ("live.txt", "now.txt", "end.txt")} == {
        "live.txt": b"second",
        "now.txt": b"first",
        "end.txt": b"second",
    }
    assert {name: files[name].read() for name in files if name.startswith("odd/")} == {
        "odd/empty": b"",
        "odd/caf%E9.txt": b"latin-1",
        "odd/gone.txt": b"first",  # what was saved stays
    }
    assert not list((tmp_path / "spool").rglob("files"))
