"""Which store is read, and what is in it: paths of projects, runs and artifacts."""

import os
from collections.abc import Mapping
from typing import Any

from ..errors import IdError
from ..record.manifest import ArtifactPath, parse_artifact_path
from ..record.paths import RunPath, check_name, parse_run_path
from ..record.versions import names, resolve, versions
from ..settings import resolve as resolve_settings
from ..storage import Store, open_store
from .artifact import ApiArtifact, find_artifact

__all__ = ["Artifacts", "Place"]


class Place:
    """A store and whoever reads it.

    Parameters
    ----------
    store : str or path, optional
    storage_options : mapping, optional

    Attributes
    ----------
    store : Store
        Where the runs lie.
    """

    def __init__(
        self,
        store: str | os.PathLike[str] | None = None,
        storage_options: Mapping[str, Any] | None = None,
    ) -> None:
        # Only these two variables: a wrong RUNHOOKS_MODE is no concern of who reads.
        environ = {name: os.environ.get(name, "") for name in ("RUNHOOKS_STORE", "RUNHOOKS_ENTITY")}
        settings = resolve_settings({"store": store, "storage_options": storage_options}, environ)
        self.store: Store = open_store(settings.store, settings.storage_options)
        self._options = settings.storage_options
        self._entity = settings.entity

    def __repr__(self) -> str:
        return f"Api({self.store.url!r})"

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


class Artifacts(Place):
    """The part of :class:`~runhooks.api.Api` that reads artifacts."""

    def artifact(self, path: str) -> ApiArtifact:
        """Return a version of an artifact.

        Parameters
        ----------
        path : str
            ``entity/project/name:version`` or ``project/name:alias``; without a version, the latest.

        Raises
        ------
        IdError
            When this cannot be the path of an artifact.
        ArtifactNotFoundError
            When there is none; the message names those that there are.
        RecordError
            When its manifest cannot be read, or has a path in it that leads out of a folder.
        StoreError
            When the store cannot be read.
        """
        return find_artifact(self.store, self._options, parse_artifact_path(path, self._entity, None))

    def artifacts(self, project: str) -> list[ApiArtifact]:
        """Return the latest version of each artifact of a project, by name.

        Parameters
        ----------
        project : str
            ``entity/project``; ``project`` where the entity is ``RUNHOOKS_ENTITY`` or ``default``.

        Raises
        ------
        IdError, RecordError, StoreError
            As for :meth:`artifact`.
        """
        entity, name = self.project_path(project)
        known = names(self.store, f"{entity}/{name}")
        paths = (ArtifactPath(entity, name, artifact, "latest") for artifact in known)
        return [find_artifact(self.store, self._options, path) for path in paths]

    def artifact_versions(self, path: str) -> list[ApiArtifact]:
        """Return all versions of an artifact, the newest first.

        Raises
        ------
        IdError, ArtifactNotFoundError, RecordError, StoreError
            As for :meth:`artifact`.
        """
        found = resolve(self.store, parse_artifact_path(path, self._entity, None)._replace(version="latest"))
        known = reversed(versions(self.store, found.folder))
        return [ApiArtifact(self.store, self._options, found._replace(version=v)) for v in known]
