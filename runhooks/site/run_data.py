"""What a run page's data files hold. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any, Final

import orjson

from runhooks.record.media import is_media
from runhooks.record.view import STALE_AFTER_S, RunView

from .data import Chart, charts_payload, revision_of, script, shown
from .metrics import GROUP_SIZE, Metric, headline
from .series import OVERVIEW_LIMIT, Buckets, SeriesSet

__all__ = ["Drawn", "details", "live_script", "media_keys", "overviews", "page_revision", "run_payload"]

Drawn = tuple[Metric, Buckets]
"""A metric that has a chart, and its points."""

POLL_S: Final = 5
_VOLATILE = frozenset({"heartbeat", "duration_s", "runtime_s"})
_RECENT = 8
_COPIED = (
    "id", "name", "entity", "project", "path", "state", "reason", "created_at", "ended_at", "heartbeat",
    "duration_s", "runtime_s", "last_step", "last_log_at", "notes", "tags", "group", "job_type", "config",
    "summary", "environment", "exit", "alerts", "rewinds", "forked_from", "stop",
)  # fmt: skip


def overviews(run: str, drawn: Sequence[Drawn], *, details: bool) -> list[dict[str, Any]]:
    """Return the payloads of ``data/charts-<g>.js``; `details` says whether detail files go with them."""
    charts = []
    for metric, buckets in drawn:
        overview = buckets.coarsened(OVERVIEW_LIMIT)
        charts.append(_chart(metric, overview, detail=details and overview.width > buckets.width))
    groups = range(0, len(charts), GROUP_SIZE)
    return [charts_payload(run, at // GROUP_SIZE, charts[at : at + GROUP_SIZE]) for at in groups]


def details(run: str, drawn: Sequence[Drawn]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield number and payload of each ``data/detail-<m>.js``: of the metrics that the overview coarsens."""
    for metric, buckets in drawn:
        if len(buckets) > OVERVIEW_LIMIT:
            chart = _chart(metric, buckets, detail=False)
            yield chart.index, charts_payload(run, metric.group or 0, [chart])


def _chart(metric: Metric, buckets: Buckets, *, detail: bool) -> Chart:
    return Chart(metric.key, metric.index or 0, metric.stats.numeric, buckets, detail)


def run_payload(
    view: RunView,
    metrics: Sequence[Metric],
    series: SeriesSet,
    *,
    charts: Sequence[str],
    media: Sequence[str],
    exact: str | None,
) -> dict[str, Any]:
    """Return the payload of ``data/run.js`` but for its revision.

    `charts` and `media` are the revisions of these files, `exact` that of ``data/exact.js``.
    """
    numbers = {key: number for number, key in enumerate(media_keys(metrics, series))}
    return {
        "format": 1,
        **{name: shown(value) for name, value in _fields(view, _COPIED).items()},
        "summary": shown({key: value for key, value in view.summary.items() if not is_media(value)}),
        "stale_after_s": STALE_AFTER_S,
        "poll_s": POLL_S,
        "rate": _rate(view, series),
        "sessions": [asdict(session) for session in view.sessions],
        **({"others": shown(view.others)} if view.others else {}),
        "artifacts": shown([_artifact(found) for found in view.artifacts]),
        "metrics": [_metric(metric, numbers.get(metric.key)) for metric in metrics],
        "charts": charts,
        "media": media,
        "exact": exact,
        "headline": [shown(metric.key) for metric in headline(metrics)],
    }


def media_keys(metrics: Sequence[Metric], series: SeriesSet) -> list[str]:
    """Return the names that have media, in page order: each has a file ``data/media-<n>.js``."""
    return [metric.key for metric in metrics if metric.key in series.media]


def _metric(metric: Metric, media: int | None) -> dict[str, Any]:
    stats = metric.stats
    row = {
        "key": metric.key,
        "count": stats.count,
        "last": stats.last,
        "last_step": stats.last_step,
        "min": stats.min,
        "max": stats.max,
        "nonfinite": stats.nonfinite,
        "goal": metric.goal,
        "step_metric": metric.step_metric,
        "hidden": metric.hidden,
    }
    if metric.index is not None:
        row |= {"group": metric.group, "index": metric.index}
    if media is not None:
        row |= {"media": media, "last": None}
    converted: dict[str, Any] = shown(row)
    return converted


def _artifact(found: dict[str, Any]) -> dict[str, Any]:
    names = ("direction", "name", "type", "version", "path", "size", "files", "time", "aliases", "problem")
    return {name: found.get(name) for name in names}


def live_script(view: RunView, revision: str, **revisions: str | None) -> bytes:
    """Return ``data/live.js``: what a page asks for every few seconds while its run goes on.

    Parameters
    ----------
    revisions : str or None
        Of what is refreshed by itself: the System tab's data.
    """
    names = ("state", "heartbeat", "last_step", "last_log_at", "ended_at")
    facts_now = {name: shown(value) for name, value in _fields(view, names).items()}
    return script("live", {"run": view.id, "revision": revision, **revisions, **facts_now})


def _fields(view: RunView, names: Iterable[str]) -> dict[str, Any]:
    """Return some fields of a view as plain data."""
    found = {name: getattr(view, name) for name in names}
    if (beat := found.get("heartbeat")) is not None:
        found["heartbeat"] = asdict(beat)
    return found


def page_revision(run: dict[str, Any]) -> str:
    """Name what a page shows; signs of life alone do not change it."""
    settled = {name: value for name, value in run.items() if name not in _VOLATILE}
    return revision_of(orjson.dumps(settled))


def _rate(view: RunView, series: SeriesSet) -> float | None:
    """Return steps a second: of the latest part while the run goes on, of the whole when it has ended."""
    busiest = max(
        series, key=lambda key: view.metrics[key].numeric if key in view.metrics else 0, default=None
    )
    if busiest is None or len(buckets := series[busiest]) < 2:
        return None
    start = -max(2, len(buckets) // _RECENT) if view.state == "running" else 0
    steps = int(buckets.step[-1]) - int(buckets.step[start])
    seconds = (int(buckets.time[-1]) - int(buckets.time[start])) / 1e6
    return steps / seconds if seconds > 0 and steps > 0 else None
