"""One run on every kind of store: equal records, object by object."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runhooks.storage import open_store
from tests.faults.check import alike, whole
from tests.faults.rehearsal import ROWS, play
from tests.servers.gcs import gcs_server
from tests.servers.s3 import ceph_server, moto_server, why_no_ceph


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


@pytest.mark.parametrize("kind", ["moto", "ceph", "gcs"])
def test_the_record_is_the_same_on_every_store(
    kind: str, local: tuple[str, dict[str, Any]], request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """The same rows on a local store and on this one; and both are whole."""
    url, options = request.getfixturevalue(kind)
    assert play(tmp_path / "spool-local", *local)["error"] is None
    assert play(tmp_path / "spool", url, options)["error"] is None
    here, there = open_store(local[0]), open_store(url, options)
    whole(there, ROWS)
    alike(here, there)
