"""How values are spread, small enough to lie in the row itself."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, ClassVar

from ...values import Unstorable
from .arrays import array_of, loaded_numpy
from .base import Media, Place

__all__ = ["Histogram"]

MOST_BINS = 512


class Histogram(Media):
    """How many values lie in which interval.

    Parameters
    ----------
    sequence : array or sequence of numbers, optional
        The values, or what ``numpy.histogram`` returned: ``(counts, edges)``. What is not finite is left out.
    np_histogram : tuple, optional
        The same ``(counts, edges)`` by name.
    num_bins : int
        Intervals to count values in, at most 512.
    """

    kind: ClassVar[str] = "histogram"

    def __init__(self, sequence: Any = None, np_histogram: Any = None, num_bins: int = 64) -> None:
        self.sequence = sequence
        self.np_histogram = np_histogram
        self.num_bins = num_bins

    def encode(self, place: Place) -> dict[str, Any]:  # noqa: ARG002  (it lies in the row, not in a file)
        """Return counts and edges; see :class:`Media`."""
        given = self.np_histogram
        if given is None and _is_counted(self.sequence):
            given = self.sequence
        if given is not None:
            return _checked(*(_numbers(part) for part in given))
        bins = min(max(int(self.num_bins), 1), MOST_BINS)
        if hasattr(self.sequence, "shape"):
            array = array_of(self.sequence).ravel()
            numpy = loaded_numpy()
            counts, edges = numpy.histogram(array[numpy.isfinite(array)], bins)
            return _checked(counts.tolist(), edges.tolist())
        return _checked(*_counted([x for x in _numbers(self.sequence) if math.isfinite(x)], bins))


def _is_counted(data: Any) -> bool:
    return isinstance(data, tuple) and len(data) == 2 and all(hasattr(part, "__len__") for part in data)


def _numbers(data: Any) -> list[float]:
    if data is None:
        raise Unstorable("a histogram takes numbers, or (counts, edges)")
    listed = data.tolist() if hasattr(data, "tolist") else list(data)
    return [float(item) for item in listed]


def _counted(values: Sequence[float], bins: int) -> tuple[list[float], list[float]]:
    low, high = min(values, default=0.0), max(values, default=1.0)
    if low == high:
        low, high = low - 0.5, high + 0.5
    counts, width = [0.0] * bins, (high - low) / bins
    for value in values:
        counts[min(bins - 1, int((value - low) / width))] += 1
    return counts, [low + n * width for n in range(bins)] + [high]


def _checked(counts: Sequence[float], edges: Sequence[float]) -> dict[str, Any]:
    if len(edges) != len(counts) + 1 or not 1 <= len(counts) <= MOST_BINS:
        raise Unstorable(
            f"{len(counts)} counts with {len(edges)} edges: it takes 1 to {MOST_BINS}, and one edge more"
        )
    if not all(map(math.isfinite, [*counts, *edges])) or any(b < a for a, b in pairwise(edges)):
        raise Unstorable("counts and edges are finite numbers, edges ascending")
    return {"counts": [_short(count) for count in counts], "edges": list(edges)}


def _short(count: float) -> float:
    return int(count) if count == int(count) else count
