"""``runhooks show``."""

import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ..api import ApiRun
from ..record.view import MetricStats, RunView
from ..site.build import read_series
from ..training.terminal import sparkline
from ..values import flatten
from .options import Asked
from .plain import duration, exact, moment, plain
from .screen import Column, iso, print_json, print_line, print_table
from .target import find_run

__all__ = ["show"]

_POINTS = 28
_LONGEST_TEXT = 32
_WHOLE = 2**53
_MOST_VALUES = 5_000_000
"""Of longer histories no shapes are drawn: reading them takes seconds, from a bucket minutes."""

_TIMES = ("created_at", "ended_at", "last_log_at")
_INTERNAL = ("applied", "definitions")


def show(word: str, asked: Asked) -> int:
    """Show one run; return the exit code."""
    run = find_run(word, asked)
    if asked.as_json:
        print_json(_document(run))
        return 0
    view = run.view
    print_line(f"{view.name}  {view.path}")
    _print_pairs(None, _facts(run))
    _print_pairs("Config", {key: exact(item) for key, item in flatten(view.config).items()})
    _print_pairs("Summary", {key: exact(item) for key, item in flatten(view.summary).items()})
    _print_metrics(run)
    for alert in view.alerts:
        print_line(f"{moment(alert['time'])}  {alert['level']}: {alert['title']} {alert['text']}".rstrip())
    _print_traceback(view)
    return 0


def _document(run: ApiRun) -> dict[str, Any]:
    view = run.view
    document: dict[str, Any] = {"path": view.path, "url": run.url, "folder": _where(run)}
    document |= {name: data for name, data in asdict(view).items() if name not in _INTERNAL}
    document |= {name: iso(getattr(view, name)) for name in _TIMES}
    document |= {"duration_s": view.duration_s, "runtime_s": view.runtime_s}
    if view.heartbeat is not None:
        document["heartbeat"] = {"at": iso(view.heartbeat.at), "seq": view.heartbeat.seq}
    document["metrics"] = {
        key: {**asdict(stats), "last_time": iso(stats.last_time)} for key, stats in view.metrics.items()
    }
    document["sessions"] = [
        {**asdict(session), "started_at": iso(session.started_at), "ended_at": iso(session.ended_at)}
        for session in view.sessions
    ]
    document["alerts"] = [{**alert, "time": iso(alert["time"])} for alert in view.alerts]
    return document


def _where(run: ApiRun) -> str:
    return f"{run.store.url.rstrip('/')}/{run.folder}"


def _facts(run: ApiRun) -> dict[str, str]:
    view, env = run.view, run.view.environment
    git = env.get("git", {})
    commit = f"{git['commit']}{' with changes' if git.get('dirty') else ''}" if "commit" in git else ""
    facts = {
        "state": f"{view.state} ({view.reason})" if view.reason else view.state,
        "started": f"{moment(view.created_at)} UTC",
        "ended": f"{moment(view.ended_at)} UTC" if view.ended_at else "",
        "duration": duration(view.duration_s),
        "last step": "" if view.last_step is None else str(view.last_step),
        "tags": ", ".join(view.tags),
        "group": view.group,
        "job type": view.job_type,
        "notes": view.notes,
        "host": env.get("host"),
        "command": env.get("command"),
        "commit": commit,
        "folder": _where(run),
        "page": run.url,
    }
    return {name: str(fact) for name, fact in facts.items() if fact}


def _print_pairs(title: str | None, pairs: Mapping[str, str]) -> None:
    if title is not None and pairs:
        print_line()
        print_line(title)
    rows = [(f"  {name}", text) for name, text in pairs.items()]
    if rows:  # never wrapped here: an address with a line break in it can be neither copied nor clicked
        print_table([Column(""), Column("")], rows, titles=False)


def _print_metrics(run: ApiRun) -> None:
    if not run.metrics:
        return
    shapes = _shapes(run)
    numbers = [Column(title, "number") for title in ("VALUES", "LAST", "MIN", "MAX")]
    columns = [Column("METRIC", "text"), *numbers, Column("HISTORY")]
    rows = [(key, *_numbers(stats), shapes.get(key, "")) for key, stats in run.view.metrics.items()]
    print_line()
    print_table(columns if shapes else columns[:-1], rows if shapes else [row[:-1] for row in rows])


def _numbers(stats: MetricStats) -> tuple[str, ...]:
    last = _number(stats.last)
    if isinstance(stats.last, str) and len(last) > _LONGEST_TEXT:
        last = last[:_LONGEST_TEXT] + "…"
    return (str(stats.count), last, *("" if x is None else _number(x) for x in (stats.min, stats.max)))


def _number(data: Any) -> str:
    """Return a value with every digit; whole numbers, which a history has as floats, without a point."""
    is_whole = isinstance(data, float) and data.is_integer() and abs(data) < _WHOLE
    return str(int(data)) if is_whole else exact(data)


def _shapes(run: ApiRun) -> dict[str, str]:
    """Return a line of small bars a metric, where its history is short enough to be read for it."""
    if sum(stats.count for stats in run.view.metrics.values()) > _MOST_VALUES:
        return {}
    series = read_series(run.store, run.folder)
    bars = {key: series[key].coarsened(_POINTS).mean.tolist() for key in series}
    unicode = _shows_bars()
    return {key: sparkline(means, unicode=unicode) for key, means in bars.items()}


def _shows_bars() -> bool:
    try:
        "▁█".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _print_traceback(view: RunView) -> None:
    trace = ((view.exit or {}).get("error") or {}).get("traceback")
    if trace:
        print_line()
        for line in str(trace).splitlines():
            print_line(f"  {plain(line)}")
