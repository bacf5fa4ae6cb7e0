"""Laying out tables: nothing is ever left out, and only texts are wrapped. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from rich.cells import cell_len, chop_cells

__all__ = ["Column", "joined", "lay_out"]

_GAP = "  "
_NARROWEST = 8


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    title : str
    kind : {"exact", "number", "state", "text"}
        A text may go on in the next line, all others stay on one. Numbers are at the right.
    """

    title: str
    kind: Literal["exact", "number", "state", "text"] = "exact"


def lay_out(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], room: int | None
) -> Iterator[list[tuple[Column, str]]]:
    """Yield lines, each as its columns' padded cells.

    Parameters
    ----------
    columns : sequence of Column
    rows : sequence of sequences of str
        Cells without line breaks or control characters.
    room : int, optional
        How many characters a line should have at most. Where ids, numbers and times alone need more, it has
        more. None for no limit.
    """
    widths = [max((cell_len(row[at]) for row in rows), default=0) for at in range(len(columns))]
    if room is not None:
        widths = _fitted(columns, widths, room)
    for row in rows:
        cells = zip(columns, row, widths, strict=True)
        folded = [_folded(cell, width) if c.kind == "text" else [cell] for c, cell, width in cells]
        for line in zip_longest(*folded, fillvalue=""):
            parts = zip(columns, line, widths, strict=True)
            yield [(column, _padded(column, cell, width)) for column, cell, width in parts]


def joined(cells: Sequence[str]) -> str:
    """Return a line's cells side by side."""
    return _GAP.join(cells).rstrip()


def _fitted(columns: Sequence[Column], widths: Sequence[int], room: int) -> list[int]:
    """Return narrower widths for texts, where the line is too long: the longest give way first."""
    fitted = list(widths)
    left = room - len(_GAP) * (len(columns) - 1)
    left -= sum(width for column, width in zip(columns, widths, strict=True) if column.kind != "text")
    texts = sorted((width, at) for at, width in enumerate(widths) if columns[at].kind == "text")
    for number, (width, at) in enumerate(texts):
        fitted[at] = min(width, max(_NARROWEST, left // (len(texts) - number)))
        left -= fitted[at]
    return fitted


def _folded(text: str, width: int) -> list[str]:
    """Return a text in lines of at most this width, broken at spaces where it has some."""
    if cell_len(text) <= width:
        return [text]
    lines: list[str] = []
    for word in text.split(" "):
        if lines and cell_len(lines[-1]) + 1 + cell_len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines += chop_cells(word, width) or [""]
    return lines


def _padded(column: Column, cell: str, width: int) -> str:
    space = " " * (width - cell_len(cell))
    return space + cell if column.kind == "number" else cell + space
