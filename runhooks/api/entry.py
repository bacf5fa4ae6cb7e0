""":class:`Api`, the way in."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import ArgumentError, RunNotFoundError
from .filters import parse_filter
from .listing import find_projects, list_runs, run_ids, select
from .nearby import no_such_project
from .orders import parse_order
from .place import Artifacts
from .project import ApiProject
from .run import ApiRun
from .runs import Runs
from .trash import in_trash

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow.dataset as ds

    from ..site.build import Report
    from ..site.render import Executor

__all__ = ["Api"]


class Api(Artifacts):
    """Reads runs from a store. It writes only what you change: labels, and what you delete.

    Parameters
    ----------
    store : str or path, optional
        A folder, or any fsspec URL such as ``s3://bucket/runs``; by default what ``RUNHOOKS_STORE``
        says, else ``./runs``.
    storage_options : mapping, optional
        For the store's filesystem: key, secret, profile, endpoint and so on.

    Attributes
    ----------
    store : Store
        Where the runs lie.

    Raises
    ------
    ArgumentError
        For a store that is no text or path.
    StoreUrlError
        For a store address that cannot be used.
    MissingExtraError
        When the store's protocol needs a package that is not installed.

    Examples
    --------
    >>> import runhooks
    >>> api = runhooks.Api("memory://example")
    >>> [project.path for project in api.projects()]
    []
    """

    def render(
        self,
        path: str | None = None,
        *,
        executor: "Executor | None" = None,
        force: bool = False,
        progress: "Callable[[str], None] | None" = None,
    ) -> "Report":
        """Write the pages of a project or of the whole store again, as far as their records changed.

        Parameters
        ----------
        path : str, optional
            ``entity/project``, or ``project``; by default all.
        executor : concurrent.futures.Executor or dask.distributed.Client, optional
            Renders runs, many at once. Its workers open the store by its address.
        force : bool
            Render what did not change, too.
        progress : callable, optional
            Called with the folder of each run that is done.

        Returns
        -------
        Report
            Counts ``runs``, ``unchanged`` and ``projects``; ``unreadable`` has folders of runs, and why.

        Raises
        ------
        RunNotFoundError
            When the project has no runs.
        SiteError
            When the pages' script was not built.
        StoreError
        """
        from ..site.render import render, run_folders

        listed = find_projects(self.store) if path is None else [self.project_path(path)]
        runs = [(entity, project, run_folders(self.store, entity, project)) for entity, project in listed]
        if path is not None and not runs[0][2]:
            raise RunNotFoundError(no_such_project(self.store, *listed[0]))
        # A Dask client is none itself, but has one.
        made = getattr(executor, "get_executor", None)
        pool = executor if made is None else made()
        place = (self.store.url, self._options)
        return render(self.store, runs, progress=progress, force=force, executor=pool, place=place)

    def run(self, path: str) -> ApiRun:
        """Return one run. Nothing is read before its first property is asked for.

        Parameters
        ----------
        path : str
            ``entity/project/id``; ``project/id`` where the entity is ``RUNHOOKS_ENTITY`` or ``default``.

        Raises
        ------
        IdError
            When this cannot be the path of a run. That there is no such run is found out later, by a
            :class:`~runhooks.errors.RunNotFoundError`.
        """
        return ApiRun(self.store, self._run_path(path))

    def runs(
        self,
        path: str,
        filters: Mapping[str, Any] | None = None,
        order: str = "-created_at",
        per_page: int = 50,
    ) -> Runs:
        """Return runs of a project: those that a filter wants, in an order.

        Parameters
        ----------
        path : str
            ``entity/project``; ``project`` where the entity is ``RUNHOOKS_ENTITY`` or ``default``.
        filters : mapping, optional
            As in W&B's public Api: ``{"config.lr": {"$lt": 0.01}, "state": "finished"}``. Names are
            ``config.*`` and ``summary.*`` or ``summary_metrics.*`` (dots lead into nested ones), ``state``,
            ``name`` or ``display_name``, ``id``, ``tags``, ``group``, ``job_type``, ``notes``,
            ``created_at``, ``ended_at``, ``duration``, ``last_step``, ``username``, ``host``; operators
            ``$eq $ne $gt $gte $lt $lte $in $nin $exists $regex $not`` of a value and ``$and $or $nor $not``
            of filters, as MongoDB defines them. Times are datetimes or ISO 8601 texts, in UTC if they do
            not say.
        order : str
            A name as in `filters` with ``+`` or ``-``; by default newest first. Runs that lack the value
            come last.
        per_page : int
            How many runs are read together when one of them is.

        Raises
        ------
        IdError
            When this cannot be the path of a project.
        ArgumentError
            For a filter or an order that is none; the message names the place.
        RunNotFoundError
            When the store has no run of this project; the message names projects that it has.
        StoreError
            When the store is missing or cannot be read.
        """
        entity, project = self.project_path(path)
        wanted = parse_filter(filters) if filters else None
        sorting = None if order == "-created_at" else parse_order(order)
        if not isinstance(per_page, int) or per_page < 1:
            raise ArgumentError(f"per_page must be a whole number of 1 or more, not {per_page!r}")
        found = list_runs(self.store, entity, project)
        if not found:
            raise RunNotFoundError(no_such_project(self.store, entity, project))
        chosen = select(self.store, found, wanted, sorting)
        return Runs(self.store, chosen, per_page)

    def history_dataset(self, path: str) -> "ds.Dataset":
        """Return all that the runs of a project logged as one Arrow dataset.

        Parts are read when it is asked something; what goes on or crashed is there as far as it is known
        now, and what a rewind superseded is left out. DuckDB, Polars and pandas take it as it is; see
        ``docs/reading.md`` for reading the same without runhooks.

        Parameters
        ----------
        path : str
            As for :meth:`runs`.

        Returns
        -------
        pyarrow.dataset.Dataset
            A row a logged value: ``step``, ``time``, ``key`` (the metric), ``value`` (the number, or
            null), ``object`` (JSON of what is no number) and ``run`` (the id).

        Raises
        ------
        IdError, RunNotFoundError, StoreError
            As for :meth:`runs`.
        """
        from .dataset import history_dataset

        entity, project = self.project_path(path)
        ids = run_ids(self.store, entity, project)
        if not ids:
            raise RunNotFoundError(no_such_project(self.store, entity, project))
        return history_dataset(self.store, entity, project, ids)

    def trash(self, path: str) -> list[ApiRun]:
        """Return the runs in a project's trash, the last that were deleted first.

        Only their path and :meth:`~ApiRun.restore` are of use until they are back.

        Parameters
        ----------
        path : str
            As for :meth:`runs`.

        Raises
        ------
        IdError, StoreError
            As for :meth:`runs`.
        """
        return [ApiRun(self.store, run) for run, _ in in_trash(self.store, *self.project_path(path))]

    def projects(self) -> list[ApiProject]:
        """Return the projects of the store that have runs, by name.

        Raises
        ------
        StoreError
            When the store is missing or cannot be read.
        """
        return [ApiProject(entity, name, self) for entity, name in find_projects(self.store)]
