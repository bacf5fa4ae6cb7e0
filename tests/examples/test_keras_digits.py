"""examples/keras_digits.py, as it stands, against what Keras itself reported in it."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import runhooks
from tests.examples.conftest import Charts

EXAMPLE = Path(__file__).parents[2] / "examples" / "keras_digits.py"
RUN_AND_TELL = """
import json, runpy, sys
sys.argv = sys.argv[1:]
names = runpy.run_path(sys.argv[0], run_name="__main__")
model, test = names["model"], (names["test_x"], names["test_y"])
tested = model.evaluate(*test, verbose=0, return_dict=True)
print(json.dumps({"history": model.history.history, "test": tested}))
"""


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_the_record_and_the_page_hold_what_keras_reports(
    backend: str, tmp_path: Path, charted: Charts
) -> None:
    for module in ("keras", backend, "sklearn"):
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"{module} is not installed")
    command = [sys.executable, "-c", RUN_AND_TELL, EXAMPLE, "--epochs", "3", "--store", tmp_path / "runs"]
    environment = {**os.environ, "KERAS_BACKEND": backend}
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    reported = json.loads(finished.stdout.splitlines()[-1])

    (run,) = runhooks.Api(store=str(tmp_path / "runs")).runs("default/digits")
    assert run.state == "finished"
    history, charts = run.history(), charted(run)
    for name, values in reported["history"].items():
        metric = name.replace("val_", "val/") if name.startswith("val_") else f"train/{name}"
        assert history[metric].dropna().to_list() == values, metric
        assert list(charts[metric].values()) == values, metric
    for name, value in reported["test"].items():
        assert history[f"test/{name}"].dropna().to_list() == [value], name
        assert list(charts[f"test/{name}"].values()) == [value], name
