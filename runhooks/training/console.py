"""What the program writes to stdout and stderr, copied call by call to a journal of its own.

The streams stay what they are: only their ``write`` is wrapped, on the object itself, so that ``isatty``,
``encoding``, ``fileno``, ``buffer`` and everything that holds the stream go on as before. A stream that
somebody puts in place later is theirs; if it passes on to ours, it is copied there.
"""

import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..journal import Journal, encode_event
from ..redact import Redactor
from .terminal import rows_of_terminal

if TYPE_CHECKING:
    from .redirect import Redirect

__all__ = ["Console", "open_console"]

SEGMENT_BYTES = 2**20

_taps: dict[int, "_Tap"] = {}
"""By the identity of the stream; a tap keeps its stream alive."""


def open_console(how: str, folder: Path, writer: str, warn: Callable[[str], None]) -> "Console | Redirect":
    """Begin to copy the console as it was asked for; without a relay, only what goes through Python."""
    if how == "redirect":
        from .redirect import Redirect  # what most programs do without is not loaded

        redirect = Redirect(folder, writer, warn)
        try:
            redirect.open()
        except OSError as error:
            warn(f"only what goes through sys.stdout and sys.stderr is kept, without a relay: {error}")
        else:
            return redirect
    console = Console(folder, writer, warn)
    console.open()
    return console


class Console:
    """One run's copy of the console, from :meth:`open` to :meth:`close`.

    Parameters
    ----------
    folder : Path
        The run's folder.
    writer : str
        This process's name in the run.
    warn : callable
        Called once with a text when something cannot be kept.
    """

    def __init__(self, folder: Path, writer: str, warn: Callable[[str], None]) -> None:
        self._run_folder, self._folder = folder, folder / "logs" / "journal"
        self._writer = writer
        self._warn = warn
        self._opening = threading.Lock()
        self._journal: Journal | None = None
        self._redactors = {1: Redactor(), 2: Redactor()}
        self._told = False
        self._closed = False

    def open(self) -> None:
        """Begin to copy what goes through sys.stdout and sys.stderr."""
        for number, name in ((1, "stdout"), (2, "stderr")):
            try:
                _tap(getattr(sys, name), number).consoles.append(self)
            except Exception as error:  # noqa: BLE001  (whatever stands for a stream in this program)
                self._tell(f"what goes to {name} is not kept: {_why(getattr(sys, name, None), error)}")

    def close(self) -> None:
        """Leave the streams as they were found, and close the journal."""
        self._closed = True
        for tap in list(_taps.values()):
            tap.leave(self)
        if self._journal is not None:
            self._journal.close()

    def after_fork(self) -> None:
        """In a forked child: share the parent's file, which takes each write whole. Another is not begun."""
        self._opening = threading.Lock()
        if self._journal is None:
            self._closed = True
        else:
            self._journal.stay()

    def check(self) -> None:
        """Once a second: see that the journal's file is still this run's, and tell of what was lost."""
        journal = self._journal
        if journal is not None:
            journal.check()
            if journal.fault is not None:
                self._tell(f"console output is being lost: {journal.fault} in {journal.folder}")

    def take(self, stream: int, piece: Any) -> None:
        """Copy what was written in one call: a text, or bytes."""
        if self._closed:
            return
        if isinstance(piece, str):
            piece = self._redactors[stream].redact(piece)
            body = encode_event("out", stream=stream, text=piece) if _is_text(piece) else None
            piece = piece if body is not None else piece.encode("utf-8", "surrogateescape")
        else:
            body, piece = None, bytes(piece)
        if body is None:
            body = self._of_bytes(stream, piece)
        self._open_journal().append(body)

    def _of_bytes(self, stream: int, piece: bytes) -> bytes:
        try:
            text = self._redactors[stream].redact(piece.decode())
        except UnicodeDecodeError:
            import base64

            # Latin-1 maps every byte to a character and back: what looks like a secret is found in it too.
            plain = self._redactors[stream].redact(piece.decode("latin-1")).encode("latin-1", "replace")
            return encode_event("out", stream=stream, bytes=base64.b64encode(plain).decode())
        return encode_event("out", stream=stream, text=text)

    def _open_journal(self) -> Journal:
        if self._journal is None:
            with self._opening:
                if self._journal is None:
                    self._run_folder.stat()  # a run that was deleted does not come back
                    journal = Journal(self._folder, self._writer, SEGMENT_BYTES)
                    journal.event("terminal", rows=rows_of_terminal())
                    self._journal = journal
        return self._journal

    def fail(self, error: BaseException) -> None:
        """Say, once, that output cannot be kept. The program goes on."""
        self._tell(f"console output is being lost: {type(error).__name__}: {error}")

    def _tell(self, message: str) -> None:
        if not self._told:
            self._told = True
            self._warn(message)


def _is_text(piece: str) -> bool:
    if piece.isascii():
        return True
    try:
        piece.encode()
    except UnicodeEncodeError:  # lone surrogates: bytes that were no UTF-8
        return False
    return True


def _why(stream: Any, error: Exception) -> str:
    if stream is None or getattr(stream, "closed", False) is True:
        return "it is closed"
    return f"{type(stream).__name__} does not let its write be followed ({type(error).__name__}: {error})"


def _tap(stream: Any, number: int) -> "_Tap":
    if stream is None or getattr(stream, "closed", False) is True:
        raise ValueError("closed")
    tap = _taps.get(id(stream))
    if tap is None:
        tap = _taps[id(stream)] = _Tap(stream, number)
    return tap


class _Tap:
    """The write calls of one stream: passed on first, then copied.

    Text and bytes are two ways into a stream, and text ends up as bytes below. So the buffer's ``write`` is
    wrapped too, and what comes there from a text write or a flush is not copied again.
    """

    def __init__(self, stream: Any, number: int) -> None:
        self.consoles: list[Console] = []
        self._stream = stream
        self._number = number
        self._inside: set[int] = set()
        self._copying: set[int] = set()
        self._write, self._flush = stream.write, stream.flush
        self._wrapped = [(stream, "write", self.write), (stream, "flush", self.flush)]
        stream.write, stream.flush = (wrapper for _, _, wrapper in self._wrapped)
        self._wrap_buffer(getattr(stream, "buffer", None))

    def _wrap_buffer(self, buffer: Any) -> None:
        if buffer is None or not callable(getattr(buffer, "write", None)):
            return
        self._write_bytes = buffer.write
        with suppress(AttributeError, TypeError):  # a buffer that does not let itself be followed
            buffer.write = self.write_bytes
            self._wrapped.append((buffer, "write", self.write_bytes))

    def write(self, text: Any, /, *more: Any, **named: Any) -> Any:
        """Stand for the stream's ``write``."""
        done = self._passing(self._write, text, *more, **named)
        self._copy(text)
        return done

    def flush(self) -> Any:
        """Stand for the stream's ``flush``."""
        return self._passing(self._flush)

    def write_bytes(self, data: Any, /) -> Any:
        """Stand for the buffer's ``write``."""
        done = self._write_bytes(data)
        if threading.get_ident() not in self._inside:
            self._copy(data)
        return done

    def _passing(self, call: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        thread = threading.get_ident()
        if thread in self._inside:
            return call(*arguments, **named)
        self._inside.add(thread)
        try:
            return call(*arguments, **named)
        finally:
            self._inside.discard(thread)

    def _copy(self, piece: Any) -> None:
        thread = threading.get_ident()
        if not piece or thread in self._inside or thread in self._copying:
            return
        self._copying.add(thread)
        try:
            for console in tuple(self.consoles):
                try:
                    console.take(self._number, piece)
                except Exception as error:  # noqa: BLE001  (printing never fails for our sake)
                    console.fail(error)
        finally:
            self._copying.discard(thread)

    def leave(self, console: Console) -> None:
        """Copy for one run less; after the last, let the stream be."""
        if console in self.consoles:
            self.consoles.remove(console)
        if self.consoles or any(getattr(owner, name, None) != wrap for owner, name, wrap in self._wrapped):
            return  # somebody wrapped it in turn: it goes on to pass everything through
        for owner, name, _ in self._wrapped:
            with suppress(AttributeError):
                delattr(owner, name)
        _taps.pop(id(self._stream), None)
