"""What the Api tells of one run."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import runhooks
from runhooks import Api
from runhooks.api import ApiRun
from runhooks.errors import FormatVersionError, RecordError, RunNotFoundError, StoreNotFoundError
from tests.programs import run as run_program
from tests.programs import wait_until


def test_everything_that_a_run_was_told_is_read_back(here: Path) -> None:
    before = datetime.now(UTC)
    with runhooks.init(
        entity="team",
        project="digits",
        id="k3f9",
        name="calm-lake-1",
        config={"lr": 0.1, "model": {"layers": [1, 2]}},
        notes="a note",
        tags=["a", "b"],
        group="sweep",
        job_type="train",
    ) as run:
        run.log({"loss": 1.0, "acc": 0.5})
        run.log({"loss": 0.25})
        run.summary["best"] = 0.9
        run.alert("low", "loss is low", level="warning")
    after = datetime.now(UTC)

    found = Api().run("team/digits/k3f9")

    assert (found.id, found.entity, found.project) == ("k3f9", "team", "digits")
    assert found.path == "team/digits/k3f9"
    assert (found.name, found.state, found.reason) == ("calm-lake-1", "finished", None)
    assert found.config == {"lr": 0.1, "model": {"layers": [1, 2]}}
    assert found.summary == {"loss": 0.25, "acc": 0.5, "best": 0.9}
    assert found.metrics == ["loss", "acc"]
    assert found.last_step == 1
    assert (found.notes, found.tags, found.group, found.job_type) == ("a note", ["a", "b"], "sweep", "train")
    assert before - timedelta(seconds=1) <= found.created_at <= after
    assert found.ended_at is not None
    assert found.created_at <= found.ended_at <= after
    assert found.created_at.utcoffset() == timedelta(0)
    assert 0 < found.duration <= found.runtime <= (after - before).total_seconds()
    assert found.environment["host"]
    assert found.exit == {"exit_code": 0, "signal": None, "error": None}
    (alert,) = found.alerts
    assert before <= alert.pop("time") <= after
    assert alert == {"title": "low", "text": "loss is low", "level": "warning"}
    assert found.folder == "team/digits/runs/k3f9"
    assert found.url == (here / "runs/team/digits/runs/k3f9/index.html").as_uri()
    assert "team/digits/k3f9" in repr(found)


def test_a_failed_run_has_its_exception() -> None:
    with pytest.raises(ValueError, match="boom"), runhooks.init(project="digits", id="bad"):
        raise ValueError("boom")

    found = Api().run("digits/bad")

    assert (found.state, found.reason) == ("failed", "ValueError: boom")
    assert found.exit is not None
    assert found.exit["error"]["type"] == "ValueError"
    assert "raise ValueError" in found.exit["error"]["traceback"]


def test_an_interrupted_run_is_killed_by_its_signal() -> None:
    with pytest.raises(KeyboardInterrupt), runhooks.init(project="digits", id="stopped"):
        raise KeyboardInterrupt

    found = Api().run("digits/stopped")

    assert (found.state, found.reason) == ("killed", "KeyboardInterrupt")
    assert found.exit is not None
    assert found.exit["signal"] == "SIGINT"


def test_a_killed_process_is_shown_as_crashed_and_tells_nothing_of_its_exit(here: Path) -> None:
    code = "import os, runhooks; runhooks.init(id='gone').log({'x': 1}); os.kill(os.getpid(), 9)"
    run_program(code, here)
    found = Api().run("Uncategorized/gone")
    wait_until(lambda: found.reload().state != "running")

    assert found.state == "crashed"
    assert found.exit is None
    assert found.summary == {"x": 1}
    assert found.ended_at is not None


def test_a_run_stays_as_it_was_read_until_it_is_reloaded() -> None:
    run = runhooks.init(project="digits", id="live")
    run.log({"x": 1})
    found = Api().run("digits/live")
    first = dict(found.summary)
    run.log({"x": 2})
    run.finish()

    assert (first, found.summary, found.state, found.ended_at) == ({"x": 1}, {"x": 1}, "running", None)
    assert found.reload() is found
    assert (found.summary, found.state) == ({"x": 2}, "finished")


def test_nothing_is_read_before_it_is_asked_for() -> None:
    run = Api("./nowhere").run("digits/k3f9")

    assert isinstance(run, ApiRun)
    assert run.path == "default/digits/k3f9"
    with pytest.raises(StoreNotFoundError):
        _ = run.state


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (b"", "not a run document"),
        (b'{"format": 1, "id": "k3', "not a run document"),
        (b"[]", "not a run document"),
        (b'{"format": 1}', "lacks one of"),
        (b"\xff\xfe\x00", "not a run document"),
    ],
)
def test_a_broken_document_is_a_record_error_that_names_it(here: Path, document: bytes, message: str) -> None:
    runhooks.init(project="digits", id="k3f9").finish()
    (here / "runs/default/digits/runs/k3f9/run.json").write_bytes(document)

    with pytest.raises(RecordError, match=message) as caught:
        _ = Api().run("digits/k3f9").state
    assert "default/digits/runs/k3f9/run.json" in str(caught.value)


def test_a_newer_format_is_an_error_that_says_to_upgrade(here: Path) -> None:
    runhooks.init(project="digits", id="k3f9").finish()
    path = here / "runs/default/digits/runs/k3f9/run.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 99}))

    with pytest.raises(FormatVersionError, match="Upgrade it: pip install -U runhooks"):
        _ = Api().run("digits/k3f9").config


def test_an_unknown_id_names_similar_ids() -> None:
    for id in ("k3f9aaaa", "z1z1z1z1"):
        runhooks.init(project="digits", id=id).finish()

    with pytest.raises(RunNotFoundError, match=r"did you mean default/digits/k3f9aaaa\?$"):
        _ = Api().run("digits/k3f9aaab").state
    with pytest.raises(RunNotFoundError, match=r"project default/digits has k3f9aaaa or z1z1z1z1$"):
        _ = Api().run("digits/qqqqqqqq").state


def test_a_name_in_place_of_an_id_names_the_run_that_has_it() -> None:
    runhooks.init(project="digits", id="k3f9aaaa", name="calm-lake-1").finish()

    with pytest.raises(RunNotFoundError, match=r"did you mean default/digits/k3f9aaaa\?$"):
        _ = Api().run("digits/calm-lake-1").state
