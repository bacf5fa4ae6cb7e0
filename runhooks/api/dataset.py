"""The histories of many runs as one Arrow dataset: one schema, and a column that says which run."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
from pyarrow import fs

from ..errors import ObjectNotFoundError, RecordError
from ..record.parts import SCHEMA, Part, Rows
from ..record.paths import part_name
from ..record.read import cuts_of, rows_of_part, rows_of_segment
from ..record.view import Cut
from ..storage import Store, together

__all__ = ["DATASET_SCHEMA", "history_dataset"]

# The metric's name is plain text here: not every Arrow function takes a dictionary.
_KEY = SCHEMA.get_field_index("key")
DATASET_SCHEMA = SCHEMA.set(_KEY, pa.field("key", pa.string(), nullable=False)).append(
    pa.field("run", pa.string())
)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part, or a journal file of which there is none yet.

    Attributes
    ----------
    path, part : str
        The object, and its part.
    cut : Cut or None
        Up to where its rows count.
    """

    run: str
    writer: str
    path: str
    part: str
    cut: Cut | None = None


def history_dataset(store: Store, entity: str, project: str, ids: Sequence[str]) -> ds.Dataset:
    """Return the histories of runs as a dataset. See :meth:`runhooks.api.Api.history_dataset`."""
    pieces = _found(store, f"{entity}/{project}/runs", frozenset(ids))
    whole = [piece for piece in pieces if piece.path == piece.part and piece.cut is None]
    dataset = ds.FileSystemDataset.from_paths(
        [piece.path for piece in whole],
        schema=DATASET_SCHEMA,
        format=ds.ParquetFileFormat(),
        filesystem=fs.PyFileSystem(_Objects(store)),
        partitions=[ds.field("run") == piece.run for piece in whole],
        root_partition=ds.scalar(True),
    )
    # Journals, and parts of which not all counts, are read now and held in memory: there are few.
    others = [piece for piece in pieces if piece.path != piece.part or piece.cut is not None]
    held = [table for table in together(store, lambda piece: _table(store, piece), others) if len(table)]
    if not held:
        return dataset
    return ds.dataset([dataset, ds.dataset(pa.concat_tables(held))])


def _found(store: Store, folder: str, ids: frozenset[str]) -> list[_Piece]:
    """Return the parts of runs, and the journal files that are in no part yet."""
    parts: dict[str, _Piece] = {}
    segments: dict[str, dict[tuple[str, int], str]] = {run: {} for run in ids}
    for entry in store.list(folder):
        run, _, rest = entry.path.removeprefix(f"{folder}/").partition("/")
        kind, _, name = rest.partition("/")
        if run not in ids:
            continue
        if kind == "history" and name.endswith(".parquet"):
            parts[entry.path] = _Piece(run, name.rpartition("-")[0], entry.path, entry.path)
        elif kind == "journal" and name.endswith(".jsonl"):
            writer, _, segment = name.partition("/")
            segments[run][writer, int(segment[:8])] = entry.path
    runs = sorted({piece.run for piece in parts.values()} | {run for run in ids if segments[run]})
    cuts = together(store, lambda run: cuts_of(store, f"{folder}/{run}", segments[run]), runs)
    by_writer = {(run, cut.writer): cut for run, found in zip(runs, cuts, strict=True) for cut in found}
    pieces = list(parts.values())
    for run in runs:
        for (writer, number), path in segments[run].items():
            part = f"{folder}/{run}/history/{part_name(writer, number)}"
            if part not in parts:
                pieces.append(_Piece(run, writer, path, part))
    pieces.sort(key=lambda piece: piece.part)
    return [replace(piece, cut=by_writer.get((piece.run, piece.writer))) for piece in pieces]


def _table(store: Store, piece: _Piece) -> pa.Table:
    """Read the rows of one that count; a journal that was compacted since the listing is in its part."""
    part = Part()
    for key, rows in _rows(store, piece):
        part.add(key, rows)
    table = part.to_table()
    return table.append_column("run", pa.array([piece.run] * len(table), pa.string())).cast(DATASET_SCHEMA)


def _rows(store: Store, piece: _Piece) -> Iterator[tuple[str, Rows]]:
    if piece.path != piece.part:
        try:
            data = store.read(piece.path)
        except ObjectNotFoundError:
            pass
        else:
            yield from rows_of_segment(data, cut=piece.cut)
            return
    with suppress(ObjectNotFoundError):  # a journal without rows, or a run that was deleted
        yield from rows_of_part(store.read(piece.part), piece.part, cut=piece.cut)


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

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise PermissionError("a dataset of runs is only read, by the paths that it was made of")

    get_file_info_selector = _refuse
    create_dir = delete_dir = delete_dir_contents = delete_root_dir_contents = delete_file = _refuse
    move = copy_file = open_output_stream = open_append_stream = _refuse
