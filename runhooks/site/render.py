"""Rendering many pages again: only what changed, and by as many workers as the user has."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final, Protocol

import orjson

from runhooks import __version__
from runhooks.errors import ObjectNotFoundError, RecordError, RunNotFoundError
from runhooks.record.deleted import deleted_ids
from runhooks.storage import Entry, Store, open_store

from .artifact_build import build_artifacts
from .build import Report, build_project, build_root, build_run, folders, projects
from .writer import Pages

__all__ = ["BUILT", "Executor", "Place", "build_site", "render", "run_folders"]

BUILT: Final = "data/built.json"
"""What a run's page was made of: derived, beside the page."""

_FORMAT = 1


class Future(Protocol):
    """What an executor gives back."""

    def result(self) -> Any:
        """Wait for the work and return what it returned."""
        ...


class Executor(Protocol):
    """What does work elsewhere: any of :mod:`concurrent.futures`, and what other libraries make like them."""

    def submit(self, work: Callable[..., Any], /, *given: Any) -> Future:
        """Have `work` called with what is given, some time."""
        ...


Place = tuple[str, Mapping[str, Any] | None]
"""Address and options of a store, for workers that open it themselves."""


def build_site(
    store: Store, progress: Callable[[str], None] | None = None, assets: str | None = None
) -> Report:
    """Render every page of a store that is not as its record would make it.

    A run that cannot be read keeps its page as it is; the report names it.

    Parameters
    ----------
    store : Store
    progress : callable, optional
        Called with the folder of each run when its page is done.
    assets : str, optional
        Name of the front end's folder where it is published already.

    Raises
    ------
    SiteError
        When the front end was not built.
    StoreError
    """
    found = [(*project, run_folders(store, *project)) for project in projects(store)]
    return render(store, found, progress=progress, assets=assets)


def run_folders(store: Store, entity: str, project: str) -> list[str]:
    """Return the folders of a project's runs, in order, without those that were deleted."""
    gone = deleted_ids(store, entity, project)
    found = sorted(entry.path for entry in folders(store, f"{entity}/{project}/runs"))
    return [folder for folder in found if folder.rpartition("/")[2] not in gone]


def render(
    store: Store,
    runs: Iterable[tuple[str, str, list[str]]],
    *,
    progress: Callable[[str], None] | None = None,
    assets: str | None = None,
    force: bool = False,
    executor: Executor | None = None,
    place: Place | None = None,
) -> Report:
    """Render runs, the pages of their projects, and the page of all.

    A run's page is left as it is where it was made of the same record by the same version, is still whole,
    and the run has ended.

    Parameters
    ----------
    store : Store
    runs : iterable
        Entity, project, and the folders of its runs.
    progress : callable, optional
        Called with the folder of each run when its page is done.
    assets : str, optional
        Name of the front end's folder where it is published already.
    force : bool
        Render what did not change, too.
    executor : Executor, optional
        Renders runs, many at once; by default they are rendered here, one after the other.
    place : Place, optional
        The store's address and options, which an executor's workers open; needed with one.

    Raises
    ------
    SiteError
        When the front end was not built.
    StoreError
    """
    report, assets = Report(), Pages(store, assets).assets
    for entity, project, listed in runs:
        if executor is None or place is None:
            outcomes = (_brought(store, folder, assets, force) for folder in listed)
        else:
            work = [executor.submit(_worked, _packed(place), folder, assets, force) for folder in listed]
            outcomes = (future.result() for future in work)
        for folder, outcome in zip(listed, outcomes, strict=True):
            _note(report, folder, outcome)
            if progress is not None:
                progress(folder)
        report.unreadable |= build_project(store, entity, project, Pages(store, assets)).unreadable
        build_artifacts(store, entity, project, Pages(store, assets), anew=True)
        report.projects += 1
    build_root(store, Pages(store, assets))
    return report


def _note(report: Report, folder: str, outcome: str) -> None:
    if outcome == "rendered":
        report.runs += 1
    elif outcome == "unchanged":
        report.unchanged += 1
    elif outcome:
        report.unreadable[folder] = outcome


def _packed(place: Place) -> bytes:
    """Return a place as bytes, which go to another process, and are a key."""
    return orjson.dumps(place)


def _worked(place: bytes, folder: str, assets: str, force: bool) -> str:
    return _brought(_opened(place), folder, assets, force)


@lru_cache(4)
def _opened(place: bytes) -> Store:
    address, options = orjson.loads(place)
    return open_store(address, options)


def _brought(store: Store, folder: str, assets: str, force: bool) -> str:
    """Bring one page up to date: `rendered`, `unchanged`, nothing where no run is, or why it cannot be."""
    entries = list(store.list(folder))
    made_of = _made_of(folder, entries, assets)
    if not force and _is_current(store, folder, entries, made_of):
        return "unchanged"
    try:
        view = build_run(store, folder, Pages(store, assets))
    except RunNotFoundError:  # a folder with no run in it, or one that is just being deleted
        return ""
    except RecordError as error:
        return str(error)
    if view.state != "running":  # else its heartbeat may stop, and nothing in the record changes
        pages = _pages(folder, store.list(folder))
        built = {"format": _FORMAT, "made_of": made_of, "pages": pages}
        store.write(f"{folder}/{BUILT}", orjson.dumps(built) + b"\n", content_type="application/json")
    return "rendered"


def _is_current(store: Store, folder: str, entries: list[Entry], made_of: str) -> bool:
    if not any(entry.path == f"{folder}/{BUILT}" for entry in entries):
        return False
    try:
        built = orjson.loads(store.read(f"{folder}/{BUILT}"))
        return bool(built["made_of"] == made_of and built["pages"] == _pages(folder, entries))
    except (ObjectNotFoundError, ValueError, KeyError, TypeError):
        return False


def _is_page(folder: str, entry: Entry) -> bool:
    return entry.path == f"{folder}/index.html" or entry.path.startswith(f"{folder}/data/")


def _made_of(folder: str, entries: Iterable[Entry], assets: str) -> str:
    """Return a name for the versions of a run's objects, and of what renders them."""
    found = sorted((e.path, e.size, e.version) for e in entries if not _is_page(folder, e))
    return blake2b(orjson.dumps([__version__, assets, found]), digest_size=16).hexdigest()


def _pages(folder: str, entries: Iterable[Entry]) -> dict[str, int]:
    """Return the files of a run's page with their sizes."""
    found = {e.path.removeprefix(f"{folder}/"): e.size for e in entries if _is_page(folder, e)}
    return {name: found[name] for name in sorted(found) if name != BUILT}
