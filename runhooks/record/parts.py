"""Parquet parts: the metric rows of one journal segment, long, sorted by key and step.

Columns: ``step`` int64, ``time`` timestamp[us, UTC], ``key`` dictionary<string>, ``value`` float64
(null for what is no number), ``object`` string (JSON of what is no number, or of an integer that a
float cannot hold; else null). One schema for ever; readers pivot.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import RecordError
from ..values import pack, unpack
from .columns import Column

__all__ = ["CHECKSUM", "SCHEMA", "Floats", "Ints", "Part", "Rows", "read_part"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

SCHEMA = pa.schema(
    [
        pa.field("step", pa.int64(), nullable=False),
        pa.field("time", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("key", pa.dictionary(pa.int32(), pa.string()), nullable=False),
        pa.field("value", pa.float64()),
        pa.field("object", pa.string()),
    ]
)
CHECKSUM = "runhooks.crc32"
"""Key in a part's footer: the CRC-32 of all bytes before the footer, 8 hex digits."""

_EXACT_INT = 2**53


@dataclass(slots=True)
class Rows:
    """Rows of one metric, of equal length, in the order in which they were logged.

    Attributes
    ----------
    steps, times : int64 arrays
        Times in microseconds since the epoch.
    values : float64 array
        NaN where the value is no number; `numeric` tells these from a logged NaN.
    numeric : bool array or None
        None when every value is a number.
    objects : dict
        Index to JSON text, for values that are no numbers and integers beyond 2**53.
    """

    steps: Ints
    times: Ints
    values: Floats
    numeric: npt.NDArray[np.bool_] | None
    objects: dict[int, str]

    @classmethod
    def of(cls, column: Column) -> "Rows":
        """Make arrays of a column."""
        steps = np.asarray(column.steps, np.int64)
        times = np.asarray(column.times, np.int64)
        if column.numeric:
            values = np.asarray(column.values, np.float64)
            if not (np.abs(values) >= _EXACT_INT).any():
                return cls(steps, times, values, None, {})
        return cls(steps, times, *_mixed(column.values))

    def take(self, index: Ints) -> "Rows":
        """Return the rows at `index`, in that order."""
        numeric = None if self.numeric is None else self.numeric[index]
        objects = {}
        if self.objects:
            objects = {n: self.objects[i] for n, i in enumerate(index.tolist()) if i in self.objects}
        return Rows(self.steps[index], self.times[index], self.values[index], numeric, objects)

    def up_to(self, step: int) -> "Rows":
        """Return the rows of no later step."""
        kept = self.steps <= step
        return self if kept.all() else self.take(np.flatnonzero(kept))

    def ordered(self) -> "Rows":
        """Return the rows by step; of several with one step, the last that was logged."""
        if len(self.steps) < 2 or bool((np.diff(self.steps) > 0).all()):
            return self
        index = np.argsort(self.steps, kind="stable")
        steps = self.steps[index]
        last = np.append(steps[1:] != steps[:-1], True)
        return self.take(index[last])

    def decoded(self) -> list[Any]:
        """Return the values as they were logged: numbers as float, integers beyond 2**53 as int."""
        out: list[Any] = self.values.tolist()
        for index, text in self.objects.items():
            out[index] = _unpack_object(text)
        return out


def join(pieces: Sequence[Rows]) -> Rows:
    """Concatenate rows of one metric."""
    if len(pieces) == 1:
        return pieces[0]
    objects: dict[int, str] = {}
    start = 0
    for piece in pieces:
        objects.update({start + index: text for index, text in piece.objects.items()})
        start += len(piece.steps)
    numeric = None
    if any(piece.numeric is not None for piece in pieces):
        numeric = np.concatenate(
            [np.ones(len(p.steps), bool) if p.numeric is None else p.numeric for p in pieces]
        )
    return Rows(
        np.concatenate([p.steps for p in pieces]),
        np.concatenate([p.times for p in pieces]),
        np.concatenate([p.values for p in pieces]),
        numeric,
        objects,
    )


def _mixed(column: Sequence[Any]) -> tuple[Floats, npt.NDArray[np.bool_] | None, dict[int, str]]:
    values = np.full(len(column), np.nan)
    numeric = np.ones(len(column), bool)
    objects: dict[int, str] = {}
    for index, value in enumerate(column):
        if isinstance(value, int | float) and not isinstance(value, bool):
            try:
                values[index] = value
            except OverflowError:
                values[index] = np.inf if value > 0 else -np.inf
            if isinstance(value, int) and abs(value) >= _EXACT_INT:
                objects[index] = str(value)
        else:
            numeric[index] = False
            objects[index] = orjson.dumps(pack(value)).decode()
    return values, None if numeric.all() else numeric, objects


def _unpack_object(text: str) -> Any:
    # orjson reads an integer beyond 64 bits as a float.
    return int(text) if text.lstrip("-").isdigit() else unpack(orjson.loads(text))


class Part:
    """The rows of one segment, gathered until they are written as one Parquet file."""

    def __init__(self) -> None:
        self._pieces: dict[str, list[Rows]] = {}
        self.rows = 0

    def add(self, key: str, rows: Rows, *, superseded: bool = False) -> None:
        """Add rows of one metric, later than all before; what is superseded replaces none of these."""
        found = self._pieces.setdefault(key, [])
        found.insert(0 if superseded else len(found), rows)
        self.rows += len(rows.steps)

    def __iter__(self) -> Iterator[tuple[str, Rows]]:
        for key in sorted(self._pieces):
            yield key, join(self._pieces[key]).ordered()

    def to_table(self) -> pa.Table:
        """Return the rows as a table of :data:`SCHEMA`."""
        return _table(dict(self))

    def to_bytes(self) -> bytes:
        """Return the Parquet file; equal rows give equal bytes."""
        sink = BytesIO()
        with pq.ParquetWriter(
            sink,
            SCHEMA,
            compression="zstd",
            compression_level=3,
            use_dictionary=["key", "object"],
            column_encoding={
                "step": "DELTA_BINARY_PACKED",
                "time": "DELTA_BINARY_PACKED",
                "value": "BYTE_STREAM_SPLIT",
            },
            store_schema=False,
            write_statistics=["step", "key"],
        ) as writer:
            writer.write_table(self.to_table(), row_group_size=2**18)
            # Of all that is in the file so far; the footer, which names it, is still to come.
            writer.add_key_value_metadata({CHECKSUM: f"{crc32(sink.getbuffer()):08x}"})
        return sink.getvalue()


def _table(by_key: Mapping[str, Rows]) -> pa.Table:
    if not by_key:
        return SCHEMA.empty_table()
    rows = join(list(by_key.values()))
    lengths = [len(found.steps) for found in by_key.values()]
    codes = np.repeat(np.arange(len(by_key), dtype=np.int32), lengths)
    keys = pa.DictionaryArray.from_arrays(_array(pa.int32(), codes), _strings(list(by_key)))
    objects = (
        _strings([rows.objects.get(n) for n in range(len(codes))])
        if rows.objects
        else pa.nulls(len(codes), pa.string())
    )
    time = pa.timestamp("us", tz="UTC")
    columns = [
        _array(pa.int64(), rows.steps),
        _array(time, rows.times),
        keys,
        _array(pa.float64(), rows.values, rows.numeric),
    ]
    return pa.Table.from_arrays([*columns, objects], schema=SCHEMA)


def _array(
    kind: pa.DataType, values: npt.NDArray[Any], valid: npt.NDArray[np.bool_] | None = None
) -> pa.Array:
    """Wrap a numpy array. ``pa.array`` would import pandas where it is installed: 0.3 s for nothing."""
    bitmap = None if valid is None else pa.py_buffer(np.packbits(valid, bitorder="little").tobytes())
    return pa.Array.from_buffers(kind, len(values), [bitmap, pa.py_buffer(np.ascontiguousarray(values))])


def _strings(texts: Sequence[str | None]) -> pa.Array:
    """Make a string column, for the same reason without ``pa.array``."""
    encoded = [b"" if text is None else text.encode() for text in texts]
    offsets = np.zeros(len(texts) + 1, np.int32)
    np.cumsum([len(text) for text in encoded], out=offsets[1:])
    valid = np.array([text is not None for text in texts], bool)
    bitmap = pa.py_buffer(np.packbits(valid, bitorder="little").tobytes())
    return pa.Array.from_buffers(
        pa.string(), len(texts), [bitmap, pa.py_buffer(offsets.tobytes()), pa.py_buffer(b"".join(encoded))]
    )


def read_part(data: bytes, where: str, keys: Sequence[str] | None = None) -> Iterator[tuple[str, Rows]]:
    """Read a Parquet part: each key with its rows, ordered by step.

    Raises
    ------
    RecordError
        When the bytes are no part; `where` names it.
    """
    try:
        # Not read_table(): it imports pandas where that is installed, 0.3 s for nothing.
        table = pq.ParquetFile(BytesIO(data), read_dictionary=["key"]).read(use_threads=False)
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:  # KeyError: no column of that name
        raise RecordError(f"{where} is not a history part: {error}") from error
    if missing := [name for name in SCHEMA.names if name not in table.column_names]:
        raise RecordError(f"{where} is not a history part: it has no column {missing[0]}")
    if table.select(SCHEMA.names).schema.types != SCHEMA.types:
        raise RecordError(f"{where} is not a history part: its columns have other types")
    wanted = None if keys is None else frozenset(keys)
    table = table.combine_chunks()
    if not len(table):
        return
    column = table.column("key").chunk(0)
    codes = _numpy(column.indices, np.int32)
    bounds = [0, *(np.flatnonzero(np.diff(codes)) + 1).tolist(), len(codes)]
    steps, times = (_numpy(table.column(name).chunk(0), np.int64) for name in ("step", "time"))
    chunk = table.column("value").chunk(0)
    values, valid = _numpy(chunk, np.float64), _validity(chunk)
    values = values if valid is None else np.where(valid, values, np.nan)
    objects = table.column("object")
    try:
        names = column.dictionary.to_pylist()
    except ValueError as error:  # a damaged name is no UTF-8
        raise RecordError(f"{where} is not a history part: {error}") from error
    for start, end in pairwise(bounds):
        if wanted is not None and names[codes[start]] not in wanted:
            continue
        piece = slice(start, end)
        texts = objects.slice(start, end - start)
        found = {}
        if texts.null_count < len(texts):
            found = {n: text for n, text in enumerate(texts.to_pylist()) if text is not None}
        numeric = None if valid is None or valid[piece].all() else valid[piece]
        yield names[codes[start]], Rows(steps[piece], times[piece], values[piece], numeric, found)


def _numpy(column: pa.Array, kind: Any) -> npt.NDArray[Any]:
    """Return a column's numbers as they lie in memory; what is null has any value."""
    return np.frombuffer(column.buffers()[1], kind)[column.offset : column.offset + len(column)]


def _validity(column: pa.Array) -> npt.NDArray[np.bool_] | None:
    if column.null_count == 0:
        return None
    bits = np.unpackbits(np.frombuffer(column.buffers()[0], np.uint8), bitorder="little")
    return bits[column.offset : column.offset + len(column)].astype(bool)
