"""What ``runhooks export`` writes of one run: its page, its history, or all of its objects."""

import csv
import zipfile
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from ..api import ApiRun
from ..errors import ObjectNotFoundError
from ..site.export import export_html
from .event_files import EventFile

__all__ = ["WRITERS", "Writer"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_EPOCH = (1980, 1, 1, 0, 0, 0)


class Writer(Protocol):
    """Writes a run to a path."""

    def __call__(self, run: ApiRun, file: Path, /) -> dict[str, Any]:
        """Write it; return what to tell of it: counts, ``removed``, ``left_out``."""
        ...


def _html(run: ApiRun, file: Path, *, anonymous: bool = False) -> dict[str, Any]:
    made = export_html(run.store, run.folder, unnamed=anonymous)
    file.write_bytes(made.page)
    return {"removed": made.removed, "left_out": made.left_out}


def _parquet(run: ApiRun, file: Path) -> dict[str, Any]:
    import pyarrow.parquet as pq

    table = run.history(format="pyarrow")
    pq.write_table(table, file, compression="zstd")
    return {"rows": len(table)}


def _csv(run: ApiRun, file: Path) -> dict[str, Any]:
    table = run.history(format="pyarrow")
    columns = [column.to_pylist() for column in table.columns]
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow([_cell(name) for name in table.column_names])
        writer.writerows([_cell(value) for value in row] for row in zip(*columns, strict=True))
    return {"rows": len(table)}


def _cell(value: Any) -> str:
    """Return a cell: numbers with every digit; a text that a spreadsheet would compute stays a text."""
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    return repr(value)


def _zip(run: ApiRun, file: Path) -> dict[str, Any]:
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
    return {"objects": count}


def _tensorboard(run: ApiRun, folder: Path) -> dict[str, Any]:
    """Write one event file; its name is that of the run's start, so that writing again replaces it."""
    began = run.view.created_at
    folder.mkdir(exist_ok=True)
    temporary = folder / f".events.{run.id}.part"
    values, left_out = 0, Counter[str]()
    with temporary.open("wb") as file:
        events = EventFile(file, began / 1e6)
        for row in run.scan_history():
            step, at = row.pop("_step"), row.pop("_time").timestamp()
            kept = {key: value for key, value in row.items() if isinstance(value, int | float | str)}
            left_out.update({"values that are no numbers or texts": len(row) - len(kept)})
            values += len(kept)
            if kept:
                events.add(at, step, kept)
    temporary.replace(folder / f"events.out.tfevents.{began // 1_000_000}.{run.id}")
    return {"values": values, "left_out": {kind: count for kind, count in left_out.items() if count}}


WRITERS: dict[str, Writer] = {
    "html": _html,
    "anonymous html": partial(_html, anonymous=True),
    "parquet": _parquet,
    "csv": _csv,
    "zip": _zip,
    "tensorboard": _tensorboard,
}
