"""Logged rows turned into columns, one a metric, in plain Python.

Rows that follow each other mostly have the same keys; they are transposed together, which costs a
tenth of a loop over values. No numpy here: the training process replays its own journal with this.
"""

import math
from collections.abc import Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from ..values import unpack

__all__ = ["Column", "Numbers", "to_columns"]

_NUMBERS = frozenset({float, int})
_EXACT_INT = 2**53


class Numbers(NamedTuple):
    """What the numbers of a column come to.

    Attributes
    ----------
    numeric, nonfinite : int
        How many there are, and how many of these are NaN or infinite.
    total : float
        Sum of the finite ones.
    low, high : float, int or None
        Least and greatest of them; None when there are none.
    """

    numeric: int
    nonfinite: int
    total: float
    low: float | None
    high: float | None


class Column:
    """Values of one metric in the order in which they were logged.

    Attributes
    ----------
    steps : sequence of int
    times : sequence of int
        Microseconds since the epoch.
    values : sequence
        Numbers when `numeric`, else any mixture of JSON values (unpacked).
    numeric : bool
        Whether every value is a finite int or float.
    first, last : Any
        The values at its ends, as they were logged.
    """

    __slots__ = ("first", "last", "numeric", "steps", "times", "values")

    def __init__(
        self, steps: Sequence[int], times: Sequence[int], values: Sequence[Any], numeric: bool
    ) -> None:
        self.steps, self.times, self.values, self.numeric = steps, times, values, numeric
        self.first, self.last = values[0], values[-1]

    def numbers(self) -> Numbers:
        """Sum up the numbers among the values."""
        if self.numeric:
            return _summed(self.values, 0)
        found = [_float(v) for v in self.values if isinstance(v, int | float) and not isinstance(v, bool)]
        finite = [v for v in found if math.isfinite(v)]
        return _summed(finite, len(found) - len(finite))


def _summed(finite: Sequence[float], nonfinite: int) -> Numbers:
    low, high = min(finite, default=None), max(finite, default=None)
    try:
        total = float(sum(finite))
    except OverflowError:  # integers, whose sum is beyond what a float reaches
        total = float(sum(map(_float, finite)))
    return Numbers(len(finite) + nonfinite, nonfinite, total, low, high)


def _float(value: float) -> float:
    try:
        return value if abs(value) < _EXACT_INT else float(value)
    except OverflowError:  # an integer beyond what a float reaches
        return math.inf if value > 0 else -math.inf


def to_columns(events: Sequence[dict[str, Any]]) -> dict[str, Column]:
    """Transpose ``log`` events (see :mod:`runhooks.journal`) to a column a key, in order of first use."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for number, event in enumerate(events):
        groups.setdefault(tuple(event["data"]), []).append(number)
    pieces: dict[str, list[tuple[list[int], tuple[Any, ...]]]] = {}
    for keys, numbers in groups.items():
        transposed = zip(*[events[n]["data"].values() for n in numbers], strict=True)
        for key, values in zip(keys, transposed, strict=True):
            pieces.setdefault(key, []).append((numbers, values))
    steps = [event["step"] for event in events]
    times = [event["time"] for event in events]
    return {key: _join(found, steps, times) for key, found in pieces.items()}


def _join(pieces: list[tuple[list[int], tuple[Any, ...]]], steps: list[int], times: list[int]) -> Column:
    if len(pieces) == 1:
        numbers, values = pieces[0]
    else:  # a key that came in rows of several shapes: back into the order of the journal
        merged = [(n, value) for numbers, values in pieces for n, value in zip(numbers, values, strict=True)]
        merged.sort(key=itemgetter(0))
        numbers, values = [n for n, _ in merged], tuple(value for _, value in merged)
    if len(numbers) != len(steps):
        steps, times = [steps[n] for n in numbers], [times[n] for n in numbers]
    numeric = _NUMBERS.issuperset(map(type, values))
    return Column(steps, times, values if numeric else [unpack(v) for v in values], numeric)
