"""The terminal: its size, and what runhooks says in it: lines on stderr that begin with ``runhooks: ``."""

import contextlib
import math
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from ..plaintext import plain

__all__ = ["Terminal", "number", "rows_of_terminal", "sparkline"]

_BARS = "▁▂▃▄▅▆▇█"
_ASCII_BARS = "_.-=+*#@"
_LONGEST = 500
_LONGEST_VALUE = 100
_LONGEST_NAME = 60


class Terminal:
    """Says things, unless told to be quiet; a broken terminal is never an error.

    Parameters
    ----------
    quiet : bool
        Only warnings.
    silent : bool
        Nothing.
    """

    def __init__(self, *, quiet: bool = False, silent: bool = False) -> None:
        self._quiet = quiet
        self._silent = silent

    def say(self, *lines: str) -> None:
        """Print lines."""
        if not (self._quiet or self._silent):
            self._write(lines)

    def warn(self, *lines: str) -> None:
        """Print lines that matter even when quiet."""
        if not self._silent:
            self._write(lines)

    def progress(self, text: str) -> None:
        """Show a passing line, only on a real terminal; an empty text clears it."""
        if self._quiet or self._silent or not self._is_tty():
            return
        with contextlib.suppress(Exception):  # a broken terminal never stops training
            sys.stderr.write("\r\x1b[K" + (f"runhooks: {text}" if text else ""))
            sys.stderr.flush()

    @property
    def unicode(self) -> bool:
        """Whether the terminal can show block characters."""
        encoding = getattr(sys.stderr, "encoding", None) or "ascii"
        try:
            _BARS.encode(encoding)
        except (UnicodeEncodeError, LookupError):
            return False
        return True

    def _is_tty(self) -> bool:
        try:
            return sys.stderr.isatty()
        except Exception:  # noqa: BLE001  (closed, replaced, or None)
            return False

    def _write(self, lines: Sequence[str]) -> None:
        with contextlib.suppress(Exception):  # closed, replaced, full: a broken terminal never stops training
            shown = (plain(line) for line in lines)
            cut = (line if len(line) <= _LONGEST else line[:_LONGEST] + "…" for line in shown)
            text = "".join(f"runhooks: {line}".rstrip() + "\n" for line in cut)
            encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
            sys.stderr.write(text.encode(encoding, "replace").decode(encoding))
            sys.stderr.flush()


def rows_of_terminal() -> int | None:
    """Return the rows of the terminal that output goes to, None where it goes to a file or a pipe."""
    for fd in (1, 2):
        with contextlib.suppress(OSError, ValueError):
            return os.get_terminal_size(fd).lines or None
    return None


def number(value: Any) -> str:
    """Return a value as the terminal shows it: numbers with five significant digits."""
    if isinstance(value, float):
        return f"{value:.5g}"
    shown = plain(str(value))
    return shown if len(shown) <= _LONGEST_VALUE else shown[:_LONGEST_VALUE] + "…"


def sparkline(values: Sequence[float | None], *, unicode: bool = True) -> str:
    """Return one character a value, from lowest to highest; a gap for what is not finite."""
    bars = _BARS if unicode else _ASCII_BARS
    finite = [v for v in values if v is not None and math.isfinite(v)]
    if not finite:
        return ""
    low, span = min(finite), max(finite) - min(finite)
    scale = (len(bars) - 1) / span if span and math.isfinite(span) else 0.0
    return "".join(
        " " if v is None or not math.isfinite(v) else bars[round((v - low) * scale)] for v in values
    )


def table(title: str, rows: Mapping[str, str]) -> list[str]:
    """Return lines of a two-column list under a title, names aligned to the right."""
    if not rows:
        return []
    names = [name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + "…" for name in map(plain, rows)]
    width = max(map(len, names))
    return [title, *(f"  {name:>{width}} {value}" for name, value in zip(names, rows.values(), strict=True))]
