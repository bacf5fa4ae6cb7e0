"""Resuming, forking, stopping and further processes where the store is a bucket of a real S3 server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import runhooks
from runhooks import Api
from runhooks.errors import RunNotFoundError, StepError
from runhooks.record.read import history
from tests.programs import start, wait_until
from tests.servers.s3 import S3Server, moto_server
from tests.training.test_children import BEGIN, LATE

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with moto_server(tmp_path_factory.mktemp("moto")) as found:
        yield found


def test_a_run_in_a_bucket_is_rewound_forked_and_stopped(tmp_path: Path, server: S3Server) -> None:
    store, options = f"s3://{server.new_bucket()}/runs", server.storage_options
    there = {"store": store, "storage_options": options}
    with pytest.raises(RunNotFoundError):
        runhooks.init(fork_from="mine?_step=2", **there)
    with runhooks.init(id="mine", config={"lr": 0.1}, **there) as first:
        for step in range(6):
            first.log({"a": step})
    with pytest.raises(StepError):
        runhooks.init(resume_from="mine?_step=6", **there)
    with runhooks.init(fork_from="mine?_step=1", id="fork", **there) as fork:
        fork.log({"a": 20})
    with runhooks.init(resume_from="mine?_step=3", **there) as again:
        assert (again.step, again.config.lr, again.stop_requested) == (4, 0.1, False)
        again.log({"a": 40})
        api = Api(store, options)
        wait_until(lambda: len(api.run("Uncategorized/mine").view.sessions) == 2, 60)
        request = api.run("Uncategorized/mine").stop()
        wait_until(lambda: again.stop_requested, 60)
    mine, forked = (api.run(f"Uncategorized/{id}") for id in ("mine", "fork"))
    assert mine.history()["a"].tolist() == [0, 1, 2, 3, 40]
    assert forked.history()["a"].tolist() == [0, 1, 20]
    assert (mine.state, mine.reason) == ("killed", f"stop requested by {request['by']}")
    assert (mine.resumed, forked.forked_from) == (True, {"run": "default/Uncategorized/mine", "step": 1})
    assert not list((tmp_path / "spool").rglob("run.json"))


def test_rows_of_a_child_reach_the_bucket_when_the_spool_has_gone(tmp_path: Path, server: S3Server) -> None:
    store, options = f"s3://{server.new_bucket()}/runs", server.storage_options
    opened = f"id='mine', store={store!r}, storage_options={options!r}"

    def steps() -> list[int]:
        rows = history(found.store, found.folder, ["child"])
        return [step for _, piece in rows for step in piece.steps.tolist()]

    with start(BEGIN.replace('id="mine"', opened) + LATE, tmp_path) as process:
        assert process.wait(60) == 0
        found = Api(store, options).run("Uncategorized/mine")
        assert (found.state, found.metrics) == ("finished", ["parent"])
        (tmp_path / "go").touch()
        wait_until(lambda: steps() == [0, 1, 2, 3, 4], 90)
        wait_until(lambda: "child" in found.reload().metrics, 60)
    assert found.state == "finished"
