"""Every point of a long metric, in chunks that a page loads where its reader zooms in. Pure.

A chunk is so many points of one metric in order of step; metrics that were logged together share their
steps and times, the chunk's *axis*, which is stored once. ``docs/FORMAT.md``, "Pages", has the format.
"""

import struct
import zlib
from base64 import b64encode
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import orjson

from .data import revision_of, script
from .metrics import Metric
from .series import Floats, Ints, SeriesSet

__all__ = ["CHUNK_POINTS", "Chunks", "batches", "coarse"]

CHUNK_POINTS: Final = 32_768
"""Points in a chunk, at most."""

_NOISE_BITS: Final = 7.95
"""Of 8 bits a byte: what deflate saves beyond is less than 1 %."""

_LEVEL: Final = 6
_MOST_STORED: Final = 0xFFFF
_END: Final = b"\x03\x00"
"""The last block of a stream, with nothing in it."""

_BATCH_POINTS = 2**22
"""Points in memory while chunks are made (24 bytes each), where no single metric has more."""


def coarse(metrics: Sequence[Metric], series: SeriesSet) -> list[Metric]:
    """Return the metrics of which even the finest series has not every point."""
    return [metric for metric in metrics if metric.index is not None and series[metric.key].width > 1]


def batches(metrics: Sequence[Metric]) -> Iterator[list[Metric]]:
    """Cut a list of metrics where their points would take too much memory at once."""
    batch: list[Metric] = []
    points = 0
    for metric in metrics:
        if batch and points + metric.stats.numeric > _BATCH_POINTS:
            yield batch
            batch, points = [], 0
        batch.append(metric)
        points += metric.stats.numeric
    if batch:
        yield batch


class Chunks:
    """The chunk files of one run, made metric by metric.

    Parameters
    ----------
    run : str
        The run's id.
    """

    def __init__(self, run: str) -> None:
        self._run = run
        self._axes: dict[str, list[int]] = {}
        self._named: dict[str, str] = {}
        self._metrics: dict[str, list[str]] = {}
        self._revisions: list[bytes] = []

    def add(self, index: int, steps: Ints, times: Ints, values: Floats) -> Iterator[tuple[str, bytes]]:
        """Yield name and bytes of a metric's files.

        Parameters
        ----------
        index : int
            The metric's number among the run's charts.
        steps, times, values : arrays
            Its points by step, each step once.
        """
        names = self._metrics[str(index)] = []
        for number, at in enumerate(range(0, len(steps), CHUNK_POINTS)):
            piece = slice(at, at + CHUNK_POINTS)
            axis, files = self._axis(f"{index}-{number}", steps[piece], times[piece])
            names.append(axis)
            yield from files
            yield f"data/points-{index}-{number}.js", self._values(index, axis, values[piece])

    def index(self) -> tuple[str, bytes]:
        """Return the revision and the bytes of ``data/exact.js``, which says where the points are."""
        revision = revision_of(*self._revisions)
        payload = {"run": self._run, "revision": revision, "axes": self._axes, "metrics": self._metrics}
        return revision, script("exact", payload)

    def _axis(self, name: str, steps: Ints, times: Ints) -> tuple[str, list[tuple[str, bytes]]]:
        """Return the name of the axis with these steps and times, and its file where there was none yet."""
        packed = b"".join(_planes(np.diff(column, prepend=0).astype("<f8")) for column in (steps, times))
        digest = revision_of(packed)
        if (known := self._named.get(digest)) is not None:
            return known, []
        self._named[digest] = name
        ends = [steps[0], steps[-1], times.min(), times.max(), len(steps)]
        self._axes[name] = [int(end) for end in ends]
        payload = {"run": self._run, "axis": name, "points": len(steps), "z": _deflated(packed, len(steps))}
        return name, [(f"data/axis-{name}.js", self._script("axis", payload, packed))]

    def _values(self, index: int, axis: str, values: Floats) -> bytes:
        with np.errstate(over="ignore"):
            single = values.astype("<f4")
        short = np.array_equal(single.astype(np.float64), values, equal_nan=True)
        packed = _planes(single if short else values.astype("<f8"))
        head = {"run": self._run, "index": index, "axis": axis, "points": len(values), "single": short}
        return self._script("points", {**head, "z": _deflated(packed, len(values))}, packed)

    def _script(self, kind: str, payload: dict[str, Any], packed: bytes) -> bytes:
        head = {name: value for name, value in payload.items() if name != "z"}
        self._revisions.append(revision_of(orjson.dumps(head), packed).encode())
        return script(kind, payload)


def _deflated(packed: bytes, points: int) -> str:
    """Return planes of so many bytes as one stream of raw deflate in base64.

    Of a float's eight bytes the lower ones are mostly noise: such planes are stored as they are, in an eighth
    of the time that deflate takes to find so.
    """
    planes = [packed[at : at + points] for at in range(0, len(packed), points)]
    pieces = [_stored(plane) if _is_noise(plane) else _shortened(plane) for plane in planes]
    return b64encode(b"".join([*pieces, _END])).decode()


def _is_noise(plane: bytes) -> bool:
    """Tell whether bytes are so evenly spread that no code is shorter."""
    counts = np.bincount(np.frombuffer(plane, np.uint8))
    share = counts[counts > 0] / len(plane)
    return bool(-(share * np.log2(share)).sum() > _NOISE_BITS)


def _stored(plane: bytes) -> bytes:
    """Return bytes as blocks that are not compressed (RFC 1951, 3.2.4)."""
    pieces = (plane[at : at + _MOST_STORED] for at in range(0, len(plane), _MOST_STORED))
    return b"".join(struct.pack("<BHH", 0, len(piece), len(piece) ^ 0xFFFF) + piece for piece in pieces)


def _shortened(plane: bytes) -> bytes:
    """Return bytes deflated, without an end: it stops at a whole byte, so that more can follow."""
    # What repeats in planes are runs of one byte; to look for more takes twice as long and finds nothing.
    stream = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, zlib.Z_RLE)
    return stream.compress(plane) + stream.flush(zlib.Z_SYNC_FLUSH)


def _planes(numbers: npt.NDArray[Any]) -> bytes:
    """Return the first bytes of all numbers, then the second, and so on: alike ones lie together."""
    return numbers.view(np.uint8).reshape(len(numbers), numbers.itemsize).T.tobytes()
