"""`runhooks ls`."""

import re
from pathlib import Path

import pytest

import runhooks
from tests.cli.conftest import Command
from tests.cli.terminal import in_terminal, piped

LONG_ID = "a" * 32 + "-" + "z" * 31
HOSTILE = "\x1b[31mred\x1b]0;owned\x07 [bold]loud[/bold] :boom: \u202etxt.exe\r\n\u2028end\x9b2J"
SHOWN = "red [bold]loud[/bold] :boom: txt.exe end"


def log(steps: int = 1, **arguments: object) -> None:
    with runhooks.init(**{"project": "digits", **arguments}) as run:  # type: ignore[arg-type]
        for step in range(steps):
            run.log({"loss": 1 / (step + 1)})


def failed(**arguments: object) -> None:
    with pytest.raises(ValueError, match="boom"), runhooks.init(project="digits", **arguments):  # type: ignore[arg-type]
        raise ValueError("boom")


def test_the_runs_of_the_only_project_are_listed_newest_first(command: Command, here: Path) -> None:
    log(3, id="first", name="calm-lake-1", tags=["base", "v2"])
    failed(id="second", name="warm-sea-2")

    done = command("ls")

    head, titles, second, first = done.out.splitlines()
    assert (done.code, done.err) == (0, "")
    assert head == f"default/digits: 2 runs in {here}/runs"
    assert titles.split() == "ID NAME STATE STARTED (UTC) DURATION STEP TAGS".split()
    assert re.match(r"second +warm-sea-2 +failed +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +\d+ ?\w+", second)
    assert re.match(r"first +calm-lake-1 +finished +.* 2  base, v2$", first)


def test_projects_are_listed_where_there_are_several_and_none_is_named(command: Command) -> None:
    log(project="digits")
    failed()
    log(project="letters", entity="team")

    titles, digits, letters = command("ls").out.splitlines()

    assert titles.split() == "PROJECT RUNS STATES LAST ACTIVITY (UTC)".split()
    assert re.match(r"default/digits +2  1 failed, 1 finished +20", digits)
    assert re.match(r"team/letters +1  1 finished +20", letters)


def test_a_project_is_named_with_or_without_its_entity(command: Command) -> None:
    log(project="digits", id="one")
    log(project="letters", id="two")

    assert "one" in command("ls", "digits").out
    assert command("ls", "default/digits").out == command("ls", "digits/").out == command("ls", "digits").out


def test_only_runs_in_the_wanted_states_are_listed(command: Command) -> None:
    log(id="good")
    failed(id="bad")

    assert [run["id"] for run in command("ls", "--state", "failed", "--json").json["runs"]] == ["bad"]
    both = command("ls", "digits", "--state", "failed", "--state", "finished", "--json")
    assert [run["id"] for run in both.json["runs"]] == ["bad", "good"]
    none = command("ls", "digits", "--state", "crashed")
    assert none.out.startswith("default/digits: 0 crashed runs in ")
    wrong = command("ls", "--state", "done")
    assert (wrong.code, wrong.out) == (2, "")
    assert wrong.err == "runhooks: --state takes running, finished, failed, killed, crashed, not done\n"


def test_json_is_one_document_with_all_projects_and_runs(command: Command, here: Path) -> None:
    with runhooks.init(project="digits", id="k3f9", config={"lr": 0.1, "opt": {"name": "adam"}}) as run:
        run.log({"loss": float("nan"), "acc": float("inf")})
    log(project="letters", entity="team")

    done = command("ls", "--json")

    document = done.json
    assert done.err == ""
    assert document["store"] == str(here / "runs")
    assert [(p["path"], p["runs"], p["states"]) for p in document["projects"]] == [
        ("default/digits", 1, {"finished": 1}),
        ("team/letters", 1, {"finished": 1}),
    ]
    first = document["runs"][0]
    assert (first["path"], first["state"], first["last_step"]) == ("default/digits/k3f9", "finished", 0)
    assert first["config"] == {"lr": 0.1, "opt.name": "adam"}
    assert first["summary"] == {"loss": "NaN", "acc": "Infinity"}
    assert first["url"] == (here / "runs/default/digits/runs/k3f9/index.html").as_uri()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", first["created_at"])


@pytest.mark.parametrize("columns", [20, 80, 200])
def test_no_id_number_or_time_is_cut_in_a_terminal(here: Path, columns: int) -> None:
    log(id=LONG_ID, name="a name of many words " * 5, tags=["one-tag-that-is-long", "two"])
    with runhooks.init(project="digits", id="far") as run:
        run.log({"x": 1}, step=123_456_789_012)

    shown = in_terminal(here, columns, "ls")

    assert LONG_ID in shown
    assert "123456789012" in shown
    assert len(re.findall(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", shown)) == 2
    assert "…" not in shown
    assert shown.count("name") == 5
    assert shown.count("finished") == 2


def test_runs_with_ids_and_names_of_runhooks_own_fit_80_columns(here: Path) -> None:
    for name in ("distant-wildflower-12", "calm-lake-1"):
        log(100, name=name)

    lines = in_terminal(here, 80, "ls", "digits").splitlines()

    assert len(lines) == 4
    assert max(map(len, lines[1:])) <= 80


def test_in_a_pipe_a_run_is_a_line(here: Path) -> None:
    log(id=LONG_ID, name="a name of many words " * 10)
    log(id="short")

    lines = piped("ls", "digits").stdout.decode().splitlines()

    assert len(lines) == 4
    assert [line.split()[0] for line in lines[2:]] == ["short", LONG_ID]
    assert not any(line != line.rstrip() for line in lines)


def test_hostile_names_are_shown_as_text(command: Command, here: Path) -> None:
    log(id="[red]x", name=HOSTILE, tags=[HOSTILE], project="[link]p")

    for shown in (command("ls").out, in_terminal(here, 200, "ls")):
        assert SHOWN in shown
        assert "[red]x" in shown
        assert "[link]p" in shown
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028]", shown)


def test_json_is_ascii_so_that_no_terminal_obeys_it(command: Command) -> None:
    log(name=HOSTILE, id="x")

    done = command("ls", "--json")

    assert done.out.isascii()
    assert "\x1b" not in done.out
    assert done.json["runs"][0]["name"].startswith("red [bold]loud[/bold]")
    assert command("show", "digits/x", "--json").json["name"] == HOSTILE


def test_an_output_that_takes_only_ascii_gets_only_ascii(here: Path) -> None:
    log(name="søren-τ-1")

    done = piped("ls", PYTHONIOENCODING="ascii")

    assert done.returncode == 0
    assert b"s\\xf8ren" in done.stdout


def test_a_store_without_runs_says_so(command: Command, here: Path) -> None:
    (here / "runs").mkdir()

    done = command("ls")

    assert (done.code, done.out) == (0, f"no runs in {here}/runs\n")
    assert command("ls", "--json").json == {"store": f"{here}/runs", "projects": [], "runs": []}


def test_a_store_that_is_not_there_is_wrong_use(command: Command, here: Path) -> None:
    done = command("ls", "--store", "nowhere")

    assert (done.code, done.out) == (2, "")
    assert done.err == f"runhooks: there is no store at {here}/nowhere\n"


def test_an_unknown_project_names_the_one_that_is_like_it(command: Command) -> None:
    log()

    done = command("ls", "digit")

    assert (done.code, done.out) == (2, "")
    assert done.err.endswith("did you mean default/digits?\n")


def test_a_folder_in_place_of_a_project_says_how_to_name_a_store(command: Command) -> None:
    log()

    done = command("ls", "./runs")

    assert done.code == 2
    assert done.err.endswith("to name a store: --store ./runs\n")


@pytest.mark.parametrize("document", ["{", '{"format": 99, "id": "x"}'], ids=["broken", "newer"])
def test_a_run_that_cannot_be_read_is_listed_with_the_reason(
    command: Command, here: Path, document: str
) -> None:
    log(id="whole")
    log(id="odd")
    (here / "runs/default/digits/index/odd.json").unlink()
    (here / "runs/default/digits/runs/odd/run.json").write_text(document)

    done = command("ls", "digits")

    assert done.code == 0
    assert [line.split()[0] for line in done.out.splitlines()[2:]] == ["whole", "odd"]
    assert re.match(
        r"runhooks: default/digits/odd cannot be read: default/digits/runs/odd/run.json ", done.err
    )
    odd = command("ls", "digits", "--json").json["runs"][1]
    assert (odd["path"], odd["state"]) == ("default/digits/odd", "unreadable")
    assert "run.json" in odd["problem"]
