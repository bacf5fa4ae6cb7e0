"""Logged tables as Parquet: a column of one type is stored as that type, a mixture as JSON texts."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any, Final

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import RecordError
from ..values import pack, unpack

__all__ = ["JSON_MARK", "from_parquet", "to_parquet"]

JSON_MARK: Final = {b"runhooks": b"json"}
"""Metadata of a column whose texts are JSON."""

_INT64 = range(-(2**63), 2**63)
_KINDS = (({bool}, pa.bool_()), ({int}, pa.int64()), ({int, float}, pa.float64()), ({str}, pa.string()))


def to_parquet(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    """Return a Parquet file of rows of JSON values (unpacked); equal rows give equal bytes."""
    fields, arrays = [], []
    for number, name in enumerate(columns):
        field, array = _column(name, [row[number] for row in rows])
        fields.append(field)
        arrays.append(array)
    sink = BytesIO()
    table = pa.Table.from_arrays(arrays, schema=pa.schema(fields))
    pq.write_table(table, sink, compression="zstd", row_group_size=2**16)
    return sink.getvalue()


def _column(name: str, values: list[Any]) -> tuple[pa.Field, pa.Array]:
    found = {type(value) for value in values if value is not None}
    if int not in found or all(value in _INT64 for value in values if type(value) is int):
        for kinds, arrow in _KINDS:
            if found <= kinds:
                return pa.field(name, arrow), pa.array(values, arrow)
    texts = [None if value is None else orjson.dumps(pack(value)).decode() for value in values]
    return pa.field(name, pa.string(), metadata=JSON_MARK), pa.array(texts, pa.string())


def from_parquet(data: bytes, where: str) -> tuple[list[str], list[list[Any]]]:
    """Return names and columns of a table, values as they were logged.

    Raises
    ------
    RecordError
        When the bytes are no table; `where` names it.
    """
    try:
        table = pq.ParquetFile(BytesIO(data)).read(use_threads=False)
        columns = [_values(table.schema.field(n), table.column(n)) for n in range(table.num_columns)]
    except (pa.ArrowException, OSError, ValueError) as error:
        raise RecordError(f"{where} is not a table: {error}") from error
    return list(table.column_names), columns


def _values(field: pa.Field, column: pa.ChunkedArray) -> list[Any]:
    values: list[Any] = column.to_pylist()
    if JSON_MARK.items() <= (field.metadata or {}).items():
        return [None if value is None else unpack(orjson.loads(value)) for value in values]
    return values
