"""One run on every kind of store: equal records, object by object."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from runhooks.journal import Journal
from runhooks.storage import open_store
from tests.faults.check import FOLDER, alike, whole
from tests.faults.rehearsal import ROWS, START, WRITER, play
from tests.servers.azure import azure_server, why_no_azurite
from tests.servers.gcs import gcs_server
from tests.servers.s3 import ceph_server, moto_server, why_no_ceph


class More:
    """Gives a run that is played a saved file and output, before its recorder's first step."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.is_done = False

    def __call__(self, work: Callable[[], Any]) -> Any:
        if not self.is_done:
            self.is_done = True
            (self.folder / "files/sub").mkdir(parents=True)
            (self.folder / "files/sub/a.bin").write_bytes(bytes(range(256)))
            os.utime(self.folder / "files/sub/a.bin", (START / 1e6, START / 1e6))
            console = Journal(self.folder / "logs/journal", WRITER)
            console.append(b'{"type":"out","time":%d,"stream":1,"text":"hello\\n"' % START)
            console.close()
        return work()


@pytest.fixture
def local(tmp_path: Path) -> tuple[str, dict[str, Any]]:
    return str(tmp_path / "local"), {}


@pytest.fixture
def moto(tmp_path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    with moto_server(tmp_path) as server:
        yield f"s3://{server.new_bucket()}/runs", server.storage_options


@pytest.fixture
def ceph(tmp_path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    if why_no_ceph():
        pytest.skip(why_no_ceph())
    with ceph_server(tmp_path) as server:
        yield f"s3://{server.new_bucket()}/runs", server.storage_options


@pytest.fixture
def gcs(tmp_path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    with gcs_server(tmp_path) as server:
        yield f"gs://{server.new_bucket()}/runs", server.storage_options


@pytest.fixture
def azure(tmp_path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    if why_no_azurite():
        pytest.skip(why_no_azurite())
    with azure_server(tmp_path) as server:
        yield f"abfs://{server.new_container()}/runs", server.storage_options


@pytest.mark.parametrize("kind", ["moto", "ceph", "gcs", "azure"])
def test_the_record_is_the_same_on_every_store(
    kind: str, local: tuple[str, dict[str, Any]], request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """The same rows, files and console on a local store and on this one: equal objects, byte by byte."""
    url, options = request.getfixturevalue(kind)
    for spool, where in (("spool-local", local), ("spool", (url, options))):
        more = More(tmp_path / spool / FOLDER)
        assert play(tmp_path / spool, *where, guard=more)["error"] is None
    here, there = open_store(local[0]), open_store(url, options)
    whole(there, ROWS)
    alike(here, there, pages=True)
    assert there.read(f"{FOLDER}/files/sub/a.bin") == bytes(range(256))
    assert there.read(f"{FOLDER}/logs/output.log") == b"hello\n"
