"""The process between a program and its terminal, for ``console="redirect"``: passes all on, and copies it.

It does nothing else, so that a program waits for its terminal and for nothing of ours: a recorder that is
frozen or dead does not hold it up.
"""

import base64
import fcntl
import json
import os
import select
import signal
import sys
import termios
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..journal import Journal, encode_event
from ..redact import Redactor

__all__ = ["main"]

FIRST = 3
"""Number of the first channel's file: what the program writes; the next is where that goes."""

SEGMENT_BYTES = 2**20
_TICK_MS = 1000


@dataclass(slots=True)
class _Channel:
    """A way from the program to its terminal.

    Attributes
    ----------
    stream : int
        1 or 2.
    inner, outer : int
        Where the program's output comes from, and where it goes.
    tty : bool
    """

    stream: int
    inner: int
    outer: int
    tty: bool
    rest: bytes = b""

    def follow_size(self) -> None:
        """Give the program the size of its terminal, which may have changed."""
        if self.tty:
            with suppress(OSError):
                size = fcntl.ioctl(self.outer, termios.TIOCGWINSZ, bytes(8))
                if size != fcntl.ioctl(self.inner, termios.TIOCGWINSZ, bytes(8)):
                    fcntl.ioctl(self.inner, termios.TIOCSWINSZ, size)

    def pass_on(self, data: bytes) -> bool:
        """Write to the terminal; False where nobody reads it any more."""
        left = memoryview(data)
        while left:
            try:
                left = left[os.write(self.outer, left) :]
            except BlockingIOError:
                select.select((), (self.outer,), ())
            except OSError:
                return self.tty  # a terminal that is gone takes no pipe's reader with it
        return True

    def event(self, data: bytes, redactor: Redactor) -> bytes:
        """Return what was written as a journal's event; a character that is not whole yet is kept back."""
        data, self.rest = self.rest + data, b""
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            if error.reason != "unexpected end of data" or len(data) - error.start > 3:
                plain = redactor.redact(data.decode("latin-1")).encode("latin-1", "replace")
                return encode_event("out", stream=self.stream, bytes=base64.b64encode(plain).decode())
            text, self.rest = data[: error.start].decode(), data[error.start :]
        return encode_event("out", stream=self.stream, text=redactor.redact(text))


def main() -> None:
    """Run as the process that :mod:`runhooks.training.redirect` starts: told what to do by its arguments."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGTTOU):
        signal.signal(number, signal.SIG_IGN)  # it ends when the last that writes to it has ended
    told = json.loads(sys.argv[1])
    channels = []
    for at, (stream, tty) in enumerate(told["channels"]):
        channels.append(_Channel(stream, FIRST + 2 * at, FIRST + 2 * at + 1, tty))
    os.closerange(FIRST + 2 * len(channels), 4096)  # what the program left inheritable is not ours
    Relay(Path(told["folder"]), told["writer"], told["rows"], channels).serve()


class Relay:
    """Passes on and copies until everybody who writes has gone."""

    def __init__(self, folder: Path, writer: str, rows: int | None, channels: list[_Channel]) -> None:
        self._folder, self._writer, self._rows = folder, writer, rows
        self._channels = {channel.inner: channel for channel in channels}
        self._redactors = {channel.inner: Redactor() for channel in channels}
        self._journal: Journal | None = None
        self._copying = True

    def serve(self) -> None:
        """Work until there is nothing left to come."""
        poll = select.poll()
        poll.register(0, select.POLLIN)
        for inner in self._channels:
            poll.register(inner, select.POLLIN)
        while self._channels:
            ready = [fd for fd, _ in poll.poll(_TICK_MS)]
            for channel in self._channels.values():
                channel.follow_size()
            for inner in [fd for fd in ready if fd in self._channels]:
                if not self._read(inner):
                    poll.unregister(inner)
            if 0 in ready:
                if os.read(0, 64):
                    self._stop()
                else:
                    poll.unregister(0)  # the program is gone; what it started may still write
        if self._journal is not None:
            self._journal.close()

    def _stop(self) -> None:
        """Copy what was written until the end of the run; from now on, only pass on."""
        while waiting := select.select(list(self._channels), (), (), 0)[0]:
            for inner in waiting:
                self._read(inner)
        self._copying = False
        if self._journal is not None:
            self._journal.close()
            self._journal = None
        with suppress(OSError):
            os.write(1, b"stopped\n")

    def _read(self, inner: int) -> bool:
        """Take what is there from one channel; False when it has ended."""
        channel = self._channels[inner]
        try:
            data = os.read(inner, 65536)
        except OSError:  # a pseudo-terminal that nobody has open any more
            data = b""
        if data and channel.pass_on(data):
            self._copy(channel, data)
            return True
        os.close(inner)
        del self._channels[inner]
        return False

    def _copy(self, channel: _Channel, data: bytes) -> None:
        if not self._copying:
            return
        try:
            if self._journal is None:
                self._folder.stat()  # a run that was deleted does not come back
                self._journal = Journal(self._folder / "logs" / "journal", self._writer, SEGMENT_BYTES)
                self._journal.event("terminal", rows=self._rows)
            self._journal.append(channel.event(data, self._redactors[channel.inner]))
        except OSError:
            self._copying = False  # output goes on to the terminal in any case
