"""`runhooks render`."""

import shutil
from pathlib import Path

import pytest

import runhooks
from tests.cli.conftest import Command
from tests.cli.terminal import in_terminal

PAGES = ("*.html", "*.js", "*.css")


@pytest.fixture
def store(here: Path) -> Path:
    """Make a store with the runs digits/one, digits/two and team/letters/three."""
    for id, project, entity in (
        ("one", "digits", None),
        ("two", "digits", None),
        ("three", "letters", "team"),
    ):
        with runhooks.init(project=project, entity=entity, id=id) as run:
            for step in range(20):
                run.log({"loss": 1 / (step + 1)})
    return here / "runs"


def pages(store: Path) -> dict[str, bytes]:
    found = [path for pattern in PAGES for path in store.rglob(pattern)]
    return {path.relative_to(store).as_posix(): path.read_bytes() for path in found}


def without_pages(store: Path) -> None:
    for name in pages(store):
        (store / name).unlink()


def test_deleted_pages_come_back_byte_for_byte(command: Command, store: Path) -> None:
    before = pages(store)
    without_pages(store)

    done = command("render")

    assert (done.code, done.err) == (0, "")
    assert done.out == f"rendered 3 runs of 2 projects: {(store / 'index.html').as_uri()}\n"
    assert pages(store) == before


def test_a_terminal_gets_a_bar_and_then_the_result(store: Path, here: Path) -> None:
    shown = in_terminal(here, 80, "render")

    assert "3/3" in shown
    assert "rendered 3 runs of 2 projects: file:///" in shown


def test_only_what_changed_is_rendered_again_by_several_processes(command: Command, store: Path) -> None:
    command("render")
    before = pages(store)
    assert command("render").out.startswith("rendered 0 runs of 2 projects, 3 unchanged: ")
    (store / "default/digits/runs/one/index.html").unlink()
    assert command("render").out.startswith("rendered 1 run of 2 projects, 2 unchanged: ")
    assert command("render", "--force", "--workers", "2").out.startswith("rendered 3 runs of 2 projects: ")
    assert pages(store) == before


def test_a_project_is_rendered_alone(command: Command, store: Path) -> None:
    without_pages(store)

    done = command("render", "digits", "--json")

    assert done.json == {
        "page": (store / "default/digits/index.html").as_uri(),
        "runs": 2,
        "projects": 1,
        "unchanged": 0,
        "unreadable": {},
    }
    assert (store / "default/digits/runs/one/index.html").is_file()
    assert (store / "index.html").is_file()
    assert not (store / "team/letters/runs/three/index.html").exists()


@pytest.mark.parametrize("word", ["digits/one", "default/digits/one", "runs/default/digits/runs/one"])
def test_a_run_is_rendered_alone(command: Command, store: Path, word: str) -> None:
    without_pages(store)

    done = command("render", word)

    page = store / "default/digits/runs/one/index.html"
    assert done.out == f"rendered 1 run of 1 project: {page.as_uri()}\n"
    assert page.is_file()
    assert (store / "default/digits/index.html").is_file()
    assert not (store / "default/digits/runs/two/index.html").exists()


def test_a_word_that_is_a_run_and_a_project_must_be_told_apart(command: Command) -> None:
    runhooks.init(project="team", id="digits").finish()
    runhooks.init(entity="team", project="digits", id="one").finish()

    done = command("render", "team/digits")

    assert done.code == 2
    assert done.err.endswith("write default/team/digits or team/digits/\n")
    assert command("render", "default/team/digits", "--json").json["page"].endswith("/runs/digits/index.html")
    assert command("render", "team/digits/", "--json").json["runs"] == 1


def test_a_run_that_cannot_be_read_is_left_out_and_named(command: Command, store: Path) -> None:
    (store / "default/digits/runs/one/run.json").write_text("{")

    done = command("render")

    assert done.code == 1
    assert done.out.startswith("rendered 2 runs of 2 projects: ")
    assert done.err.startswith("runhooks: default/digits/runs/one cannot be read: ")
    again = command("render", "--json")
    assert (again.code, list(again.json["unreadable"])) == (1, ["default/digits/runs/one"])


def test_a_broken_run_alone_is_a_failure(command: Command, store: Path) -> None:
    (store / "default/digits/runs/one/run.json").write_text("{")

    done = command("render", "digits/one")

    assert (done.code, done.out) == (1, "")
    assert "run.json is not a run document" in done.err


@pytest.mark.parametrize("word", ["digit", "digits/on", "team/letter", "default/digits/on"])
def test_what_is_not_there_is_wrong_use_with_what_may_be_meant(
    command: Command, store: Path, word: str
) -> None:
    done = command("render", word)

    assert (done.code, done.out) == (2, "")
    assert "did you mean " in done.err


def test_an_empty_store_gets_its_page(command: Command, here: Path) -> None:
    (here / "runs").mkdir()

    done = command("render")

    assert done.out.startswith("rendered 0 runs of 0 projects: ")
    assert (here / "runs/index.html").is_file()


def test_no_store_is_made_where_there_is_none(command: Command, here: Path) -> None:
    done = command("render", "--store", "nowhere")

    assert (done.code, done.out) == (2, "")
    assert not (here / "nowhere").exists()


def test_a_store_that_was_moved_is_rendered_where_it_is(command: Command, store: Path, here: Path) -> None:
    before = pages(store)
    shutil.move(store, here / "moved")
    without_pages(here / "moved")

    assert command("render", "--store", "moved").code == 0
    assert pages(here / "moved") == before
