"""examples/media.py: a run that holds one of each kind."""

from pathlib import Path

import pytest

import runhooks
from tests.programs import example

for module in ("PIL", "matplotlib", "plotly", "pandas", "torch"):
    pytest.importorskip(module)

KINDS = {
    "scene": "image", "batch": "image", "drawing": "image", "figure": "image", "weights": "histogram",
    "film": "video", "tone": "audio", "page": "html", "predictions": "table", "interactive": "plotly",
    "torus": "object3d", "roc": "plot", "confusion": "plot",
}  # fmt: skip


def test_the_record_has_one_of_each_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNHOOKS_STORE", str(tmp_path))
    monkeypatch.setenv("RUNHOOKS_SILENT", "1")
    example("media").log_all(steps=2)

    (run,) = runhooks.Api(tmp_path).runs("default/media")
    assert run.state == "finished"
    found = {}
    for row in run.scan_history():
        for key, value in row.items():
            item = value[0] if isinstance(value, list) else value
            if isinstance(item, dict):
                found[key] = item["kind"]
                assert "path" not in item or (tmp_path / run.folder / "files" / item["path"]).is_file()
    assert found == KINDS
