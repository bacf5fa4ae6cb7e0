"""Runs whose every number is known, and what the tests read back of their pages."""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from runhooks.record.view import MetricStats, RunView, Session
from runhooks.site.data import inflated, read_script
from runhooks.site.series import SeriesSet

START = 1_795_000_000_000_000
"""When sample runs start (microseconds since the epoch): 2026-11-18 11:06:40 UTC."""

SECOND = 1_000_000


def sample_run(
    metrics: Mapping[str, Iterable[float]] | None = None, **fields: Any
) -> tuple[RunView, SeriesSet]:
    """Return a finished run of these metrics, a value a step and a step a second."""
    usual: dict[str, Any] = {"id": "k3f9", "entity": "team", "project": "digits", "name": "calm-lake-1"}
    view = RunView(**{**usual, "created_at": START, "state": "finished", **fields})
    series = SeriesSet()
    end = START
    for key, values in (metrics or {}).items():
        found = np.array(list(values), np.float64)
        log(view, series, key, np.arange(len(found)), found)
        end = max(end, START + len(found) * SECOND)
    view.sessions = view.sessions or [Session("w0", START, end)]
    view.ended_at = None if view.state == "running" else end
    return view, series


def log(view: RunView, series: SeriesSet, key: str, steps: npt.ArrayLike, values: npt.ArrayLike) -> None:
    """Log values of one metric, as the recorder would see it."""
    at, numbers = np.asarray(steps, np.int64), np.asarray(values, np.float64)
    times = START + at * SECOND
    series.add(key, at, times, numbers)
    finite = numbers[np.isfinite(numbers)]
    view.metrics[key] = MetricStats(
        count=len(numbers),
        first=float(numbers[0]),
        last=float(numbers[-1]),
        last_step=int(at[-1]),
        last_time=int(times[-1]),
        min=float(finite.min()) if len(finite) else None,
        max=float(finite.max()) if len(finite) else None,
        total=sum(finite.tolist()),
        nonfinite=len(numbers) - len(finite),
        numeric=len(numbers),
    )
    view.summary[key] = float(numbers[-1])
    view.last_step = max(view.last_step or 0, int(at.max()))
    view.last_log_at = max(view.last_log_at or 0, int(times.max()))


def payload(files: Mapping[str, bytes], name: str) -> Any:
    """Return what a data file puts."""
    kind = re.sub(r"-\d+", "", name.removeprefix("data/").removesuffix(".js"))
    return read_script(files[name], kind)


def decoded(charts: Mapping[str, Any]) -> dict[str, dict[str, npt.NDArray[Any]]]:
    """Read the arrays of a charts or detail payload, as the front end does."""
    data, at, found = inflated(charts["z"]), 0, {}
    for head in charts["series"]:
        names = ["step", "time", "value"] if head["width"] == 1 else ["step", "time", "mean", "min", "max"]
        arrays = {}
        for name in names:
            kind = "<f8" if name in ("step", "time", "value") else "<f4"
            arrays[name] = np.frombuffer(data, kind, head["points"], at)
            at += arrays[name].nbytes
        found[head["key"]] = arrays
    assert at == len(data)
    return found


def text_of(page: bytes) -> str:
    """Return the text of a page as a reader sees it."""
    body = page.decode().partition("<body")[2].partition(">")[2]
    return html.unescape(re.sub(r"<[^>]*>", " ", body))


def tags_of(page: bytes) -> Sequence[str]:
    """Return the names of all elements of a page."""
    return re.findall(r"<([a-z0-9]+)[ >]", page.decode())
