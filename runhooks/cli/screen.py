"""What commands print: tables and lines that are never cut, or one JSON document."""

import json
import math
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from .plain import plain
from .table import Column, joined, lay_out

__all__ = ["Column", "Progress", "iso", "note", "print_json", "print_line", "print_table", "progress"]

_BOLD = 1
_COLOURS = {"running": 36, "finished": 32, "failed": 31, "killed": 33, "crashed": 35, "unreadable": 31}
"""Of states, as ANSI has them."""


def print_line(text: str = "") -> None:
    """Print a line on stdout."""
    sys.stdout.write(f"{plain(text)}\n")


def note(text: str) -> None:
    """Print a line on stderr: what is no result."""
    sys.stderr.write(f"runhooks: {plain(text)}\n")


def print_json(document: Any) -> None:
    """Print one JSON document: pure ASCII, so that no terminal obeys it and no encoding breaks it."""
    sys.stdout.write(json.dumps(_finite(document), indent=2, default=str) + "\n")


def _finite(data: Any) -> Any:
    """Return data with NaN and infinities, which JSON lacks, as texts."""
    if isinstance(data, float) and not math.isfinite(data):
        return "NaN" if math.isnan(data) else "Infinity" if data > 0 else "-Infinity"
    if isinstance(data, dict):
        return {str(key): _finite(item) for key, item in data.items()}
    if isinstance(data, list | tuple):
        return [_finite(item) for item in data]
    return data


def iso(us: int | None) -> str | None:
    """Return a time, given in microseconds since the epoch, as ISO 8601 in UTC."""
    if us is None:
        return None
    try:
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
    except OverflowError:
        return str(us)
    return at.isoformat().replace("+00:00", "Z")


def print_table(columns: Sequence[Column], rows: Sequence[Sequence[str]], *, titles: bool = True) -> None:
    """Print a table. In a terminal texts are wrapped to its width; in a pipe a row is a line."""
    head = [[column.title for column in columns]] if titles else []
    cells = [*head, *([plain(cell) for cell in row] for row in rows)]
    room = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    coloured = room is not None and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    for number, line in enumerate(lay_out(columns, cells, room)):
        in_head = titles and number == 0
        shown = [_coloured(column, cell, in_head=in_head) if coloured else cell for column, cell in line]
        sys.stdout.write(joined(shown) + "\n")


def _coloured(column: Column, cell: str, *, in_head: bool) -> str:
    code = _BOLD if in_head else _COLOURS.get(cell.rstrip()) if column.kind == "state" else None
    return cell if code is None else f"\x1b[{code}m{cell}\x1b[0m"


class Progress(Protocol):
    """A bar that goes on."""

    def __call__(self, done: str, /) -> None:
        """Count one more thing that is done, and say which."""
        ...


@contextmanager
def progress(title: str, total: int | None) -> Iterator[Progress]:
    """Show a bar on stderr while something takes long; nothing where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    shown = (TextColumn("runhooks: {task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    with Bar(*shown, TimeElapsedColumn(), console=console, transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda done: bar.update(task, advance=1, description=plain(done))
