"""A real loop with accelerate, and what the record says of it."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import runhooks

torch = pytest.importorskip("torch")
accelerate = pytest.importorskip("accelerate")

from runhooks.integrations.accelerate import RunTracker  # noqa: E402
from tests.programs import environment  # noqa: E402


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUNHOOKS_SILENT", "1")
    return tmp_path / "runs"


def train(accelerator: Any, steps: int = 3) -> dict[int, float]:
    model = torch.nn.Linear(1, 1)
    model, optimizer = accelerator.prepare(model, torch.optim.SGD(model.parameters(), lr=0.1))
    losses = {}
    for step in range(steps):
        loss = model(torch.ones(4, 1)).square().mean()
        accelerator.backward(loss)
        optimizer.step()
        optimizer.zero_grad()
        losses[step] = loss.item()
        accelerator.log({"train/loss": losses[step]}, step=step)
    return losses


def only_run(store: Path, project: str) -> Any:
    (run,) = runhooks.Api(store).runs(f"default/{project}")
    return run


def test_a_tracker_records_what_accelerate_is_told(store: Path) -> None:
    accelerator = accelerate.Accelerator(cpu=True, log_with=RunTracker("digits", tags=["mine"]))
    accelerator.init_trackers("passed over: the tracker is made already", config={"lr": 0.1})
    losses = train(accelerator)
    accelerator.get_tracker("runhooks", unwrap=True).alert("said through the run")
    accelerator.end_training()
    run = only_run(store, "digits")
    assert (run.state, run.tags, run.config) == ("finished", ["mine"], {"lr": 0.1})
    assert run.history()["train/loss"].to_dict() == losses
    assert [alert["title"] for alert in run.alerts] == ["said through the run"]


def test_by_name_the_project_is_that_of_init_trackers(store: Path) -> None:
    accelerator = accelerate.Accelerator(cpu=True, log_with="runhooks")
    accelerator.init_trackers("by-name", init_kwargs={"runhooks": {"group": "three"}})
    losses = train(accelerator)
    accelerator.end_training()
    run = only_run(store, "by-name")
    assert (run.state, run.group) == ("finished", "three")
    assert run.history()["train/loss"].to_dict() == losses


def test_a_run_that_was_given_stays_open(store: Path) -> None:
    with runhooks.init(project="digits") as run:
        accelerator = accelerate.Accelerator(cpu=True, log_with=RunTracker(run=run))
        accelerator.init_trackers("digits")
        train(accelerator)
        accelerator.end_training()
        assert not run.finished


SCRIPT = """
import accelerate
from runhooks.integrations.accelerate import RunTracker

accelerator = accelerate.Accelerator(cpu=True, log_with=RunTracker("digits"))
accelerator.init_trackers("digits")
accelerator.log({"train/loss": 1.0}, step=0)
raise ValueError("no such digit")
"""


def test_a_script_that_fails_leaves_a_failed_run(store: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=tmp_path, env=environment(), capture_output=True, text=True
    )
    assert "ValueError: no such digit" in done.stderr
    run = only_run(store, "digits")
    assert (run.state, run.exit["error"]["message"]) == ("failed", "no such digit")
