"""Events into a view: pure, in order, with no I/O.

The recorder, ``runhooks sync``, every reader and the training process itself use this one function,
so that a live, a finished and a crashed run are read alike.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any

from ..journal import MOST_STEP
from ..values import unpack
from .columns import Column, to_columns
from .superseded import split, take_over
from .view import MetricStats, RunView, Session, State

__all__ = ["apply", "summary_of"]

_MOST_SAVES = 1_000

Transpose = Callable[[Sequence[dict[str, Any]]], dict[str, Column]]


def apply(
    view: RunView, events: Iterable[dict[str, Any]], writer: str = "", transpose: Transpose = to_columns
) -> list[dict[str, Column]]:
    """Change `view` by `events` and return the logged values as columns, a dict for each stretch of rows.

    `transpose` makes the columns: where numpy is at hand, :func:`runhooks.record.arrays.to_arrays` is faster.
    What a later session superseded of `writer`'s events (see :mod:`.superseded`) changes nothing.

    Unknown event types are passed over, since a newer writer may have added some, and so is an event whose
    content is not what its type has: its checksum is right, so it was written so.
    """
    batches: list[dict[str, Column]] = []
    rows: list[dict[str, Any]] = []
    if view.superseded:
        events, _ = split(view.superseded, writer, events)
    for event in events:
        if event.get("type") == "log":
            if _is_row(event):
                rows.append(event)
            continue
        if rows:
            batches.append(_apply_rows(view, rows, transpose))
            rows = []
        if (change := _CHANGES.get(str(event.get("type")))) is not None:
            with suppress(KeyError, TypeError, ValueError, AttributeError):
                change(view, event)
    if rows:
        batches.append(_apply_rows(view, rows, transpose))
    return batches


def _is_row(event: dict[str, Any]) -> bool:
    step, time, data = event.get("step"), event.get("time"), event.get("data")
    return type(step) is int and type(time) is int and type(data) is dict and -MOST_STEP <= step <= MOST_STEP


def _apply_rows(view: RunView, rows: list[dict[str, Any]], transpose: Transpose) -> dict[str, Column]:
    columns = transpose(rows)
    for key, column in columns.items():
        stats = view.metrics.get(key)
        if stats is None:
            stats = view.metrics[key] = MetricStats()
        _count(stats, column)
        definition = view.definition(key)
        if definition.get("summary") != ["none"]:
            view.summary[key] = summary_of(stats, definition)
    highest = max(row["step"] for row in rows)
    view.last_step = highest if view.last_step is None else max(view.last_step, highest)
    view.last_log_at = max(view.last_log_at or 0, rows[-1]["time"])
    return columns


def _count(stats: MetricStats, column: Column) -> None:
    if not stats.count:
        stats.first = column.first
    stats.count += len(column.values)
    stats.last, stats.last_step, stats.last_time = column.last, int(column.steps[-1]), int(column.times[-1])
    numeric, nonfinite, total, low, high = column.numbers()
    stats.numeric += numeric
    stats.nonfinite += nonfinite
    stats.total += total
    if low is not None and high is not None:
        stats.min = low if stats.min is None else min(low, stats.min)
        stats.max = high if stats.max is None else max(high, stats.max)


def summary_of(stats: MetricStats, definition: dict[str, Any]) -> Any:
    """Return what the summary holds for a metric: its last value, or what ``define_metric`` asked for."""
    wanted = definition.get("summary")
    if not wanted:
        return stats.last
    finite = stats.numeric - stats.nonfinite
    known = {
        "first": stats.first,
        "last": stats.last,
        "min": stats.min,
        "max": stats.max,
        "mean": stats.total / finite if finite else None,
        "best": stats.max if definition.get("goal") == "maximize" else stats.min,
    }
    return {name: known[name] for name in wanted if name in known}


def _start(view: RunView, event: dict[str, Any]) -> None:
    primary = bool(event.get("primary", True))
    if primary:
        view.state, view.reason, view.ended_at, view.exit, view.stop = "running", None, None, None, None
        take_over(view, [event])
        view.saves = []
    view.sessions.append(Session(event["writer"], event["time"], primary=primary))


def _config(view: RunView, event: dict[str, Any]) -> None:
    view.config.update(unpack(event["data"]))


def _summary(view: RunView, event: dict[str, Any]) -> None:
    view.summary.update(unpack(event["data"]))
    for key in event.get("removed", ()):
        view.summary.pop(key, None)


def _define(view: RunView, event: dict[str, Any]) -> None:
    view.definitions[event["name"]] = {
        k: v for k, v in event.items() if k not in ("type", "time", "name", "crc")
    }


def _alert(view: RunView, event: dict[str, Any]) -> None:
    view.alerts.append({key: event[key] for key in ("time", "title", "text", "level")})


def _artifact(view: RunView, event: dict[str, Any]) -> None:
    """Note an artifact that was logged; the recorder says later which version it became."""
    unknown = dict.fromkeys(("version", "path", "digest", "size", "files", "problem"))
    said = {key: event[key] for key in ("order", "time", "name", "aliases")}
    view.artifacts.append({"direction": "output", **said, "type": event["artifact_type"], **unknown})


def _use(view: RunView, event: dict[str, Any]) -> None:
    said = {key: event[key] for key in ("time", "name", "version", "path", "digest", "size", "files")}
    if any(known["direction"] == "input" and known["path"] == said["path"] for known in view.artifacts):
        return
    view.artifacts.append({"direction": "input", **said, "type": event["artifact_type"], "noted": False})


def _label(view: RunView, event: dict[str, Any]) -> None:
    for key in ("name", "notes", "tags"):
        if key in event:
            setattr(view, key, event[key])


def _save(view: RunView, event: dict[str, Any]) -> None:
    order = {key: str(event[key]) for key in ("glob", "base", "policy")}
    if order not in view.saves and len(view.saves) < _MOST_SAVES:
        view.saves.append(order)


def _finish(view: RunView, event: dict[str, Any]) -> None:
    state: State = event["state"]
    latest = next((session.writer for session in reversed(view.sessions) if session.primary), None)
    if latest in (None, event.get("writer", latest)):  # else a later session goes on with the run
        view.state, view.reason, view.exit = state, event.get("reason"), event.get("exit")
        view.ended_at = event["time"]
    for session in view.sessions:
        if session.writer == event.get("writer", session.writer) and session.ended_at is None:
            session.ended_at = event["time"]


_CHANGES = {
    "start": _start,
    "config": _config,
    "summary": _summary,
    "define": _define,
    "alert": _alert,
    "artifact": _artifact,
    "use": _use,
    "label": _label,
    "save": _save,
    "finish": _finish,
}
