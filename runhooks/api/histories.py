"""Reading what a run logged: whole, exactly, in the form that is asked for."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, overload

from ..errors import ArgumentError
from .stored import StoredRun, moment

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from .table import Table

__all__ = ["RunHistories"]

_Keys = Sequence[str] | None
_Most = int | None
_Stream = Literal["default", "system"]


class RunHistories(StoredRun):
    """The part of a run that it logged."""

    # A line each: they differ in their ends.
    # fmt: off
    @overload
    def history(self, keys: _Keys = ..., samples: _Most = ..., x_axis: str = ..., *, stream: _Stream = ...,
                format: Literal["pandas"] = ...) -> "pd.DataFrame": ...
    @overload
    def history(self, keys: _Keys = ..., samples: _Most = ..., x_axis: str = ..., *, stream: _Stream = ...,
                format: Literal["pyarrow"]) -> "pa.Table": ...
    @overload
    def history(self, keys: _Keys = ..., samples: _Most = ..., x_axis: str = ..., *, stream: _Stream = ...,
                format: Literal["polars"]) -> "pl.DataFrame": ...
    @overload
    def history(self, keys: _Keys = ..., samples: _Most = ..., x_axis: str = ..., *, stream: _Stream = ...,
                pandas: Literal[False]) -> list[dict[str, Any]]: ...
    # fmt: on

    def history(
        self,
        keys: _Keys = None,
        samples: _Most = None,
        x_axis: str = "_step",
        *,
        stream: _Stream = "default",
        format: Literal["pandas", "pyarrow", "polars"] = "pandas",
        pandas: bool = True,
    ) -> "pd.DataFrame | pa.Table | pl.DataFrame | list[dict[str, Any]]":
        """Read all that was logged.

        Parameters
        ----------
        keys : sequence of str, optional
            Only these metrics, as columns in this order; one that was not logged is an empty column. By
            default all of them, in the order in which they were first logged.
        samples : int, optional
            At most so many rows, evenly spaced, the first and the last among them. By default every row.
        x_axis : str
            ``_step``; ``_timestamp``, the time at which a row was logged; or a metric: then only the steps
            at which it has a value.
        stream : {"default", "system"}
            What was logged, or all that was sampled of the machine, against ``_timestamp``.
        format : {"pandas", "pyarrow", "polars"}
            What is returned.
        pandas : bool
            False, as in W&B's Api, for a list of rows as :meth:`scan_history` yields them.

        Returns
        -------
        pandas.DataFrame
            A column a metric and a row a step, of shape (steps, metrics); the index is int64, named
            ``step`` and ascending, or the values of `x_axis` in the order of the steps, with its name.
            Numbers are float64, exactly as they were logged, NaN where a metric has
            no value at a step; of several values for one step the last that was logged counts. A metric
            with texts, bools, None or integers beyond 2**53 is a column of Python objects.
        pyarrow.Table or polars.DataFrame
            The same, where the index is the first column (``_step``, or the name of `x_axis`), what is
            missing is null, and a metric that is not all numbers, texts or bools is JSON text.

        Raises
        ------
        MissingExtraError
            When pandas or polars is not installed.
        ArgumentError
            When `keys` is no sequence of texts, or another argument cannot be used.
        RunNotFoundError, RecordError, StoreError
            As for the properties.
        """
        from .table import need, to_arrow, to_frame, to_rows

        if format not in ("pandas", "pyarrow", "polars"):
            raise ArgumentError(f"format must be pandas, pyarrow or polars, not {format!r}")
        if stream not in ("default", "system"):
            raise ArgumentError(f"stream must be default or system, not {stream!r}")
        if samples is not None and (not isinstance(samples, int) or samples < 1):
            raise ArgumentError(f"samples must be a whole number of 1 or more, not {samples!r}")
        if pandas and format != "pyarrow":
            need(format)
        if stream == "system":
            found = self._system_table()
            table = replace(found, axis=("_timestamp", found.steps.astype("datetime64[ms]")))
        else:
            table = self._table(keys, x_axis)
        table = table.spread(samples)
        if not pandas:
            return list(to_rows(table, moment))
        if format == "pandas":
            return to_frame(table)
        arrow = to_arrow(table)
        if format == "pyarrow":
            return arrow
        import polars as pl

        frame = pl.from_arrow(arrow)
        assert isinstance(frame, pl.DataFrame)
        return frame

    def scan_history(self, keys: _Keys = None) -> Iterator[dict[str, Any]]:
        """Yield what was logged, a mapping a step, by step. Needs no pandas.

        Parameters
        ----------
        keys : sequence of str, optional
            Only these metrics, and only steps at which one of them has a value.

        Yields
        ------
        dict
            ``_step`` (int), ``_time`` (datetime in UTC: when a value of this step was last logged), and the
            metrics that have a value at this step.

        Raises
        ------
        ArgumentError, RunNotFoundError, RecordError, StoreError
            As for :meth:`history`, when this is called.
        """
        from .table import to_rows

        return to_rows(self._table(keys), moment)

    def system_metrics(self) -> "pd.DataFrame":
        """Read what was sampled of the machine: CPU, memory, disks, network, GPUs.

        Returns
        -------
        pandas.DataFrame
            A column a metric and a row a sample; the index is the time (datetime in UTC), named ``time`` and
            ascending. A name ends in its unit (``process/cpu_percent``, ``gpu0/memory_bytes``). A metric that
            a sample does not have is NaN: it is not known, and not zero. Where several nodes were sampled,
            each column's name begins with its node: ``node3:gpu0/memory_bytes``.

        Raises
        ------
        MissingExtraError
            When pandas is not installed.
        RunNotFoundError, RecordError, StoreError
            As for the properties.
        """
        from .table import need, to_frame

        need("pandas")
        import pandas as pd

        frame = to_frame(self._system_table())
        frame.index = pd.to_datetime(frame.index, unit="ms", utc=True).rename("time")
        return frame

    def _system_table(self) -> "Table":
        """Return the system metrics, whose steps are milliseconds since the epoch."""
        from ..record.system import system_history
        from .table import Table

        _ = self.view  # finds out that there is no such run
        found = list(system_history(self.store, self.folder))
        several = len({host for host, _, _ in found}) > 1
        pieces = [(f"{host}:{key}" if several else key, rows) for host, key, rows in found]
        return Table.of(pieces, sorted({key for key, _ in pieces}), None)

    def _table(self, keys: Sequence[str] | None, x_axis: str = "_step") -> "Table":
        from ..record.read import history
        from .table import Table

        wanted = None if keys is None else _checked(keys)
        known = self.view.metrics  # also finds out that there is no such run
        asked = wanted if wanted is None or x_axis in (*wanted, "_step", "_timestamp") else [*wanted, x_axis]
        pieces = [] if asked == [] else history(self.store, self.folder, asked)
        table = Table.of(pieces, known, asked)
        return table if x_axis == "_step" else table.against(x_axis, keep=wanted is None or asked == wanted)


def _checked(keys: Sequence[str]) -> list[str]:
    if isinstance(keys, str):
        raise ArgumentError(f"keys must be a list of metrics: history([{keys!r}])")
    found = list(keys)
    if any(not isinstance(key, str) for key in found):
        raise ArgumentError(f"keys must be a list of metrics, not {keys!r}")
    return list(dict.fromkeys(found))
