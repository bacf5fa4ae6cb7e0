"""examples/lightning_digits.py: its record holds what CSVLogger got, and the run says where its page is."""

import csv
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import runhooks
from tests.examples.conftest import Charts
from tests.programs import example

for _module in ("torch", "lightning", "sklearn"):
    pytest.importorskip(_module)

from lightning.pytorch.loggers import CSVLogger  # noqa: E402

EXAMPLE = Path(__file__).parents[2] / "examples" / "lightning_digits.py"


@pytest.mark.filterwarnings("ignore::lightning.pytorch.utilities.warnings.PossibleUserWarning")
@pytest.mark.filterwarnings("ignore:.*LeafSpec")
def test_the_record_and_the_page_hold_what_csv_logger_got(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, charted: Charts
) -> None:
    monkeypatch.setenv("RUNHOOKS_STORE", str(tmp_path / "runs"))
    monkeypatch.setenv("RUNHOOKS_SILENT", "1")
    logger = CSVLogger(tmp_path)

    example("lightning_digits").train(epochs=2, logger=logger)

    (run,) = runhooks.Api(tmp_path / "runs").runs("default/digits")
    assert run.state == "finished"
    assert run.config["channels"] == 16
    history, charts = run.history(), charted(run)
    with Path(logger.log_dir, "metrics.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    for key in set(rows[0]) - {"step"}:
        reported = {int(row["step"]): float(row[key]) for row in rows if row[key]}
        assert dict(history[key].dropna().items()) == reported, key
        assert charts[key] == reported, key
    assert {"train/loss", "val/accuracy", "test/accuracy", "train/learning_rate"} <= set(history.columns)
    assert history["test/accuracy"].dropna().iloc[0] > 0.8


@pytest.mark.slow
def test_the_command_says_where_the_page_is(tmp_path: Path) -> None:
    finished = subprocess.run(
        [sys.executable, EXAMPLE, "--epochs", "1"],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if not name.startswith("RUNHOOKS_")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    (address,) = set(re.findall(r"View run at file://(\S+)", finished.stdout))
    assert Path(address).is_file()
    assert all(line.startswith("runhooks:") for line in finished.stdout.splitlines())
