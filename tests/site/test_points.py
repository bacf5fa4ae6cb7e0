"""Every point of long metrics, in chunks."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from runhooks.record.document import to_bytes
from runhooks.record.parts import Part, Rows
from runhooks.record.view import RunView
from runhooks.site.build import Pages, build_run
from runhooks.site.data import inflated, read_script
from runhooks.site.points import CHUNK_POINTS, Chunks
from runhooks.site.series import SeriesSet
from runhooks.storage import LocalStore
from tests.site.samples import START, log

FOLDER = "team/digits/runs/long"
Points = tuple[list[int], list[int], list[float]]


def read_chunks(files: dict[str, bytes]) -> dict[str, Points]:
    """Read all points back as the format says, by number of the metric."""
    index = read_script(files["data/exact.js"], "exact")
    found: dict[str, Points] = {}
    for metric, axes in index["metrics"].items():
        steps, times, values = found[metric] = ([], [], [])
        for number, name in enumerate(axes):
            axis = read_script(files[f"data/axis-{name}.js"], "axis")
            points = read_script(files[f"data/points-{metric}-{number}.js"], "points")
            both = np.frombuffer(inflated(axis["z"]), np.uint8).reshape(2, 8, -1)
            columns = [np.cumsum(_numbers(planes, "<f8")) for planes in both]
            kind = "<f4" if points["single"] else "<f8"
            planes = np.frombuffer(inflated(points["z"]), np.uint8).reshape(np.dtype(kind).itemsize, -1)
            assert points["axis"] == name
            assert index["axes"][name][4] == axis["points"] == points["points"] == planes.shape[1]
            steps += columns[0].astype(int).tolist()
            times += columns[1].astype(int).tolist()
            values += _numbers(planes, kind).astype(float).tolist()
    return found


def _numbers(planes: npt.NDArray[Any], kind: str) -> npt.NDArray[Any]:
    return np.ascontiguousarray(planes.T).view(kind).ravel()


def record(root: Path, metrics: dict[str, npt.NDArray[Any]], parts: int = 3) -> LocalStore:
    """Store a record of a value a step for each metric, in some parts."""
    store = LocalStore(root)
    view = RunView("long", "team", "digits", "long", START, "finished", ended_at=START)
    for key, values in metrics.items():
        log(view, SeriesSet(), key, np.arange(len(values)), values)
    for number in range(parts):
        part = Part()
        for key, values in metrics.items():
            at = np.array_split(np.arange(len(values)), parts)[number]
            part.add(key, Rows(at, START + at * 1_000_000, values[at], None, {}))
        store.write(f"{FOLDER}/history/w-{number:08d}.parquet", part.to_bytes())
    store.write(f"{FOLDER}/run.json", to_bytes(view))
    return store


def files_of(store: LocalStore) -> dict[str, bytes]:
    names = [entry.path.removeprefix(f"{FOLDER}/") for entry in store.list(f"{FOLDER}/data")]
    return {name: store.read(f"{FOLDER}/{name}") for name in names}


@pytest.fixture
def curves() -> dict[str, npt.NDArray[Any]]:
    chance = np.random.default_rng(1)
    odd = chance.normal(size=40_000)
    odd[[5, 70, 39_999]] = np.nan, np.inf, -np.inf
    return {"loss": chance.normal(size=70_000), "single": np.float32(odd).astype(float), "odd": odd}


def test_the_chunks_hold_every_number_of_the_record(
    tmp_path: Path, curves: dict[str, npt.NDArray[Any]]
) -> None:
    files = files_of(store := record(tmp_path, curves))
    assert files == {}
    build_run(store, FOLDER, Pages(store, "assets"))
    found = read_chunks(files_of(store))
    assert list(found) == ["0", "1", "2"]
    for (steps, times, values), logged in zip(found.values(), curves.values(), strict=True):
        assert steps == list(range(len(logged)))
        assert times == [START + step * 1_000_000 for step in steps]
        np.testing.assert_array_equal(values, logged)


def test_metrics_logged_together_share_their_steps_and_times(
    tmp_path: Path, curves: dict[str, npt.NDArray[Any]]
) -> None:
    build_run(store := record(tmp_path, curves), FOLDER, Pages(store, "assets"))
    files = files_of(store)
    axes = sorted(name for name in files if "axis" in name)
    # The last chunk of the two shorter metrics ends earlier than that of the longer one.
    assert axes == ["data/axis-0-0.js", "data/axis-0-1.js", "data/axis-0-2.js", "data/axis-1-1.js"]
    assert read_script(files["data/points-2-0.js"], "points")["axis"] == "0-0"
    assert read_script(files["data/points-1-0.js"], "points")["single"] is True
    assert max(len(data) for data in files.values()) < CHUNK_POINTS * 8 * 4 / 3 * 1.01


def test_a_run_whose_pages_have_every_point_already_has_no_chunks(tmp_path: Path) -> None:
    store = record(tmp_path, {"loss": np.arange(4096.0)})
    build_run(store, FOLDER, Pages(store, "assets"))
    files = files_of(store)
    assert not [name for name in files if re.search("exact|axis|points", name)]
    assert read_script(files["data/run.js"], "run")["exact"] is None


def test_the_same_points_give_the_same_bytes_and_others_another_revision(
    tmp_path: Path, curves: dict[str, npt.NDArray[Any]]
) -> None:
    for name, parts in (("a", 3), ("b", 5)):
        build_run(store := record(tmp_path / name, curves, parts), FOLDER, Pages(store, "assets"))
    first, second = (files_of(LocalStore(tmp_path / name)) for name in "ab")
    assert first == second
    curves["loss"][40_000] += 1
    build_run(store := record(tmp_path / "c", curves), FOLDER, Pages(store, "assets"))
    third = files_of(store)
    changed = {name for name, data in third.items() if first[name] != data}
    assert {name for name in changed if "points" in name or "axis" in name} == {"data/points-0-1.js"}
    assert {"data/exact.js", "data/run.js"} <= changed


def test_steps_and_times_in_any_order_are_found(tmp_path: Path) -> None:
    """Times may go back where a run was resumed on another machine: a chunk says its least and greatest."""
    chunks = Chunks("r")
    steps, times = np.array([-5, 0, 2**40]), np.array([30, 10, 20])
    files = dict(chunks.add(4, steps, times, np.array([1.0, 2.0, 3.0])))
    revision, index = chunks.index()
    assert json.loads(index.partition(b",")[2][:-3])["axes"] == {"4-0": [-5, 2**40, 10, 30, 3]}
    assert read_chunks({**files, "data/exact.js": index})["4"] == (
        [-5, 0, 2**40], [30, 10, 20], [1.0, 2.0, 3.0],
    )  # fmt: skip
    assert revision == read_script(index, "exact")["revision"]


def test_noise_is_stored_and_what_repeats_is_deflated():
    """Each of both alone, and both in one stream, read back to the last bit."""
    noise = np.random.default_rng(0).integers(0, 2**52, CHUNK_POINTS, np.int64).view(np.float64)
    for values in (noise, np.full(CHUNK_POINTS, 0.1), np.concatenate([noise, np.zeros(70)])):
        chunks, steps = Chunks("r"), np.arange(len(values))
        files = dict(chunks.add(0, steps, START + steps, values))
        files["data/exact.js"] = chunks.index()[1]
        assert np.array_equal(read_chunks(files)["0"][2], values)
    size = len(read_script(files["data/points-0-0.js"], "points")["z"])
    assert size < 1.02 * 4 / 3 * 7 * CHUNK_POINTS  # seven bytes of eight are noise
