"""A terminal's screen of unlimited width, whose upper lines become the log.

pyte parses the control sequences; this screen obeys them. pyte's own screens have a fixed width, at which
they break lines for ever, and draw character by character.
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from .row import Line, Row, cells_of
from .style import restyle

if TYPE_CHECKING:
    import pyte

__all__ = ["Terminal"]

MOST_COLUMNS = 20_000
"""Of a line; what is beyond is counted and left out."""

_STRINGS = re.compile("\x1b[PX^_][^\x1b\x07]*(?:\x1b\\\\|\x07)")
"""Device control strings: images, and what terminals ask each other. Not for readers."""

_COLONS = re.compile(r"\x1b\[[\d;:]*:[\d;:]*m")
_ALTERNATE = frozenset({47, 1047, 1049})
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Terminal:
    """Takes what a program writes, and gives lines.

    Parameters
    ----------
    height : int
        Rows that a program can move the cursor over; a line above them is final.
    final : callable
        Called with each line that can change no more.
    """

    def __init__(self, height: int, final: Callable[[Line], None]) -> None:
        self._screen = _Screen(height, final)
        self._stream: pyte.Stream | None = None

    def feed(self, text: str, time: int) -> None:
        """Take the next piece, written at `time` (microseconds since the epoch)."""
        if "\x1b" in text:
            text = _STRINGS.sub("", text)
            text = _COLONS.sub(lambda found: found.group().replace(":", ";"), text)
        self._screen.time = time
        if self._stream is None:
            import pyte  # a run that prints nothing does without: 30 ms

            self._stream = pyte.Stream(cast(Any, self._screen), strict=False)
        self._stream.feed(text)

    def lines(self) -> list[Line]:
        """Return the lines that may still change, from the top to the last that shows something."""
        return self._screen.lines()

    def close(self) -> None:
        """Make all lines final."""
        self._screen.push(len(self._screen.rows))


class _Screen:
    """What pyte's parser calls. Rows and columns are counted from 0; there is no last column."""

    def __init__(self, height: int, final: Callable[[Line], None]) -> None:
        self.time = 0
        self.rows = [Row()]
        self._height = max(2, height)
        self._final = final
        self._x = self._y = 0
        self._pen = ""
        self._style: dict[str, str] = {}
        self._saved = (0, 0)
        self._main: tuple[list[Row], int, int] | None = None

    def __getattr__(self, name: str) -> Callable[..., None]:
        return _ignore  # what changes nothing that a log shows: bells, titles, tab stops, modes

    def lines(self) -> list[Line]:
        found = [row.line() for row in (self.rows if self._main is None else self._main[0])]
        while found and not found[-1].text:
            found.pop()
        return found

    def push(self, count: int) -> None:
        """Make the uppermost rows final; empty ones below the last that shows something are none."""
        if self._main is not None:  # of a program that took the whole screen, nothing stays
            self.rows, self._y, self._x = self._main
            self._main = None
        lines = self.lines()
        for line in lines[:count]:
            self._final(line)
        del self.rows[:count]
        self._y = max(0, self._y - count)
        if not self.rows:
            self.rows.append(Row(self.time))

    # What pyte calls draw, linefeed and so on.

    def draw(self, text: str) -> None:
        if not text.isprintable():
            text = _UNSEEN.sub("", text)
        row, pen = self.rows[self._y], self._pen
        row.time = self.time
        cells = list(text) if text.isascii() else cells_of(text, row.cells, self._x)
        room = MOST_COLUMNS - self._x
        if len(cells) > room:
            row.cut += len(cells) - max(0, room)
            cells = cells[: max(0, room)]
        if (gap := self._x - len(row.cells)) > 0:
            row.cells.extend(" " * gap)
            row.pens.extend([""] * gap)
        end = self._x + len(cells)
        self._unpair(row, self._x)
        self._unpair(row, end)
        row.cells[self._x : end] = cells
        row.pens[self._x : end] = [pen] * len(cells)
        self._x = end

    @staticmethod
    def _unpair(row: Row, at: int) -> None:
        """Before a cell is written: of a wide character that loses one half, the other goes too."""
        if 0 < at < len(row.cells) and not row.cells[at]:
            row.cells[at - 1] = row.cells[at] = " "

    def linefeed(self) -> None:
        self._x = 0
        self.index()

    def index(self) -> None:
        if self._y + 1 == self._height:
            self._scroll()
        else:
            self._to_row(self._y + 1)

    def _scroll(self) -> None:
        if self._main is None:
            self._final(self.rows[0].line())
        del self.rows[0]
        self.rows.append(Row(self.time))

    def reverse_index(self) -> None:
        if self._y:
            self._y -= 1
        else:
            self.insert_lines(1)

    def carriage_return(self) -> None:
        self._x = 0

    def backspace(self) -> None:
        self._x = max(0, self._x - 1)

    def tab(self) -> None:
        self._x = min(self._x // 8 * 8 + 8, MOST_COLUMNS)

    def cursor_up(self, count: int = 1) -> None:
        self._y = max(0, self._y - (count or 1))

    def cursor_up1(self, count: int = 1) -> None:
        self._x = 0
        self.cursor_up(count)

    def cursor_down(self, count: int = 1) -> None:
        self._to_row(self._y + (count or 1))

    def cursor_down1(self, count: int = 1) -> None:
        self._x = 0
        self.cursor_down(count)

    def cursor_forward(self, count: int = 1) -> None:
        self._x = min(self._x + (count or 1), MOST_COLUMNS)

    def cursor_back(self, count: int = 1) -> None:
        self._x = max(0, self._x - (count or 1))

    def cursor_to_column(self, column: int = 1) -> None:
        self._x = min(max(0, column - 1), MOST_COLUMNS)

    def cursor_to_line(self, line: int = 1) -> None:
        self._to_row(max(0, line - 1))

    def cursor_position(self, line: int = 1, column: int = 1, **_: Any) -> None:
        self.cursor_to_line(line)
        self.cursor_to_column(column)

    def save_cursor(self) -> None:
        self._saved = (self._y, self._x)

    def restore_cursor(self) -> None:
        row, self._x = self._saved
        self._to_row(row)

    def _to_row(self, row: int) -> None:
        self._y = min(row, self._height - 1)
        while len(self.rows) <= self._y:
            self.rows.append(Row(self.time))

    def erase_in_line(self, how: int = 0, **_: Any) -> None:
        row = self.rows[self._y]
        if how == 1:
            self.erase_characters_at(0, self._x + 1)
            return
        start = self._x if how == 0 else 0
        del row.cells[start:], row.pens[start:]
        row.cut = 0

    def erase_in_display(self, how: int = 0, *_: Any, **__: Any) -> None:
        if how in (2, 3):
            # What is cleared has been shown: terminals that scroll back keep it, and so does the log.
            y, x = self._y, self._x
            if self._main is None:
                self.push(len(self.rows))
            else:
                self.rows = [Row(self.time)]
            self._x = x
            self._to_row(y)
            return
        self.erase_in_line(how)
        affected = self.rows[self._y + 1 :] if how == 0 else self.rows[: self._y]
        for row in affected:
            row.cells, row.pens, row.cut = [], [], 0

    def erase_characters(self, count: int = 1) -> None:
        self.erase_characters_at(self._x, self._x + (count or 1))

    def erase_characters_at(self, start: int, end: int) -> None:
        row = self.rows[self._y]
        end = min(end, len(row.cells))
        if start < end:
            row.cells[start:end] = " " * (end - start)
            row.pens[start:end] = [""] * (end - start)

    def delete_characters(self, count: int = 1) -> None:
        row = self.rows[self._y]
        place = slice(self._x, self._x + (count or 1))
        del row.cells[place], row.pens[place]

    def insert_characters(self, count: int = 1) -> None:
        row, count = self.rows[self._y], min(count or 1, MOST_COLUMNS - len(self.rows[self._y].cells))
        if self._x < len(row.cells) and count > 0:
            row.cells[self._x : self._x] = " " * count
            row.pens[self._x : self._x] = [""] * count

    def insert_lines(self, count: int = 1) -> None:
        count = min(count or 1, self._height)
        self.rows[self._y : self._y] = [Row(self.time) for _ in range(count)]
        del self.rows[self._height :]

    def delete_lines(self, count: int = 1) -> None:
        del self.rows[self._y : self._y + (count or 1)]
        self._to_row(self._y)

    def reset(self) -> None:
        self.erase_in_display(2)
        self._x = self._y = 0
        self.select_graphic_rendition(0)

    def set_mode(self, *modes: int, private: bool = False) -> None:
        if private and _ALTERNATE.intersection(modes) and self._main is None:
            self._main = self.rows, self._y, self._x
            self.rows, self._x, self._y = [Row(self.time)], 0, 0

    def reset_mode(self, *modes: int, private: bool = False) -> None:
        if private and _ALTERNATE.intersection(modes) and self._main is not None:
            self.rows, self._y, self._x = self._main
            self._main = None

    def select_graphic_rendition(self, *codes: int, private: bool = False) -> None:
        if not private:
            restyle(self._style, list(codes or (0,)))
            self._pen = ";".join(self._style.values())


def _ignore(*_: Any, **__: Any) -> None:
    """Do nothing."""
