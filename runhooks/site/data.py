"""The data files that the front end reads: ``docs/FORMAT.md``, "Pages".

A data file is a classic script, because a page opened from a folder may neither fetch nor import:
``runhooks.put("<kind>", <JSON>);``. Numbers that JSON lacks are words. Chart data is little-endian
arrays, deflated, in base64.
"""

import math
import zlib
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import orjson

from runhooks.plaintext import clean

from .series import Buckets

__all__ = [
    "Chart",
    "charts_payload",
    "deflated",
    "inflated",
    "packed",
    "read_script",
    "revision_of",
    "script",
    "shown",
]

LONGEST_TEXT: Final = 10_000
DEEPEST: Final = 32
MOST_TEXT: Final = 4_000_000
_LEAF = 8  # characters that any value takes
_EXACT_INT = 2**53
_LEVEL = 4  # level 6 takes half as long again and level 9 ten times, for half a percent
_SINGLE_MAX = float(np.finfo(np.float32).max)
_ESCAPES = (
    (b"<", b"\\u003c"),
    (b">", b"\\u003e"),
    (b"&", b"\\u0026"),
    ("\u2028".encode(), b"\\u2028"),
    ("\u2029".encode(), b"\\u2029"),
)


def script(kind: str, payload: dict[str, Any]) -> bytes:
    """Return a data file.

    In a script, unlike in JSON, a key named ``__proto__`` would set the object's prototype: a payload
    with one goes as JSON text, which the front end parses.
    """
    body = orjson.dumps(payload)
    if b'"__proto__"' in body:
        body = orjson.dumps(body.decode())
    for mark, escape in _ESCAPES:
        body = body.replace(mark, escape)
    return b'runhooks.put("%b",%b);\n' % (kind.encode(), body)


def read_script(data: bytes, kind: str) -> Any:
    """Return the payload of a data file.

    Raises
    ------
    ValueError
        When the bytes are no data file of this kind.
    """
    head, tail = b'runhooks.put("%b",' % kind.encode(), b");\n"
    if not (data.startswith(head) and data.endswith(tail)):
        raise ValueError(f"no data file of kind {kind}")
    payload = orjson.loads(data[len(head) : -len(tail)])
    return orjson.loads(payload) if isinstance(payload, str) else payload


def shown(value: Any) -> Any:
    """Return what a run holds as JSON for a page: cleaned text, exact integers, and an end to all sizes."""
    return _Shown().of(value, DEEPEST)


class _Shown:
    """One conversion, with the room that is left for text."""

    def __init__(self) -> None:
        self._room = MOST_TEXT

    def of(self, value: Any, depth: int) -> Any:
        self._room -= _LEAF
        if self._room <= 0:
            return "…"
        if isinstance(value, float):
            return value if math.isfinite(value) else _word(value)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int):
            return value if abs(value) <= _EXACT_INT else str(value)
        if isinstance(value, str):
            return self._text(value)
        if depth == 0:
            return "…"
        if isinstance(value, dict):
            return {self._text(str(key)): self.of(item, depth - 1) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.of(item, depth - 1) for item in value]
        return self._text(str(value))

    def _text(self, text: str) -> str:
        cap = min(LONGEST_TEXT, max(self._room, 16))
        self._room -= min(len(text), cap)
        return clean(text) if len(text) <= cap else clean(text[:cap]) + "…"


def _word(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def revision_of(*parts: bytes) -> str:
    """Return a short name for these bytes."""
    digest = blake2b(digest_size=8)
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()


def deflated(data: bytes, strategy: int = zlib.Z_DEFAULT_STRATEGY) -> str:
    """Return raw deflate in base64, as ``DecompressionStream("deflate-raw")`` and ``atob`` read it."""
    stream = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, strategy)
    return b64encode(stream.compress(data) + stream.flush()).decode()


def inflated(text: str) -> bytes:
    """Undo :func:`deflated`. Raises ValueError or zlib.error for anything else."""
    return zlib.decompress(b64decode(text, validate=True), -zlib.MAX_WBITS)


@dataclass(frozen=True, slots=True)
class Chart:
    """One metric in a charts or detail file.

    Attributes
    ----------
    index : int
        Its number among the run's charts.
    count : int
        Numbers logged.
    detail : bool
        Whether there is a detail file, because this is an overview that does not have every point.
    """

    key: str
    index: int
    count: int
    buckets: Buckets
    detail: bool

    def head(self) -> dict[str, Any]:
        """Return what the file says of the series beside its numbers."""
        buckets = self.buckets
        head = {"key": shown(self.key), "index": self.index, "count": self.count}
        return {**head, "width": buckets.width, "points": len(buckets), "detail": self.detail}


def charts_payload(run: str, group: int, charts: Sequence[Chart]) -> dict[str, Any]:
    """Return the payload of a charts or detail file. Its revision changes with its content only."""
    numbers = b"".join(packed(chart.buckets) for chart in charts)
    heads = [chart.head() for chart in charts]
    revision = revision_of(orjson.dumps(heads), numbers)
    return {"run": run, "group": group, "revision": revision, "series": heads, "z": deflated(numbers)}


def packed(buckets: Buckets) -> bytes:
    """Return a series as little-endian arrays, one after the other.

    ``step`` and ``time`` are float64. Then, at width 1, ``value`` as float64; else ``mean``, ``min`` and
    ``max`` as float32, of which min and max are rounded outward, and NaN where nothing is finite. What
    float32 cannot hold becomes its greatest number.
    """
    columns: list[npt.NDArray[Any]] = [buckets.step.astype("<f8"), buckets.time.astype("<f8")]
    if buckets.width == 1:
        columns.append(buckets.sum.astype("<f8"))
    else:
        columns += [_single(line, buckets.count == 0) for line in (buckets.mean, buckets.min, buckets.max)]
    return b"".join(column.tobytes() for column in columns)


def _single(line: npt.NDArray[Any], gap: npt.NDArray[np.bool_]) -> npt.NDArray[Any]:
    kept: npt.NDArray[Any] = np.where(gap, np.nan, line)
    return kept.clip(-_SINGLE_MAX, _SINGLE_MAX).astype("<f4")
