"""Keeping a run's pages fresh while it goes on, at a bounded share of the machine."""

from collections.abc import Mapping
from time import monotonic

from ..record.view import RunView
from ..site.build import build_project, build_root, write_exact
from ..site.files import file_pages
from ..site.media import content_files, uses_plotly
from ..site.plotly import publish_plotly
from ..site.project_page import row_bytes
from ..site.run_page import render_run
from ..site.series import SeriesSet
from ..site.writer import Pages
from ..storage import Store
from .console.keeping import ConsoleLog
from .tables import take_tables

__all__ = ["ProjectPages", "RunPages"]

_SHARE = 20
"""A page is rendered again at the soonest after this many times what its last rendering took."""

_PROJECT_S = 30.0


class RunPages:
    """The page of one run, in the store on this machine.

    Parameters
    ----------
    store : Store
    folder : str
        The run's folder.
    refresh_s : float
        Seconds between two renderings, at least.
    details : bool
        Whether to render what a reader zooms into also while the run goes on. On a disk it costs little; a
        bucket would get all of it again and again.
    """

    def __init__(self, store: Store, folder: str, refresh_s: float, *, details: bool) -> None:
        self._pages = Pages(store)
        self._folder = folder
        self._refresh_s = refresh_s
        self._details = details
        self._due = 0.0
        self._shown: set[str] = set()

    def refresh(
        self,
        view: RunView,
        series: SeriesSet,
        system: Mapping[str, SeriesSet],
        console: ConsoleLog,
        *,
        last: bool = False,
    ) -> bool:
        """Render when it is time, the `last` time with all details and points; return whether it was.

        Parameters
        ----------
        system : mapping
            Node to its system metrics.
        console : ConsoleLog

        Raises
        ------
        SiteError
            When the front end was not built.
        StoreError
        """
        started = monotonic()
        if started < self._due and not last:
            return False
        details = last or self._details
        root = self._pages.store.root
        if root is not None:
            take_tables(root / self._folder / "files")
        for name, data in content_files(self._pages.store, self._folder, series.media, self._shown):
            self._pages.write(self._folder, {name: data})
        exact = write_exact(self._pages, self._folder, view, series) if last else None
        log, saved = console.page(), dict(file_pages(self._pages.store, self._folder))
        files = render_run(
            view,
            series,
            self._pages.assets,
            details=details,
            system=system,
            exact=exact,
            log=log,
            saved=saved,
        )
        self._pages.write(self._folder, files)
        console.chunks.written()
        self._due = _due(started, self._refresh_s)
        return True


class ProjectPages:
    """A run's row in its project's table, the project's page, and the page of all projects."""

    def __init__(self, store: Store) -> None:
        self._pages = Pages(store)
        self._due = 0.0
        self._has_plotly = False

    def refresh(self, view: RunView, *, now: bool = False) -> None:
        """Write the row and the pages when it is time, or `now`.

        Raises
        ------
        SiteError
            When the front end was not built.
        StoreError
        """
        started = monotonic()
        if started < self._due and not now:
            return
        self._pages.write(f"{view.entity}/{view.project}/index", {f"{view.id}.json": row_bytes(view)})
        build_project(self._pages.store, view.entity, view.project, self._pages)
        if not self._has_plotly and uses_plotly(view):
            self._has_plotly = publish_plotly(self._pages.store)
        if now:
            build_root(self._pages.store, self._pages)
        self._due = _due(started, _PROJECT_S)


def _due(started: float, least_s: float) -> float:
    ended = monotonic()
    return ended + max(least_s, _SHARE * (ended - started))
