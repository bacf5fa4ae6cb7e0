"""A project's page: one row a run. Pure; see :mod:`.build` for reading and writing."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import orjson

from runhooks.record.view import RunView
from runhooks.values import flatten

from .data import deflated, inflated, read_script, revision_of, script, shown
from .figures import duration, moment
from .html import Child, Html, h
from .metrics import GROUP_SIZE, Metric, charted, likely_goal
from .page import address, crumbs, document, note, state, table, tags

__all__ = ["COLUMNS", "Row", "parse_row", "render_project", "row_bytes", "row_of", "rows_in"]

Row = dict[str, Any]
"""What the table shows of a run: a value for each of :data:`COLUMNS`."""

COLUMNS: Final = (
    "id", "name", "state", "reason", "created_at", "ended_at", "duration_s", "last_step", "heartbeat_at",
    "tags", "group", "job_type", "notes", "config", "summary", "groups", "charts",
)  # fmt: skip

ROOT: Final = "../../"
"""From a project's page to the store."""

POLL_S: Final = 30
"""So often a project's page looks whether something is new."""

_FORMAT = 1
_MOST_VALUES = 1000
_MOST_CHARTS = 1000
_LONGEST_TEXT = 500
_MOST_LISTED = 200
_ALIVE_US = 600 * 10**6


def row_of(view: RunView) -> Row:
    """Return a run's row: config and summary flat, with scalars only."""
    charts = charted(view)
    row = {
        "id": view.id,
        "name": view.name,
        "state": view.state,
        "reason": view.reason,
        "created_at": view.created_at,
        "ended_at": view.ended_at,
        "duration_s": view.duration_s,
        "last_step": view.last_step,
        "heartbeat_at": view.heartbeat.at if view.heartbeat else None,
        "tags": view.tags,
        "group": view.group,
        "job_type": view.job_type,
        "notes": view.notes,
        "config": _scalars(view.config),
        "summary": _scalars(view.summary),
        "groups": -(-len(charts) // GROUP_SIZE),
        "charts": _charts(charts[:_MOST_CHARTS]),
    }
    return {name: _cut(value) for name, value in shown(row).items()}


def row_bytes(view: RunView) -> bytes:
    """Return a run's row as the object ``<project>/index/<run id>.json``."""
    return orjson.dumps({"format": _FORMAT, **row_of(view)}) + b"\n"


def parse_row(data: bytes, run: str) -> Row | None:
    """Read a run's row; None when it is not one of this run in a format that is known."""
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(found, dict) or found.get("format") != _FORMAT or found.get("id") != run:
        return None
    return {name: found.get(name) for name in COLUMNS} if _is_row(found) else None


def _is_row(found: Mapping[str, Any]) -> bool:
    wanted = {"name": str, "state": str, "created_at": int, "tags": list, "config": dict, "summary": dict}
    return all(isinstance(found.get(name), kind) for name, kind in wanted.items())


def render_project(
    entity: str, project: str, rows: Sequence[Row], assets: str, *, artifacts: bool = False
) -> dict[str, bytes]:
    """Return the files of a project's page: path in the project's folder, and bytes.

    They come in the order in which they should be written, so that who follows the project (``pulse.js``,
    the last) finds what it announces.

    Parameters
    ----------
    entity, project : str
    rows : sequence of Row
        In any order; the page has the newest first.
    assets : str
        Name of the published front end's folder.
    artifacts : bool
        Whether there is a page of the project's artifacts.
    """
    newest = sorted(rows, key=lambda row: (-row["created_at"], row["id"]))
    table, going = orjson.dumps(_packed(newest)), _going(newest)
    running = orjson.dumps(_packed(going))
    revisions = {"settled": _settled(newest, going, artifacts), "running": revision_of(running)}
    form = {"columns": COLUMNS, "group_size": GROUP_SIZE}
    payload = {
        "format": _FORMAT,
        "revision": revision_of(table),
        **revisions,
        "entity": shown(entity),
        "project": shown(project),
        **form,
        "z": deflated(table),
        **({"artifacts": True} if artifacts else {}),
    }
    return {
        "data/project.js": script("project", payload),
        "data/running.js": script(
            "running", {"revision": revisions["running"], **form, "z": deflated(running)}
        ),
        "index.html": _html(entity, project, newest, assets, artifacts),
        "data/pulse.js": script("pulse", {**revisions, "poll_s": POLL_S}),
    }


def _going(rows: Sequence[Row]) -> list[Row]:
    """Return the rows that change by themselves: of runs that go on, by their signs of life.

    Those whose last sign is long before another run's are of recorders that ended without a word. A page need
    not ask for them again and again.
    """
    beats = {row["id"]: _beat(row) for row in rows if row["state"] == "running"}
    newest = max(beats.values(), default=0)
    return [row for row in rows if row["id"] in beats and newest - beats[row["id"]] < _ALIVE_US]


def _beat(row: Row) -> int:
    beat = row["heartbeat_at"]
    return beat if isinstance(beat, int) else int(row["created_at"])


def _settled(rows: Sequence[Row], going: Sequence[Row], artifacts: bool) -> str:
    """Name what is in the table beside the rows that change by themselves."""
    ids = {row["id"] for row in going}
    others = _packed([row for row in rows if row["id"] not in ids])
    return revision_of(orjson.dumps(others), orjson.dumps([[row["id"] for row in going], artifacts]))


def rows_in(data: bytes) -> tuple[str, dict[str, Row]]:
    """Return the revision and the rows, by run id, of a ``data/project.js``.

    Raises
    ------
    ValueError, KeyError, TypeError, zlib.error
        When it is none.
    """
    payload = read_script(data, "project")
    table = orjson.loads(inflated(payload["z"]))
    rows = [dict(zip(payload["columns"], row, strict=True)) for row in table["rows"]]
    for row in rows:
        row["charts"] = None if row["charts"] is None else table["charts"][row["charts"]]
    return str(payload["revision"]), {row["id"]: row for row in rows if _is_row(row)}


def _packed(rows: Sequence[Row]) -> dict[str, Any]:
    """Return the table as the page holds it: runs that have the same charts share one list of them."""
    places: dict[bytes, int] = {}
    cells = []
    for row in rows:
        charts = row["charts"]
        place = None if charts is None else places.setdefault(orjson.dumps(charts), len(places))
        cells.append([place if name == "charts" else row[name] for name in COLUMNS])
    return {"charts": [orjson.Fragment(charts) for charts in places], "rows": cells}


def _charts(metrics: Sequence[Metric]) -> dict[str, Any]:
    """Return what the page must know of a run's charts: their files, and which values are better."""
    goals = {metric.key: metric.goal or likely_goal(metric.key) for metric in metrics}
    along = {metric.key: metric.step_metric for metric in metrics if metric.step_metric}
    return {
        "keys": [metric.key for metric in metrics],
        "goals": {key: goal for key, goal in goals.items() if goal},
        "hidden": [metric.key for metric in metrics if metric.hidden],
        **({"along": along} if along else {}),
    }


def _scalars(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return nested data flat, lists as text; what would make the table too wide is left out."""
    found: dict[str, Any] = {}
    for key, value in flatten(data).items():
        if len(found) == _MOST_VALUES:
            break
        found[key] = str(value) if isinstance(value, list | tuple | dict) else value
    return found


def _cut(value: Any) -> Any:
    if isinstance(value, str) and len(value) > _LONGEST_TEXT:
        return value[:_LONGEST_TEXT] + "…"
    if isinstance(value, dict):
        return {key: _cut(item) for key, item in value.items()}
    return value


def _html(entity: str, project: str, rows: Sequence[Row], assets: str, artifacts: bool) -> bytes:
    projects = h("a", {"href": f"{ROOT}index.html"}, "Projects")
    header = h(
        "header",
        {"class": "head"},
        crumbs(projects, h("bdi", None, entity)),
        h("h1", None, h("bdi", None, project)),
        note(f"{len(rows):,} run{'' if len(rows) == 1 else 's'}"),
        h("a", {"href": "artifacts/index.html"}, "Artifacts") if artifacts else None,
    )
    content = [header, *_listing(rows)]
    return document("project", ROOT, assets, f"{project} · {entity}", ["data/project.js"], content)


def _listing(rows: Sequence[Row]) -> Iterable[Html]:
    if not rows:
        yield note("No runs yet.")
        return
    names = ("Run", "State", "Started", "Duration", "Last step", "Tags")
    yield table(names, map(_cells, rows[:_MOST_LISTED]))
    if (more := len(rows) - _MOST_LISTED) > 0:
        yield note(f"{more:,} older runs are on the page with scripts.")


def _cells(row: Row) -> list[Child]:
    seconds, step = row["duration_s"], row["last_step"]
    return [
        h("a", {"href": address("runs", row["id"], "index.html")}, h("bdi", None, row["name"])),
        state(row["state"]),
        moment(row["created_at"]),
        duration(seconds) if isinstance(seconds, int | float) else None,
        f"{step:,}" if isinstance(step, int) else None,
        tags(row["tags"]),
    ]
