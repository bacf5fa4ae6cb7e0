"""From long to wide: the rows of each metric put side by side by step. No loop over rows."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import orjson

from ..errors import ArgumentError, MissingExtraError
from ..record.parts import Ints, Rows, join
from ..values import pack

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["Table", "need", "to_arrow", "to_frame", "to_rows"]

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
    axis : tuple of str and array, optional
        What the rows are shown against in place of their steps: a name, and a value a row.
    """

    steps: Ints
    columns: dict[str, tuple[Rows, Ints | None]]
    axis: tuple[str, npt.NDArray[Any]] | None = None

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

    def spread(self, samples: int | None) -> "Table":
        """Return at most so many rows, evenly spaced."""
        if samples is None or samples >= len(self.steps):
            return self
        return self._at(np.unique(np.linspace(0, len(self.steps) - 1, samples).round().astype(np.int64)))

    def against(self, name: str, *, keep: bool) -> "Table":
        """Return the rows that have a value of a metric, or of ``_timestamp``, with it as their axis.

        Parameters
        ----------
        keep : bool
            Whether the metric stays a column, too.
        """
        if name == "_timestamp":
            return replace(self, axis=(name, self.times().astype("datetime64[us]")))
        if name not in self.columns or not len(self.columns[name][0].steps):
            raise ArgumentError(f"x_axis {name!r} was not logged; it takes _step, _timestamp or a metric")
        rows, places = self.columns[name]
        if rows.numeric is not None:
            raise ArgumentError(f"x_axis {name!r} has values that are no numbers")
        table = self if places is None else self._at(places)
        columns = {key: column for key, column in table.columns.items() if keep or key != name}
        return Table(table.steps, columns, (name, rows.values))

    def times(self) -> Ints:
        """Return when a value of each step was last logged, in microseconds since the epoch."""
        times = np.full(len(self.steps), np.iinfo(np.int64).min)
        for rows, places in self.columns.values():
            at = np.arange(len(self.steps)) if places is None else places
            times[at] = np.maximum(times[at], rows.times)
        return times

    def _at(self, keep: Ints) -> "Table":
        """Return the rows at these places."""
        places = np.full(len(self.steps), -1)
        places[keep] = np.arange(len(keep))
        columns = {}
        for key, (rows, at) in self.columns.items():
            found = places if at is None else places[at]
            kept = np.flatnonzero(found >= 0)
            columns[key] = (rows.take(kept), None if len(kept) == len(keep) else found[kept])
        axis = None if self.axis is None else (self.axis[0], self.axis[1][keep])
        return Table(self.steps[keep], columns, axis)


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


def need(package: str) -> None:
    """Raise a MissingExtraError where pandas or polars is not installed."""
    try:
        import_module(package)
    except ImportError as error:
        raise MissingExtraError(
            f"history() needs {package}: pip install 'runhooks[{package}]'; scan_history() does without"
        ) from error


def to_frame(table: Table) -> "pd.DataFrame":
    """Return a table as a pandas frame; see :meth:`runhooks.api.ApiRun.history`."""
    import pandas as pd

    index: pd.Index[Any]
    if table.axis is None:
        index = pd.Index(table.steps, dtype=np.int64, name="step")
    elif table.axis[0] == "_timestamp":
        index = pd.DatetimeIndex(table.axis[1].astype("datetime64[us]"), tz="UTC", name="_timestamp")
    else:
        index = pd.Index(table.axis[1], name=table.axis[0])
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


def to_arrow(table: Table) -> "pa.Table":
    """Return a table as an Arrow table; see :meth:`runhooks.api.ApiRun.history`."""
    import pyarrow as pa

    name, axis = table.axis or ("_step", table.steps)
    kind = pa.timestamp("us", tz="UTC") if name == "_timestamp" else None
    names, arrays = [name], [pa.array(axis.astype("datetime64[us]").astype(np.int64) if kind else axis, kind)]
    for key, (rows, places) in table.columns.items():
        if key != name:
            names.append(key)
            arrays.append(_arrow(rows, places, len(table.steps)))
    return pa.Table.from_arrays(arrays, names)


def _arrow(rows: Rows, places: Ints | None, length: int) -> "pa.Array":
    import pyarrow as pa

    if not rows.objects:
        column, absent = np.zeros(length), np.ones(length, bool)
        at = slice(None) if places is None else places
        column[at], absent[at] = rows.values, False
        return pa.array(column, pa.float64(), mask=absent)
    values: list[Any] = [None] * length
    for place, value in zip(
        range(length) if places is None else places.tolist(), rows.decoded(), strict=True
    ):
        values[place] = value
    kinds = {type(value) for value in values} - {type(None)}
    if kinds in ({str}, {bool}):
        return pa.array(values, pa.string() if kinds == {str} else pa.bool_())
    present = range(length) if places is None else places.tolist()
    for place in present:
        values[place] = orjson.dumps(pack(values[place])).decode()
    return pa.array(values, pa.string())


def to_rows(table: Table, moment: Callable[[int], datetime]) -> Iterator[dict[str, Any]]:
    """Yield a table's rows as mappings; see :meth:`runhooks.api.ApiRun.scan_history`."""
    times = table.times()
    columns = [
        (key, np.arange(len(table.steps)) if places is None else places, rows.decoded())
        for key, (rows, places) in table.columns.items()
    ]
    for start in range(0, len(table.steps), _BLOCK):
        end = min(start + _BLOCK, len(table.steps))
        steps, moments = table.steps[start:end].tolist(), map(moment, times[start:end].tolist())
        block = [{"_step": step, "_time": time} for step, time in zip(steps, moments, strict=True)]
        for key, at, values in columns:
            first, last = np.searchsorted(at, (start, end)).tolist()
            for place, value in zip((at[first:last] - start).tolist(), values[first:last], strict=True):
                block[place][key] = value
        yield from block
