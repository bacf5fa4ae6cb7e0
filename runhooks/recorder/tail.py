"""Following the journals of one run on disk: what is new, and which segments are sealed."""

import fcntl
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import Any, BinaryIO

from ..journal import parse, segment_name, segments
from ..record.folder import writers

__all__ = ["PIECE", "News", "Tail", "are_left"]

_SETTLED_S = 2.0
"""A thread may still be inside its write to a segment when another opens the next one (seconds)."""

PIECE = 2**20
"""Bytes of a segment that are read at once; as events they take ten times as much memory."""


@dataclass(slots=True)
class News:
    """Events that were read from one segment, and where reading stopped.

    Attributes
    ----------
    writer : str
    number : int
        The segment.
    start, end : int
        Offsets in it.
    events : list of dict
    more : bool
        Whether the segment has more to read already.
    sealed : bool
        Whether nothing more will come in this segment, and all of it has been read.
    damaged : int
        Lines whose checksum is wrong; they are left out.
    known : bool
        Whether the run document has these events already, from a recorder before this one.
    """

    writer: str
    number: int
    start: int
    end: int
    events: list[dict[str, Any]]
    more: bool
    sealed: bool
    damaged: int
    known: bool


class Tail:
    """Reads each segment once, from the beginning, a call at a time.

    Parameters
    ----------
    folder : Path
        The run's folder.
    applied : mapping
        Per writer: the segment and the offset up to which the run document has the events.
    own : str or None
        The writer that this recorder serves: when the run has ended, so has this writer.
    """

    def __init__(self, folder: Path, applied: Mapping[str, Sequence[int]], own: str | None) -> None:
        self._own = own
        self._folder = folder / "journal"
        self._run = folder
        self._applied = {writer: (number, offset) for writer, (number, offset) in applied.items()}
        self._at: dict[str, tuple[int, int]] = {}

    def read(self, *, closed: bool = False) -> Iterator[News]:
        """Yield what came since the last call.

        Parameters
        ----------
        closed : bool
            Whether the run has ended, so that the last segments are sealed too: that of this recorder's
            own writer, and those that no living writer holds.
        """
        for writer in writers(self._run):
            numbers = segments(self._folder / writer)
            while (at := self._next(writer, numbers)) is not None:
                number, offset = at
                news = self._read_segment(writer, number, offset, last=number == numbers[-1], closed=closed)
                if news.events or news.sealed or news.damaged:
                    yield news  # a caller that fails on it gets it again
                self._at[writer] = (number + 1, 0) if news.sealed else (number, news.end)
                if not (news.sealed or news.more):
                    break

    def _next(self, writer: str, numbers: list[int]) -> tuple[int, int] | None:
        """Return the segment and offset to read from, None when all has been read."""
        number, offset = self._at.get(writer, (0, 0))
        for present in numbers:
            if present >= number:
                return present, offset if present == number else 0
        return None

    def _read_segment(self, writer: str, number: int, start: int, *, last: bool, closed: bool) -> News:
        path = self._folder / writer / segment_name(number)
        applied, offset = self._applied.get(writer, (0, 0))
        known = number < applied or (number == applied and start < offset)
        with path.open("rb") as file:
            settled = not last and time() - path.stat().st_mtime > _SETTLED_S
            settled = settled or (closed and (writer == self._own or _is_left(file.fileno())))
            file.seek(start)
            ends_known = known and number == applied
            data = _piece(file, offset - start if ends_known else sys.maxsize)
            ended = not ends_known and not file.read(1)
        parsed = parse(data)
        events = list(parsed)
        more, sealed = parsed.end > 0 and not ended, settled and ended
        end = start + parsed.end
        return News(writer, number, start, end, events, more, sealed, parsed.damaged, known)


def _piece(file: BinaryIO, most: int) -> bytes:
    """Read on: :data:`PIECE` bytes, or as many as a whole line needs, and at most `most`."""
    data = file.read(min(PIECE, most))
    while b"\n" not in data and (more := file.read(min(PIECE, most - len(data)))):
        data += more
    return data


def are_left(run: Path) -> bool:
    """Tell whether no living writer holds a segment of a run, given by its folder."""
    for writer in writers(run):
        for number in segments(run / "journal" / writer):
            with (
                suppress(FileNotFoundError),  # compacted
                (run / "journal" / writer / segment_name(number)).open("rb") as file,
            ):
                if not _is_left(file.fileno()):
                    return False
    return True


def _is_left(segment: int) -> bool:
    """Tell whether no writer holds a segment (see :class:`runhooks.journal.Journal`)."""
    try:
        fcntl.flock(segment, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    fcntl.flock(segment, fcntl.LOCK_UN)
    return True
