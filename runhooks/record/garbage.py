"""Blobs that no manifest names."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..errors import ObjectNotFoundError
from ..storage import Entry, Store
from .manifest import Manifest, blob_path, version_number
from .versions import stored

__all__ = ["Sweep", "sweep"]


@dataclass(slots=True)
class Sweep:
    """What was found in one project.

    Attributes
    ----------
    project : str
        ``entity/project``.
    kept, recent : int
        Blobs that a manifest names; blobs that none names, but that may belong to an upload under way.
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
    clock, may belong to an upload under way and is left. The manifests are read after the blobs were
    listed, for the same reason.

    Raises
    ------
    RecordError
        When a manifest cannot be read: nothing is deleted then, for it may name any of them.
    StoreError
    """
    found = Sweep(project)
    blobs = list(store.list(f"{project}/blobs"))
    named = set(_named(store, project))
    now = store.now()
    for entry in blobs:
        if entry.path in named:
            found.kept += 1
        elif entry.modified is None or now - entry.modified < least_age_s:
            found.recent += 1
        else:
            found.unnamed.append(entry)
            if not dry_run:
                store.delete(entry.path)
    return found


def _named(store: Store, project: str) -> Iterator[str]:
    for entry in store.list(f"{project}/artifacts"):
        version = entry.path.rpartition("/")[2].removesuffix(".json")
        if entry.path.endswith(".json") and version_number(version) is not None:
            try:
                manifest = Manifest.from_bytes(store.read(entry.path), entry.path)
            except ObjectNotFoundError:
                continue
            for digest, _ in stored(manifest.entries.values()):
                yield blob_path(project, digest)
