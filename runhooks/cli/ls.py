"""``runhooks ls``."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ..api import Api
from ..api.fields import MISSING, Field, field_of
from ..api.filters import Get
from ..api.listing import Listed, ask, find_projects, list_runs
from ..api.nearby import no_such_project
from ..errors import RunNotFoundError
from .options import Asked, Selection
from .plain import duration, exact, moment
from .screen import Column, iso, note, print_json, print_line, print_table
from .selection import conditions, picked
from .target import meant_projects

__all__ = ["ls"]

_OF_PAGES = ("charts", "groups")
_TIMES = ("created_at", "ended_at", "heartbeat_at")


@dataclass(slots=True)
class _Project:
    """A project and those of its runs that were asked for."""

    entity: str
    name: str
    runs: list[Listed]
    states: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.states.update(run.row["state"] if run.row else "unreadable" for run in self.runs)

    @property
    def path(self) -> str:
        return f"{self.entity}/{self.name}"

    @property
    def last_activity(self) -> int | None:
        rows = [run.row for run in self.runs if run.row]
        return max(
            (row["ended_at"] or row["heartbeat_at"] or row["created_at"] for row in rows), default=None
        )


def ls(
    project: str | None,
    selection: Selection,
    order: str | None,
    columns: str | None,
    asked: Asked,
) -> int:
    """List runs, or projects; return the exit code."""
    _ = conditions(selection)  # before anything is asked of the store
    wanted = None if columns is None else [name.strip() for name in columns.split(",") if name.strip()]
    fields = {name: field_of(name, "--columns") for name in wanted or ()}
    api, named = meant_projects(project, asked, find_projects)
    found = list(_projects(api, named, selection, order, must_be=project is not None))
    if asked.as_json:
        print_json(_document(api, found))
        return 0
    if not found:
        print_line(f"no {_kind(selection)}runs in {api.store.url}")
    elif len(found) > 1:
        _print_projects(found)
    else:
        _print_runs(api, found[0], selection, fields)
    return 0


def _projects(
    api: Api, named: Sequence[tuple[str, str]], selection: Selection, order: str | None, *, must_be: bool
) -> Iterator[_Project]:
    for entity, name in named:
        runs = list_runs(api.store, entity, name)
        if not runs and must_be:
            raise RunNotFoundError(no_such_project(api.store, entity, name))
        wanted = picked(selection, api.store, runs, order)
        if wanted or must_be:
            yield _Project(entity, name, wanted)


def _kind(selection: Selection) -> str:
    states = " or ".join(selection.states)
    return f"{states} " if states else "such " if selection else ""


def _document(api: Api, projects: Sequence[_Project]) -> dict[str, Any]:
    return {
        "store": api.store.url,
        "projects": [
            {
                "path": project.path,
                "entity": project.entity,
                "project": project.name,
                "url": api.store.page_url(f"{project.path}/index.html"),
                "runs": len(project.runs),
                "states": dict(project.states),
                "last_activity": iso(project.last_activity),
            }
            for project in projects
        ],
        "runs": [_run_document(api, run) for project in projects for run in project.runs],
    }


def _run_document(api: Api, run: Listed) -> dict[str, Any]:
    head = {"path": str(run.path), "url": api.store.page_url(f"{run.path.folder}/index.html")}
    if run.row is None:
        return {**head, "id": run.path.id, "state": "unreadable", "problem": run.problem}
    facts = {name: iso(data) if name in _TIMES else data for name, data in run.row.items()}
    return head | {name: data for name, data in facts.items() if name not in _OF_PAGES}


def _print_projects(projects: Sequence[_Project]) -> None:
    columns = [
        Column("PROJECT", "text"),
        Column("RUNS", "number"),
        Column("STATES", "text"),
        Column("LAST ACTIVITY (UTC)"),
    ]
    rows = [
        (
            project.path,
            str(len(project.runs)),
            ", ".join(f"{count} {state}" for state, count in project.states.most_common()),
            moment(project.last_activity),
        )
        for project in projects
    ]
    print_table(columns, rows)


def _print_runs(api: Api, project: _Project, selection: Selection, fields: Mapping[str, Field]) -> None:
    count = len(project.runs)
    said = f"{count:,} {_kind(selection)}run{'' if count == 1 else 's'}"
    print_line(f"{project.path}: {said} in {api.store.url}")
    if fields:
        columns, rows = _asked(api, project.runs, fields)
    else:
        columns = [
            Column("ID"), Column("NAME", "text"), Column("STATE", "state"), Column("STARTED (UTC)"),
            Column("DURATION", "number"), Column("STEP", "number"), Column("TAGS", "text"),
        ]  # fmt: skip
        rows = [_cells(run) for run in project.runs]
        if not any(row[-1] for row in rows):
            columns, rows = columns[:-1], [row[:-1] for row in rows]
    if rows:
        print_table(columns, rows)
    for run in project.runs:
        if run.problem:
            note(f"{run.path} cannot be read: {run.problem}")


def _asked(
    api: Api, runs: list[Listed], fields: Mapping[str, Field]
) -> tuple[list[Column], list[tuple[str, ...]]]:
    """Return the columns that were asked for: every value in full."""
    columns, cells = [], []
    for name, field_ in fields.items():
        values = ask(api.store, runs, partial(_value_of, field_))
        numbers = all(isinstance(value, int | float) for value in values if value not in (None, MISSING))
        columns.append(Column(name, "number" if numbers and field_.kind != "time" else "text"))
        cells.append([_cell(field_, value) for value in values])
    return columns, list(zip(*cells, strict=True))


def _value_of(field_: Field, get: Get) -> Any:
    return get(field_)


def _cell(field_: Field, value: Any) -> str:
    if value is None or value is MISSING:
        return ""
    if field_.kind == "time":
        return moment(value)
    return ", ".join(map(str, value)) if field_.key == "tags" and isinstance(value, list) else exact(value)


def _cells(run: Listed) -> tuple[str, ...]:
    if (row := run.row) is None:
        return (run.path.id, "", "unreadable", "", "", "", "")
    step = "" if row["last_step"] is None else str(row["last_step"])
    times = (moment(row["created_at"]), duration(row["duration_s"]))
    return (row["id"], row["name"], row["state"], *times, step, ", ".join(map(str, row["tags"])))
