"""Rendering many runs: only what changed, by several workers, with the same result."""

from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import orjson
import pytest

import runhooks
from runhooks.site.render import BUILT, build_site
from runhooks.storage import LocalStore
from tests.site.test_points import record

RUN = "team/digits/runs/long"


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    for number in range(4):
        found = record(tmp_path / "made", {"loss": np.random.default_rng(number).normal(size=5000)})
        for entry in list(found.list(RUN)):
            path = entry.path.replace("/long/", f"/r{number}/")
            data = found.read(entry.path)
            if path.endswith("run.json"):
                data = orjson.dumps(orjson.loads(data) | {"id": f"r{number}"})
            LocalStore(tmp_path / "store").write(path, data)
    return LocalStore(tmp_path / "store")


def pages(root: Path) -> dict[str, bytes]:
    found = [path for path in root.rglob("*") if path.suffix in (".html", ".js")]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


def test_a_second_time_nothing_is_rendered(store: LocalStore) -> None:
    first = build_site(store)
    assert (first.runs, first.unchanged) == (4, 0)
    before = {path: path.stat().st_mtime_ns for path in store.root.rglob("runs/*/data/*")}
    second = build_site(store)
    assert (second.runs, second.unchanged) == (0, 4)
    assert {path: path.stat().st_mtime_ns for path in store.root.rglob("runs/*/data/*")} == before
    assert runhooks.Api(store.root).render(force=True).runs == 4


@pytest.mark.parametrize("name", ["index.html", "data/run.js", "data/points-0-0.js", BUILT])
@pytest.mark.parametrize("how", ["deleted", "cut"])
def test_a_page_that_is_not_whole_is_rendered_again(store: LocalStore, name: str, how: str) -> None:
    build_site(store)
    before = pages(store.root)
    path = f"team/digits/runs/r1/{name}"
    store.delete(path) if how == "deleted" else store.write(path, store.read(path)[:-9])
    assert (report := build_site(store)).runs == 1
    assert report.unchanged == 3
    assert pages(store.root) == before


def test_a_record_that_changed_is_rendered_again(store: LocalStore) -> None:
    build_site(store)
    store.write("team/digits/runs/r2/labels.json", orjson.dumps({"name": "renamed"}))
    assert build_site(store).runs == 1
    assert b"renamed" in store.read("team/digits/runs/r2/index.html")


def test_a_run_that_goes_on_is_always_rendered(store: LocalStore) -> None:
    """Its heartbeat may have stopped since: the page changes though the record does not."""
    path = "team/digits/runs/r3/run.json"
    store.write(path, store.read(path).replace(b'"finished"', b'"running"'))
    view = orjson.loads(store.read(path)) | {"heartbeat": {"at": int(store.now() * 1e6), "seq": 1}}
    store.write(path, orjson.dumps(view))
    assert (build_site(store).runs, build_site(store).runs) == (4, 1)


@pytest.fixture(params=["threads", "processes", "dask"])
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    if request.param == "threads":
        with ThreadPoolExecutor(2) as pool:
            yield pool
    elif request.param == "processes":
        with ProcessPoolExecutor(2, get_context("spawn")) as pool:
            yield pool
    else:
        import distributed

        with distributed.Client(processes=False, n_workers=1, dashboard_address=None) as client:
            yield client


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what Dask imports
def test_several_workers_make_the_same_pages(store: LocalStore, tmp_path: Path, executor: Executor) -> None:
    (store.root / "team/digits/runs/bad").mkdir()
    (store.root / "team/digits/runs/bad/run.json").write_text("{}")
    done: list[str] = []
    report = runhooks.Api(store.root).render("team/digits", executor=executor, progress=done.append)
    assert (report.runs, list(report.unreadable)) == (4, ["team/digits/runs/bad"])
    assert done == [f"team/digits/runs/{name}" for name in ("bad", "r0", "r1", "r2", "r3")]
    made = pages(store.root)
    assert runhooks.Api(store.root).render(force=True).runs == 4
    assert pages(store.root) == made


def test_a_project_without_runs_is_an_error(store: LocalStore) -> None:
    with pytest.raises(runhooks.errors.RunNotFoundError, match="did you mean"):
        runhooks.Api(store.root).render("team/digit")
