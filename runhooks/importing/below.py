"""What lies below a folder that is imported, and what of it could not be looked at."""

import os
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path

from ..errors import RecordError, StoreError

__all__ = ["Told", "files_below", "telling", "why_unread"]

Told = MutableMapping[str, str]
"""What could not be read, by its path, and why."""


def files_below(folder: Path, told: Told) -> list[Path]:
    """Return all regular files below a folder, in order; no link is followed, no folder ends it."""

    def note(error: OSError) -> None:
        told[str(error.filename)] = why_unread(error)

    found = []
    for place, _, names in os.walk(folder, onerror=note):
        for name in names:
            file = Path(place, name)
            with telling(file, told):
                if not file.is_symlink() and file.is_file():
                    found.append(file)
    return sorted(found)


@contextmanager
def telling(file: Path, told: Told) -> Iterator[None]:
    """Note what keeps a file from being read, under its path, and go on after it."""
    try:
        yield
    except StoreError:
        raise
    except OSError as error:
        told[str(file)] = why_unread(error)
    except RecordError as error:
        told[str(file)] = str(error)


def why_unread(error: OSError) -> str:
    """Return the reason that is noted of what cannot be read."""
    return f"it cannot be read: {error.strerror or error}"
