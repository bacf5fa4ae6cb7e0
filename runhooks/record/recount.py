"""What is known of metrics, counted again from the rows that count: after a rewind, and for a fork."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..values import pack
from .parts import Rows, join
from .replay import summary_of
from .view import MetricStats, RunView

__all__ = ["recount"]


def recount(view: RunView, history: Iterable[tuple[str, Rows]]) -> None:
    """Make a view's metrics, last step and summary those of these rows.

    What the user set in the summary stays, also under a metric's name.
    """
    found: dict[str, list[Rows]] = {}
    for key, rows in history:
        found.setdefault(key, []).append(rows)
    before, view.metrics, view.last_step, view.last_log_at = view.metrics, {}, None, None
    for key in (*(key for key in before if key in found), *(key for key in found if key not in before)):
        rows = join(found[key])
        view.metrics[key] = stats = _stats(rows, _is_whole(before.get(key)))
        highest = int(rows.steps.max())
        view.last_step = highest if view.last_step is None else max(view.last_step, highest)
        view.last_log_at = max(view.last_log_at or 0, stats.last_time)
    for key in {**before, **view.metrics}:
        _sum_up(view, key, before.get(key))


def _sum_up(view: RunView, key: str, before: MetricStats | None) -> None:
    definition = view.definition(key)
    derived = None if before is None else pack(summary_of(before, definition))
    if key in view.summary and pack(view.summary[key]) != derived:
        return  # the user's own
    view.summary.pop(key, None)
    if key in view.metrics and definition.get("summary") != ["none"]:
        view.summary[key] = summary_of(view.metrics[key], definition)


def _is_whole(stats: MetricStats | None) -> bool:
    """Tell whether a metric was logged as integers, which the history keeps as floats."""
    known = [] if stats is None else [stats.first, stats.last, stats.min, stats.max]
    return bool(known) and all(isinstance(value, int) and not isinstance(value, bool) for value in known)


def _stats(rows: Rows, whole: bool) -> MetricStats:
    rows = rows.take(np.argsort(rows.times, kind="stable"))
    numeric = np.ones(len(rows.steps), bool) if rows.numeric is None else rows.numeric
    finite = rows.values[numeric & np.isfinite(rows.values)]
    first, last = (_value(rows, index, whole) for index in (0, len(rows.steps) - 1))
    return MetricStats(
        count=len(rows.steps),
        first=first,
        last=last,
        last_step=int(rows.steps[-1]),
        last_time=int(rows.times[-1]),
        min=_number(finite.min(), whole) if len(finite) else None,
        max=_number(finite.max(), whole) if len(finite) else None,
        total=float(finite.sum()),
        nonfinite=int(numeric.sum()) - len(finite),
        numeric=int(numeric.sum()),
    )


def _value(rows: Rows, index: int, whole: bool) -> Any:
    (value,) = rows.take(np.array([index])).decoded()
    return _number(value, whole) if isinstance(value, float) else value


def _number(value: float, whole: bool) -> float:
    return int(value) if whole and float(value).is_integer() else float(value)
