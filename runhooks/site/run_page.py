"""A run's page: its HTML, and the data files beside it. Pure; see :mod:`.build` for reading and writing."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from runhooks.record.media import is_media
from runhooks.record.view import RunView

from .artifact_page import artifact_table
from .data import revision_of, script, shown
from .figures import duration, moment, number, quantity
from .html import Child, Html, h, link
from .log_data import LogFiles
from .media import media_payloads
from .metrics import Metric, headline, listed
from .page import crumbs, document, facts, note, state, tags, tree
from .run_data import details as detailed
from .run_data import live_script, media_keys, overviews, page_revision, run_payload
from .series import SeriesSet
from .spark import sparkline
from .system_data import system_files

__all__ = ["ROOT", "render_run"]

ROOT: Final = "../../../../"
"""From a run's page to the store."""

MOST_SPARKLINES: Final = 60
_TREES = ("config", "summary", "environment")


def render_run(
    view: RunView,
    series: SeriesSet,
    assets: str,
    *,
    details: bool = True,
    system: Mapping[str, SeriesSet] = {},
    exact: str | None = None,
    log: LogFiles | None = None,
    saved: Mapping[str, bytes] = {},
) -> dict[str, bytes]:
    """Return the files of a run's page: path in the run's folder, and bytes.

    They come in the order in which they should be written, so that who follows the run (``live.js``,
    the last) finds what it announces.

    Parameters
    ----------
    view : RunView
    series : SeriesSet
        Its metrics' points.
    assets : str
        Name of the published front end's folder.
    details : bool
        Whether the charts zoom to more than the overview: a file of up to a tenth of a megabyte for
        each metric of a long run, which a recorder may save itself while the run goes on.
    system : mapping
        Node to its system metrics.
    exact : str, optional
        Revision of the chunks (see :mod:`.points`) that are beside these files.
    log : LogFiles or None
        The Logs tab's files; None where nothing was written.
    saved : mapping
        The Files tab's files (see :func:`.files.file_pages`).
    """
    metrics = listed(view, series)
    drawn = [(metric, series[metric.key]) for metric in metrics if metric.index is not None]
    charts = overviews(view.id, drawn, details=details)
    files = {f"data/charts-{payload['group']}.js": script("charts", payload) for payload in charts}
    if details:
        files |= {f"data/detail-{m}.js": script("detail", payload) for m, payload in detailed(view.id, drawn)}
    sampled, sampled_revision = system_files(view.id, system, details=details)
    files |= sampled
    logged, logged_revision = log or ({}, None)
    files |= logged
    media = media_payloads(view.id, series.media, media_keys(metrics, series))
    files |= {f"data/media-{n}.js": script("media", payload) for n, payload in enumerate(media)}
    files |= saved
    run = run_payload(view, metrics, series, charts=_revisions(charts), media=_revisions(media), exact=exact)
    run |= {"system": bool(sampled), "log": bool(logged)}
    if saved:
        run["files"] = revision_of(saved["data/files.js"])
    revision = page_revision(run)
    files["data/run.js"] = script("run", {**run, "revision": revision})
    files["index.html"] = _html(view, metrics, series, assets, run["rate"])
    files["data/live.js"] = live_script(view, revision, system=sampled_revision, log=logged_revision)
    return files


def _revisions(payloads: Sequence[dict[str, Any]]) -> list[str]:
    return [payload["revision"] for payload in payloads]


def _html(
    view: RunView, metrics: Sequence[Metric], series: SeriesSet, assets: str, rate: float | None
) -> bytes:
    drawn = [metric for metric in metrics if metric.index is not None]
    visible = [metric for metric in drawn if not metric.hidden]
    content = [
        _header(view, rate),
        _strip([_card(metric, series) for metric in headline(metrics)]),
        _panel("Alerts", _alerts(view)),
        _panel("Error", _error(view)),
        _panel("Metrics", _sparklines(visible, series)),
        _panel("Artifacts", artifact_table(view.artifacts)),
        _panel("Overview", _overview(view)),
        *(_panel(name.title(), tree(values)) for name in _TREES if (values := _values(view, name))),
        h("noscript", None, note("Charts that zoom, search and live updates need JavaScript.")),
    ]
    scripts = ["data/run.js", "data/charts-0.js"] if drawn else ["data/run.js"]
    later = not visible or bool(series.media.kinds)
    return document("run", ROOT, assets, f"{view.name} · {view.project}", scripts, content, later=later)


def _values(view: RunView, name: str) -> dict[str, Any]:
    """Return one of the view's mappings without media, which need scripts."""
    return {key: value for key, value in getattr(view, name).items() if not is_media(value)}


def _header(view: RunView, rate: float | None) -> Html:
    projects = h("a", {"href": f"{ROOT}index.html"}, "Projects")
    project = h("bdi", None, f"{view.entity}/{view.project}")
    pairs: list[tuple[str, Child]] = [
        ("Started", moment(view.created_at)),
        ("Duration", duration(view.duration_s)),
        ("Last step", None if view.last_step is None else f"{view.last_step:,}"),
        ("Rate", None if rate is None else f"{number(rate)} steps/s"),
        ("Host", _fact(view, "host")),
        ("Tags", tags(view.tags) or None),
    ]
    return h(
        "header",
        {"class": "head"},
        crumbs(projects, h("a", {"href": "../../index.html"}, project), h("bdi", None, view.id)),
        h("h1", None, h("bdi", None, view.name), " ", state(view.state, view.reason)),
        facts(pairs),
    )


def _strip(cards: Sequence[Html]) -> Html | None:
    return h("section", {"class": "strip"}, cards) if cards else None


def _card(metric: Metric, series: SeriesSet) -> Html:
    best = None if metric.best is None else h("span", {"class": "muted"}, " best ", quantity(metric.best))
    return h(
        "div",
        {"class": "stat"},
        h("div", {"class": "stat-name", "title": metric.key}, h("bdi", None, metric.key)),
        h("div", {"class": "stat-value"}, quantity(metric.stats.last), best),
        sparkline(series[metric.key], metric.key),
    )


def _sparklines(metrics: Sequence[Metric], series: SeriesSet) -> list[Child]:
    if not metrics:
        return [note("No metrics yet.")]
    cards = _strip([_card(metric, series) for metric in metrics[:MOST_SPARKLINES]])
    more = len(metrics) - MOST_SPARKLINES
    return [cards, note(f"{more:,} more metrics are on the page with scripts.") if more > 0 else None]


def _alerts(view: RunView) -> Html | None:
    return h("ul", None, [_alert(alert) for alert in view.alerts]) if view.alerts else None


def _alert(alert: dict[str, Any]) -> Html:
    title, text, time = str(alert.get("title", "")), str(alert.get("text", "")), alert.get("time")
    when = moment(time) if isinstance(time, int) else None
    return h("li", None, when, " ", str(alert.get("level", "")), ": ", h("strong", None, title), " ", text)


def _error(view: RunView) -> list[Child] | None:
    error = (view.exit or {}).get("error")
    if not isinstance(error, dict):
        return None
    kind, message = str(error.get("type", "")), str(error.get("message", ""))
    trace = h("pre", {"class": "trace"}, shown(str(error.get("traceback") or "")))
    return [h("p", None, h("strong", None, kind), ": ", message), trace]


def _overview(view: RunView) -> Html | None:
    git = view.environment.get("git")
    found = git if isinstance(git, dict) else {}
    return facts(
        [
            ("Run path", h("code", None, view.path)),
            ("Ended", moment(view.ended_at)),
            ("Runtime", duration(view.runtime_s)),
            ("Stop", _stop(view)),
            ("Rewound", "; ".join(f"to step {rewind['step']}" for rewind in view.rewinds) or None),
            ("Forked from", _origin(view)),
            ("Notes", view.notes),
            ("Group", view.group),
            ("Job type", view.job_type),
            ("Command", _fact(view, "command")),
            ("Python", _fact(view, "python")),
            ("Git remote", link(str(found["remote"])) if found.get("remote") else None),
            ("Git commit", str(found["commit"]) if found.get("commit") else None),
        ]
    )


def _stop(view: RunView) -> Child:
    if (stop := view.stop) is None:
        return None
    told = f"requested by {stop.get('by')}"
    return h(
        "span", None, told, " ", moment(stop.get("requested_at")), ", seen ", moment(stop.get("seen_at"))
    )


def _origin(view: RunView) -> Child:
    origin = view.forked_from or {}
    return h("code", None, f"{origin.get('run')}, step {origin.get('step')}") if origin else None


def _fact(view: RunView, name: str) -> str | None:
    value = view.environment.get(name)
    if isinstance(value, list):
        return " ".join(map(str, value))
    return None if value is None else str(value)


def _panel(title: str, content: Child) -> Html | None:
    return None if content is None else h("section", {"class": "panel"}, h("h2", None, title), content)
