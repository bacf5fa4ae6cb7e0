"""What the Api finds in a store."""

from pathlib import Path

import pytest

import runhooks
from runhooks import Api
from runhooks.errors import (
    ArgumentError,
    IdError,
    RecordError,
    RunNotFoundError,
    StoreNotFoundError,
    StoreUrlError,
)
from tests.programs import start


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_projects_are_those_that_have_runs_by_name(here: Path) -> None:
    for entity, project in (("team", "zebra"), ("default", "digits"), ("team", "ants"), ("team", "ants")):
        runhooks.init(entity=entity, project=project).finish()

    projects = Api().projects()

    assert [project.path for project in projects] == ["default/digits", "team/ants", "team/zebra"]
    assert [len(project.runs()) for project in projects] == [1, 2, 1]
    assert projects[1].url == (here / "runs/team/ants/index.html").as_uri()


def test_runs_come_newest_first() -> None:
    for id in ("first", "second", "third"):
        runhooks.init(project="digits", id=id).finish()

    assert [run.id for run in Api().runs("digits")] == ["third", "second", "first"]
    assert [run.path for run in Api().runs("default/digits")][-1] == "default/digits/first"


def test_the_store_is_an_argument_or_a_variable_or_runs(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runhooks.init(project="a", store="elsewhere").finish()
    runhooks.init(project="b").finish()

    assert [project.name for project in Api("elsewhere").projects()] == ["a"]
    assert [project.name for project in Api(here / "elsewhere").projects()] == ["a"]
    assert [project.name for project in Api().projects()] == ["b"]
    monkeypatch.setenv("RUNHOOKS_STORE", "elsewhere")
    monkeypatch.setenv("RUNHOOKS_MODE", "no such mode")
    assert [project.name for project in Api().projects()] == ["a"]


def test_a_path_without_entity_has_the_entity_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNHOOKS_ENTITY", "team")
    runhooks.init(project="digits", id="k3f9").finish()

    assert Api().run("digits/k3f9").state == "finished"
    assert [run.path for run in Api().runs("digits")] == ["team/digits/k3f9"]


def test_a_store_in_memory_is_read_like_any_other() -> None:
    with runhooks.init(project="digits", id="k3f9", store="memory://api-test") as run:
        run.log({"loss": 0.5})

    found = Api("memory://api-test").run("digits/k3f9")

    assert found.summary == {"loss": 0.5}
    assert found.history()["loss"].tolist() == [0.5]
    assert [run.id for run in Api("memory://api-test").runs("digits")] == ["k3f9"]


def test_reading_leaves_the_store_as_it_was(here: Path) -> None:
    runhooks.init(project="digits", id="k3f9").finish()
    (here / "runs/default/digits/index/k3f9.json").unlink()
    before = contents(here / "runs")

    assert [run.state for run in Api().runs("digits")] == ["finished"]
    _ = Api().projects(), Api().run("digits/k3f9").history()

    assert contents(here / "runs") == before


def test_a_store_that_is_not_there_is_an_error() -> None:
    for ask in (Api().projects, lambda: Api().runs("digits")):
        with pytest.raises(StoreNotFoundError, match="runs"):
            ask()


def test_a_store_without_runs_has_no_projects(here: Path) -> None:
    (here / "runs").mkdir()

    assert Api().projects() == []
    with pytest.raises(RunNotFoundError, match="it has no runs at all"):
        Api().runs("digits")


def test_an_unknown_project_names_similar_ones() -> None:
    runhooks.init(entity="team", project="digits").finish()

    with pytest.raises(RunNotFoundError, match=r"did you mean team/digits\?$"):
        Api().runs("team/digit")
    with pytest.raises(RunNotFoundError, match=r"did you mean team/digits\?$"):
        Api().runs("digits")
    with pytest.raises(RunNotFoundError, match=r"it has team/digits$"):
        Api().runs("qqqq")


@pytest.mark.parametrize("path", ["", "k3f9", "a/b/c/d", "a/../c", "assets/b/c", "a//b"])
def test_what_cannot_be_the_path_of_a_run_is_refused_at_once(path: str) -> None:
    with pytest.raises(IdError):
        Api().run(path)


@pytest.mark.parametrize("path", ["", "a/b/c", "..", "a/..", "data/x", "a b\n"])
def test_what_cannot_be_the_path_of_a_project_is_refused_at_once(path: str) -> None:
    with pytest.raises(IdError):
        Api().runs(path)


def test_a_store_that_cannot_be_one_is_refused_at_once() -> None:
    with pytest.raises(ArgumentError, match="store must be"):
        Api(5)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="storage_options must be"):
        Api("./runs", storage_options="key")  # type: ignore[arg-type]
    with pytest.raises(StoreUrlError, match="credentials"):
        Api("s3://key:secret@bucket/runs")


def test_a_broken_run_does_not_hide_the_others(here: Path) -> None:
    for id in ("broken", "whole"):
        runhooks.init(project="digits", id=id).finish()
    (here / "runs/default/digits/runs/broken/run.json").write_text("{")
    (here / "runs/default/digits/index/broken.json").unlink()

    whole, broken = Api().runs("digits")

    assert (whole.id, whole.state) == ("whole", "finished")
    with pytest.raises(RecordError):
        _ = broken.state


GOES_ON = """
import time
import runhooks
run = runhooks.init(project="digits", id="live", heartbeat_s=600)
for step in range(100):
    run.log({"x": step})
print("logged", flush=True)
time.sleep(60)
"""


def test_a_run_that_goes_on_in_another_process_is_listed_as_it_is_now(here: Path) -> None:
    with start(GOES_ON, here) as process:
        assert process.stdout is not None
        process.stdout.readline()
        (run,) = Api().runs("digits")
        process.kill()
        assert (run.state, run.summary, run.last_step) == ("running", {"x": 99}, 99)
