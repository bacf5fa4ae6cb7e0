"""The journal: a writer's append-only events, one JSON object a line, each with its CRC-32.

A line is ``{"type":…,"time":…,…,"crc":"0a1b2c3d"}``; the checksum covers every byte of the line
before ``,"crc"``. A line is appended with one ``write(2)`` to a file opened with ``O_APPEND``: what
:meth:`Journal.append` returned for is in the kernel and survives the death of the process.

Files are ``<folder>/<writer>/<number>.jsonl``. The writer opens the next number when a file has
reached its size; a file with a successor is *sealed*. While a writer lives it holds a shared lock on its
open file: a recorder that ends a run leaves that file to it.
"""

import errno
import fcntl
import itertools
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import time_ns
from typing import Any
from zlib import crc32

import orjson

from .values import pack, plain

__all__ = [
    "MOST_STEP",
    "SEGMENT_BYTES",
    "Journal",
    "Parsed",
    "above_stdio",
    "encode_event",
    "parse",
    "seal",
    "segment_name",
    "segments",
]

MOST_STEP = 2**62
"""Steps are at most this far from 0: one more than any still fits into 64 bits."""

SEGMENT_BYTES = 8 * 2**20
"""Size after which a writer begins the next segment."""

_CRC_HEAD = b',"crc":"'
_TAIL_BYTES = len(b',"crc":"00000000"}')


def segment_name(number: int) -> str:
    """Return the file name of a segment: ``00000000.jsonl``."""
    return f"{number:08d}.jsonl"


def segments(folder: Path) -> list[int]:
    """Return the numbers of the segments in one writer's folder, in order."""
    try:
        names = os.listdir(folder)  # noqa: PTH208  (ten times a pathlib walk's speed, and polled)
    except FileNotFoundError:
        return []
    return sorted(int(name[:8]) for name in names if name.endswith(".jsonl") and name[:8].isdigit())


def seal(body: bytes) -> bytes:
    """Return a whole journal line for a JSON object without its closing brace."""
    return b'%b,"crc":"%08x"}\n' % (body, crc32(body))


def encode_event(kind: str, **fields: Any) -> bytes:
    """Return an event as a JSON object without its closing brace; values must be packed."""
    event = {"type": kind, "time": time_ns() // 1000, **fields}
    try:
        return orjson.dumps(event)[:-1]
    except TypeError:  # a text that is none: lone surrogates
        return orjson.dumps(pack(plain(event)))[:-1]


def above_stdio(fd: int) -> int:
    """Return `fd` under a number above 2: what a program prints must not land in a file of ours."""
    if fd > 2:
        return fd
    higher = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 3)
    os.close(fd)
    return higher


class Journal:
    """A writer's journal, open for appending.

    Threads may append at once. No call raises for the disk's sake: what could not be written is
    counted in :attr:`lost`, with the reason in :attr:`fault`.

    Parameters
    ----------
    folder : Path
        The run's ``journal`` folder.
    writer : str
        This process's name in the run; its sub-folder is made here.
    segment_bytes : int, optional
        Size after which the next file is begun, by default :data:`SEGMENT_BYTES`.

    Raises
    ------
    OSError
        When the folder or the first file cannot be made.
    """

    def __init__(self, folder: Path, writer: str, segment_bytes: int | None = None) -> None:
        self.writer = writer
        self.folder = folder / writer
        self.lost = 0
        self.fault: OSError | None = None
        self._limit = self._room = segment_bytes or SEGMENT_BYTES
        self._torn = False
        self.folder.mkdir(parents=True, exist_ok=True)
        self._numbers = itertools.count(max(segments(self.folder), default=-1) + 1)
        self._fd = self._open_next()
        self._file = _identity(self._fd)

    def append(self, body: bytes) -> None:
        """Append one event, given as a JSON object without its closing brace."""
        line = seal(body)
        try:
            written = os.write(self._fd, line)
        except OSError as error:
            self._lose(error)
            return
        if written != len(line) or self._torn:
            self._mend(line, written)
        self._room -= written
        if self._room < 0:
            self._rotate()

    def event(self, kind: str, **fields: Any) -> None:
        """Append an event that is not on the hot path."""
        self.append(encode_event(kind, **fields))

    def check(self) -> None:
        """See that the file is still this run's: a program may close or reuse every number that it has.

        Where it is not, the next segment is begun under another number, and the stranger's is left alone.
        Where the file was deleted, that is the :attr:`fault`.
        """
        try:
            now = os.fstat(self._fd)
        except OSError:
            now = None
        if now is None or (now.st_dev, now.st_ino) != self._file:
            with suppress(OSError):
                self._fd = self._open_next()
                self._file = _identity(self._fd)
        elif now.st_nlink == 0:
            self.fault = FileNotFoundError(errno.ENOENT, "the run's folder was deleted")

    def stay(self) -> None:
        """Go on in this file for ever: in a forked child, which shares it with its parent."""
        self._limit = self._room = 2**62

    def close(self) -> None:
        """Close the file; later appends are counted as lost."""
        fd, self._fd = self._fd, -1
        with suppress(OSError):  # the program closed it, or has another file there by now
            if _identity(fd) == self._file:
                os.close(fd)

    def _open_next(self) -> int:
        path = self.folder / segment_name(next(self._numbers))
        fd = above_stdio(
            os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o644)
        )
        with suppress(OSError):  # a file system without locks
            fcntl.flock(fd, fcntl.LOCK_SH)
        return fd

    def _rotate(self) -> None:
        self._room = self._limit
        self.check()
        try:
            following = self._open_next()
        except OSError:
            return  # no room for a new file: go on in this one, and try again a segment later
        # dup2 swaps the file under the number that other threads are writing to; none sees it closed.
        with suppress(OSError):  # closed meanwhile
            os.dup2(following, self._fd, inheritable=False)
            self._file = _identity(following)
        os.close(following)

    def _lose(self, error: OSError) -> None:
        self.lost += 1
        self.fault = error

    def _mend(self, line: bytes, written: int) -> None:
        """After a cut line (a full disk), end it, so that only that line is damaged."""
        if written == len(line):  # the line before was cut and this one was glued to it: write it again
            self._torn = False
            try:
                if os.write(self._fd, b"\n" + line) != len(line) + 1:
                    raise OSError(errno.ENOSPC, "the disk took only a part of the line")
            except OSError as error:
                self._torn = True
                self._lose(error)
            return
        self._torn = True
        self._lose(OSError(errno.ENOSPC, "the disk took only a part of the line"))


def _identity(fd: int) -> tuple[int, int]:
    facts = os.fstat(fd)
    return facts.st_dev, facts.st_ino


class Parsed:
    """The readable events of a piece of journal.

    Attributes
    ----------
    end : int
        Bytes up to the end of the last whole line.
    damaged : int
        Whole lines whose checksum or JSON is wrong.
    """

    __slots__ = ("_data", "damaged", "end")

    def __init__(self, data: bytes) -> None:
        self.end = data.rfind(b"\n") + 1
        self.damaged = 0
        self._data = data

    def __iter__(self) -> Iterator[dict[str, Any]]:
        good: list[bytes] = []
        for line in self._data[: self.end].split(b"\n"):
            cut = len(line) - _TAIL_BYTES
            if cut > 0 and line[cut:] == b'%b%08x"}' % (_CRC_HEAD, crc32(line[:cut])):
                good.append(line)
            elif line:
                self.damaged += 1
        yield from self._decode(good)

    def _decode(self, lines: list[bytes]) -> list[dict[str, Any]]:
        """One parse for all lines is three times as fast as one each."""
        try:
            found = orjson.loads(b"[" + b",".join(lines) + b"]")
        except orjson.JSONDecodeError:
            found = [event for line in lines if (event := self._decode_one(line)) is not None]
        return [event for event in found if isinstance(event, dict)]

    def _decode_one(self, line: bytes) -> Any:
        try:
            return orjson.loads(line)
        except orjson.JSONDecodeError:
            self.damaged += 1
            return None


def parse(data: bytes) -> Parsed:
    """Return the events of a piece of journal that begins at the start of a line."""
    return Parsed(data)
