"""Checking a run's record: every object that can be checked is read, every checksum compared."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import Any
from zlib import crc32

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import ArgumentError, ObjectNotFoundError, RecordError
from ..journal import parse
from ..storage import Store
from .document import from_bytes, is_intact
from .parts import CHECKSUM, read_part

__all__ = ["Fault", "verify_run"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a stored object.

    Attributes
    ----------
    path : str
        The object, in the store.
    problem : str
    """

    path: str
    problem: str


def verify_run(store: Store, folder: str) -> tuple[int, list[Fault]]:
    """Read a run's document, labels, journals, parts and media, and compare their checksums.

    Pages are not looked at: they are derived. An object that went while this was reading was compacted.

    Returns
    -------
    int
        Objects that were checked.
    list of Fault
    """
    checked, faults, media = 0, list[Fault](), dict[str, str]()
    paths = sorted(entry.path for entry in store.list(folder))
    if f"{folder}/run.json" not in paths:
        faults.append(Fault(f"{folder}/run.json", "it is missing: there are objects of a run without it"))
    for path in paths:
        check = _check_of(path.removeprefix(f"{folder}/"))
        if check is None:
            continue
        try:
            data = store.read(path)
        except ObjectNotFoundError:
            continue
        checked += 1
        faults += [Fault(path, problem) for problem in check(data, path)]
        if check is _part and not any(fault.path == path for fault in faults):
            media |= dict(_media(data, path))
    for name, digest in sorted(media.items()):
        checked += 1
        faults += [Fault(f"{folder}/files/{name}", problem) for problem in _file(store, folder, name, digest)]
    return checked, faults


def _media(data: bytes, path: str) -> Iterator[tuple[str, str]]:
    """Yield path among the run's files, and SHA-256, of what the rows of a part name."""
    for _, rows in read_part(data, path):
        for text in rows.objects.values():
            yield from _named(orjson.loads(text))


def _named(found: Any) -> Iterator[tuple[str, str]]:
    if isinstance(found, dict):
        if isinstance(found.get("path"), str) and isinstance(found.get("sha256"), str):
            yield found["path"], found["sha256"]
        found = list(found.values())
    if isinstance(found, list):
        for item in found:
            yield from _named(item)


def _file(store: Store, folder: str, name: str, digest: str) -> Iterator[str]:
    try:
        data = store.read(f"{folder}/files/{name}")
    except (ObjectNotFoundError, ArgumentError):
        yield "it is missing: a row names it"
        return
    if sha256(data).hexdigest() != digest:
        yield "its checksum is wrong: it was changed since it was written"


_Check = Callable[[bytes, str], Iterator[str]]


def _check_of(name: str) -> _Check | None:
    head, _, _ = name.partition("/")
    if name == "run.json":
        return _document
    if name == "labels.json" or (head in ("control", "writers") and name.endswith(".json")):
        return _json
    if head in ("journal", "system") and name.endswith(".jsonl"):
        return _journal
    return _part if head in ("history", "system") and name.endswith(".parquet") else None


def _document(data: bytes, path: str) -> Iterator[str]:
    try:
        from_bytes(data, path)
    except RecordError as error:
        yield str(error)
        return
    if not is_intact(data):
        yield "its checksum is wrong: it was changed since it was written"


def _json(data: bytes, _path: str) -> Iterator[str]:
    try:
        orjson.loads(data)
    except orjson.JSONDecodeError as error:
        yield f"it is not JSON: {error}"


def _journal(data: bytes, _path: str) -> Iterator[str]:
    parsed = parse(data)
    for _ in parsed:
        pass
    if parsed.damaged:
        yield f"{parsed.damaged} line{'' if parsed.damaged == 1 else 's'} with a wrong checksum"


def _part(data: bytes, path: str) -> Iterator[str]:
    try:
        for _ in read_part(data, path):
            pass
        noted = pq.read_metadata(BytesIO(data)).metadata or {}
    except (RecordError, pa.ArrowException, OSError, ValueError) as error:
        yield str(error)
        return
    footer = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    if noted.get(CHECKSUM.encode()) != b"%08x" % crc32(data[:footer]):
        yield "its checksum is wrong: it was changed since it was written"
