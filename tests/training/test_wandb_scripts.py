"""Scripts as people write them for W&B, after the code of its public quick starts, with another import.

`first_run`, `training_loop` and `named_run` are the blocks of the page that describes runs.
"""

from pathlib import Path

import pytest

from runhooks import Api
from tests.programs import run

SCRIPTS = sorted((Path(__file__).parents[1] / "wandb_scripts").glob("*.py"))
LEFT = {
    "artifacts": 2, "export_runs": 0, "first_run": 1, "module_functions": 1, "named_run": 1, "quickstart": 1,
    "pictures_and_tables": 1, "resumed": 1, "training_loop": 1, "watched_model": 1,
}  # fmt: skip
"""How many runs each leaves."""


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_script_runs_unchanged_but_for_its_import(script: Path, tmp_path: Path) -> None:
    code = script.read_text(encoding="utf-8")
    assert "import wandb\n" in code

    code = code.replace("import wandb\n", "import runhooks as wandb\n")
    done = run(code, tmp_path, timeout=300, RUNHOOKS_SILENT="")

    assert done.returncode == 0, done.stderr
    assert "runhooks: Syncing run" in done.stderr + done.stdout
    found = [one for project in Api(tmp_path / "runs").projects() for one in project.runs()]
    assert [one.state for one in found] == ["finished"] * LEFT[script.stem]
