"""``console="redirect"``: this process's files 1 and 2, led through a relay (:mod:`runhooks.recorder.relay`).

What subprocesses and C code write is copied too. Where output went to a terminal it goes to a pseudo-terminal
of the same size, so that ``isatty`` stays true; elsewhere to a pipe.
"""

import json
import os
import select
import sys
import termios
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..journal import above_stdio
from ..recorder.spawn import start
from .terminal import rows_of_terminal

__all__ = ["Redirect"]

_FIRST = 3
_DRAIN_S = 5.0


@dataclass(slots=True)
class _Channel:
    """Files that go to one place: their numbers, that place, and the two ends of what is put between."""

    numbers: list[int]
    saved: int
    tty: bool
    written: int = -1
    read: int = -1


class Redirect:
    """One run's copy of all output of this process and what it starts, from :meth:`open` to :meth:`close`.

    Parameters
    ----------
    folder : Path
        The run's folder.
    writer : str
        This process's name in the run.
    warn : callable
        Called with a text when something cannot be kept.
    """

    def __init__(self, folder: Path, writer: str, warn: Callable[[str], None]) -> None:
        self._folder, self._writer, self._warn = folder, writer, warn
        self._channels: list[_Channel] = []
        self._pid = self._to = self._from = -1

    def open(self) -> None:
        """Begin to copy.

        Raises
        ------
        OSError
            When no relay can be started; output goes on as before.
        """
        self._channels = _channels()
        rows = rows_of_terminal()
        try:
            self._start(rows)
        except OSError:
            self._forget()
            raise
        _flush()
        for channel in self._channels:
            for number in channel.numbers:
                os.dup2(channel.written, number, inheritable=True)
            os.close(channel.written)

    def close(self) -> None:
        """Put the files back, and wait until what was written has passed."""
        if self._pid < 0:
            return
        self._put_back()
        with suppress(OSError):
            os.write(self._to, b"stop\n")
            select.select((self._from,), (), (), _DRAIN_S)
        self._forget()
        self._reap()

    def check(self) -> None:
        """Once a second: where the relay has died, go on without it."""
        if self._pid >= 0 and self._reap():
            self._put_back()
            self._forget()
            self._warn("console output is not kept any more: the process that copies it has died")

    def after_fork(self) -> None:
        """In a forked child: write on through the parent's relay, which is not the child's to end."""
        self._forget()

    def _start(self, rows: int | None) -> None:
        stop, self._to = _pipe()
        self._from, stopped = _pipe()
        actions: list[tuple[Any, ...]] = [
            (os.POSIX_SPAWN_DUP2, stop, 0),
            (os.POSIX_SPAWN_DUP2, stopped, 1),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        ]
        clear = 64 + 2 * len(self._channels)  # above every number that is given away below
        for at, channel in enumerate(self._channels):
            channel.read, channel.written = _between(channel)
            for place, end in enumerate((channel.read, channel.saved)):
                actions.append((os.POSIX_SPAWN_DUP2, end, clear + 2 * at + place))
        places = range(2 * len(self._channels))
        actions += [(os.POSIX_SPAWN_DUP2, clear + place, _FIRST + place) for place in places]
        told = {
            "folder": str(self._folder),
            "writer": self._writer,
            "rows": rows,
            "channels": [[channel.numbers[0], channel.tty] for channel in self._channels],
        }
        self._pid = start("runhooks.recorder.relay", actions, json.dumps(told))
        for fd in (stop, stopped, *(channel.read for channel in self._channels)):
            os.close(fd)

    def _put_back(self) -> None:
        _flush()
        for channel in self._channels:
            for number in channel.numbers:
                with suppress(OSError):
                    os.dup2(channel.saved, number, inheritable=True)

    def _reap(self) -> bool:
        try:
            return os.waitpid(self._pid, os.WNOHANG)[0] != 0
        except ChildProcessError:
            return True

    def _forget(self) -> None:
        for fd in (self._to, self._from, *(channel.saved for channel in self._channels)):
            if fd >= 0:
                with suppress(OSError):
                    os.close(fd)
        self._channels, self._to, self._from = [], -1, -1


def _channels() -> list[_Channel]:
    """Return where the open ones of the files 1 and 2 go; both as one where they go to the same place."""
    found: dict[tuple[int, int], _Channel] = {}
    for number in (1, 2):
        with suppress(OSError):  # closed
            facts = os.fstat(number)
            where = facts.st_dev, facts.st_ino
            if where in found:
                found[where].numbers.append(number)
            else:
                found[where] = _Channel([number], above_stdio(os.dup(number)), os.isatty(number))
    return list(found.values())


def _between(channel: _Channel) -> tuple[int, int]:
    """Return what the relay reads and what the program writes to: a pseudo-terminal, or a pipe."""
    if not channel.tty:
        return _pipe()
    outer, inner = os.openpty()
    outer, inner = above_stdio(outer), above_stdio(inner)
    with suppress(OSError, termios.error):
        termios.tcsetwinsize(outer, termios.tcgetwinsize(channel.saved))
        look = termios.tcgetattr(inner)
        look[1] &= ~termios.OPOST  # the real terminal makes of a line feed what it makes of it
        termios.tcsetattr(inner, termios.TCSANOW, look)
    return outer, inner


def _pipe() -> tuple[int, int]:
    reading, writing = os.pipe()
    return above_stdio(reading), above_stdio(writing)


def _flush() -> None:
    """Let out what Python has kept back, so that it goes where it went until now."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):  # closed, replaced, or None
            stream.flush()
