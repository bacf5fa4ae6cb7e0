""":class:`Api`, the way in."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import IdError, RunNotFoundError
from ..record.paths import RunPath, check_name, parse_run_path
from ..settings import resolve
from ..storage import Store, open_store
from .listing import find_projects, list_runs
from .nearby import no_such_project
from .run import ApiRun

__all__ = ["Api", "ApiProject"]


@dataclass(frozen=True, slots=True)
class ApiProject:
    """A project of a store.

    Attributes
    ----------
    entity, name : str
    """

    entity: str
    name: str
    _api: "Api" = field(repr=False, compare=False)

    @property
    def path(self) -> str:
        """``entity/project``."""
        return f"{self.entity}/{self.name}"

    @property
    def url(self) -> str:
        """Address of the project's page."""
        return self._api.store.page_url(f"{self.path}/index.html")

    def runs(self) -> list[ApiRun]:
        """Return the project's runs, newest first. See :meth:`Api.runs`."""
        return self._api.runs(self.path)


class Api:
    """Reads runs from a store. It never writes to it.

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

    def __init__(
        self,
        store: str | os.PathLike[str] | None = None,
        storage_options: Mapping[str, Any] | None = None,
    ) -> None:
        # Only these two variables: a wrong RUNHOOKS_MODE is no concern of who reads.
        environ = {name: os.environ.get(name, "") for name in ("RUNHOOKS_STORE", "RUNHOOKS_ENTITY")}
        settings = resolve({"store": store, "storage_options": storage_options}, environ)
        self.store: Store = open_store(settings.store, settings.storage_options)
        self._entity = settings.entity

    def __repr__(self) -> str:
        return f"Api({self.store.url!r})"

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

    def runs(self, path: str) -> list[ApiRun]:
        """Return the runs of a project, newest first.

        Parameters
        ----------
        path : str
            ``entity/project``; ``project`` where the entity is ``RUNHOOKS_ENTITY`` or ``default``.

        Raises
        ------
        IdError
            When this cannot be the path of a project.
        RunNotFoundError
            When the store has no run of this project; the message names projects that it has.
        StoreError
            When the store is missing or cannot be read.
        """
        entity, project = self.project_path(path)
        found = list_runs(self.store, entity, project)
        if not found:
            raise RunNotFoundError(no_such_project(self.store, entity, project))
        return [ApiRun(self.store, listed.path) for listed in found]

    def projects(self) -> list[ApiProject]:
        """Return the projects of the store that have runs, by name.

        Raises
        ------
        StoreError
            When the store is missing or cannot be read.
        """
        return [ApiProject(entity, name, self) for entity, name in find_projects(self.store)]

    def project_path(self, path: str) -> tuple[str, str]:
        """Return entity and name of a project from ``entity/project`` or ``project``.

        Raises
        ------
        IdError
            When this cannot be the path of a project.
        """
        parts = path.strip("/").split("/")
        if len(parts) == 1:
            parts = [self._entity, *parts]
        if len(parts) != 2:
            raise IdError(f"a project path is entity/project, not {path!r}")
        return check_name(parts[0], "entity"), check_name(parts[1], "project")

    def _run_path(self, path: str) -> RunPath:
        parts = path.strip("/").split("/")
        return parse_run_path("/".join([self._entity, *parts]) if len(parts) == 2 else path)
