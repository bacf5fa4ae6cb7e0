"""From long to wide: the rows of each metric put side by side by step. No loop over rows."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..errors import MissingExtraError
from ..record.parts import Ints, Rows, join

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Table", "need_pandas", "to_frame", "to_rows"]

_BLOCK = 4096


@dataclass(frozen=True, slots=True)
class Table:
    """Metrics over common steps.

    Attributes
    ----------
    steps : int64 array
        Every step at which a metric has a value, ascending.
    columns : dict
        Each metric's rows by step, and where they are in `steps`; None where they are at every step.
    """

    steps: Ints
    columns: dict[str, tuple[Rows, Ints | None]]

    @classmethod
    def of(
        cls, pieces: Iterable[tuple[str, Rows]], known: Iterable[str], wanted: Sequence[str] | None
    ) -> "Table":
        """Gather the pieces of a history.

        Parameters
        ----------
        pieces : iterable of (key, Rows)
            In the order in which they were written, as :func:`runhooks.record.read.history` gives them.
        known : iterable of str
            Metrics in the order of the columns; those that came since follow.
        wanted : sequence of str, optional
            All columns, in this order, in place of `known`.
        """
        found: dict[str, list[Rows]] = {}
        for key, rows in pieces:
            found.setdefault(key, []).append(rows)
        metrics = {key: join(rows).ordered() for key, rows in found.items()}
        order = [*(key for key in known if key in metrics), *metrics] if wanted is None else wanted
        steps = _union([rows.steps for rows in metrics.values()])
        nothing = np.empty(0, np.int64)
        empty = Rows(nothing, nothing, np.empty(0, np.float64), None, {})
        columns = {key: _placed(metrics.get(key, empty), steps) for key in dict.fromkeys(order)}
        return cls(steps, columns)


def _union(found: list[Ints]) -> Ints:
    """Return all steps, ascending. Most metrics are logged together: their steps are sorted once."""
    distinct: dict[tuple[int, int, int], list[Ints]] = {}
    for steps in found:
        alike = distinct.setdefault((len(steps), int(steps[0]), int(steps[-1])), [])
        if not alike or not np.array_equal(alike[-1], steps):
            alike.append(steps)
    different = [steps for alike in distinct.values() for steps in alike]
    if not different:
        return np.empty(0, np.int64)
    return different[0] if len(different) == 1 else np.unique(np.concatenate(different))


def _placed(rows: Rows, steps: Ints) -> tuple[Rows, Ints | None]:
    if len(rows.steps) == len(steps):
        return rows, None
    return rows, np.searchsorted(steps, rows.steps).astype(np.int64)


def need_pandas() -> None:
    """Raise a MissingExtraError where pandas is not installed."""
    try:
        import pandas as pd  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(
            "history() needs pandas: pip install 'runhooks[pandas]'; scan_history() does without"
        ) from error


def to_frame(table: Table) -> "pd.DataFrame":
    """Return a table as a pandas frame; see :meth:`runhooks.api.ApiRun.history`."""
    import pandas as pd

    index = pd.Index(table.steps, dtype=np.int64, name="step")
    numbers = np.empty((len(table.columns), len(table.steps)))
    objects: dict[str, npt.NDArray[np.object_]] = {}
    for row, (key, (rows, places)) in zip(numbers, table.columns.items(), strict=True):
        if rows.objects:
            objects[key] = _objects(rows, places, len(table.steps))
        else:
            _fill(row, rows, places)
    # Transposed and not copied, every column lies in memory as one piece.
    frame = pd.DataFrame(numbers.T, index=index, columns=list(table.columns), copy=False)
    for key, values in objects.items():
        # A Series, because pandas 3 makes its own text type of a bare array of texts.
        frame[key] = pd.Series(values, index=index, dtype=object)
    return frame


def _fill(column: npt.NDArray[np.float64], rows: Rows, places: Ints | None) -> None:
    if places is None:
        column[:] = rows.values
    else:
        column.fill(np.nan)
        column[places] = rows.values


def _objects(rows: Rows, places: Ints | None, length: int) -> npt.NDArray[np.object_]:
    # fromiter, because of a list of lists numpy makes a table.
    values = np.fromiter(rows.decoded(), object, len(rows.steps))
    if places is None:
        return values
    column = np.full(length, np.nan, object)
    column[places] = values
    return column


def to_rows(table: Table, moment: Callable[[int], datetime]) -> Iterator[dict[str, Any]]:
    """Yield a table's rows as mappings; see :meth:`runhooks.api.ApiRun.scan_history`."""
    times = np.full(len(table.steps), np.iinfo(np.int64).min)
    columns = []
    for key, (rows, places) in table.columns.items():
        at = np.arange(len(table.steps)) if places is None else places
        times[at] = np.maximum(times[at], rows.times)
        columns.append((key, at, rows.decoded()))
    for start in range(0, len(table.steps), _BLOCK):
        end = min(start + _BLOCK, len(table.steps))
        steps, moments = table.steps[start:end].tolist(), map(moment, times[start:end].tolist())
        block = [{"_step": step, "_time": time} for step, time in zip(steps, moments, strict=True)]
        for key, at, values in columns:
            first, last = np.searchsorted(at, (start, end)).tolist()
            for place, value in zip((at[first:last] - start).tolist(), values[first:last], strict=True):
                block[place][key] = value
        yield from block
