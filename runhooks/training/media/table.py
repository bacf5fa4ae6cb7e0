"""Tables of rows, of values of any kind."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import orjson

from ...values import Unstorable, describe, pack, scalar, text
from .base import Media, Place

__all__ = ["Table", "is_frame"]

MOST_ROWS = 200_000


class Table(Media):
    """Rows and columns; on the page it is sorted and searched.

    A column holds numbers, texts, bools, media, or a mixture. The recorder stores it as Parquet.

    Parameters
    ----------
    columns : sequence of str, optional
        Names of the columns; by default those of `dataframe`, else numbers.
    data : sequence of rows, or a two-dimensional array, optional
    dataframe : pandas or polars DataFrame, optional

    Examples
    --------
    >>> table = Table(columns=["text", "score"])
    >>> table.add_data("hello", 0.9)
    >>> table.data
    [['hello', 0.9]]
    """

    kind: ClassVar[str] = "table"

    def __init__(
        self, columns: Sequence[str] | None = None, data: Any = None, dataframe: Any = None, **_: object
    ) -> None:
        names, rows = _given(columns, data if dataframe is None else dataframe)
        self._wrong = ""
        self.data: list[list[Any]] = []
        try:
            self.data = [list(row) for row in rows]
        except TypeError as error:  # told when it is logged: a table does not stop a training
            self._wrong = f"its rows are no rows: {error}"
        self.columns = _distinct(names or range(max(map(len, self.data), default=0)))

    def add_data(self, *row: Any) -> None:
        """Add a row, a value a column."""
        self.data.append(list(row))

    def add_column(self, name: str, data: Sequence[Any]) -> None:
        """Add a column, a value a row."""
        values = list(data)
        self.data = self.data or [[] for _ in values]
        for row, value in zip(self.data, values, strict=True):
            row.append(value)
        self.columns.append(str(name))

    def encode(self, place: Place) -> dict[str, Any]:
        """Hand the rows over to the recorder, which stores them; see :class:`Media`."""
        if self._wrong:
            raise Unstorable(self._wrong)
        if len(self.data) > MOST_ROWS:
            place.warn(f"of a table's {len(self.data)} rows the first {MOST_ROWS} are kept")
        width = len(self.columns)
        if uneven := next((row for row in self.data if len(row) != width), None):
            raise Unstorable(f"a row of {len(uneven)} values in a table of {width} columns")
        rows = [[_cell(value, place) for value in row] for row in self.data[:MOST_ROWS]]
        handed = orjson.dumps({"columns": [text(name) for name in self.columns], "rows": rows})
        return place.hand_over(self.kind, handed, ".parquet") | {"rows": len(rows), "columns": width}


def is_frame(value: Any) -> bool:
    """Tell whether `value` is a table of pandas or polars."""
    modules = {kind.__module__.partition(".")[0] for kind in type(value).__mro__}
    return bool(modules & {"pandas", "polars"}) and hasattr(value, "columns")


def _given(columns: Any, data: Any) -> tuple[list[Any], Iterable[Any]]:
    """Return the names of columns, none where they were not given, and the rows."""
    if is_frame(columns):
        columns, data = None, columns
    if is_frame(data):
        rows = data.rows() if hasattr(data, "rows") else _rows_of_pandas(data)
        return list(data.columns if columns is None else columns), rows
    names = [] if columns is None else list(columns)
    return names, [] if data is None else data.tolist() if hasattr(data, "tolist") else data


def _rows_of_pandas(data: Any) -> Iterable[Any]:
    """Return rows in which None is what is missing; in a column of floats NaN is a number."""
    missing = data.isna().to_numpy(copy=True)
    for n, kind in enumerate(data.dtypes):
        if kind.kind == "f" and type(kind).__module__.startswith("numpy"):  # pandas' own floats have NA
            missing[:, n] = False
    for number, row in enumerate(data.itertuples(index=False, name=None)):
        yield [None if gone else value for gone, value in zip(missing[number], row, strict=True)]


def _distinct(names: Iterable[Any]) -> list[str]:
    found: dict[str, None] = {}
    for name in names:
        wanted, number = str(name), 2
        while wanted in found:
            wanted, number = f"{name} ({number})", number + 1
        found[wanted] = None
    return list(found)


def _cell(value: Any, place: Place) -> Any:
    from .keeping import encoded, media_of

    try:
        media = media_of(value)
        return pack(scalar(value)) if media is None else encoded(media, place)
    except Unstorable:
        return describe(value)
