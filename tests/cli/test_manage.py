"""`runhooks edit`, `rm`, `restore`, `empty-trash`, and how runs are picked."""

import os
import pty
import subprocess
from pathlib import Path

import pytest

from runhooks import Api
from tests.api.made import make
from tests.cli.conftest import Command
from tests.cli.terminal import PROGRAM
from tests.programs import environment


@pytest.fixture
def runs(here: Path) -> Api:
    api = Api()
    make(api.store, "a1", [{"loss": 0.123456789012}], at=0, config={"lr": 0.1}, tags=["tmp"])
    make(api.store, "a2", [{"loss": 0.2}], at=10, config={"lr": 0.01}, state="failed")
    make(api.store, "b1", [{"loss": 0.3}], at=20, config={"lr": 1e-9})
    return api


def ids(api: Api) -> list[str]:
    return [run.id for run in api.runs("digits")]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--regex", "^a"], "a2 a1"),
        (["--regex", "run-b"], "b1"),
        (["--tag", "tmp"], "a1"),
        (["--state", "failed", "--state", "killed"], "a2"),
        (["--filter", "config.lr<0.05"], "b1 a2"),
        (["--filter", "config.lr >= 0.01", "--filter", "id!=a1"], "a2"),
        (["--filter", "name~b1$"], "b1"),
        (["--filter", '{"summary.loss": {"$in": [0.2, 0.3]}}'], "b1 a2"),
        (["--regex", "a", "--state", "finished"], "a1"),
        (["--order", "+summary.loss"], "a1 a2 b1"),
        (["--order", "-config.lr", "--state", "finished"], "a1 b1"),
    ],
    ids=" ".join,
)
def test_runs_are_picked_by_conditions_and_ordered(
    command: Command, runs: Api, options: list[str], found: str
) -> None:
    assert [run["id"] for run in command("ls", "digits", *options, "--json").json["runs"]] == found.split()


def test_columns_show_every_digit(command: Command, runs: Api) -> None:
    done = command("ls", "digits", "--columns", "id,config.lr,summary.loss,tags,notes")

    assert [line.split() for line in done.out.splitlines()[1:]] == [
        ["id", "config.lr", "summary.loss", "tags", "notes"],
        ["b1", "1e-09", "0.3"],
        ["a2", "0.01", "0.2"],
        ["a1", "0.1", "0.123456789012", "tmp"],
    ]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["ls", "digits", "--filter", "config.lr"], "--filter takes NAME OPERATOR VALUE"),
        (["ls", "digits", "--filter", "{"], "is no JSON"),
        (["ls", "digits", "--filter", "lr<5"], "a run has no 'lr'"),
        (["ls", "digits", "--regex", "["], "is no regular expression"),
        (["ls", "digits", "--order", "-nothing"], "a run has no 'nothing'"),
        (["ls", "digits", "--columns", "nothing"], "--columns: a run has no 'nothing'"),
        (["rm", "digits/a1"], "There is no terminal to ask at: say --yes"),
        (["rm", "digits/a1", "digits/zz", "--yes"], "there is no run default/digits/zz"),
        (["rm", "digits", "letters", "--tag", "x", "--yes"], "pick runs of one PROJECT"),
        (["rm", "letters", "--tag", "x", "--yes"], "there is no project default/letters"),
        (["rm", "digits", "--state", "dead", "--yes"], "--state takes running"),
        (["edit", "digits/a1"], "nothing to change"),
        (["edit", "digits/a1", "--name", ""], "must be a text"),
        (["restore", "digits/a1"], "is not in the trash"),
        (["empty-trash", "--older-than", "soon", "--yes"], "--older-than takes a number"),
        (["empty-trash"], "There is no terminal to ask at"),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, list) else "",
)
def test_wrong_use_says_what_is_wrong_and_does_nothing(
    command: Command, runs: Api, words: list[str], told: str
) -> None:
    done = command(*words)

    assert done.code == 2
    assert told in done.err
    assert done.err.count("\n") == 1
    assert ids(runs) == ["b1", "a2", "a1"]
    assert runs.run("digits/a1").name == "run-a1"


def test_a_dry_run_lists_and_deletes_nothing(command: Command, runs: Api) -> None:
    done = command("rm", "digits", "--regex", "^a", "--dry-run")

    assert done.code == 0
    assert [line.split()[0] for line in done.out.splitlines()[1:3]] == [
        "default/digits/a2",
        "default/digits/a1",
    ]
    assert "would delete 2 runs" in done.out
    assert len(ids(runs)) == 3


def test_runs_go_into_the_trash_come_back_and_go_for_good(command: Command, runs: Api, here: Path) -> None:
    deleted = command("rm", "digits", "--regex", "^a", "--yes", "--json")
    listed = command("restore", "digits", "--json")
    back = command("restore", "digits/a1", "--json")
    seen = command("empty-trash", "digits", "--dry-run", "--json")
    purged = command("empty-trash", "--yes", "--json")

    assert deleted.json == {"deleted": ["default/digits/a2", "default/digits/a1"], "dry_run": False}
    assert [(run["path"], run["name"]) for run in listed.json["trash"]] == [
        ("default/digits/a1", "run-a1"),
        ("default/digits/a2", "run-a2"),
    ]
    assert back.json == {"restored": ["default/digits/a1"]}
    assert [run["path"] for run in seen.json["purged"]] == ["default/digits/a2"]
    assert [run["path"] for run in purged.json["purged"]] == ["default/digits/a2"]
    assert purged.json["bytes"] > 0
    assert ids(runs) == ["b1", "a1"]
    assert not (here / "runs/default/digits/runs/a2").exists()
    assert command("rm", "digits", "--regex", "zz", "--yes").out == "no runs to delete\n"


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 1), ("", 1)])
def test_in_a_terminal_it_asks(runs: Api, here: Path, answer: str, code: int) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*PROGRAM, "rm", "digits/a1"], cwd=here, env=environment(), stdin=theirs, stderr=subprocess.PIPE
    ) as process:
        os.write(ours, f"{answer}\n".encode())
        assert process.stderr is not None
        assert b"Put 1 run into the trash? [y/N]" in process.stderr.read()
    os.close(ours)
    os.close(theirs)

    assert process.returncode == code
    assert ("a1" in ids(runs)) is (code == 1)


def test_names_notes_and_tags_are_changed_of_one_run_and_of_many(command: Command, runs: Api) -> None:
    one = command("edit", "digits/b1", "--name", "best", "--notes", "why", "--json")
    many = command("edit", "digits", "--regex", "^a", "--add-tag", "seen", "--remove-tag", "tmp")
    command("edit", "digits/b1", "--set-tag", "x", "--set-tag", "y", "--dry-run")

    assert one.json == {"edited": ["default/digits/b1"], "dry_run": False}
    assert many.out.endswith("changed 2 runs\n")
    assert [(run.name, run.notes, run.tags) for run in runs.runs("digits")] == [
        ("best", "why", []),
        ("run-a2", None, ["seen"]),
        ("run-a1", None, ["seen"]),
    ]
