""":class:`ApiArtifact`: a version of an artifact in a store."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import ArtifactError
from ..record.manifest import ArtifactPath
from ..record.paths import parse_run_path
from ..record.stored import StoredArtifact
from ..record.versions import aliases, read_manifest, resolve, users
from ..storage import Store

if TYPE_CHECKING:
    from .run import ApiRun

__all__ = ["ApiArtifact", "find_artifact"]


class ApiArtifact(StoredArtifact):
    """A version of an artifact, read from a store. See :meth:`runhooks.Api.artifact`."""

    def __init__(
        self,
        store: Store,
        options: Mapping[str, Any],
        path: ArtifactPath,
    ) -> None:
        named = aliases(store, path.folder)
        mine = tuple(sorted(alias for alias, version in named.items() if version == path.version))
        super().__init__(path, read_manifest(store, path), mine)
        self._store = store
        self._options = options

    def download(self, root: str | os.PathLike[str] | None = None, path_prefix: str | None = None) -> str:
        """Bring the files into a folder and return it. Each file is compared with its digest.

        Files that are there already are kept, and a download that was broken off is completed. References
        are read from where they are.

        Parameters
        ----------
        root : str or path, optional
            By default ``artifacts/<name>/<version>`` in the current folder.
        path_prefix : str, optional
            Only files whose path begins so.

        Raises
        ------
        ArtifactError
            When nothing has this prefix, or content is missing or not as its digest says.
        StoreError
        """
        from ..record.bar import bar
        from ..record.downloads import download

        entries, folder = self._chosen(path_prefix), self._folder(root)
        size = sum(entry.size or 0 for entry in entries.values())
        with bar(f"downloading {self.name}:{self.version}", size) as progress:
            download(self._store, self._path.project_folder, entries, folder, self._options, progress)
        return str(folder)

    def verify(self, root: str | os.PathLike[str] | None = None) -> None:
        """Compare all content with its digests.

        Parameters
        ----------
        root : str or path, optional
            A folder that it was downloaded to; by default the content in the store is read, all of it.

        Raises
        ------
        ArtifactError
            When something is missing or changed; the message names it.
        StoreError
        """
        from ..record.downloads import told, verify_blobs, verify_files

        if root is None:
            problems = verify_blobs(self._store, self._path.project_folder, self.manifest.entries)
        else:
            problems = verify_files(self.manifest.entries, self._folder(root))
        if problems:
            raise ArtifactError(f"artifact {self.path} is not as its manifest says: {told(problems)}")

    def logged_by(self) -> "ApiRun":
        """Return the run that made it."""
        from .run import ApiRun

        return ApiRun(self._store, parse_run_path(self.manifest.made_by))

    def used_by(self) -> "list[ApiRun]":
        """Return the runs that used it, the first one first."""
        from .run import ApiRun

        return [ApiRun(self._store, parse_run_path(run)) for run in users(self._store, self._path)]


def find_artifact(store: Store, options: Mapping[str, Any], path: ArtifactPath) -> ApiArtifact:
    """Return the artifact at a path that may have an alias in it.

    Raises
    ------
    ArtifactNotFoundError
        When there is none; the message names those that there are.
    """
    return ApiArtifact(store, options, resolve(store, path))
