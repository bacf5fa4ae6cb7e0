"""Which runs of a project were deleted: small markers beside the runs, so that nothing has to be moved.

A run with a marker is in the trash: no listing and no page has it, whatever its recorder still writes.
When the trash is emptied the run's objects go, and the marker stays, so that its id is never taken again.
"""

from dataclasses import asdict, dataclass

import orjson

from ..errors import ObjectNotFoundError, RecordError, StoreNotFoundError
from ..storage import Store
from .paths import RunPath

__all__ = ["Deleted", "deleted_ids", "marker_path", "read_deleted", "write_deleted"]

_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Deleted:
    """A run's marker.

    Attributes
    ----------
    deleted_at : int
        Microseconds since the epoch.
    name : str or None
        The run's name, for who looks through the trash.
    purged_at : int or None
        When the run's objects were deleted for good.
    """

    deleted_at: int
    name: str | None = None
    purged_at: int | None = None


def marker_path(path: RunPath) -> str:
    """Return where the marker of a deleted run is."""
    return f"{path.entity}/{path.project}/deleted/{path.id}.json"


def deleted_ids(store: Store, entity: str, project: str) -> set[str]:
    """Return the ids of a project's deleted runs, by one listing."""
    found = store.list(f"{entity}/{project}/deleted", recursive=False)
    return {entry.path.rpartition("/")[2].removesuffix(".json") for entry in found if not entry.is_dir}


def read_deleted(store: Store, path: RunPath) -> Deleted | None:
    """Return a run's marker; None when it was not deleted.

    Raises
    ------
    RecordError
        When the marker cannot be read.
    """
    try:
        found = orjson.loads(store.read(marker_path(path)))
        return Deleted(int(found["deleted_at"]), found.get("name"), found.get("purged_at"))
    except (ObjectNotFoundError, StoreNotFoundError):
        return None
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise RecordError(f"{marker_path(path)} is no marker of a deleted run: {error}") from error


def write_deleted(store: Store, path: RunPath, marker: Deleted, *, replace: bool = False) -> None:
    """Write a run's marker; one that is there stays, unless it is to be replaced."""
    data = orjson.dumps({"format": _FORMAT, **asdict(marker)}) + b"\n"
    if replace:
        store.write(marker_path(path), data)
    else:
        store.create(marker_path(path), data)
