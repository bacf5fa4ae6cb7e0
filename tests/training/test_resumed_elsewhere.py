"""Going on with a run on another machine, where nothing is left but the store."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runhooks import Api
from runhooks.record.console import read_console
from tests.programs import run
from tests.servers.s3 import S3Server, moto_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with moto_server(tmp_path_factory.mktemp("moto")) as found:
        yield found


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


@pytest.mark.parametrize("where", ["local", pytest.param("s3", marks=pytest.mark.slow)])
def test_what_earlier_sessions_stored_stays_whole_on_another_machine(
    where: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    options: dict[str, Any] = {}
    store = str(tmp_path / "store")
    if where == "s3":
        server = request.getfixturevalue("server")
        store, options = f"s3://{server.new_bucket()}/runs", server.storage_options
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
