"""examples/artifacts.py: the second run finds the first one's data, and leaves models with a best one."""

import subprocess
import sys
from pathlib import Path

import runhooks
from tests.programs import environment

EXAMPLE = Path(__file__).parents[2] / "examples" / "artifacts.py"


def test_data_and_models_go_from_run_to_run(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(EXAMPLE)],
        cwd=tmp_path,
        env=environment(RUNHOOKS_STORE=str(tmp_path / "runs"), RUNHOOKS_SILENT="1"),
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert (done.returncode, done.stderr) == (0, "")
    api = runhooks.Api(tmp_path / "runs")
    data, best = api.artifact("line/points:v0"), api.artifact("line/line-model:best")
    made, trained = data.logged_by(), best.logged_by()
    assert (made.job_type, [run.id for run in data.used_by()]) == ("data", [trained.id])
    assert [found.version for found in api.artifact_versions("line/line-model")] == ["v2", "v1", "v0"]
    assert 2.9 < float(Path(best.download(tmp_path / "out"), "slope.txt").read_text()) < 3.1
