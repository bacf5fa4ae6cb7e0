"""`runhooks show`."""

import json
import math
import re
from pathlib import Path

import pytest

import runhooks
from runhooks.record.document import from_bytes, to_bytes
from runhooks.record.view import Heartbeat
from tests.cli.conftest import Command
from tests.cli.terminal import in_terminal, piped
from tests.cli.test_ls import HOSTILE, LONG_ID, SHOWN


@pytest.fixture
def made(here: Path) -> Path:
    """Make the run digits/k3f9 and return its folder."""
    with runhooks.init(
        project="digits",
        id="k3f9",
        name="calm-lake-1",
        config={"lr": 0.1, "model": {"layers": [1, 2]}},
        tags=["a"],
        notes="a note",
    ) as run:
        for step in range(100):
            run.log({"loss": 1 / (step + 1), "phase": "warm", "seen": step * 32})
        run.alert("low", "loss is low", level="warning")
        run.summary["best"] = math.nan
    return here / "runs/default/digits/runs/k3f9"


def test_a_run_is_shown_with_its_config_summary_metrics_and_place(command: Command, made: Path) -> None:
    done = command("show", "digits/k3f9")

    assert (done.code, done.err) == (0, "")
    lines = [line.strip() for line in done.out.splitlines()]
    assert lines[0] == "calm-lake-1  default/digits/k3f9"
    facts = {line.split("  ")[0]: line.split("  ")[-1].strip() for line in lines}
    assert facts["state"] == "finished"
    assert facts["last step"] == "99"
    assert (facts["tags"], facts["notes"]) == ("a", "a note")
    assert facts["folder"] == str(made)
    assert facts["page"] == (made / "index.html").as_uri()
    assert (facts["lr"], facts["model.layers"]) == ("0.1", "[1, 2]")
    assert facts["best"] == "nan"
    assert any(re.fullmatch(r"loss +100 +0\.01 +0\.01 +1 +█[▁▂▃]+", line) for line in lines)
    assert any(re.fullmatch(r"seen +100 +3168 +0 +3168 +▁[▁-█]+█", line) for line in lines)
    assert any(re.fullmatch(r"phase +100 +warm", line) for line in lines)
    assert any(line.endswith("warning: low loss is low") for line in lines)


def test_a_failed_run_is_shown_with_its_reason_and_traceback(command: Command) -> None:
    with pytest.raises(ValueError, match="boom"), runhooks.init(project="digits", id="bad"):
        raise ValueError("boom")

    shown = command("show", "digits/bad").out

    assert re.search(r"state +failed \(ValueError: boom\)", shown)
    assert 'raise ValueError("boom")' in shown


def test_json_is_one_document_with_everything(command: Command, made: Path) -> None:
    done = command("show", "digits/k3f9", "--json")

    document = done.json
    assert (done.code, done.err) == (0, "")
    assert document["path"] == "default/digits/k3f9"
    assert document["folder"] == str(made)
    assert document["config"] == {"lr": 0.1, "model": {"layers": [1, 2]}}
    assert document["summary"] == {"loss": 0.01, "phase": "warm", "seen": 3168, "best": "NaN"}
    assert list(document["metrics"]) == ["loss", "phase", "seen"]
    assert document["metrics"]["loss"]["count"] == 100
    assert document["alerts"][0]["title"] == "low"
    assert document["sessions"][0]["ended_at"] is not None
    assert document["created_at"].endswith("Z")
    assert document["duration_s"] > 0


@pytest.mark.parametrize(
    "word",
    [
        "digits/k3f9",
        "default/digits/k3f9",
        "default/digits/runs/k3f9",
        "runs/default/digits/runs/k3f9",
        "./runs/default/digits/runs/k3f9/",
        "{folder}",
        "{folder}/index.html",
        "{page}",
    ],
)
def test_a_run_is_named_by_its_path_its_folder_or_its_page(command: Command, made: Path, word: str) -> None:
    word = word.format(folder=made, page=(made / "index.html").as_uri())

    assert command("show", word, "--json").json["path"] == "default/digits/k3f9"


def test_the_folder_that_one_is_in_is_a_run(
    command: Command, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(made)

    assert command("show", ".", "--json").json["path"] == "default/digits/k3f9"


def test_a_running_run_is_shown_as_it_is_now(command: Command) -> None:
    run = runhooks.init(project="digits", id="live", heartbeat_s=600)
    for step in range(50):
        run.log({"x": step})
    document = command("show", "digits/live", "--json").json
    run.finish()

    assert (document["state"], document["last_step"], document["summary"]) == ("running", 49, {"x": 49})
    assert document["ended_at"] is None


def test_no_number_of_a_run_is_cut_in_a_narrow_terminal(here: Path) -> None:
    with runhooks.init(project="digits", id=LONG_ID, config={"seed": 123456789012345678}) as run:
        for step in range(50):
            run.log({"a/very/long/metric/name/that/goes/on/and/on": 1.5 + step, "tokens": 98_765_432_109_876})

    shown = in_terminal(here, 80, "show", f"digits/{LONG_ID}")

    assert "123456789012345678" in shown
    assert shown.count("98765432109876") >= 3
    assert "50.5" in shown
    assert f"default/digits/{LONG_ID}" in shown
    assert "…" not in shown


def test_hostile_values_are_shown_as_text(command: Command) -> None:
    with runhooks.init(
        project="digits", id="x", name=HOSTILE, notes=HOSTILE, config={"key": HOSTILE, HOSTILE: 1}
    ) as run:
        run.log({f"m {HOSTILE}": 1, "text": HOSTILE})
        run.alert(HOSTILE, HOSTILE)

    shown = command("show", "digits/x").out

    assert shown.count(SHOWN) >= 6
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028]", shown)


def test_an_unknown_run_is_wrong_use_and_names_the_one_that_is_like_it(command: Command, made: Path) -> None:
    done = command("show", "digits/k3f8")

    assert (done.code, done.out) == (2, "")
    assert done.err.endswith("did you mean default/digits/k3f9?\n")
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("word", ["k3f9", "a/b/c/d", "./nowhere", "runs", "./runs", "ftp:/x/..", "/"])
def test_what_cannot_be_a_run_is_wrong_use(command: Command, made: Path, word: str) -> None:
    done = command("show", word)

    assert (done.code, done.out) == (2, "")
    assert re.fullmatch(r"runhooks: [^\n]+\n", done.err)


def test_a_broken_document_is_a_failure_that_names_it(command: Command, made: Path) -> None:
    (made / "run.json").write_bytes(b'{"format": 1')

    done = command("show", "digits/k3f9")

    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("runhooks: default/digits/runs/k3f9/run.json is not a run document: ")


def test_a_newer_format_is_a_failure_that_says_to_upgrade(command: Command, made: Path) -> None:
    document = json.loads((made / "run.json").read_text())
    (made / "run.json").write_text(json.dumps({**document, "format": 99}))

    done = command("show", "digits/k3f9", "--json")

    assert (done.code, done.out) == (1, "")
    assert "Upgrade it: pip install -U runhooks" in done.err


def test_a_terminal_without_unicode_gets_plain_bars(made: Path) -> None:
    done = piped("show", str(made), PYTHONIOENCODING="ascii")

    assert done.returncode == 0
    assert re.search(rb"seen +100 +3168 +0 +3168 +_[-_.=+*#@]+@\n", done.stdout)


def test_a_run_whose_machine_was_lost_is_shown_as_crashed(command: Command, made: Path) -> None:
    view = from_bytes((made / "run.json").read_bytes())
    view.state, view.ended_at, view.exit = "running", None, None
    view.heartbeat = Heartbeat(view.created_at - 3_600_000_000, 1)
    (made / "run.json").write_bytes(to_bytes(view))

    document = command("show", "digits/k3f9", "--json").json

    assert document["state"] == "crashed"
    assert document["reason"].startswith("no heartbeat since ")
