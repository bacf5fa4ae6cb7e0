"""`runhooks sync --watch` beside runs that are recorded offline."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from runhooks import Api
from runhooks.errors import RunhooksError
from tests.programs import environment, start, wait_until

WATCH = """
import sys
import runhooks.cli.sync as command
from runhooks.cli.options import Asked
command._WATCH_S = 0.3
sys.exit(command.sync(None, Asked(), watch=True))
"""
PROGRAM = """
import time
from pathlib import Path
import runhooks
with runhooks.init(project="digits", id="k3f9", mode="offline", store="team-runs") as run:
    run.log({"loss": 0.5})
    while not Path("stop").exists():
        time.sleep(0.05)
    run.log({"loss": 0.25})
"""


@pytest.mark.slow
def test_an_offline_run_is_sent_while_it_goes_on_and_completed_when_it_ends(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = start(PROGRAM, here)
    said = (here / "said.txt").open("w+")
    command, variables = [sys.executable, "-uc", WATCH], environment()
    watcher = subprocess.Popen(command, env=variables, stdout=said, stderr=subprocess.STDOUT)
    try:
        wait_until(lambda: _state(lambda run: len(run.history()) == 1) == "running", 90)
        assert training.poll() is None
        (here / "stop").touch()
        wait_until(lambda: _state() == "finished", 90)
        wait_until(lambda: "synced" in (here / "said.txt").read_text(), 90)
        assert not list((here / "spool").glob("*/*/*/runs/*"))
    finally:
        (here / "stop").touch()
        training.communicate(timeout=90)
        os.kill(watcher.pid, signal.SIGINT)
        code = watcher.wait(90)
        said.close()
    out = (here / "said.txt").read_text()
    assert code == 0, out
    assert out.count("sending default/digits/k3f9 (running) to ") == 1
    assert out.count("synced default/digits/k3f9 (finished), ") == 1
    assert Api("team-runs").run("digits/k3f9").history()["loss"].tolist() == [0.5, 0.25]
    assert [run.id for run in Api("team-runs").runs("digits")] == ["k3f9"]


def _state(condition: Callable[..., bool] = lambda _run: True) -> str | None:
    try:
        run = Api("team-runs").run("digits/k3f9")
        return run.state if condition(run) else None
    except (RunhooksError, OSError):
        return None
