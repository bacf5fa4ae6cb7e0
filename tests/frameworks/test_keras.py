"""Keras, on each backend. It is chosen when keras is imported, so each has a pytest of its own.

What is tested is in keras_behaviour.py; every test there is one test here for each backend.
"""

import ast
import fcntl
import importlib.util
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from pathlib import Path

import pytest

BEHAVIOUR = Path(__file__).with_name("keras_behaviour.py")
ROOT = BEHAVIOUR.parents[2]
TESTS = [
    node.name
    for node in ast.parse(BEHAVIOUR.read_text(encoding="utf-8")).body
    if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
]


def missing(backend: str) -> list[str]:
    return [name for name in ("keras", backend, "sklearn") if importlib.util.find_spec(name) is None]


@pytest.fixture(scope="module")
def reports(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the selected tests on all backends, at the same time; return the folder of their reports."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # the same for all workers: one runs, the others wait
    folder /= "keras"
    folder.mkdir(exist_ok=True)
    selected: dict[str, list[str]] = {}
    for item in request.session.items:
        if isinstance(item, pytest.Function) and item.path == Path(__file__):
            selected.setdefault(item.callspec.params["backend"], []).append(item.callspec.params["name"])
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            running = [
                start(backend, names, folder) for backend, names in selected.items() if not missing(backend)
            ]
            for process in running:
                process.wait()
            (folder / "done").touch()
    return folder


def start(backend: str, names: Iterable[str], folder: Path) -> subprocess.Popen[bytes]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        "KERAS_BACKEND": backend,
        "OMP_NUM_THREADS": "1",  # the models are too small for more
        "JAX_COMPILATION_CACHE_DIR": str(folder / "compiled"),  # most tests make the same model again
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    }
    chosen = [f"{BEHAVIOUR}::{name}" for name in names]
    options = ["-p", "no:cacheprovider", "--junitxml", str(folder / f"{backend}.xml")]
    with (folder / f"{backend}.txt").open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "pytest", *options, *chosen],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )


@pytest.mark.timeout(600)
@pytest.mark.parametrize("backend", ["torch", "jax"])
@pytest.mark.parametrize("name", TESTS)
def test_keras(backend: str, name: str, reports: Path) -> None:
    if missing(backend):
        pytest.skip(f"{missing(backend)[0]} is not installed")
    report, output = reports / f"{backend}.xml", (reports / f"{backend}.txt").read_text(errors="replace")
    assert report.exists(), f"the tests on {backend} ended without a report:\n{output}"
    found = [
        case for case in ET.parse(report).iter("testcase") if case.get("name", "").partition("[")[0] == name
    ]
    assert found, f"{name} did not run on {backend}:\n{output}"
    faults = [
        fault.text or "" for case in found for kind in ("failure", "error") for fault in case.iter(kind)
    ]
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)
    if skipped := [skip.get("message", "") for case in found for skip in case.iter("skipped")]:
        pytest.skip(skipped[0])
