"""Servers, and the ledger of a case: `@pytest.mark.case("Network", "what happens")` names it."""

from collections.abc import Iterator

import pytest

from tests.faults.ledger import Ledger
from tests.servers.faulty import FaultyProxy, faulty_proxy
from tests.servers.s3 import S3Server, moto_server


@pytest.fixture
def ledger(request: pytest.FixtureRequest) -> Iterator[Ledger]:
    marker = request.node.get_closest_marker("case")
    assert marker is not None, "a fault case has a name: @pytest.mark.case(group, case)"
    found = Ledger(*marker.args)
    yield found
    if not getattr(request.node, "broke", False):
        found.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report = yield
    if call.when == "call" and call.excinfo is not None:
        item.broke = True  # type: ignore[attr-defined]
    return report


@pytest.fixture(scope="session")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with moto_server(tmp_path_factory.mktemp("moto")) as server:
        yield server


@pytest.fixture(scope="session")
def proxy(moto: S3Server) -> Iterator[FaultyProxy]:
    with faulty_proxy(moto.endpoint) as proxy:
        yield proxy


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    """Log to ./runs in a folder of the test's own, and say nothing."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUNHOOKS_SILENT", "1")
    monkeypatch.setenv("RUNHOOKS_SPOOL", str(tmp_path / "spool"))
