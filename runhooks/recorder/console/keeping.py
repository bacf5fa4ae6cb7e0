"""Keeping a run's console log: what was written in; readable log, raw bytes and the page's data out."""

import fcntl
import os
from base64 import b64decode
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from ...errors import ObjectNotFoundError
from ...journal import parse, segment_name, segments
from ...plaintext import clean
from ...record.console import ConsoleFacts, read_console
from ...redact import Redactor
from ...site.log_data import LogChunks, LogFiles
from ...storage import Store
from .row import Line
from .screen import Terminal

__all__ = ["ConsoleLog"]

MOST_READABLE = 64 * 2**20
"""Characters of the readable log from its beginning; of what follows only the last lines are kept."""

LAST_LINES = 10_000
MOST_RAW, LAST_RAW = 64, 16
"""Megabytes of raw log from its beginning, and from its end: one journal segment is about one."""

_SHOWN_OF_LAST = 1000
_PIPE_ROWS = 50
"""Rows of the terminal that is imagined where output goes to a file or a pipe."""


class ConsoleLog:
    """What one recorder knows of a run's console.

    Parameters
    ----------
    store : Store
        The run's store on this machine.
    folder : str
        The run's folder in it.
    root : Path
        Where that store is.
    run : str
        The run's id.

    Attributes
    ----------
    chunks : LogChunks
        The page's data.
    """

    def __init__(self, store: Store, folder: str, root: Path, run: str) -> None:
        self._store = store
        self._folder = f"{folder}/logs"
        self._path = root / folder / "logs"
        self.chunks = LogChunks(run)
        self._facts = ConsoleFacts()
        self._lines, self._characters = 0, 0
        self._at: dict[str, tuple[int, int]] = {}
        self._writer: str | None = None
        self._terminal = self._new_terminal(None)
        self._final: list[Line] = []
        self._last: deque[Line] = deque(maxlen=LAST_LINES)
        self._gone = 0
        self._saved = b""
        self._load(folder)

    def _load(self, folder: str) -> None:
        """Go on where a recorder before stopped: what it made of unfinished journals is made again."""
        found = read_console(self._store, folder)
        if found is None:
            return
        self._facts, lines = found
        done = self._facts.complete
        again = [first for writer, first in self._facts.writers.items() if writer not in done]
        if again:
            lines = lines[: min(again)]
            self._facts.writers = {w: n for w, n in self._facts.writers.items() if n < min(again)}
            self._rewrite(lines)
        self.chunks.add(lines)
        self._lines = len(lines)
        self._characters = sum(len(text) for text, _ in lines)

    def tick(self) -> bool:
        """Read what is new; return whether there was anything."""
        changed = False
        for writer in self._writers():
            if writer not in self._facts.complete:
                changed |= self._follow(writer)
        if changed:
            self._write()
        self._limit_raw()
        return changed

    def page(self) -> LogFiles | None:
        """Return the files of the Logs tab and their revision; None where nothing was written yet."""
        if not len(self.chunks) and self._writer is None:
            return None
        return self.chunks.files(self._tail(), **self._facts.shown())

    def finish(self) -> None:
        """Make every line final, and a raw file of each journal segment."""
        self.tick()
        self._end_writer()
        for writer in self._facts.complete:
            if _is_left(self._path / "journal" / writer):
                self._to_raw(writer)

    def _tail(self) -> list[Line]:
        """Return the lines that are not in the log yet: they may change, or come after what is left out."""
        return [*self._after_limit(_SHOWN_OF_LAST), *self._terminal.lines()]

    def _after_limit(self, most: int = LAST_LINES) -> list[Line]:
        """Return the last lines of a log that grew too long, at most so many."""
        kept = list(self._last)[-most:]
        gone = self._gone + len(self._last) - len(kept)
        if not gone:
            return kept
        return [Line(f"… {gone:,} lines are left out here: the log grew too long …", kept[0].time), *kept]

    # Reading the journals.

    def _writers(self) -> list[str]:
        try:
            return sorted(entry.name for entry in (self._path / "journal").iterdir() if entry.is_dir())
        except FileNotFoundError:
            return []

    def _segments(self, writer: str) -> list[int]:
        return segments(self._path / "journal" / writer)

    def _follow(self, writer: str) -> bool:
        number, offset = self._at.get(writer, (0, 0))
        changed = False
        for present in self._segments(writer):
            if present < number:
                continue
            start = offset if present == number else 0
            try:
                with (self._path / "journal" / writer / segment_name(present)).open("rb") as file:
                    file.seek(start)
                    data = file.read()
            except FileNotFoundError:
                continue
            parsed = parse(data)
            for event in parsed:
                self._take(writer, event)
                changed = True
            self._at[writer] = (present, start + parsed.end)
        return changed

    def _take(self, writer: str, event: dict[str, Any]) -> None:
        if writer != self._writer:
            self._end_writer()
            self._writer = writer
            self._facts.writers.setdefault(writer, self._lines)
        if event.get("type") == "terminal":
            rows = event.get("rows")
            self._terminal = self._new_terminal(rows if isinstance(rows, int) else None)
        elif event.get("type") == "out":
            text, time = self._text_of(event), event.get("time")
            self._terminal.feed(text, time if isinstance(time, int) else 0)

    def _text_of(self, event: dict[str, Any]) -> str:
        text = event.get("text")
        if isinstance(text, str):
            return text
        self._facts.not_text += 1
        return _bytes_of(event).decode("utf-8", "replace")

    def _new_terminal(self, rows: int | None) -> Terminal:
        self._redactor = Redactor()
        return Terminal(rows or _PIPE_ROWS, self._settle)

    def _settle(self, line: Line) -> None:
        """Take a line that changes no more."""
        text = self._redactor.redact(line.text)
        if text == line.text and "\x1b" in text:  # colours within a secret would hide it
            plain = clean(text)
            if (hidden := self._redactor.redact(plain)) != plain:
                text = hidden
        line = Line(text, line.time)
        if self._characters + len(text) > MOST_READABLE or self._last:
            if len(self._last) == LAST_LINES:
                self._facts.left_out += 1
                self._gone += 1
            self._last.append(line)
        else:
            self._characters += len(text) + 1
            self._final.append(line)

    def _end_writer(self) -> None:
        """Make the last lines of a process final."""
        if self._writer is None:
            return
        self._terminal.close()
        self._final += self._after_limit()
        self._last.clear()
        self._gone = 0
        self._facts.complete.append(self._writer)
        self._write()
        self._writer = None
        self._terminal = self._new_terminal(None)

    # Writing the log.

    def _write(self) -> None:
        """Append the lines that are final. The run's folder is on this machine: here a file can grow."""
        lines, self._final = self._final, []
        self._append(lines)
        self.chunks.add(lines)
        self._lines += len(lines)
        self._save_facts()

    def _append(self, lines: Iterable[Line]) -> None:
        lines = list(lines)
        self._path.mkdir(exist_ok=True)
        with (self._path / "output.log").open("ab") as file:
            file.write("".join(f"{line.text}\n" for line in lines).encode("utf-8", "replace"))
        with (self._path / "output.times").open("ab") as file:
            file.write("".join(f"{line.time}\n" for line in lines).encode())

    def _rewrite(self, lines: list[tuple[str, int]]) -> None:
        for name in ("output.log", "output.times"):
            with suppress(FileNotFoundError):
                (self._path / name).unlink()
        self._append(Line(*line) for line in lines)

    def _save_facts(self) -> None:
        data = self._facts.to_bytes()
        if data != self._saved:
            self._store.write(f"{self._folder}/output.json", data)
            self._saved = data

    # The raw bytes.

    def _to_raw(self, writer: str) -> None:
        redactor = Redactor()  # a secret may have been written in several pieces
        for number in self._segments(writer):
            path = f"{self._folder}/journal/{writer}/{segment_name(number)}"
            try:
                text = b"".join(_raw(self._store.read(path))).decode("utf-8", "surrogateescape")
            except ObjectNotFoundError:
                continue
            name = f"{writer}-{number:08d}.log"
            data = redactor.redact(text).encode("utf-8", "surrogateescape")
            self._store.write(f"{self._folder}/raw/{name}", data)
            if name not in self._facts.raw:
                self._facts.raw.append(name)
            self._save_facts()
            self._store.delete(path)

    def _limit_raw(self) -> None:
        """Leave out the middle of a very long raw log."""
        if self._writer is None:
            return
        found = [n for n in self._segments(self._writer) if n < self._at[self._writer][0]]
        for number in found[MOST_RAW : len(found) - LAST_RAW]:
            path = self._path / "journal" / self._writer / segment_name(number)
            self._facts.raw_left_out += path.stat().st_size
            self._store.delete(f"{self._folder}/journal/{self._writer}/{segment_name(number)}")


def _raw(segment: bytes) -> Iterator[bytes]:
    for event in parse(segment):
        if event.get("type") == "out":
            text = event.get("text")
            yield text.encode() if isinstance(text, str) else _bytes_of(event)


def _bytes_of(event: dict[str, Any]) -> bytes:
    with suppress(ValueError, TypeError):
        return b64decode(event["bytes"])
    return b""


def _is_left(folder: Path) -> bool:
    """Tell whether no process writes to a journal any more; a forked child may."""
    numbers = segments(folder)
    if not numbers:
        return True
    fd = os.open(folder / segment_name(numbers[-1]), os.O_RDONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    finally:
        os.close(fd)
    return True
