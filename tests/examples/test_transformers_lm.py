"""The example for transformers runs, and its record holds what the Trainer reported."""

import runpy
import sys
from pathlib import Path
from typing import Any

import pytest

import runhooks

EXAMPLE = Path(__file__).parents[2] / "examples" / "transformers_lm.py"


@pytest.fixture
def trainer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUNHOOKS_SILENT", "1")
    monkeypatch.setattr(sys, "argv", [str(EXAMPLE), "--steps", "40", "--store", "runs"])
    return runpy.run_path(str(EXAMPLE))["main"]()


def test_the_record_and_the_page_hold_what_the_trainer_reported(trainer, charted):
    (run,) = runhooks.Api("runs").runs("default/tiny-lm")
    history, charts = run.history(), charted(run)
    assert run.state == "finished"
    assert run.config["data"] == "Python sources"
    assert run.config["model"]["class"] == "GPT2LMHeadModel"
    losses = {row["step"]: row["loss"] for row in trainer.state.log_history if "loss" in row}
    evaluations = {row["step"]: row["eval_loss"] for row in trainer.state.log_history if "eval_loss" in row}
    assert history["train/loss"].dropna().to_dict() == losses
    assert history["eval/loss"].dropna().to_dict() == evaluations
    assert (charts["train/loss"], charts["eval/loss"]) == (losses, evaluations)
    assert list(evaluations) == [10, 20, 30, 40]
    assert losses[40] < 0.8 * losses[5]  # it learns
    assert [path.name for path in Path.cwd().iterdir()] == ["runs"]
