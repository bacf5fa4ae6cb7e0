"""Stores with pages of runs whose every number is known, without a training run for each."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from runhooks.record.view import Heartbeat, MetricStats, RunView, Session
from runhooks.site.assets import ASSETS, STATIC
from runhooks.site.project_page import render_project, row_of
from runhooks.site.root_page import digest_of, render_root
from runhooks.site.run_page import render_run
from runhooks.site.series import SeriesSet

START = 1_795_000_000_000_000
"""When made runs start (microseconds since the epoch)."""

STEP_US = 100_000

Curve = tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]
Points = tuple[npt.ArrayLike, npt.ArrayLike]
"""Steps and values of a metric."""


def curve(n: int, key: int = 0, start: float = 2.0, end: float = 0.2) -> Curve:
    """Return a noisy curve of `n` points that falls (or rises) from `start` to `end`."""
    rng = np.random.default_rng(key)
    steps = np.arange(n)
    shape = end + (start - end) * np.exp(-4 * steps / max(n, 1))
    return steps, shape + rng.normal(0, 0.04 * abs(start - end), n)


@dataclass
class MadeStore:
    """A folder of pages, each written by the site's own renderers."""

    root: Path
    views: dict[tuple[str, str], list[RunView]] = field(default_factory=dict)

    def add_run(self, metrics: Mapping[str, Points], id: str = "run1", **facts: Any) -> Path:
        """Write a run's page and return its ``index.html``."""
        view, series = run_of(metrics, id=id, **facts)
        return self.add_view(view, series)

    def add_view(self, view: RunView, series: SeriesSet) -> Path:
        """Write the page of a view."""
        self.add_row(view)
        folder = self.root / view.entity / view.project / "runs" / view.id
        self._write(folder, render_run(view, series, self.assets))
        return folder / "index.html"

    def add_row(self, view: RunView) -> None:
        """Have a run in its project's table, without a page of its own."""
        self.views.setdefault((view.entity, view.project), []).append(view)

    def add_project(self, entity: str = "team", project: str = "digits", *, artifacts: bool = False) -> Path:
        """Write the page of a project, of the runs added so far."""
        folder = self.root / entity / project
        rows = [row_of(view) for view in self.views.get((entity, project), [])]
        self._write(folder, render_project(entity, project, rows, self.assets, artifacts=artifacts))
        return folder / "index.html"

    def add_root(self) -> Path:
        """Write the store's page."""
        digests = [
            digest_of(*name, rows=[row_of(view) for view in views]) for name, views in self.views.items()
        ]
        self._write(self.root, render_root(digests, self.assets))
        return self.root / "index.html"

    @property
    def assets(self) -> str:
        """Name of the front end's folder, which is copied here at first."""
        folder = self.root / "assets" / "test"
        if not folder.exists():
            folder.mkdir(parents=True)
            for name in ASSETS:
                shutil.copy(STATIC / name, folder / name)
        return "test"

    @staticmethod
    def _write(folder: Path, files: Mapping[str, bytes]) -> None:
        for name, data in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)


def run_of(metrics: Mapping[str, Points], **facts: Any) -> tuple[RunView, SeriesSet]:
    """Return a run that logged these points, one every 0.1 s, and ended well unless `facts` say otherwise."""
    series = SeriesSet()
    stats = {}
    last_step = 0
    for key, (steps, values) in metrics.items():
        at, value = np.asarray(steps, np.int64), np.asarray(values, np.float64)
        series.add(key, at, START + at * STEP_US, value)
        stats[key] = _stats(at, value)
        last_step = max(last_step, int(at[-1]) if len(at) else 0)
    ended = START + last_step * STEP_US
    view = RunView(
        **{
            "id": "run1",
            "entity": "team",
            "project": "digits",
            "name": "brisk-meadow-7",
            "created_at": START,
            "state": "finished",
            "ended_at": ended,
            "heartbeat": Heartbeat(ended, 9),
            "sessions": [Session("w0", START, ended)],
            "metrics": stats,
            "summary": {key: found.last for key, found in stats.items()},
            "last_step": last_step,
            "last_log_at": ended,
            **facts,
        }
    )
    return view, series


def _stats(steps: npt.NDArray[np.int64], values: npt.NDArray[np.float64]) -> MetricStats:
    if not len(values):
        return MetricStats()
    finite = values[np.isfinite(values)]
    return MetricStats(
        count=len(values),
        last=float(values[-1]),
        last_step=int(steps[-1]),
        last_time=START + int(steps[-1]) * STEP_US,
        min=float(finite.min()) if len(finite) else None,
        max=float(finite.max()) if len(finite) else None,
        nonfinite=len(values) - len(finite),
        numeric=len(values),
    )


def sampled(**metrics: list[float]) -> SeriesSet:
    """Return samples, one every 10 s; `__` in a name stands for a slash."""
    series = SeriesSet()
    for name, values in metrics.items():
        times = START + np.arange(len(values)) * 10_000_000
        series.add(name.replace("__", "/"), times // 1000, times, values)
    return series


def twenty(n: int, seed: int = 0) -> dict[str, Points]:
    """Return 20 metrics of `n` points in four sections, named as training scripts name them."""
    names: Sequence[str] = (
        "train/loss", "train/accuracy", "train/lr", "train/grad_norm", "train/batch_ms",
        "val/loss", "val/accuracy", "val/f1", "val/auc", "val/perplexity",
        "data/epoch", "data/pad_ratio", "data/batch_ms", "data/queue", "data/tokens",
        "eval/bleu", "eval/rouge", "eval/accuracy", "eval/loss", "eval/wer",
    )  # fmt: skip
    rising = ("accuracy", "f1", "auc", "bleu", "rouge", "epoch", "tokens")
    ends = {True: (0.1, 0.95), False: (2.4, 0.2)}
    return {key: curve(n, seed * 100 + i, *ends[key.endswith(rising)]) for i, key in enumerate(names)}
