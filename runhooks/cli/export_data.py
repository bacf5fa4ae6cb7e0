"""``runhooks export`` of data: a run's history as Parquet or CSV, or all of its objects in a zip."""

import csv
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ..api import ApiRun
from ..errors import ArgumentError, ObjectNotFoundError
from .screen import print_json, print_line
from .target import find_run, options_of

__all__ = ["export_data"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_EPOCH = (1980, 1, 1, 0, 0, 0)


def export_data(
    word: str, kind: str, file: Path, store: str | None, pairs: Sequence[str], *, as_json: bool
) -> int:
    """Write a run's data to a file, whole or not at all; return the exit code."""
    if not file.parent.is_dir():
        raise ArgumentError(f"there is no folder {file.parent}")
    run = find_run(word, store, options_of(pairs))
    _ = run.view  # finds out that there is no such run
    temporary = file.with_name(f".{file.name}.part")
    try:
        count = _WRITERS[kind](run, temporary)
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)
    written = file.stat().st_size
    if as_json:
        print_json({"file": str(file), "bytes": written, "rows" if kind != "zip" else "objects": count})
    else:
        print_line(f"wrote {file}: {count:,} {'objects' if kind == 'zip' else 'rows'}, {written:,} bytes")
    return 0


def _parquet(run: ApiRun, file: Path) -> int:
    import pyarrow.parquet as pq

    table = run.history(format="pyarrow")
    pq.write_table(table, file, compression="zstd")
    return len(table)


def _csv(run: ApiRun, file: Path) -> int:
    table = run.history(format="pyarrow")
    columns = [column.to_pylist() for column in table.columns]
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow([_cell(name) for name in table.column_names])
        writer.writerows([_cell(value) for value in row] for row in zip(*columns, strict=True))
    return len(table)


def _cell(value: Any) -> str:
    """Return a cell: numbers with every digit; a text that a spreadsheet would compute stays a text."""
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    return repr(value)


def _zip(run: ApiRun, file: Path) -> int:
    """Pack the run's folder, with what its page needs to open from where it is unpacked."""
    count = 0
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for folder in (run.folder, "assets"):
            for path in sorted(entry.path for entry in run.store.list(folder)):
                try:
                    data = run.store.read(path)
                except ObjectNotFoundError:
                    continue  # compacted meanwhile
                packed.writestr(zipfile.ZipInfo(path, _EPOCH), data, zipfile.ZIP_DEFLATED)
                count += 1
    return count


_WRITERS: dict[str, Callable[[ApiRun, Path], int]] = {"parquet": _parquet, "csv": _csv, "zip": _zip}
