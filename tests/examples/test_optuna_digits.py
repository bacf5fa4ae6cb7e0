"""examples/optuna_digits.py, as it stands, against the study that it ran."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import runhooks
from tests.programs import environment

pytest.importorskip("optuna")
pytest.importorskip("sklearn")

EXAMPLE = Path(__file__).parents[2] / "examples" / "optuna_digits.py"
RUN_AND_TELL = """
import json, runpy, sys
sys.argv = sys.argv[1:]
study = runpy.run_path(sys.argv[0], run_name="__main__")["study"]
told = [(each.user_attrs["runhooks"], each.state.name, each.value, each.params) for each in study.trials]
print(json.dumps(told))
"""


def test_each_trial_is_a_run_with_the_value_that_optuna_has(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUN_AND_TELL, EXAMPLE, "--trials", "6", "--store", tmp_path / "runs"],
        env=environment(RUNHOOKS_SILENT="1"),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    trials = json.loads(done.stdout.splitlines()[-1])
    api = runhooks.Api(tmp_path / "runs")
    assert len(list(api.runs("default/digits-search"))) == len(trials) == 6
    for path, state, value, params in trials:
        run = api.run(path)
        assert run.state == "finished"
        assert {name: run.config[name] for name in params} == params
        assert run.summary["trial_state"] == {"COMPLETE": "complete", "PRUNED": "pruned"}[state]
        if state == "COMPLETE":
            assert run.summary["objective"] == value
            assert len(run.history()["objective"]) == 8
