"""Programs that log runs, started as a user starts them, and what they left."""

import fcntl
import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from runhooks.record.read import history, read_view
from runhooks.record.view import RunView
from runhooks.storage import open_store

ROOT = Path(__file__).parents[1]


def example(name: str) -> Any:
    """Return the module of examples/`name`.py, which is in no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "examples" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def environment(**variables: str) -> dict[str, str]:
    """Return the environment of a program that finds this runhooks."""
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), **variables}


def start(code: str, folder: Path, **variables: str) -> "subprocess.Popen[str]":
    """Start a program in `folder`; its store is ./runs there."""
    program = folder / "program.py"
    program.write_text(code, encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, str(program)],
        cwd=folder,
        env=environment(**variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(
    code: str, folder: Path, *, timeout: float = 60, **variables: str
) -> "subprocess.CompletedProcess[str]":
    """Run a program to its end."""
    with start(code, folder, **variables) as process:
        out, err = process.communicate(timeout=timeout)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def wait_until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait for a condition; fail when it does not come."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(0.01)


def is_free(run: Path) -> bool:
    """Tell whether no recorder holds a run, given by its folder.

    A killed process that is a zombie already may still have threads, which hold its files and the lock.
    """
    fd = os.open(run, os.O_RDONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(fd)
    return True


def views(folder: Path) -> list[RunView]:
    """Return the runs in ./runs, oldest first."""
    store = open_store(folder / "runs")
    found = [
        read_view(store, path.parent.relative_to(folder / "runs").as_posix()) for path in documents(folder)
    ]
    return sorted(found, key=lambda view: view.created_at)


def documents(folder: Path) -> list[Path]:
    """Return the run documents in ./runs."""
    return sorted((folder / "runs").glob("*/*/runs/*/run.json"))


def only(folder: Path) -> RunView:
    """Return the only run in ./runs."""
    (view,) = views(folder)
    return view


def ended(folder: Path, seconds: float = 30.0) -> RunView:
    """Return the only run in ./runs, once its document says that it ended and its journal is compacted."""
    wait_until(lambda: bool(documents(folder)) and only(folder).state != "running", seconds)
    wait_until(lambda: not list((folder / "runs").glob("*/*/runs/*/journal/*/*.jsonl")), seconds)
    return only(folder)


def rows(folder: Path, view: RunView) -> Mapping[str, list[tuple[int, Any]]]:
    """Return each metric's steps and values, in the order in which readers see them."""
    store = open_store(folder / "runs")
    found: dict[str, list[tuple[int, Any]]] = {}
    for key, piece in history(store, f"{view.entity}/{view.project}/runs/{view.id}"):
        found.setdefault(key, []).extend(zip(piece.steps.tolist(), piece.decoded(), strict=True))
    return found
