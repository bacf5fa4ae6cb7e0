"""The histories of many runs as one Arrow dataset: one schema, and a column that says which run."""

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from pyarrow import fs

from ..errors import ObjectNotFoundError, RecordError
from ..record.parts import SCHEMA, Part
from ..record.paths import part_name
from ..record.read import rows_of_segment
from ..storage import Store, together

__all__ = ["DATASET_SCHEMA", "history_dataset"]

# The metric's name is plain text here: not every Arrow function takes a dictionary.
_KEY = SCHEMA.get_field_index("key")
DATASET_SCHEMA = SCHEMA.set(_KEY, pa.field("key", pa.string(), nullable=False)).append(
    pa.field("run", pa.string())
)


def history_dataset(store: Store, entity: str, project: str, ids: Sequence[str]) -> ds.Dataset:
    """Return the histories of runs as a dataset. See :meth:`runhooks.api.Api.history_dataset`."""
    parts, segments = _found(store, f"{entity}/{project}/runs", frozenset(ids))
    dataset = ds.FileSystemDataset.from_paths(
        [path for path, _ in parts],
        schema=DATASET_SCHEMA,
        format=ds.ParquetFileFormat(),
        filesystem=fs.PyFileSystem(_Objects(store)),
        partitions=[ds.field("run") == run for _, run in parts],
        root_partition=ds.scalar(True),
    )
    waiting = [table for table in together(store, lambda at: _table(store, *at), segments) if len(table)]
    if not waiting:
        return dataset
    return ds.dataset([dataset, ds.dataset(pa.concat_tables(waiting))])


def _found(
    store: Store, folder: str, ids: frozenset[str]
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return the parts, and the journal segments that are in no part yet, each with its run's id."""
    parts, segments, made = [], [], set()
    for entry in sorted(store.list(folder), key=lambda entry: entry.path):
        run, _, rest = entry.path.removeprefix(f"{folder}/").partition("/")
        if run not in ids:
            continue
        if rest.startswith("history/") and rest.endswith(".parquet"):
            parts.append((entry.path, run))
            made.add(entry.path)
        elif rest.startswith("journal/") and rest.endswith(".jsonl"):
            segments.append((entry.path, run))
    return parts, [(path, run) for path, run in segments if _part_of(path) not in made]


def _part_of(segment: str) -> str:
    folder, _, writer, name = segment.rsplit("/", 3)
    return f"{folder}/history/{part_name(writer, int(name[:8]))}"


def _table(store: Store, segment: str, run: str) -> pa.Table:
    """Read what waits in a journal; compacted since the listing, it is in a part."""
    try:
        part = Part()
        for key, rows in rows_of_segment(store.read(segment)):
            part.add(key, rows)
        table = part.to_table()
    except ObjectNotFoundError:
        try:
            table = pq.ParquetFile(
                pa.BufferReader(store.read(_part_of(segment))), read_dictionary=["key"]
            ).read()
        except ObjectNotFoundError:
            table = SCHEMA.empty_table()
    return table.append_column("run", pa.array([run] * len(table), pa.string())).cast(DATASET_SCHEMA)


class _Objects(fs.FileSystemHandler):  # type: ignore[misc]  # pyarrow has no types
    """A store as Arrow reads it. Parts are small: each is read whole, in one request."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Objects) and other._store is self._store

    def __hash__(self) -> int:
        return id(self._store)

    def get_type_name(self) -> str:
        return "runhooks"

    def normalize_path(self, path: str) -> str:
        return path

    def open_input_file(self, path: str) -> pa.NativeFile:
        try:
            return pa.BufferReader(self._store.read(path))
        except ObjectNotFoundError as error:
            raise RecordError(f"{path} is gone: its run was deleted while it was read") from error

    open_input_stream = open_input_file

    def get_file_info(self, paths: Sequence[str]) -> list[Any]:
        return [fs.FileInfo(path, fs.FileType.File) for path in paths]

    def get_file_info_selector(self, selector: Any) -> Iterator[Any]:
        raise NotImplementedError(selector)

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise PermissionError("a dataset of runs is only read")

    create_dir = delete_dir = delete_dir_contents = delete_root_dir_contents = delete_file = _refuse
    move = copy_file = open_output_stream = open_append_stream = _refuse
