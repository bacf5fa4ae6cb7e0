"""``runhooks ls``."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

from ..api import Api
from ..api.listing import Listed, find_projects, list_runs
from ..api.nearby import no_such_project
from ..errors import ArgumentError, RunNotFoundError
from ..record.view import State
from .plain import duration, moment
from .screen import Column, iso, note, print_json, print_line, print_table
from .target import find_project, options_of

__all__ = ["ls"]

_STATES: tuple[str, ...] = get_args(State)
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
    project: str | None, store: str | None, pairs: Sequence[str], states: Sequence[str], *, as_json: bool
) -> int:
    """List runs, or projects; return the exit code."""
    for state in states:
        if state not in _STATES:
            raise ArgumentError(f"--state takes {', '.join(_STATES)}, not {state}")
    if project is None:
        api = Api(store, options_of(pairs))
        named = find_projects(api.store)
    else:
        api, entity, name = find_project(project, store, options_of(pairs))
        named = [(entity, name)]
    found = list(_projects(api, named, states, must_be=project is not None))
    if as_json:
        print_json(_document(api, found))
        return 0
    if not found:
        print_line(f"no {' or '.join(states)}{' ' if states else ''}runs in {api.store.url}")
    elif len(found) > 1:
        _print_projects(found)
    else:
        _print_runs(api, found[0], states)
    return 0


def _projects(
    api: Api, named: Sequence[tuple[str, str]], states: Sequence[str], *, must_be: bool
) -> Iterator[_Project]:
    for entity, name in named:
        runs = list_runs(api.store, entity, name)
        if not runs and must_be:
            raise RunNotFoundError(no_such_project(api.store, entity, name))
        wanted = [run for run in runs if not states or (run.row and run.row["state"] in states)]
        if wanted or must_be:
            yield _Project(entity, name, wanted)


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
    del facts["groups"]  # of the pages only
    return head | facts


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


def _print_runs(api: Api, project: _Project, states: Sequence[str]) -> None:
    count, kind = len(project.runs), " or ".join(states)
    said = f"{count:,} {kind}{' ' if kind else ''}run{'' if count == 1 else 's'}"
    print_line(f"{project.path}: {said} in {api.store.url}")
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


def _cells(run: Listed) -> tuple[str, ...]:
    if (row := run.row) is None:
        return (run.path.id, "", "unreadable", "", "", "", "")
    step = "" if row["last_step"] is None else str(row["last_step"])
    times = (moment(row["created_at"]), duration(row["duration_s"]))
    return (row["id"], row["name"], row["state"], *times, step, ", ".join(map(str, row["tags"])))
