"""What the Logs tab's data files hold. Pure."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

import orjson

from runhooks.plaintext import clean
from runhooks.record.console import ConsoleFacts

from .data import revision_of, script

__all__ = ["LogChunks", "LogFiles", "log_files"]

MOST_LINES: Final = 1000
MOST_CHARACTERS: Final = 2**18
"""Of one data file, unless a single line is longer."""

MOST_ERRORS: Final = 1000

_SGR = re.compile(r"\x1b\[[\d;]*m")
_ERROR = re.compile(
    r"Traceback \(most recent call last\)|^(?:\w+\.)*\w*(?:Error|Exception|Interrupt)\b"
    r"|\b(?:ERROR|CRITICAL|FATAL)\b|\berror:|^E\d{4} "
)

Lines = Iterable[tuple[str, int]]

LogFiles = tuple[dict[str, bytes], str]
"""The files of the Logs tab, and the revision of all of them."""


def log_files(run: str, lines: Lines, facts: ConsoleFacts) -> LogFiles:
    """Return the files of the Logs tab of a run whose log is complete."""
    chunks = LogChunks(run)
    chunks.add(lines)
    return chunks.files(**facts.shown())


class LogChunks:
    """The log of a run, cut into data files as it grows: what is full is made once.

    Parameters
    ----------
    run : str
        The run's id.
    """

    def __init__(self, run: str) -> None:
        self._run = run
        self._full: dict[str, bytes] = {}
        self._starts = [0]
        self._open: list[tuple[str, int]] = []
        self._size = 0
        self._errors: list[int] = []
        self._chain = ""

    def __len__(self) -> int:
        return self._starts[-1] + len(self._open)

    def add(self, lines: Lines) -> None:
        """Add lines that change no more, each with its time in microseconds since the epoch."""
        for text, time in lines:
            text = _shown(text)
            if len(self._open) == MOST_LINES or (self._open and self._size + len(text) > MOST_CHARACTERS):
                self._close()
            if _ERROR.search(_SGR.sub("", text)) and len(self._errors) < MOST_ERRORS:
                self._errors.append(len(self))
            self._open.append((text, time))
            self._size += len(text)

    def files(self, tail: Lines = (), **facts: Any) -> LogFiles:
        """Return the files that are new or may have changed, ``log.js`` last, and the revision.

        Parameters
        ----------
        tail : iterable
            Lines after all that were added, which may still change.
        facts : JSON values
            What else ``log.js`` says.
        """
        last = [*self._open, *((_shown(text), time) for text, time in tail)]
        number = len(self._starts) - 1
        files = dict(self._full)
        files[f"data/log-{number}.js"] = self._chunk(number, last)
        errors = list(self._errors)
        index = {
            "run": self._run,
            "lines": self._starts[-1] + len(last),
            "starts": self._starts,
            "errors": errors,
            **facts,
        }
        revision = revision_of(self._chain.encode(), files[f"data/log-{number}.js"], orjson.dumps(index))
        files["data/log.js"] = script("log", {**index, "revision": revision})
        return files, revision

    def written(self) -> None:
        """Forget the files that are full: they are in the store and change no more."""
        self._full.clear()

    def _close(self) -> None:
        number = len(self._starts) - 1
        data = self._chunk(number, self._open)
        self._full[f"data/log-{number}.js"] = data
        self._chain = revision_of(self._chain.encode(), data)
        self._starts.append(self._starts[-1] + len(self._open))
        self._open, self._size = [], 0

    def _chunk(self, number: int, lines: Sequence[tuple[str, int]]) -> bytes:
        start = lines[0][1] if lines else 0
        return script(
            "lines",
            {
                "run": self._run,
                "number": number,
                "first": self._starts[number],
                "lines": [text for text, _ in lines],
                "start": start,
                "after_ms": [(time - start) // 1000 for _, time in lines],
            },
        )


def _shown(text: str) -> str:
    """Return a line with nothing in it that acts, but for colours and styles."""
    if "\x1b" not in text:
        return clean(text)
    pieces, at = [], 0
    for found in _SGR.finditer(text):
        pieces += [clean(text[at : found.start()]), found.group()]
        at = found.end()
    return "".join([*pieces, clean(text[at:])])
