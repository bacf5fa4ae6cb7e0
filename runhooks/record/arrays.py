"""Logged rows turned into numpy arrays at once, where rows of one shape hold numbers only.

What the recorder does with every row of a run. :func:`runhooks.record.columns.to_columns` says what comes
out; this takes a third of its time, and of the time of what follows.
"""

from collections.abc import Sequence
from itertools import chain
from operator import itemgetter
from typing import Any

import numpy as np
import numpy.typing as npt

from .columns import Column, Numbers, to_columns

__all__ = ["to_arrays"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_FEWEST = 64
"""Of fewer rows the plain way is as fast."""

_EXACT_INT = 2**53
_AXES = ("step", "time")


class _Array(Column):
    """A column of finite numbers, all int or all float, as arrays."""

    __slots__ = ()

    def __init__(self, steps: Ints, times: Ints, values: Floats, first: float, last: float) -> None:
        self.steps, self.times, self.values, self.numeric = steps, times, values, True  # type: ignore[assignment]  # arrays are sequences that typing does not know
        self.first, self.last = first, last

    def numbers(self) -> Numbers:
        values = np.asarray(self.values)
        kind = type(self.first)
        with np.errstate(over="ignore"):  # beyond what a float reaches, the sum is infinite
            total = float(values.sum())
        return Numbers(len(values), 0, total, kind(values.min()), kind(values.max()))


def to_arrays(events: Sequence[dict[str, Any]]) -> dict[str, Column]:
    """Return what ``to_columns`` returns, with arrays in it where the values allow that."""
    if len(events) < _FEWEST:
        return to_columns(events)
    groups: dict[tuple[str, ...], list[int]] = {}
    for number, event in enumerate(events):
        groups.setdefault(tuple(event["data"]), []).append(number)
    order = dict.fromkeys(chain.from_iterable(groups))
    alone = _alone(groups)
    steps, times = (np.fromiter(map(itemgetter(name), events), np.int64, len(events)) for name in _AXES)
    found: dict[str, Column] = {}
    left: list[int] = []
    for keys, numbers in groups.items():
        rows = [events[number]["data"] for number in numbers]
        matrix = _matrix(rows) if alone.issuperset(keys) else None
        if matrix is None:
            left += numbers
            continue
        at = slice(None) if len(numbers) == len(events) else np.array(numbers)
        axes = steps[at], times[at]
        for key, values in zip(keys, matrix, strict=True):
            found[key] = _Array(*axes, values, rows[0][key], rows[-1][key])
    if left:
        found |= to_columns([events[number] for number in sorted(left)])
    return {key: found[key] for key in order}


def _alone(groups: dict[tuple[str, ...], list[int]]) -> frozenset[str]:
    """Return the keys that only rows of one shape have: the others are put back into order value by value."""
    seen: set[str] = set()
    twice: set[str] = set()
    for keys in groups:
        twice |= seen.intersection(keys)
        seen.update(keys)
    return frozenset(seen - twice)


def _matrix(rows: list[dict[str, Any]]) -> Floats | None:
    """Return the values of rows of the same keys, a row a key; None where a float does not hold all."""
    kinds = list(map(type, rows[0].values()))
    if not kinds or not set(kinds) <= {int, float}:
        return None
    if any(list(map(type, row.values())) != kinds for row in rows):
        return None
    flat = chain.from_iterable(map(dict.values, rows))
    try:
        values = np.fromiter(flat, np.float64, len(rows) * len(kinds)).reshape(len(rows), len(kinds))
    except OverflowError:  # an integer beyond what a float reaches
        return None
    whole = values[:, [kind is int for kind in kinds]]
    if not np.isfinite(values).all() or (np.abs(whole) >= _EXACT_INT).any():
        return None
    return np.ascontiguousarray(values.T)
