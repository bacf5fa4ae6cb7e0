"""The rows of a terminal's screen, and the lines of a log that they become."""

from itertools import groupby
from typing import NamedTuple

__all__ = ["Line", "Row", "cells_of"]


class Line(NamedTuple):
    """A line of the log.

    Attributes
    ----------
    text : str
        Colours and styles are SGR sequences, closed at its end; there is no other control character.
    time : int
        When it was last written to, in microseconds since the epoch.
    """

    text: str
    time: int


class Row:
    """Cells, each with its pen; of a wide character the second cell is empty."""

    __slots__ = ("cells", "cut", "pens", "time")

    def __init__(self, time: int = 0) -> None:
        self.cells: list[str] = []
        self.pens: list[str] = []
        self.cut = 0
        self.time = time

    def line(self) -> Line:
        """Return the line that the log has of it."""
        if not any(self.pens):
            text = "".join(self.cells).rstrip(" ")
        else:
            text = "".join(_painted(self.cells, self.pens))
        if self.cut:
            text += f" … {self.cut:,} more characters of this line are in the raw log"
        return Line(text, self.time)


def _painted(cells: list[str], pens: list[str]) -> list[str]:
    end = len(cells)
    while end and cells[end - 1] == " " and not pens[end - 1]:
        end -= 1
    parts, at = [], 0
    for pen, run in groupby(pens[:end]):
        size = len(list(run))
        text = "".join(cells[at : at + size])
        parts.append(f"\x1b[{pen}m{text}\x1b[0m" if pen else text)
        at += size
    return parts


def cells_of(text: str, before: list[str], x: int) -> list[str]:
    """Return the cells of a text: a wide character takes two, a combining one is part of the one before."""
    from wcwidth import wcwidth  # as pyte, which brings it

    cells: list[str] = []
    for letter in text:
        width = wcwidth(letter)
        if width == 2:
            cells += [letter, ""]
        elif width == 0 and cells:
            at = -1 if cells[-1] else -2
            cells[at] += letter
        elif width == 0 and 0 < x <= len(before):
            before[x - 1] += letter
        elif width != 0:
            cells.append(letter)
    return cells
