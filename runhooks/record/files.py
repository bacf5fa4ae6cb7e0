"""``files.json``: which files a run has, and what was passed over."""

import re
from dataclasses import dataclass, field
from typing import Any

import orjson

__all__ = ["FILES", "Listing", "StoredFile", "is_storable", "parse_listing"]

FILES = "files.json"

_UNSTORABLE = re.compile(r"[\\\x00-\x1f\x7f\ud800-\udfff]|\?versionId=")


def is_storable(name: str) -> bool:
    """Tell whether every store can keep a file of this name."""
    return not _UNSTORABLE.search(name)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in the run's ``files`` folder.

    Attributes
    ----------
    path : str
        Within that folder.
    size : int
        Bytes.
    time : int
        When it was last written, in microseconds since the epoch.
    """

    path: str
    size: int
    time: int


@dataclass(frozen=True, slots=True)
class Listing:
    """What ``files.json`` says.

    Attributes
    ----------
    files : list of StoredFile
        By path; the first ten thousand.
    total : int
        How many there are.
    skipped : dict
        Paths of this machine that were not taken, and why.
    """

    files: list[StoredFile] = field(default_factory=list)
    total: int = 0
    skipped: dict[str, str] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """Return the document."""
        files = [[file.path, file.size, file.time] for file in self.files]
        document = {"format": 1, "total": self.total, "files": files, "skipped": self.skipped}
        return orjson.dumps(document) + b"\n"


def parse_listing(data: bytes) -> Listing:
    """Read the document.

    Raises
    ------
    ValueError
        When the bytes are none.
    """
    try:
        found: dict[str, Any] = orjson.loads(data)
        files = [StoredFile(str(path), int(size), int(time)) for path, size, time in found["files"]]
        skipped = {str(path): str(why) for path, why in found["skipped"].items()}
        return Listing(files, int(found["total"]), skipped)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no listing of files: {error}") from error
