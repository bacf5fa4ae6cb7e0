"""References to what a web server or a bucket of Google's holds."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import runhooks
from runhooks import Api, Artifact
from runhooks.errors import ArtifactError
from tests.servers.gcs import gcs_server

WAIT = 60
BYTES = bytes(range(256)) * 5000


class Files(BaseHTTPRequestHandler):
    """A file with an ETag, one without HEAD, one without a length, and one that is elsewhere."""

    etag = '"one"'

    def do_HEAD(self) -> None:
        if self.path == "/signed":
            self.send_error(403)
        else:
            self._head()

    def do_GET(self) -> None:
        if self._head():
            self.wfile.write(BYTES)

    def _head(self) -> bool:
        found = self.path in ("/data.bin", "/signed", "/endless")
        self.send_response(200 if found else 302 if self.path == "/moved" else 404)
        if found:
            self.send_header("ETag", self.etag)
        if found and self.path != "/endless":
            self.send_header("Content-Length", str(len(BYTES)))
        if self.path == "/moved":
            self.send_header("Location", "/data.bin")
        self.end_headers()
        return found

    def log_message(self, *_: Any) -> None:
        """Keep the tests' output clean."""


@pytest.fixture
def web() -> Iterator[str]:
    Files.etag = '"one"'
    server = ThreadingHTTPServer(("127.0.0.1", 0), Files)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def logged(*uris: str) -> Artifact:
    artifact = Artifact("data", "dataset")
    for uri in uris:
        artifact.add_reference(uri)
    with runhooks.init(project="p") as run:
        return run.log_artifact(artifact).wait(WAIT)


def test_what_a_web_server_holds_is_known_by_its_etag_and_fetched_from_there(web: str) -> None:
    logged(*(f"{web}/{name}" for name in ("data.bin", "signed", "endless", "moved")))

    found = Api().artifact("p/data")

    entry = found.get_entry("data.bin")
    assert (entry.ref, entry.size, entry.etag, entry.digest) == (f"{web}/data.bin", len(BYTES), '"one"', None)
    assert [found.get_entry(name).size for name in ("signed", "endless")] == [len(BYTES), None]
    folder = Path(found.download("out"))
    assert {path.name for path in folder.iterdir()} == {"data.bin", "signed", "endless", "moved"}
    assert all(path.read_bytes() == BYTES for path in folder.iterdir())
    assert not list(Path("runs").glob("default/p/blobs/sha256/*"))


def test_a_file_of_a_web_server_that_was_changed_is_refused(web: str) -> None:
    logged(f"{web}/data.bin")
    Files.etag = '"two"'
    with pytest.raises(ArtifactError, match=r"data\.bin was changed since the artifact was made"):
        Api().artifact("p/data").download("out")
    assert not Path("out/data.bin").exists()


def test_what_nobody_has_is_named_and_the_run_goes_on(web: str) -> None:
    with pytest.raises(ArtifactError, match=r"the reference .*/nothing cannot be read: Not Found"):
        logged(f"{web}/nothing")
    (run,) = Api().runs("p")
    assert run.state == "failed"  # by the exception that reached the end of the block
    (told,) = run.logged_artifacts()
    assert "/nothing cannot be read" in told["problem"]


def test_files_of_a_google_bucket_are_known_by_their_generation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT", "false")
    with gcs_server(tmp_path) as server:
        bucket, options = server.new_bucket(), server.storage_options
        for name in ("raw/a", "raw/sub/b"):
            server.put(bucket, name, name.encode())
        artifact = Artifact("data", "dataset")
        artifact.add_reference(f"gs://{bucket}/raw/", "all")
        artifact.add_reference(f"gs://{bucket}/raw/a")
        with runhooks.init(project="p", store=f"gs://{bucket}/runs", storage_options=options) as run:
            run.log_artifact(artifact).wait(WAIT)

        found = Api(f"gs://{bucket}/runs", options).artifact("p/data")

        assert found.files() == ["a", "all/a", "all/sub/b"]
        assert found.get_entry("a").etag == found.get_entry("all/a").etag
        assert Path(found.download("out"), "all/sub/b").read_bytes() == b"raw/sub/b"
        server.put(bucket, "raw/a", b"other")
        with pytest.raises(ArtifactError, match="raw/a was changed"):
            found.download("again")
