"""The training process stays light: `import runhooks`, and a whole run, load none of the heavy packages."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    *("fsspec", "jinja2", "numpy", "pandas", "psutil", "pyarrow", "pynvml", "rich", "s3fs", "typer"),
    *("accelerate", "jax", "keras", "lightning", "pytorch_lightning", "tensorflow", "torch", "transformers"),
}

IMPORT = "import runhooks"
WHOLE_RUN = """
import runhooks

with runhooks.init(project="light", config={"lr": 0.1}) as run:
    run.log({"loss": 1.0})
    run.summary["best"] = 1.0
"""


@pytest.mark.parametrize("script", [IMPORT, WHOLE_RUN], ids=["import", "whole-run"])
def test_no_heavy_package_is_loaded_in_the_training_process(script: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"{script}\nimport json, sys\nprint(json.dumps(list(sys.modules)))"],
        env={
            **os.environ,
            "RUNHOOKS_STORE": str(tmp_path / "runs"),
            "RUNHOOKS_SPOOL": str(tmp_path / "spool"),
            "RUNHOOKS_SILENT": "1",
        },
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}
    assert loaded & HEAVY == set()
