"""What a store has: its projects, and the runs of one project.

A project's runs are told by the small rows that their recorders keep for the project's page, most of
which are in that page already: a listing takes a few requests, however many runs there are. Only a run
that has no row, or whose row calls it running, is read itself: such a row may be half a minute old, and
its run may have died since. The same holds where a filter asks for what a row shortens.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..errors import RecordError, RunNotFoundError
from ..record.deleted import deleted_ids
from ..record.paths import RunPath
from ..record.view import RunView
from ..site.project_page import Row, row_of
from ..site.rows import known_rows, name_of
from ..storage import Store, together
from .fields import MISSING, Field, Unsure, row_value, view_value
from .filters import Filter, Get
from .orders import Order

__all__ = [
    "Listed",
    "all_projects",
    "ask",
    "find_artifact_projects",
    "find_projects",
    "list_runs",
    "run_ids",
    "select",
]

_NOT_ENTITIES = frozenset({"assets", "data"})


@dataclass(slots=True)
class Listed:
    """A run as a listing has it.

    Attributes
    ----------
    path : RunPath
    row : dict or None
        What the runs table shows: see :data:`runhooks.site.project_page.COLUMNS`.
    problem : str or None
        Why there is no row: what is wrong with the run's record.
    """

    path: RunPath
    row: Row | None
    problem: str | None = None


def find_projects(store: Store) -> list[tuple[str, str]]:
    """Return entity and name of each project that has runs, by name."""
    return [project for project in all_projects(store) if run_ids(store, *project)]


def all_projects(store: Store) -> list[tuple[str, str]]:
    """Return entity and name of each project, by name, also where all its runs are in the trash."""
    entities = [name for name in _folders(store, "") if name not in _NOT_ENTITIES]
    return sorted((entity, name) for entity in entities for name in _folders(store, entity))


def find_artifact_projects(store: Store) -> list[tuple[str, str]]:
    """Return entity and name of each project that has artifacts, or content of such."""
    found = all_projects(store)
    return [place for place in found if {"artifacts", "blobs"} & {*_folders(store, "/".join(place))}]


def run_ids(store: Store, entity: str, project: str) -> list[str]:
    """Return the names of the run folders of a project, in order, without those that were deleted."""
    folders = _folders(store, f"{entity}/{project}/runs")
    return sorted(set(folders) - deleted_ids(store, entity, project)) if folders else []


def list_runs(store: Store, entity: str, project: str) -> list[Listed]:
    """Return the runs of a project, newest first; runs that cannot be read come last."""
    ids, _, rows = known_rows(store, f"{entity}/{project}")
    found = {
        id: Listed(RunPath(entity, project, id), row) for id, row in rows.items() if row["state"] != "running"
    }
    unknown = [RunPath(entity, project, id) for id in sorted(ids - found.keys())]
    read = together(store, partial(_whole, store), unknown)
    found |= {listed.path.id: listed for listed in read if listed is not None}
    return sorted(found.values(), key=lambda run: (-run.row["created_at"] if run.row else 0, run.path.id))


def select(
    store: Store, runs: list[Listed], wanted: Filter | None = None, order: Order | None = None
) -> list[Listed]:
    """Return those runs that a filter wants, in an order; a run that cannot be read is never wanted."""
    if wanted is not None:
        answers = ask(store, runs, wanted)
        runs = [run for run, answer in zip(runs, answers, strict=True) if answer is True]
    if order is not None:
        field = order.field
        values = ask(store, runs, lambda get: get(field))
        keys = [order.key(MISSING if value is None else value) for value in values]
        runs = [runs[at] for at in sorted(range(len(runs)), key=keys.__getitem__)]
    return runs


def ask(store: Store, runs: list[Listed], question: Callable[[Get], Any]) -> list[Any]:
    """Return the answer of each run: from its row, or from its document where the row is not enough."""
    answers: list[Any] = [None] * len(runs)
    unsure = []
    for at, run in enumerate(runs):
        try:
            answers[at] = None if run.row is None else question(partial(_of_row, run.row))
        except Unsure:
            unsure.append(at)
    read = together(store, lambda at: _of_record(store, runs[at].path, question), unsure)
    for at, answer in zip(unsure, read, strict=True):
        answers[at] = answer
    return answers


def _of_row(row: Row, field: Field) -> Any:
    return row_value(field, row)


def _of_record(store: Store, path: RunPath, question: Callable[[Get], Any]) -> Any:
    from ..record.read import read_view  # needs pyarrow, which most listings do without

    with suppress(RunNotFoundError, RecordError):
        return question(partial(_of_view, read_view(store, path.folder)))
    return None


def _of_view(view: RunView, field: Field) -> Any:
    return view_value(field, view)


def _whole(store: Store, path: RunPath) -> Listed | None:
    """Read a run itself; None when its folder holds no run, or no more."""
    from ..record.read import read_view

    try:
        return Listed(path, row_of(read_view(store, path.folder)))
    except RunNotFoundError:
        return None
    except RecordError as error:
        return Listed(path, None, str(error))


def _folders(store: Store, prefix: str) -> list[str]:
    return [name_of(entry) for entry in store.list(prefix, recursive=False) if entry.is_dir]
