"""The golden pages: what a small store's pages look like, byte for byte.

After a change that is meant to change them, write them anew and read the difference::

    python -m tests.site.golden
    git diff tests/site/golden

Compressed data is kept decoded: other builds of zlib compress to other bytes.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from runhooks.record.view import Heartbeat, RunView, Session
from runhooks.site.data import inflated
from runhooks.site.project_page import render_project, row_of
from runhooks.site.root_page import digest_of, render_root
from runhooks.site.run_page import render_run
from runhooks.site.series import SeriesSet
from tests.site.samples import SECOND, START, decoded, log, payload, sample_run

FOLDER = Path(__file__).parent / "golden"
ASSETS = "0123456789abcdef"
HOSTILE = "</script><img src=x onerror=alert(1)>\u2028\u202e\x1b[31m"


def failed_run() -> tuple[RunView, SeriesSet]:
    """A run with something of everything."""
    view, series = sample_run(
        {
            "train/loss": [float("nan") if step % 9 == 4 else 2.0 / (step + 1) for step in range(20)],
            "lr": [0.5**step for step in range(20)],
            f"hostile {HOSTILE}": [1e308, -1e308, 0.0],
        },
        state="failed",
        reason=f"ValueError: {HOSTILE}",
        config={
            "lr": 1e-3,
            "model": {"layers": [64, 64], "dropout": 0.1, "__proto__": {"x": 1}},
            "seed": 2**60,
        },
        definitions={"val/acc": {"goal": "maximize", "step_metric": "epoch"}, "lr": {"hidden": True}},
        environment={
            "host": "node-1",
            "python": "3.11.2",
            "command": "train.py --lr 1e-3",
            "git": {"remote": "https://github.com/team/digits", "commit": "0a1b2c3", "dirty": True},
        },
        exit={
            "exit_code": 1,
            "error": {"type": "ValueError", "message": HOSTILE, "traceback": "Traceback …\n  File <x>\n"},
            "signal": None,
        },
        alerts=[{"time": START + SECOND, "title": "Loss is NaN", "text": HOSTILE, "level": "warning"}],
        tags=["baseline", HOSTILE],
        notes=f"two\nlines {HOSTILE}",
        group="sweep",
        job_type="train",
    )
    log(view, series, "val/acc", np.arange(0, 2080, 4), np.arange(520) / 520)
    view.metrics["stage"] = type(view.metrics["lr"])(count=2, first="warm-up", last="main", last_step=10)
    view.summary |= {"stage": "main", "best": {"acc": 0.999, "step": float("inf")}}
    return view, series


def running_run() -> tuple[RunView, SeriesSet]:
    """A run that has begun, and logged nothing yet."""
    return sample_run(
        {},
        id="a0 b",
        name="first #1",
        state="running",
        created_at=START - 86_400 * SECOND,
        heartbeat=Heartbeat(START, 3),
        sessions=[Session("w0", START - 86_400 * SECOND)],
    )


def pages() -> dict[str, str]:
    """Render the golden pages: path and text."""
    found: dict[str, str] = {}
    runs = [failed_run(), running_run()]
    for view, series in runs:
        files = render_run(view, series, ASSETS)
        found |= {f"runs/{view.id.replace(' ', '_')}/{name}": text for name, text in _readable(files).items()}
    rows = [row_of(view) for view, _ in runs]
    project = render_project("team", "digits", rows, ASSETS)
    found |= {f"project/{name}": text for name, text in _readable(project).items()}
    root = render_root([digest_of("team", "digits", rows)], ASSETS)
    return found | {f"root/{name}": text for name, text in _readable(root).items()}


def _readable(files: Mapping[str, bytes]) -> dict[str, str]:
    found = {}
    for name, data in files.items():
        if b'"z":' not in data:
            found[name] = data.decode()
            continue
        content = payload(files, name)
        packed = content.pop("z")
        content["z, decoded"] = (
            {key: _lists(arrays) for key, arrays in decoded({**content, "z": packed}).items()}
            if "series" in content
            else json.loads(inflated(packed))
        )
        found[name.removesuffix(".js") + ".json"] = _indented(content)
    return found


def _lists(arrays: Mapping[str, Any]) -> dict[str, str]:
    return {name: " ".join(map(repr, values.tolist())) for name, values in arrays.items()}


def _indented(content: Any) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def kept() -> dict[str, str]:
    """Return the golden pages as they are in the repository."""
    files = [path for path in FOLDER.rglob("*") if path.is_file()]
    return {path.relative_to(FOLDER).as_posix(): path.read_text("utf-8") for path in files}


if __name__ == "__main__":
    for name in kept():
        (FOLDER / name).unlink()
    for name, text in pages().items():
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        print(path)
