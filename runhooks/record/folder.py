"""A run's folder on this machine's disk: its view, read as its own process and its recorder need it.

Needs neither a store nor numpy, so that the training process may read its own summary.
"""

from pathlib import Path
from typing import Any

from ..errors import RecordError
from ..journal import parse, segment_name, segments
from .document import from_bytes
from .replay import apply
from .secondary import is_secondary, secondary_path
from .superseded import take_over
from .view import RunView

__all__ = ["beginning", "has_ended", "view_of", "writers"]

_ATTEMPTS = 10


def writers(folder: Path) -> list[str]:
    """Return the names of the journals in a run's folder; they sort by start time.

    Those that secondary writers on other nodes put there are theirs, and are left out.
    """
    try:
        found = sorted(entry.name for entry in (folder / "journal").iterdir() if entry.is_dir())
    except FileNotFoundError:
        return []
    return [
        name
        for name in found
        if not (is_secondary(name) and Path(secondary_path(str(folder), name)).exists())
    ]


def beginning(folder: Path, writer: str) -> list[dict[str, Any]]:
    """Return the first event of a journal in a run's folder; nothing when that is compacted."""
    try:
        with (folder / "journal" / writer / segment_name(0)).open("rb") as file:
            return list(parse(file.readline()))
    except FileNotFoundError:
        return []


def view_of(folder: Path) -> RunView:
    """Return the run as it is now: the document, and every event after it.

    Raises
    ------
    FileNotFoundError
        When there is no run document.
    RecordError
        When it cannot be read.
    """
    for _ in range(_ATTEMPTS):
        view = _document(folder)
        before = dict(view.applied)
        if _replay(folder, view) and _document(folder).applied == before:
            break
    return view  # after so many attempts, a recorder that compacts faster than we read: nearly all of it


def has_ended(folder: Path) -> bool:
    """Tell whether the run in a folder has ended, or has been sent to its store and is no more here."""
    try:
        return _document(folder).state != "running"
    except FileNotFoundError:
        return True
    except RecordError:
        return False


def _document(folder: Path) -> RunView:
    return from_bytes((folder / "run.json").read_bytes(), str(folder / "run.json"))


def _replay(folder: Path, view: RunView) -> bool:
    """Apply what the document has not; False when a segment went meanwhile, into a newer document."""
    for writer in writers(folder):
        if writer not in view.applied:
            take_over(view, beginning(folder, writer))
    for writer in writers(folder):
        at, offset = view.applied.get(writer, (0, 0))
        for number in segments(folder / "journal" / writer):
            if number < at:
                continue
            try:
                data = (folder / "journal" / writer / segment_name(number)).read_bytes()
            except FileNotFoundError:
                return False
            apply(view, parse(data[offset if number == at else 0 :]), writer)
    return True
