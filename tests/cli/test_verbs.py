"""What holds for every verb: found by walking the app, so that a new one must be named here."""

import io
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pytest
import typer.main
import uvicorn

import runhooks
from runhooks import Api
from runhooks.cli.app import app
from runhooks.record.view import Heartbeat, Session
from runhooks.site.build import build_run
from tests.api.made import make
from tests.cli.conftest import Command
from tests.cli.terminal import piped


class Verb(NamedTuple):
    """How a verb is called so that it works, is wrong use, and fails; what its bar says where it has one.

    Of a verb that only lists, or does one small thing, there is no bar.
    """

    works: str
    wrong: str
    fails: str | None
    bar: str | None = None


VERBS = {
    "ls": Verb("digits", "letters", None),  # a damaged run is a row, and named on stderr
    "show": Verb("digits/one", "digits/none", "digits/broken"),
    "render": Verb("digits --force", "letters", "digits", "rendering"),
    "stop": Verb("digits/live", "digits/none", "digits/broken"),
    "export": Verb("digits/one --csv one.csv", "digits/one", "digits/broken --csv x.csv", "exporting"),
    "sync": Verb("", "no-such-folder", "broken-spool", "looking"),
    "gc": Verb("--older-than 0", "--older-than -1", "--store unreadable", "looking"),
    "edit": Verb("digits/one --name x", "digits/one", "digits/broken --name x", "changing"),
    "rm": Verb("digits/one digits/two --artifacts --yes", "digits/one", "digits/broken --yes", "deleting"),
    "restore": Verb("digits/gone", "digits/one", "digits/spoiled", "restoring"),
    "empty-trash": Verb("--yes", "--older-than x --yes", "--store unreadable --yes", "deleting"),
    "diff": Verb("digits/one digits/two", "digits/one digits/none", "digits/one digits/broken"),
    "verify": Verb("digits/one", "letters", "digits", "checking"),
    "du": Verb("digits", "letters", None),  # sizes are those of the listing
    "view": Verb("--no-browser", "nowhere --no-browser", None),
    "import": Verb("one.csv letters", "nowhere letters", "bad.csv letters", "importing"),
    "artifact ls": Verb("digits", "digits/none:", "digits --store unreadable"),
    "artifact show": Verb("digits/data", "digits/none", "digits/data --store unreadable"),
    "artifact get": Verb("digits/data", "digits/none", "digits/data --store unreadable", "downloading"),
    "artifact verify": Verb("digits/data", "digits/none", "digits/data --store unreadable"),
}
REMOVING = {
    "rm": "digits/one", "edit": "digits/one --name new", "empty-trash": "", "gc": "--older-than 0",
}  # fmt: skip


def walk(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    for name, found in group.commands.items():
        if hasattr(found, "commands"):
            yield from walk(found, f"{before}{name} ")
        else:
            yield before + name, found


FOUND = dict(walk(typer.main.get_command(app)))
verbs = pytest.mark.parametrize("name", VERBS)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a store with a run of each kind, and beside it what is broken."""
    folder = tmp_path_factory.mktemp("verbs")
    with runhooks.init(project="digits", id="maker", store=folder / "runs", silent=True) as run:
        artifact = runhooks.Artifact("data", "dataset")
        with artifact.new_file("a.txt") as file:
            file.write("words")
        run.log_artifact(artifact).wait(60)
    api = Api(folder / "runs")
    for at, id in enumerate(("one", "two", "gone")):
        build_run(api.store, make(api.store, id, [{"loss": 1 / 3}], at=at).folder)
    now = time.time_ns() // 1000
    live = {"state": "running", "ended_at": None, "heartbeat": Heartbeat(now + 10**12, 1)}
    make(api.store, "live", sessions=[Session("w-r0", now)], **live)
    api.run("digits/gone").delete()
    for name, text in {
        "one.csv": "loss\n1\n",
        "bad.csv": "step,loss\nx,1\n",
        "broken-spool/default/p/runs/k/run.json": "{",
        "unreadable/default/digits/artifacts/data/v0.json": "{",
        "unreadable/default/digits/deleted/gone.json": "{",
        "unreadable/default/digits/runs/gone/run.json": "{",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture(autouse=True)
def store(here: Path, template: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test a copy of the store."""
    monkeypatch.setattr(uvicorn.Server, "run", lambda *_, **__: None)  # `view` goes on for ever
    shutil.copytree(template, here, dirs_exist_ok=True)
    return here / "runs"


@pytest.fixture
def broken(store: Path) -> None:
    """Damage records: only for the verbs that are to fail."""
    folder = store / "default/digits"
    (folder / "runs/broken").mkdir()
    (folder / "runs/broken/run.json").write_text("{")
    (folder / "deleted/spoiled.json").write_text("{")


def test_every_verb_is_in_the_table() -> None:
    assert set(FOUND) == set(VERBS)
    assert {name for name, verb in FOUND.items() if "--dry-run" in options(verb)} == set(REMOVING)


def options(verb: Any) -> set[str]:
    return {option for one in verb.params for option in one.opts}


@verbs
def test_it_answers_with_one_json_document(command: Command, name: str) -> None:
    done = command(*name.split(), *VERBS[name].works.split(), "--json")

    assert (done.code, done.err) == (0, "")
    assert isinstance(orjson.loads(done.out), dict)
    assert done.out.isascii()


@verbs
def test_it_answers_in_words(command: Command, name: str) -> None:
    done = command(*name.split(), *VERBS[name].works.split())

    assert done.code == 0
    assert done.out.strip()


@verbs
@pytest.mark.parametrize("json", [[], ["--json"]], ids=["words", "json"])
def test_wrong_use_is_a_line_and_exit_code_2(command: Command, name: str, json: list[str]) -> None:
    done = command(*name.split(), *VERBS[name].wrong.split(), *json)

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("runhooks: ")
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("name", [name for name, verb in VERBS.items() if verb.fails is not None])
def test_a_failure_names_the_place_and_is_exit_code_1(command: Command, broken: None, name: str) -> None:
    words = VERBS[name].fails or ""
    done = command(*name.split(), *words.split())

    assert done.code == 1
    place = "v0.json gone.json run.json spoiled.json bad.csv"
    assert any(part in done.err for part in place.split()) or "digits/runs/broken" in done.err


@pytest.mark.parametrize("name", REMOVING)
def test_a_dry_run_changes_no_byte(command: Command, store: Path, name: str) -> None:
    before = {path: path.read_bytes() for path in store.rglob("*") if path.is_file()}
    done = command(*name.split(), *REMOVING[name].split(), "--dry-run")

    assert done.code == 0
    assert "would" in done.out
    assert {path: path.read_bytes() for path in store.rglob("*") if path.is_file()} == before


class Terminal(io.StringIO):
    """A stderr that people look at."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("name", [name for name, verb in VERBS.items() if verb.bar])
def test_it_shows_how_far_it_is(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", shown)
    from runhooks.cli import main

    assert main([*name.split(), *VERBS[name].works.split()]) == 0
    assert (VERBS[name].bar or "") in shown.getvalue()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_commands_and_options(shell: str) -> None:
    def completed(words: str, last: str) -> str:
        asked = {
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split()) - 1),
            "_TYPER_COMPLETE_ARGS": words,
            "_TYPER_COMPLETE_FISH_ACTION": "get-args",
            "_TYPER_COMPLETE_WORD_TO_COMPLETE": last,
        }
        return piped(_RUNHOOKS_COMPLETE=f"complete_{shell}", **asked).stdout.decode()

    assert "empty-trash" in completed("runhooks em", "em")
    assert "--dry-run" in completed("runhooks rm --dr", "--dr")
