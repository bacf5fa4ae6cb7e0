"""What a store has: its projects, and the runs of one project.

A project's runs are told by the small rows that their recorders keep for the project's page, so that
a listing reads no run documents. Only a run that has no row, or whose row calls it running, is read
itself: such a row may be half a minute old, and its run may have died since.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from ..errors import ObjectNotFoundError, RecordError, RunNotFoundError
from ..record.paths import RunPath
from ..site.project_page import Row, parse_row, row_of
from ..storage import Entry, Store

__all__ = ["Listed", "find_projects", "list_runs", "run_ids"]

T = TypeVar("T")

_NOT_ENTITIES = frozenset({"assets", "data"})
_READERS = 16


@dataclass(frozen=True, slots=True)
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
    entities = [name for name in _folders(store, "") if name not in _NOT_ENTITIES]
    found = [(entity, name) for entity in entities for name in _folders(store, entity)]
    return sorted(project for project in found if run_ids(store, *project))


def run_ids(store: Store, entity: str, project: str) -> list[str]:
    """Return the names of the run folders of a project, in order."""
    return sorted(_folders(store, f"{entity}/{project}/runs"))


def list_runs(store: Store, entity: str, project: str) -> list[Listed]:
    """Return the runs of a project, newest first; runs that cannot be read come last."""
    rows = {_name(entry): entry.path for entry in store.list(f"{entity}/{project}/index", recursive=False)}

    def listed(id: str) -> Listed | None:
        path = RunPath(entity, project, id)
        row = _row(store, rows.get(f"{id}.json"), id)
        return _whole(store, path) if row is None or row["state"] == "running" else Listed(path, row)

    found = [run for run in _each(store, listed, run_ids(store, entity, project)) if run is not None]
    return sorted(found, key=lambda run: (-run.row["created_at"] if run.row else 0, run.path.id))


def _row(store: Store, path: str | None, id: str) -> Row | None:
    if path is None:
        return None
    try:
        return parse_row(store.read(path), id)
    except ObjectNotFoundError:
        return None


def _whole(store: Store, path: RunPath) -> Listed | None:
    """Read a run itself; None when its folder holds no run, or no more."""
    from ..record.read import read_view  # needs pyarrow, which most listings do without

    try:
        return Listed(path, row_of(read_view(store, path.folder)))
    except RunNotFoundError:
        return None
    except RecordError as error:
        return Listed(path, None, str(error))


def _folders(store: Store, prefix: str) -> list[str]:
    return [_name(entry) for entry in store.list(prefix, recursive=False) if entry.is_dir]


def _name(entry: Entry) -> str:
    return entry.path.rstrip("/").rpartition("/")[2]


def _each(store: Store, read: Callable[[str], T], names: Iterable[str]) -> list[T]:
    """Read objects; many at once from a store elsewhere, which takes milliseconds for each."""
    if store.root is not None:
        return [read(name) for name in names]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(_READERS) as readers:
        return list(readers.map(read, names))
