"""examples/plain_loop.py: its record holds the rows that the loop logged."""

from pathlib import Path

import pytest

import runhooks
from tests.examples.conftest import Charts
from tests.programs import example

pytest.importorskip("sklearn")


def test_the_record_and_the_page_hold_the_rows_that_the_loop_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, charted: Charts
) -> None:
    monkeypatch.setenv("RUNHOOKS_STORE", str(tmp_path))
    monkeypatch.setenv("RUNHOOKS_SILENT", "1")
    rows = example("plain_loop").train(epochs=3)

    (run,) = runhooks.Api(tmp_path).runs("default/digits")
    assert run.state == "finished"
    assert run.config == {"epochs": 3, "lr": 0.5, "batch_size": 64}
    history, charts = run.history(), charted(run)
    assert set(history.columns) == {"epoch", "train/loss", "val/loss", "val/accuracy"}
    for key in history.columns:
        logged = {n: row[key] for n, row in enumerate(rows) if key in row}
        assert dict(history[key].dropna().items()) == logged
        assert charts[key] == logged
    assert history["val/accuracy"].dropna().iloc[-1] > 0.85
