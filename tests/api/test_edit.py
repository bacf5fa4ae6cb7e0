"""Changing, deleting and restoring runs through the Api."""

from pathlib import Path
from typing import Any

import pytest

import runhooks
from runhooks import Api
from runhooks.api.trash import empty_trash
from runhooks.errors import ArgumentError, RunExistsError, RunNotFoundError
from runhooks.site.project_page import rows_in
from tests.api.made import make
from tests.programs import wait_until


def on_page(here: Path, id: str = "one") -> dict[str, Any] | None:
    """Return what the project's page says of a run."""
    return rows_in((here / "runs/default/digits/data/project.js").read_bytes())[1].get(id)


@pytest.fixture
def one(here: Path) -> Any:
    with runhooks.init(project="digits", id="one", name="calm-lake-1", config={"lr": 0.1}, tags=["a"]) as run:
        run.log({"loss": 1})
    return Api().run("digits/one")


def test_an_update_is_seen_by_readers_and_on_the_pages(one: Any, here: Path) -> None:
    one.update(name="best", notes="the <b>one</b>", tags=["x", "y"], config={"seed": 7})

    again = Api().run("digits/one")
    assert (again.name, again.notes, again.tags) == ("best", "the <b>one</b>", ["x", "y"])
    assert again.config == {"lr": 0.1, "seed": 7}
    row = on_page(here)
    assert row is not None
    assert (row["name"], row["tags"], row["config"]) == ("best", ["x", "y"], {"lr": 0.1, "seed": 7})
    assert "best · digits" in (here / "runs/default/digits/runs/one/index.html").read_text()
    assert one.name == "best"


def test_an_update_stores_what_was_changed_on_the_object_as_scripts_do_it(one: Any) -> None:
    one.tags.append("late")
    one.notes = "words"
    one.config["lr"] = 0.2
    one.summary["best"] = float("inf")
    one.update()

    again = Api().run("digits/one")
    assert (again.tags, again.notes, again.config) == (["a", "late"], "words", {"lr": 0.2})
    assert again.summary == {"loss": 1, "best": float("inf")}
    assert [run.id for run in Api().runs("digits", {"tags": "late", "config.lr": 0.2})] == ["one"]


@pytest.mark.parametrize("wrong", [{"name": ""}, {"name": 5}, {"tags": "x"}, {"tags": [1]}])
def test_a_change_that_cannot_be_is_refused_and_nothing_is_stored(
    one: Any, here: Path, wrong: dict[str, Any]
) -> None:
    with pytest.raises(ArgumentError):
        one.update(**wrong, notes="half")

    assert not (here / "runs/default/digits/runs/one/labels.json").exists()


def test_a_run_that_goes_on_keeps_a_new_name_on_its_pages(here: Path) -> None:
    run = runhooks.init(project="digits", id="one", heartbeat_s=0.1, refresh_s=0.1)
    Api().run("digits/one").update(name="renamed", tags=["live"])
    run.log({"x": 1})
    run.finish()

    found = Api().run("digits/one")
    assert (found.name, found.tags, found.state) == ("renamed", ["live"], "finished")
    row = on_page(here)
    assert row is not None
    assert (row["name"], row["state"]) == ("renamed", "finished")
    assert "renamed" in (here / "runs/default/digits/runs/one/index.html").read_text()


def test_a_deleted_run_is_nowhere_and_comes_back_whole(one: Any, here: Path) -> None:
    make(Api().store, "two")
    one.delete()

    assert [run.id for run in Api().runs("digits")] == ["two"]
    assert on_page(here) is None
    with pytest.raises(
        RunNotFoundError, match="was deleted; to bring it back: runhooks restore default/digits/one"
    ):
        _ = Api().run("digits/one").state
    assert [run.path for run in Api().trash("digits")] == ["default/digits/one"]

    Api().run("digits/one").restore()

    assert Api().run("digits/one").history()["loss"].tolist() == [1.0]
    assert on_page(here) is not None
    with pytest.raises(RunNotFoundError, match="not in the trash"):
        Api().run("digits/one").restore()


def test_emptying_the_trash_frees_the_space_and_keeps_the_id_taken(one: Any, here: Path) -> None:
    make(Api().store, "one0")
    one.delete()
    store = Api().store

    assert empty_trash(store, "default", "digits", older_than_s=3600) == []
    (purged,) = empty_trash(store, "default", "digits")

    assert purged.kept is None
    assert purged.bytes > 1000
    assert not (here / "runs/default/digits/runs/one").exists()
    assert Api().run("digits/one0").state == "finished"
    assert empty_trash(store, "default", "digits") == []
    with pytest.raises(RunNotFoundError, match="deleted for good"):
        Api().run("digits/one").restore()
    for resume in (None, "allow"):
        with pytest.raises(RunExistsError, match="its id is not used again"):
            runhooks.init(project="digits", id="one", resume=resume)  # type: ignore[arg-type]


def test_a_run_that_is_deleted_while_it_goes_on_does_not_come_back(here: Path) -> None:
    run = runhooks.init(project="digits", id="one", heartbeat_s=0.1, refresh_s=0.1)
    run.log({"x": 1})
    Api().run("digits/one").delete()
    (kept,) = empty_trash(Api().store, "default", "digits")
    run.log({"x": 2})
    run.finish()

    assert kept.kept == "it is still running; stop it first"
    with pytest.raises(RunNotFoundError):
        Api().runs("digits")
    wait_until(lambda: on_page(here) is None)
    Api().run("digits/one").restore()
    assert Api().run("digits/one").history()["x"].tolist() == [1.0, 2.0]


def test_a_run_elsewhere_that_was_purged_is_not_sent_again(here: Path) -> None:
    url = "memory://purged-test"
    run = runhooks.init(project="digits", id="one", store=url, heartbeat_s=0.1)
    run.log({"x": 1})
    run.finish()
    Api(url).run("digits/one").delete()
    empty_trash(Api(url).store, "default", "digits")

    with pytest.raises(RunExistsError):
        runhooks.init(project="digits", id="one", store=url)
    assert [entry.path for entry in Api(url).store.list("default/digits/runs")] == []
