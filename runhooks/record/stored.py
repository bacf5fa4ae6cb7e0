"""What readers and training scripts see of a stored artifact: its manifest, as properties."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ..errors import ArtifactError
from .manifest import ArtifactPath, FileEntry, Manifest

__all__ = ["StoredArtifact"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class StoredArtifact:
    """A version of an artifact in a store.

    Attributes
    ----------
    manifest : Manifest
        Everything that is stored of it but the bytes.
    aliases : tuple of str
        As they were when it was read.
    """

    def __init__(self, path: ArtifactPath, manifest: Manifest, aliases: tuple[str, ...]) -> None:
        self._path = path
        self.manifest = manifest
        self.aliases = aliases

    @property
    def name(self) -> str:
        """Its name, without a version."""
        return self.manifest.name

    @property
    def type(self) -> str:
        """What it is, such as ``model``."""
        return self.manifest.type

    @property
    def version(self) -> str:
        """``v0`` and so on."""
        return self.manifest.version

    @property
    def path(self) -> str:
        """``entity/project/name:version``."""
        return str(self._path)

    @property
    def description(self) -> str | None:
        """What its author wrote about it."""
        return self.manifest.description

    @property
    def metadata(self) -> dict[str, Any]:
        """Facts that its author gave."""
        return self.manifest.metadata

    @property
    def tags(self) -> list[str]:
        """Tags that it was logged with."""
        return list(self.manifest.tags)

    @property
    def digest(self) -> str:
        """Digest of its contents."""
        return self.manifest.digest

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return self.manifest.size

    @property
    def created_at(self) -> datetime:
        """When it was logged (UTC)."""
        return _EPOCH + timedelta(microseconds=self.manifest.created_at)

    def files(self) -> list[str]:
        """Return the paths of its files, in order."""
        return list(self.manifest.entries)

    def get_entry(self, path: str) -> FileEntry:
        """Return what is known of a file: size, digest, and the address of a reference.

        Raises
        ------
        ArtifactError
            When the artifact has no such file.
        """
        if (entry := self.manifest.entries.get(path)) is None:
            raise ArtifactError(f"artifact {self.path} has no file {path!r}")
        return entry

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.path} ({self.type})>"

    def _folder(self, root: str | os.PathLike[str] | None) -> Path:
        """Return the folder that files go to, by default ``artifacts/<name>/<version>`` in this one."""
        return Path(os.path.abspath(root or Path("artifacts", self.name, self.version)))  # noqa: PTH100

    def _chosen(self, path_prefix: str | None) -> dict[str, FileEntry]:
        """Return the entries whose path begins with a prefix.

        Raises
        ------
        ArtifactError
            When there are none.
        """
        entries = self.manifest.entries
        found = {path: entry for path, entry in entries.items() if path.startswith(path_prefix or "")}
        if path_prefix and not found:
            raise ArtifactError(f"artifact {self.path} has no path that begins with {path_prefix!r}")
        return found
