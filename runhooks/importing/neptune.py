"""Reading what ``neptune-exporter`` wrote: Parquet files of attributes, one row a value.

The layout is that of its README: https://github.com/neptune-ai/neptune-exporter
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import RecordError
from .below import Told, telling
from .imported import Imported, Logged

__all__ = ["find_neptune", "read_neptune"]

_COLUMNS = ("run_id", "attribute_path", "attribute_type", "step", "timestamp")
_PARAMETERS = ("float", "int", "string", "bool", "datetime", "string_set")
_SERIES = {"float_series": "float_value", "string_series": "string_value"}
_KINDS = {"file": "files", "file_series": "files"}
_MOST_BINS = 512


def find_neptune(files: Iterable[Path], told: Told) -> dict[str, list[Path]]:
    """Return the Parquet files among some that are of Neptune's exporter, by run id."""
    found: dict[str, list[Path]] = {}
    parts = (file for file in files if "_part_" in file.name and file.suffix == ".parquet")
    for file in sorted(parts, key=_part):
        with telling(file, told):
            for id in _ids(file):
                found.setdefault(id, []).append(file)
    return found


def _ids(file: Path) -> list[str]:
    try:
        if not set(_COLUMNS) <= set(pq.ParquetFile(file).schema_arrow.names):
            return []  # another program's
        return list(map(str, pq.read_table(file, columns=["run_id"])["run_id"].unique().to_pylist()))
    except (OSError, pa.ArrowException) as error:
        raise RecordError(f"{file} is no Parquet file that can be read: {error}") from error


def _part(file: Path) -> tuple[str, int]:
    name, _, number = file.stem.rpartition("_part_")
    return f"{file.parent}/{name}", int(number) if number.isdigit() else 0


def read_neptune(id: str, files: list[Path]) -> Imported:
    """Read a run from its files.

    Steps, which Neptune keeps as decimals, are multiplied by the power of ten that makes all whole; it is
    then the config's ``neptune/step_multiplier``.

    Raises
    ------
    RecordError
        When a file is not what the exporter writes; the message names it.
    """
    run = Imported(id, f"Neptune: {files[0].parent}")
    facts: dict[str, Any] = {}
    series: list[tuple[Decimal, int, str, Any]] = []
    left_out: Counter[str] = Counter()
    for file in files:
        try:
            for row in _rows(file, id):
                path, kind = row["attribute_path"], row["attribute_type"]
                if kind in _PARAMETERS:
                    facts[path] = row[f"{kind}_value"]
                elif (value := _logged(row)) is not None:
                    series.append((row["step"] or Decimal(0), _time(row["timestamp"]) or 0, path, value))
                else:
                    left_out[_KINDS.get(kind, f"values of type {kind}")] += 1
        except (OSError, pa.ArrowException, KeyError, TypeError) as error:
            raise RecordError(f"{file} is not what Neptune's exporter writes: {error}") from error
    scale = 10 ** max((-int(step.normalize().as_tuple().exponent) for step, *_ in series), default=0)
    scale = max(scale, 1)
    run.rows = [Logged(int(step * scale), time, {path: value}) for step, time, path, value in series]
    run.rows.sort(key=lambda row: row.time)
    run.left_out = dict(left_out)
    _tell(run, facts)
    if scale > 1:
        run.config["neptune/step_multiplier"] = scale
    return run


def _rows(file: Path, id: str) -> Iterator[dict[str, Any]]:
    for batch in pq.ParquetFile(file).iter_batches():
        for row in batch.to_pylist():
            if row["run_id"] == id:
                yield row


def _logged(row: Mapping[str, Any]) -> Any:
    """Return a value of a series; None when runhooks has no place for it."""
    if row["attribute_type"] in _SERIES:
        return row[_SERIES[row["attribute_type"]]]
    found = row["histogram_value"] if row["attribute_type"] == "histogram_series" else None
    if found is None or not 1 <= len(found["values"]) == len(found["edges"]) - 1 <= _MOST_BINS:
        return None
    return {"kind": "histogram", "counts": found["values"], "edges": found["edges"]}


def _tell(run: Imported, facts: dict[str, Any]) -> None:
    """Put what Neptune itself noted (``sys/…``) where it belongs; all else is config."""
    own = {path.removeprefix("sys/"): facts.pop(path) for path in list(facts) if path.startswith("sys/")}
    run.name = str(own.get("name") or run.name)
    run.notes = own.get("description") or None
    run.tags = sorted({*(own.get("tags") or ()), *(own.get("group_tags") or ())})
    run.began, run.ended = _time(own.get("creation_time")), _time(own.get("modification_time"))
    run.state = "failed" if own.get("failed") else "finished"
    named = {"owner": "author", "hostname": "host"}
    run.environment |= {ours: own[name] for name, ours in named.items() if own.get(name)}
    run.config = {path: value.isoformat() if isinstance(value, datetime) else value
                  for path, value in facts.items()}  # fmt: skip


def _time(at: datetime | None) -> int | None:
    return None if at is None else round(at.timestamp() * 1e6)
