"""Logged rows turned into columns, one a metric, in plain Python.

Rows that follow each other mostly have the same keys; they are transposed together, which costs a
tenth of a loop over values. No numpy here: the training process replays its own journal with this.
"""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from ..values import unpack

__all__ = ["Column", "to_columns"]

_NUMBERS = frozenset({float, int})


class Column(NamedTuple):
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
    """

    steps: Sequence[int]
    times: Sequence[int]
    values: Sequence[Any]
    numeric: bool


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
