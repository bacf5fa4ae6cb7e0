"""Deleting runs: first into the trash, from where they can come back, then for good."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from time import time_ns

from ..errors import RecordError, RunhooksError, RunNotFoundError, SiteError
from ..record.deleted import Deleted, deleted_ids, marker_path, read_deleted, write_deleted
from ..record.paths import RunPath
from ..site.build import build_project, build_root
from ..site.rows import name_of
from ..storage import Store, together

__all__ = [
    "Purged",
    "delete_runs",
    "empty_trash",
    "in_trash",
    "refresh_projects",
    "restore_runs",
    "why_deleted",
]

Done = Callable[[str], None]
"""Is told the path of each run when it is done."""


@dataclass(frozen=True, slots=True)
class Purged:
    """What became of a run in the trash that was emptied.

    Attributes
    ----------
    path : RunPath
    objects, bytes : int
        What was deleted.
    kept : str or None
        Why the run was left in the trash.
    """

    path: RunPath
    objects: int = 0
    bytes: int = 0
    kept: str | None = None


def _ignore(_done: str) -> None:
    """Tell nobody."""


def delete_runs(store: Store, runs: Iterable[tuple[RunPath, str | None]], done: Done = _ignore) -> None:
    """Put runs, given with their names, into the trash: one small object for each, whatever its size."""
    now = time_ns() // 1000

    def delete(run: tuple[RunPath, str | None]) -> RunPath:
        path, name = run
        write_deleted(store, path, Deleted(now, name))
        done(str(path))
        return path

    refresh_projects(store, together(store, delete, runs))


def restore_runs(store: Store, paths: Iterable[RunPath], done: Done = _ignore) -> None:
    """Take runs out of the trash.

    Raises
    ------
    RunNotFoundError
        When one of them was not deleted, or is gone for good; then none is restored.
    """
    paths = list(paths)
    for path, marker in zip(
        paths, together(store, lambda path: read_deleted(store, path), paths), strict=True
    ):
        if marker is None:
            raise RunNotFoundError(f"run {path} is not in the trash of {store.url}")
        if marker.purged_at is not None:
            raise RunNotFoundError(f"run {path} was deleted for good; nothing of it is left in {store.url}")

    def restore(path: RunPath) -> None:
        store.delete(marker_path(path))
        done(str(path))

    together(store, restore, paths)
    refresh_projects(store, paths)


def in_trash(
    store: Store, entity: str, project: str, older_than_s: float = 0.0
) -> list[tuple[RunPath, Deleted]]:
    """Return the runs that are in a project's trash for so long, the last that were deleted first."""
    before = time_ns() // 1000 - int(older_than_s * 1e6)
    paths = [RunPath(entity, project, id) for id in sorted(deleted_ids(store, entity, project))]
    markers = together(store, lambda path: read_deleted(store, path), paths)
    found = [(path, marker) for path, marker in zip(paths, markers, strict=True) if marker is not None]
    return sorted(
        (run for run in found if run[1].purged_at is None and run[1].deleted_at <= before),
        key=lambda run: (-run[1].deleted_at, run[0].id),
    )


def empty_trash(
    store: Store, entity: str, project: str, older_than_s: float = 0.0, done: Done = _ignore
) -> list[Purged]:
    """Delete for good what has been in a project's trash for so long, and what an earlier call left.

    A run that still goes on stays: its recorder would write what was just deleted. The markers stay, too,
    so that no id is used again.
    """
    folders = {name_of(entry) for entry in store.list(f"{entity}/{project}/runs", recursive=False)}
    paths = [RunPath(entity, project, id) for id in sorted(folders & deleted_ids(store, entity, project))]
    before = time_ns() // 1000 - int(older_than_s * 1e6)
    purged = []
    for path in paths:
        marker = read_deleted(store, path)
        if marker is not None and (marker.purged_at is not None or marker.deleted_at <= before):
            purged.append(_purge(store, path, marker))
            done(str(path))
    return purged


def _purge(store: Store, path: RunPath, marker: Deleted) -> Purged:
    if marker.purged_at is None:
        if _goes_on(store, path):
            return Purged(path, kept="it is still running; stop it first")
        # Before the objects: half a run cannot be restored, and a recorder that still lives gives up.
        write_deleted(store, path, replace(marker, purged_at=time_ns() // 1000), replace=True)
    entries = [entry for entry in store.list(path.folder) if not entry.is_dir]
    together(store, store.delete, [entry.path for entry in entries])
    store.delete(f"{path.entity}/{path.project}/index/{path.id}.json")
    return Purged(path, len(entries), sum(entry.size for entry in entries))


def _goes_on(store: Store, path: RunPath) -> bool:
    from ..record.read import read_view

    with suppress(RunNotFoundError, RecordError):
        return read_view(store, path.folder).state == "running"
    return False


def refresh_projects(store: Store, paths: Iterable[RunPath]) -> None:
    """Render the pages of the projects of some runs again, and that of the store.

    Pages are derived: where they cannot be made here, the next recorder or ``runhooks render`` makes them.
    """
    projects = sorted({(path.entity, path.project) for path in paths})
    try:
        for entity, project in projects:
            build_project(store, entity, project)
        if projects:
            build_root(store)
    except SiteError:
        return


def why_deleted(store: Store, path: RunPath) -> str | None:
    """Return, of a run that was deleted, the words that say so."""
    try:
        marker = read_deleted(store, path)
    except RunhooksError as error:
        return str(error)
    if marker is None:
        return None
    if marker.purged_at is not None:
        return f"run {path} was deleted for good from {store.url}"
    return f"run {path} was deleted; to bring it back: runhooks restore {path}"
