"""Reading histories from CSV files: a row a step, a column a metric."""

import csv
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..errors import RecordError
from .imported import Imported, Logged

__all__ = ["as_value", "read_csv"]

_STEPS = ("_step", "step", "Step")
_TIMES = ("_timestamp", "timestamp", "wall_time", "Wall time")


def read_csv(file: Path) -> Imported:
    """Read a run from a CSV file with a title a column.

    A column ``_step`` or ``step`` is the step, else rows are counted; one named ``_timestamp``,
    ``timestamp`` or ``wall_time`` is the time, in seconds since 1970 or ISO 8601. Numbers become
    numbers, ``true`` and ``false`` bools, empty cells nothing, everything else texts.

    Raises
    ------
    RecordError
        When the file is no such table; the message names the line.
    """
    run = Imported(file.stem, f"CSV: {file}")
    written = file.stat().st_mtime_ns // 1000
    try:
        with file.open(newline="", encoding="utf-8-sig") as lines:
            reader = csv.reader(lines, strict=True)
            titles = next(reader, [])
            if not titles or len(set(titles)) != len(titles):
                raise RecordError(f"{file} is no table: its first line must name each column, each once")
            for number, cells in enumerate(reader):
                if len(cells) > len(titles):
                    raise RecordError(f"{file}, line {reader.line_num}: more cells than columns")
                run.rows.append(
                    _row(
                        number,
                        dict(zip(titles, cells, strict=False)),
                        written,
                        f"{file}, line {reader.line_num}",
                    )
                )
    except (csv.Error, UnicodeDecodeError) as error:
        raise RecordError(f"{file} is no CSV file: {error}") from error
    return run


def _row(number: int, cells: dict[str, str], written: int, where: str) -> Logged:
    step, time = number, written
    for name in _STEPS:
        if cells.get(name):
            step = _step(cells.pop(name), where)
            break
    for name in _TIMES:
        if cells.get(name):
            time = _time(cells.pop(name), where)
            break
    return Logged(step, time, {name: as_value(cell) for name, cell in cells.items() if cell != ""})


def _step(cell: str, where: str) -> int:
    with suppress(ValueError, OverflowError):
        if (step := float(cell)) == int(step):
            return int(cell) if cell.lstrip("+-").isdigit() else int(step)
    raise RecordError(f"{where}: {cell!r} is no step")


def _time(cell: str, where: str) -> int:
    with suppress(ValueError, OverflowError):
        return round(float(cell) * 1e6)
    with suppress(ValueError):
        at = datetime.fromisoformat(cell)
        return round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1e6)
    raise RecordError(f"{where}: {cell!r} is no time")


def as_value(cell: str) -> Any:
    """Return a number or a bool where a text looks like one, else the text."""
    if cell.lower() in ("true", "false"):
        return cell.lower() == "true"
    with suppress(ValueError):
        return int(cell)
    try:
        return float(cell)
    except ValueError:
        return cell
