"""Blobs that no manifest names."""

from contextlib import suppress
from dataclasses import dataclass, field

from ..errors import ObjectNotFoundError
from ..storage import Entry, Store, together
from .claims import announced, claimed
from .manifest import Manifest, blob_path, version_number
from .versions import stored

__all__ = ["Sweep", "sweep"]

_AT_ONCE = 64


@dataclass(slots=True)
class Sweep:
    """What was found in one project.

    Attributes
    ----------
    project : str
        ``entity/project``.
    kept, recent : int
        Blobs that a manifest or an upload names; blobs that none does, but that may belong to an upload.
    unnamed : list of Entry
        Blobs that were deleted, or, on trial, would be.
    """

    project: str
    kept: int = 0
    recent: int = 0
    unnamed: list[Entry] = field(default_factory=list)

    @property
    def freed(self) -> int:
        """Bytes of the unnamed blobs."""
        return sum(entry.size for entry in self.unnamed)


def sweep(store: Store, project: str, least_age_s: float, *, dry_run: bool) -> Sweep:
    """Delete the blobs of a project that no manifest names and that are old enough.

    A blob comes before the manifest that names it, so one that is younger than `least_age_s`, by the store's
    clock, may belong to an upload under way and is left. For uploads that reuse an old one see
    :mod:`~runhooks.record.claims`.

    Raises
    ------
    RecordError
        When a manifest or claim cannot be read: nothing is deleted then, for it may name any of them.
    StoreError
    """
    found = Sweep(project)
    blobs = list(store.list(f"{project}/blobs/sha256"))
    named = _Named(store, project)
    named.read()
    now = store.now()
    old = []
    for entry in blobs:
        if entry.path in named.paths:
            found.kept += 1
        elif entry.modified is None or now - entry.modified < least_age_s:
            found.recent += 1
        else:
            old.append(entry)
    if old and not dry_run:
        found.unnamed = _delete(store, project, old, named)
        found.kept += len(old) - len(found.unnamed)
    else:
        found.unnamed = old
    return found


def _delete(store: Store, project: str, old: list[Entry], named: "_Named") -> list[Entry]:
    """Delete what is still unnamed, and return it."""
    deleted = []
    with announced(store, project) as renew:
        for start in range(0, len(old), _AT_ONCE):
            renew()
            named.read()
            several = [entry for entry in old[start : start + _AT_ONCE] if entry.path not in named.paths]
            together(store, lambda entry: store.delete(entry.path), several)
            deleted += several
    return deleted


class _Named:
    """The blobs of a project that something needs; each manifest is read once."""

    def __init__(self, store: Store, project: str) -> None:
        self._store = store
        self._project = project
        self._seen: set[str] = set()
        self.paths: set[str] = set()

    def read(self) -> None:
        """Add what is named by now: claims first, for one that is gone by then has its manifest there."""
        digests = claimed(self._store, self._project)
        self.paths.update(blob_path(self._project, digest) for digest in digests)
        for entry in self._store.list(f"{self._project}/artifacts"):
            version = entry.path.rpartition("/")[2].removesuffix(".json")
            if entry.path.endswith(".json") and version_number(version) is not None:
                self._add(entry.path)

    def _add(self, path: str) -> None:
        if path in self._seen:
            return
        with suppress(ObjectNotFoundError):
            manifest = Manifest.from_bytes(self._store.read(path), path)
            self.paths.update(
                blob_path(self._project, digest) for digest, _ in stored(manifest.entries.values())
            )
            self._seen.add(path)
