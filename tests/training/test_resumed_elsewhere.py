"""Going on with a run on another machine, where nothing is left but the store."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runhooks import Api
from runhooks.errors import RunhooksError
from runhooks.record.console import read_console
from runhooks.record.read import rows_of_part, rows_of_segment
from tests.programs import run, start, wait_until
from tests.servers.gcs import GCSServer, gcs_server
from tests.servers.s3 import S3Server, moto_server

Where = tuple[str, dict[str, Any]]
"""A store, and its options."""


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with moto_server(tmp_path_factory.mktemp("moto")) as found:
        yield found


@pytest.fixture(scope="module")
def gcs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GCSServer]:
    with gcs_server(tmp_path_factory.mktemp("gcs")) as found:
        yield found


@pytest.fixture(
    params=["local", pytest.param("s3", marks=pytest.mark.slow), pytest.param("gcs", marks=pytest.mark.slow)]
)
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Where:
    if request.param == "local":
        return str(tmp_path / "store"), {}
    server: S3Server | GCSServer = request.getfixturevalue(request.param)
    protocol = "s3" if request.param == "s3" else "gs"
    return f"{protocol}://{server.new_bucket()}/runs", server.storage_options


SESSION = """
import pathlib, sys
import numpy as np
import runhooks
name = {name!r}
with runhooks.init(id="mine", store={store!r}, storage_options={options!r}, resume="allow") as run:
    print("printed in", name)
    pathlib.Path(name + ".txt").write_text("saved in " + name)
    run.save(name + ".txt")
    run.log({{"a": 1.0, "picture": runhooks.Image(np.full((4, 4, 3), {shade}, np.uint8))}})
    run.log_artifact(name + ".txt", name="model", type="model")
"""


def test_what_earlier_sessions_stored_stays_whole_on_another_machine(where: Where, tmp_path: Path) -> None:
    store, options = where
    held: dict[str, bytes] = {}
    names = ["first", "second", "third"]
    for number, name in enumerate(names):
        machine = tmp_path / name  # its working folder and its spool: nothing of the one before
        machine.mkdir()
        code = SESSION.format(name=name, store=store, options=options, shade=number * 50)
        done = run(code, machine, timeout=120, RUNHOOKS_SPOOL=str(machine / "spool"))
        assert done.returncode == 0, done.stderr
        shutil.rmtree(machine)
        found = Api(store, options).run("Uncategorized/mine")
        paths = [entry.path for entry in found.store.list(found.folder)]
        assert {path for path in held if path not in paths} == set()
        for path, content in held.items():
            if "/files/" in path or "/media/" in path:
                assert found.store.read(path) == content, path
        held = {path: found.store.read(path) for path in paths}
        known = names[: number + 1]
        versions = [f"v{version}" for version in range(len(known))]
        listed = {file.name for file in found.files()}
        assert listed >= {f"{each}.txt" for each in known}
        assert len([each for each in listed if each.endswith(".png")]) == len(known)
        console = read_console(found.store, found.folder)
        assert console is not None
        assert [line for line, _ in console[1]] == [f"printed in {each}" for each in known]
        assert [made["version"] for made in found.logged_artifacts()] == versions
        for version, each in zip(versions, known, strict=True):
            at = Api(store, options).artifact(f"Uncategorized/model:{version}").download(str(machine / each))
            assert (Path(at) / f"{each}.txt").read_text() == f"saved in {each}"
        assert found.state == "finished"
        assert [len(found.view.sessions), found.view.metrics["a"].count] == [number + 1, number + 1]


OLD = """
import pathlib, time
import runhooks
run = runhooks.init(id="mine", store={store!r}, storage_options={options!r}, heartbeat_s=0.5)
for step in range(3):
    run.log({{"a": step}})
print("ready", flush=True)
deadline = time.monotonic() + 90
while not pathlib.Path("go").exists() and time.monotonic() < deadline:
    run.log({{"a": 1000 + run.step}})
    time.sleep(0.02)
run.config["late"] = True
run.summary["late"] = True
pathlib.Path("late.txt").write_text("late")
run.save("late.txt")
run.finish()
"""
NEW = """
import runhooks
with runhooks.init(id="mine", store={store!r}, storage_options={options!r}, resume_step=2) as run:
    print("the new process")
    for step in range(3, 10):
        run.log({{"a": step}}, step=step)
"""


@pytest.mark.parametrize("outlives", [False, True])
def test_rows_of_the_old_process_are_not_mixed_into_what_another_machine_goes_on_with(
    where: Where, outlives: bool, tmp_path: Path
) -> None:
    store, options = where
    there, here = tmp_path / "there", tmp_path / "here"
    there.mkdir()
    here.mkdir()
    code = OLD.format(store=store, options=options)
    with start(code, there, RUNHOOKS_SPOOL=str(there / "spool")) as old:
        assert old.stdout is not None
        assert old.stdout.readline() == "ready\n"
        api = Api(store, options)
        wait_until(lambda: _last_step(api) >= 2, 60)
        done = run(
            NEW.format(store=store, options=options), here, timeout=120, RUNHOOKS_SPOOL=str(here / "spool")
        )
        assert done.returncode == 0, done.stderr
        if not outlives:
            _check(api)
        (there / "go").touch()
        _, told = old.communicate(timeout=90)
    assert old.returncode == 0, told
    _check(api)
    kept = _stored_by_the_old(api)
    assert kept[:3] == [0, 1, 2]
    assert kept[3:] == [1000 + step for step in range(3, len(kept))], "a row is missing among them"
    assert len(kept) > 10


def _stored_by_the_old(api: Api) -> list[float]:
    """Return all values in the store of the process that did not go on, also those that do not count."""
    found = api.run("Uncategorized/mine")
    old = found.view.sessions[0].writer
    rows: list[tuple[int, float]] = []
    for entry in found.store.list(f"{found.folder}/history"):
        if old in entry.path:
            for key, part in rows_of_part(found.store.read(entry.path), entry.path):
                rows += zip(part.steps, part.values, strict=True) if key == "a" else ()
    for entry in found.store.list(f"{found.folder}/journal/{old}"):
        for key, segment in rows_of_segment(found.store.read(entry.path)):
            rows += zip(segment.steps, segment.values, strict=True) if key == "a" else ()
    return [float(value) for _, value in sorted(rows)]


def _last_step(api: Api) -> int:
    try:
        found = api.run("Uncategorized/mine").last_step
    except RunhooksError:
        return -1
    return -1 if found is None else found


def _check(api: Api) -> None:
    found = api.run("Uncategorized/mine")
    assert found.history()["a"].tolist() == list(range(10))
    view = found.view
    assert (view.state, view.last_step, view.config, view.summary) == ("finished", 9, {}, {"a": 9})
    assert (view.metrics["a"].count, len(view.sessions)) == (10, 2)
    assert "late.txt" not in {file.name for file in found.files()}
