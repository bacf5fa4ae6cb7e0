"""Checking a run's record: every object that can be checked is read, every checksum compared."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from zlib import crc32

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import ObjectNotFoundError, RecordError
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
    """Read a run's document, labels, journals and parts, and compare their checksums.

    Pages are not looked at: they are derived. An object that went while this was reading was compacted.

    Returns
    -------
    int
        Objects that were checked.
    list of Fault
    """
    checked, faults = 0, []
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
    return checked, faults


_Check = Callable[[bytes, str], Iterator[str]]


def _check_of(name: str) -> _Check | None:
    head, _, _ = name.partition("/")
    if name == "run.json":
        return _document
    if name == "labels.json" or (head == "control" and name.endswith(".json")):
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
