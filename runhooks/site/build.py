"""From records to pages: gather everything, render everything, write everything.

Pages are derived: what is written here can be deleted and comes back the same. The recorder calls
:func:`write_exact` and the renderers with what it has in memory; the other functions read the record.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import orjson

from runhooks.errors import ObjectNotFoundError
from runhooks.record.view import RunView
from runhooks.storage import Entry, Store

from .artifact_build import has_artifacts
from .files import file_pages
from .log_data import LogFiles, log_files
from .media import content_files, uses_plotly
from .metrics import listed
from .plotly import publish_plotly
from .points import Chunks, batches, coarse
from .project_page import render_project, row_bytes
from .root_page import Digest, digest_of, is_digest, render_root
from .run_page import render_run
from .series import Floats, Ints, SeriesSet
from .writer import Pages

if TYPE_CHECKING:
    from runhooks.record.parts import Rows

__all__ = [
    "Pages",
    "Report",
    "build_project",
    "build_root",
    "build_run",
    "folders",
    "projects",
    "read_log",
    "read_series",
    "read_system",
    "write_exact",
    "write_run",
]

_OWN_FOLDERS: Final = frozenset({"assets", "data"})
_DIGEST: Final = "data/digest.json"
_PULSE: Final = "data/pulse.js"


@dataclass(slots=True)
class Report:
    """What a build did.

    Attributes
    ----------
    runs : int
        Run pages rendered; for a project, rows in its table.
    projects : int
    unreadable : dict
        Folders of runs that were left out, and why.
    unchanged : int
        Run pages left as they were.
    """

    runs: int = 0
    projects: int = 0
    unreadable: dict[str, str] = field(default_factory=dict)
    unchanged: int = 0


def write_exact(pages: Pages, folder: str, view: RunView, series: SeriesSet) -> str | None:
    """Write every point of the metrics that are too long for one file, and return the revision of it all.

    Returns
    -------
    str or None
        None where the page's other files have every point.

    Raises
    ------
    RecordError, StoreError
    """
    from runhooks.record.parts import join
    from runhooks.record.read import history

    long, chunks = coarse(listed(view, series), series), Chunks(view.id)
    for batch in batches(long):
        pieces: dict[str, list[Rows]] = {metric.key: [] for metric in batch}
        for key, rows in history(pages.store, folder, list(pieces)):
            pieces[key].append(rows)
        for metric in batch:
            if found := pieces.pop(metric.key):
                points = _numbers(join(found).ordered())
                for name, data in chunks.add(metric.index or 0, *points):
                    pages.write(folder, {name: data})
    if not long:
        return None
    revision, index = chunks.index()
    pages.write(folder, {"data/exact.js": index})
    return revision


def _numbers(rows: "Rows") -> tuple[Ints, Ints, Floats]:
    """Return steps, times and values of the rows that a chart has a place for."""
    seen = slice(None) if rows.numeric is None else rows.numeric
    return rows.steps[seen], rows.times[seen], rows.values[seen]


def write_run(
    pages: Pages,
    view: RunView,
    series: SeriesSet,
    *,
    system: Mapping[str, SeriesSet] = {},
    folder: str | None = None,
    log: LogFiles | None = None,
) -> None:
    """Write a run's page, and its row in the project's table, as far as they changed.

    Parameters
    ----------
    folder : str, optional
        Where the record is, when not where the view says.

    Raises
    ------
    SiteError
        When the front end was not built.
    RecordError, StoreError
    """
    project = f"{view.entity}/{view.project}"
    folder = folder or f"{project}/runs/{view.id}"
    pages.write(folder, dict(content_files(pages.store, folder, series.media, set())))
    exact, saved = write_exact(pages, folder, view, series), dict(file_pages(pages.store, folder))
    files = render_run(view, series, pages.assets, system=system, exact=exact, log=log, saved=saved)
    pages.write(folder, files)
    pages.write(f"{project}/index", {f"{view.id}.json": row_bytes(view)})


def build_run(store: Store, folder: str, pages: Pages | None = None) -> RunView:
    """Render a run's page from its record.

    Parameters
    ----------
    store : Store
    folder : str
        The run's folder: ``entity/project/runs/id``.
    pages : Pages, optional
        What wrote the page before.

    Raises
    ------
    RunNotFoundError, RecordError
    SiteError
        When the front end was not built.
    StoreError
    """
    from runhooks.record.read import read_view

    view = read_view(store, folder)
    system, log = read_system(store, folder), read_log(store, folder, view.id)
    write_run(pages or Pages(store), view, read_series(store, folder), system=system, log=log)
    if uses_plotly(view):
        publish_plotly(store)
    return view


def read_series(store: Store, folder: str) -> SeriesSet:
    """Reduce a run's history to what its charts draw, a part at a time."""
    from runhooks.record.read import history

    series = SeriesSet()
    for key, rows in history(store, folder):
        if rows.objects:
            series.media.add(key, rows)
        points = _numbers(rows)
        if len(points[0]):
            series.add(key, *points)
    return series


def read_system(store: Store, folder: str) -> dict[str, SeriesSet]:
    """Reduce a run's system metrics to what its charts draw, node by node."""
    from runhooks.record.system import system_history

    found: dict[str, SeriesSet] = {}
    for host, key, rows in system_history(store, folder):
        found.setdefault(host, SeriesSet()).add(key, rows.steps, rows.times, rows.values)
    return found


def read_log(store: Store, folder: str, run: str) -> LogFiles | None:
    """Return the files of a run's Logs tab, None where it has no console log."""
    from runhooks.record.console import read_console

    found = read_console(store, folder)
    return None if found is None else log_files(run, found[1], found[0])


def build_project(store: Store, entity: str, project: str, pages: Pages | None = None) -> Report:
    """Render a project's page from the rows of its runs.

    A run without a row gets one, a row without a run is passed over, and only rows that changed since
    the page was last written are read.

    Raises
    ------
    SiteError
        When the front end was not built.
    StoreError
    """
    from .rows import VERSIONS, gather_rows, versions_file

    folder, pages = f"{entity}/{project}", pages or Pages(store)
    rows, versions, unreadable = gather_rows(store, folder)
    artifacts = has_artifacts(store, folder)
    files = render_project(entity, project, list(rows.values()), pages.assets, artifacts=artifacts)
    files[VERSIONS] = versions_file(files["data/project.js"], versions)
    files[_DIGEST] = orjson.dumps(digest_of(entity, project, rows.values())) + b"\n"
    files[_PULSE] = files.pop(_PULSE)  # the last: it tells open pages of the others
    pages.write(folder, files)
    return Report(len(rows), 1, unreadable)


def build_root(store: Store, pages: Pages | None = None) -> Report:
    """Render the store's page from what its projects' pages noted of them.

    Raises
    ------
    SiteError
        When the front end was not built.
    StoreError
    """
    pages, report, digests = pages or Pages(store), Report(), []
    for entity, project in projects(store):
        digest = _noted_digest(store, entity, project)
        if digest is None:
            report.unreadable |= build_project(store, entity, project, pages).unreadable
            digest = _noted_digest(store, entity, project)
        if digest is not None:
            digests.append(digest)
    report.projects = len(digests)
    pages.write("", render_root(digests, pages.assets))
    return report


def _noted_digest(store: Store, entity: str, project: str) -> Digest | None:
    try:
        found = orjson.loads(store.read(f"{entity}/{project}/{_DIGEST}"))
    except (ObjectNotFoundError, orjson.JSONDecodeError):
        return None
    return found if is_digest(found) else None


def projects(store: Store) -> list[tuple[str, str]]:
    """Return entity and name of each project: the folders two levels down that hold runs."""
    entities = [entry for entry in folders(store, "") if entry.path not in _OWN_FOLDERS]
    found = [project.path for entity in entities for project in folders(store, entity.path)]
    paths = [path.strip("/").split("/") for path in found if any(folders(store, f"{path}/runs"))]
    return sorted((entity, project) for entity, project in paths)


def folders(store: Store, prefix: str) -> list[Entry]:
    """Return the folders in a folder."""
    return [entry for entry in store.list(prefix, recursive=False) if entry.is_dir]
