"""What a chart draws of a metric: at most so many buckets, however long the run.

A bucket covers `width` steps, ``floor(step / width)``; widths are powers of two, and a series has the
smallest width at which no more than `limit` buckets are occupied. At width 1 every point is kept
exactly. Because the buckets of a width are unions of those of every smaller width, points may come
in any order and in any portions: the result is that of all of them at once.
"""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from .mediaset import MediaSet

__all__ = ["DETAIL_LIMIT", "OVERVIEW_LIMIT", "Buckets", "SeriesSet"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]

DETAIL_LIMIT: Final = 4096
"""Buckets of a series that a reader zooms into."""

OVERVIEW_LIMIT: Final = 512
"""Buckets of a series as first drawn."""

BUCKETS_IN_MEMORY: Final = 2**21
"""Of all series of a run together (36 bytes each); more metrics get fewer buckets each."""

_FEWEST_BUCKETS = 64
_PENDING_OF_ONE = 4096
_PENDING_OF_ALL = 2**20
_SINGLE_MAX = float(np.finfo(np.float32).max)


@dataclass(frozen=True, slots=True, eq=False)
class Buckets:
    """One metric's points by step, reduced. All arrays have one length and are ordered by step.

    Attributes
    ----------
    shift : int
        Base-2 logarithm of the width in steps.
    step : int64 array
        Smallest step in the bucket.
    time : int64 array
        Earliest time in the bucket, in microseconds since the epoch.
    sum : float64 array
        At width 1 the value as it was logged, NaN and infinities included; else the sum of the finite
        values, each rounded to float32 first. Their sum in float64 is exact while they are within
        2**29 / `count` of each other: the portions in which points arrive do not show in the page. It
        costs no more than the rounding of the mean that is drawn.
    count : int32 array
        Finite values in the bucket; 0 makes it a gap.
    min, max : float32 array
        Of the finite values, rounded outward; infinite where there are none.
    """

    shift: int
    step: Ints
    time: Ints
    sum: Floats
    count: npt.NDArray[np.int32]
    min: Singles
    max: Singles

    @classmethod
    def from_points(cls, steps: Ints, times: Ints, values: Floats, limit: int = DETAIL_LIMIT) -> "Buckets":
        """Reduce points, given in the order in which they were written.

        Of several points with one step the last counts.
        """
        finite = np.isfinite(values)
        safe = values if finite.all() else np.where(finite, values, 0.0)
        with np.errstate(over="ignore"):  # what float32 cannot hold is infinite, outward
            near = safe.astype(np.float32)
            low = np.where(near > safe, np.nextafter(near, np.float32(-np.inf)), near)
            high = np.where(near < safe, np.nextafter(near, np.float32(np.inf)), near)
        if safe is not values:
            low[~finite] = np.inf
            high[~finite] = -np.inf
        points = cls(0, steps, times, values, finite.astype(np.int32), low, high)
        return _reduced(_ordered(points), limit)

    @classmethod
    def empty(cls) -> "Buckets":
        """Return a series of no points."""
        none = np.empty(0, np.int64)
        return cls.from_points(none, none, np.empty(0, np.float64))

    def __len__(self) -> int:
        return len(self.step)

    @property
    def width(self) -> int:
        """Steps that a bucket covers; 1 means that every point is there."""
        return 1 << self.shift

    @property
    def mean(self) -> Floats:
        """Mean of each bucket's finite values, NaN for a gap; at width 1 the values as logged."""
        if self.shift == 0:
            return self.sum
        with np.errstate(invalid="ignore"):
            return np.divide(self.sum, self.count)

    def merge(self, later: "Buckets", limit: int = DETAIL_LIMIT) -> "Buckets":
        """Return this series with points that were written later.

        While both keep every point, a later one replaces one of the same step. In wider buckets a
        replaced point has left its trace in the mean and the band.
        """
        if not len(self):
            return later.coarsened(limit)
        if not len(later):
            return self.coarsened(limit)
        shift = max(self.shift, later.shift)
        pairs = zip(_columns(_summed(self, shift)), _columns(_summed(later, shift)), strict=True)
        both = Buckets(shift, *(np.concatenate(pair) for pair in pairs))
        return _reduced(_ordered(both), limit)

    def coarsened(self, limit: int) -> "Buckets":
        """Return this series with at most `limit` buckets (at least 2)."""
        return self if len(self) <= limit else _reduced(self, limit)


def _columns(rows: Buckets) -> tuple[npt.NDArray[Any], ...]:
    return rows.step, rows.time, rows.sum, rows.count, rows.min, rows.max


def _taken(rows: Buckets, index: npt.NDArray[Any]) -> Buckets:
    return Buckets(rows.shift, *(column[index] for column in _columns(rows)))


def _summed(rows: Buckets, shift: int) -> Buckets:
    """Change from points to sums when the rows are about to be part of wider buckets."""
    if rows.shift > 0 or shift == 0:
        return rows
    counted = np.where(rows.count > 0, rows.sum, 0.0).clip(-_SINGLE_MAX, _SINGLE_MAX)
    sums = counted.astype(np.float32).astype(np.float64)
    return Buckets(shift, rows.step, rows.time, sums, rows.count, rows.min, rows.max)


def _ordered(rows: Buckets) -> Buckets:
    """Return the rows by step; while they are points, only the last of each step."""
    if (rows.step[1:] < rows.step[:-1]).any():
        rows = _taken(rows, np.argsort(rows.step, kind="stable"))
    if rows.shift == 0 and (superseded := rows.step[1:] == rows.step[:-1]).any():
        rows = _taken(rows, np.append(~superseded, True))
    return rows


def _reduced(rows: Buckets, limit: int) -> Buckets:
    """Return ordered rows folded into buckets of the smallest width that is allowed."""
    shift = max(rows.shift, _shift_for(rows.step, limit))
    if shift == 0:
        return rows
    rows = _summed(rows, shift)
    bucket = rows.step >> shift
    starts = np.flatnonzero(np.append(True, bucket[1:] != bucket[:-1]))
    return Buckets(
        shift,
        rows.step[starts],
        np.minimum.reduceat(rows.time, starts),
        np.add.reduceat(rows.sum, starts),
        np.add.reduceat(rows.count, starts, dtype=np.int32),
        np.minimum.reduceat(rows.min, starts),
        np.maximum.reduceat(rows.max, starts),
    )


def _shift_for(steps: Ints, limit: int) -> int:
    """Return the smallest shift at which ordered steps fall into at most `limit` buckets.

    Two neighbours are in different buckets of ``2**shift`` exactly when their exclusive or is at least
    that; so the `limit`-th largest exclusive or decides.
    """
    if len(steps) <= limit:
        return 0
    apart = (steps[1:] ^ steps[:-1]).view(np.uint64)
    return int(np.partition(apart, len(apart) - limit)[len(apart) - limit]).bit_length()


class _Pending:
    """Points of one metric that are not in its buckets yet, packed."""

    __slots__ = ("steps", "times", "values")

    def __init__(self) -> None:
        self.steps, self.times, self.values = array("q"), array("q"), array("d")

    def __len__(self) -> int:
        return len(self.steps)

    def add(self, steps: npt.ArrayLike, times: npt.ArrayLike, values: npt.ArrayLike) -> None:
        self.steps.frombytes(np.ascontiguousarray(steps, np.int64).data.cast("B"))
        self.times.frombytes(np.ascontiguousarray(times, np.int64).data.cast("B"))
        self.values.frombytes(np.ascontiguousarray(values, np.float64).data.cast("B"))

    def buckets(self, limit: int) -> Buckets:
        steps, times = np.frombuffer(self.steps, np.int64), np.frombuffer(self.times, np.int64)
        return Buckets.from_points(steps, times, np.frombuffer(self.values, np.float64), limit)


class SeriesSet:
    """The series of all metrics of a run, fed while it goes on; its memory has a bound.

    Attributes
    ----------
    media : MediaSet
        What was logged and is no number but pictures and the like.

    Examples
    --------
    >>> series = SeriesSet()
    >>> series.add("loss", [0, 1], [1_000_000, 2_000_000], [0.5, 0.25])
    >>> series["loss"].mean.tolist()
    [0.5, 0.25]
    """

    def __init__(self) -> None:
        self.media = MediaSet()
        self._done: dict[str, Buckets] = {}
        self._pending: dict[str, _Pending] = {}
        self._waiting = 0
        self._limit = DETAIL_LIMIT

    @property
    def limit(self) -> int:
        """Buckets that a series may have now: fewer when there are very many metrics."""
        return self._limit

    def add(self, key: str, steps: npt.ArrayLike, times: npt.ArrayLike, values: npt.ArrayLike) -> None:
        """Add points of one metric in the order in which they were written.

        Parameters
        ----------
        key : str
        steps, times : array of int64
            Times in microseconds since the epoch.
        values : array of float64
            NaN and infinities become gaps.
        """
        pending = self._pending.get(key)
        if pending is None:
            pending = self._pending[key] = _Pending()
            if key not in self._done:
                self._admit(key)
        before = len(pending)
        pending.add(steps, times, values)
        self._waiting += len(pending) - before
        if len(pending) >= _PENDING_OF_ONE:
            self._settle(key)
        elif self._waiting >= _PENDING_OF_ALL:
            for waiting in list(self._pending):
                self._settle(waiting)

    def __getitem__(self, key: str) -> Buckets:
        self._settle(key)
        return self._done[key]

    def __contains__(self, key: object) -> bool:
        return key in self._done

    def __iter__(self) -> Iterator[str]:
        return iter(self._done)

    def __len__(self) -> int:
        return len(self._done)

    def _admit(self, key: str) -> None:
        self._done[key] = Buckets.empty()
        limit = self._limit
        while limit * len(self._done) > BUCKETS_IN_MEMORY and limit > _FEWEST_BUCKETS:
            limit //= 2
        if limit < self._limit:
            self._limit = limit
            self._done = {name: buckets.coarsened(limit) for name, buckets in self._done.items()}

    def _settle(self, key: str) -> None:
        pending = self._pending.pop(key, None)
        if pending is not None:
            self._waiting -= len(pending)
            self._done[key] = self._done[key].merge(pending.buckets(self._limit), self._limit)
