"""A store in a dict that keeps the contract, and one store for each way of breaking it.

What the broken ones do was seen in real libraries, or is one edit away from the right thing.
"""

import fnmatch
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from runhooks.errors import ObjectNotFoundError, StoreNotFoundError
from runhooks.storage import Entry, Store
from runhooks.storage._paths import check_path, check_prefix, check_range
from runhooks.testing import StoreContract


class DictStore:
    root = None
    url = "dict://test"

    def __init__(self) -> None:
        self.objects: dict[str, tuple[bytes, str, float]] = {}
        self.lock = threading.Lock()

    def page_url(self, path: str) -> str:
        return f"{self.url}/{quote(check_path(path))}"

    def read(self, path: str, start: int | None = None, end: int | None = None) -> bytes:
        begin, end = check_range(start, end)
        if check_path(path) not in self.objects:
            raise ObjectNotFoundError(f"no {path}")
        return self.objects[path][0][begin:end]

    def write(self, path: str, data: bytes | Path, **headers: Any) -> None:
        check_path(path)
        self.put(path, data.read_bytes() if isinstance(data, Path) else data)

    def create(self, path: str, data: bytes, **headers: Any) -> bool:
        check_path(path)
        with self.lock:
            if path in self.objects:
                return False
            self.put(path, data)
            return True

    def list(self, prefix: str = "", *, recursive: bool = True) -> Iterator[Entry]:
        folder = self.folder(prefix)
        seen = set()
        for path, (data, version, modified) in sorted(self.objects.items()):
            if not path.startswith(folder):
                continue
            below, is_dir, _ = path[len(folder) :].partition("/")
            if recursive or not is_dir:
                yield Entry(path, len(data), version, modified)
            elif below not in seen:
                seen.add(below)
                yield Entry(folder + below, is_dir=True)

    def delete(self, path: str) -> None:
        self.objects.pop(check_path(path), None)

    def now(self) -> float:
        return time.time()

    def put(self, path: str, data: bytes) -> None:
        self.objects[path] = (data, uuid4().hex, self.now())

    def folder(self, prefix: str) -> str:
        return check_prefix(prefix) + "/" if prefix else ""


class LeavesTheOldTail(DictStore):
    def write(self, path: str, data: bytes | Path, **headers: Any) -> None:
        old = self.objects.get(path, (b"",))[0]
        super().write(path, data)
        new = self.objects[path][0]
        self.put(path, new + old[len(new) :])


class TruncatesInPlace(DictStore):
    def put(self, path: str, data: bytes) -> None:
        super().put(path, data[: len(data) // 2])
        time.sleep(0.001)
        super().put(path, data)


class LosesTheEndOfAFile(DictStore):
    def write(self, path: str, data: bytes | Path, **headers: Any) -> None:
        super().write(path, data.read_bytes()[: 2**20] if isinstance(data, Path) else data)


class WritesBeforeItOpensTheFile(DictStore):
    def write(self, path: str, data: bytes | Path, **headers: Any) -> None:
        super().write(path, b"")
        super().write(path, data)


class KeepsNoEmptyObjects(DictStore):
    def put(self, path: str, data: bytes) -> None:
        if data:
            super().put(path, data)


class TranslatesNewlines(DictStore):
    def put(self, path: str, data: bytes) -> None:
        super().put(path, data.replace(b"\n", b"\r\n"))


class EndsRangesOneByteLate(DictStore):
    def read(self, path: str, start: int | None = None, end: int | None = None) -> bytes:
        return super().read(path, start, end if end is None else end + 1)


class FailsBeyondTheEnd(DictStore):
    def read(self, path: str, start: int | None = None, end: int | None = None) -> bytes:
        if start and start >= len(self.objects[path][0]):
            raise OSError(22, "The requested range is not satisfiable")
        return super().read(path, start, end)


class FailsOnARangeOfNothing(DictStore):
    def read(self, path: str, start: int | None = None, end: int | None = None) -> bytes:
        found = super().read(path)
        if end and not found:
            raise OSError(22, "The requested range is not satisfiable")
        return super().read(path, start, end)


class PutsAMarkBeforeTheBytes(DictStore):
    def put(self, path: str, data: bytes) -> None:
        super().put(path, b"\x01" + data)

    def read(self, path: str, start: int | None = None, end: int | None = None) -> bytes:
        return super().read(path)[1:][start:end]


class TakesNegativeOffsets(DictStore):
    def read(self, path: str, start: int | None = None, end: int | None = None) -> bytes:
        return self.objects[check_path(path)][0][start:end]


class ReadsNothingFromWhatIsMissing(DictStore):
    def read(self, path: str, start: int | None = None, end: int | None = None) -> bytes:
        return super().read(path, start, end) if path in self.objects else b""


class CallsAMissingObjectAMissingStore(DictStore):
    def read(self, path: str, start: int | None = None, end: int | None = None) -> bytes:
        if path not in self.objects:
            raise StoreNotFoundError("no store")
        return super().read(path, start, end)


class CreatesOver(DictStore):
    def create(self, path: str, data: bytes, **headers: Any) -> bool:
        created = path not in self.objects
        self.write(path, data)
        return created


class LooksThenCreates(DictStore):
    def create(self, path: str, data: bytes, **headers: Any) -> bool:
        if path in self.objects:
            return False
        time.sleep(0.002)
        self.write(path, data)
        return True


class CallsEqualBytesItsOwn(DictStore):
    def create(self, path: str, data: bytes, **headers: Any) -> bool:
        return super().create(path, data) or self.objects[path][0] == data


class RemembersWhatItCreated(DictStore):
    def __init__(self) -> None:
        super().__init__()
        self.taken: set[str] = set()

    def create(self, path: str, data: bytes, **headers: Any) -> bool:
        created = path not in self.taken and super().create(path, data)
        self.taken.add(path)
        return created


class TakesAPrefixForAName(DictStore):
    def folder(self, prefix: str) -> str:
        return check_prefix(prefix)


class ListsFoldersAsObjects(DictStore):
    def list(self, prefix: str = "", *, recursive: bool = True) -> Iterator[Entry]:
        for entry in super().list(prefix, recursive=recursive):
            yield Entry(entry.path, entry.size, entry.version, entry.modified)


class ListsOneLevelOnly(DictStore):
    def list(self, prefix: str = "", *, recursive: bool = True) -> Iterator[Entry]:
        return super().list(prefix, recursive=False)


class ListsTwice(DictStore):
    def list(self, prefix: str = "", *, recursive: bool = True) -> Iterator[Entry]:
        yield from super().list(prefix, recursive=recursive)
        yield from super().list(prefix, recursive=recursive)


class ListsFromACache(DictStore):
    def __init__(self) -> None:
        super().__init__()
        self.cache: dict[tuple[str, bool], list[Entry]] = {}

    def list(self, prefix: str = "", *, recursive: bool = True) -> Iterator[Entry]:
        found = self.cache.setdefault((prefix, recursive), [*super().list(prefix, recursive=recursive)])
        return iter(found)


class ListsAFolderThatIsNotThereAsAnError(DictStore):
    def list(self, prefix: str = "", *, recursive: bool = True) -> Iterator[Entry]:
        found = [*super().list(prefix, recursive=recursive)]
        if prefix and not found:
            raise StoreNotFoundError("no such folder")
        return iter(found)


class VersionsBySize(DictStore):
    def list(self, prefix: str = "", *, recursive: bool = True) -> Iterator[Entry]:
        for entry in super().list(prefix, recursive=recursive):
            yield Entry(entry.path, entry.size, str(entry.size), entry.modified, entry.is_dir)


class VersionsAtRandom(DictStore):
    def list(self, prefix: str = "", *, recursive: bool = True) -> Iterator[Entry]:
        for entry in super().list(prefix, recursive=recursive):
            yield Entry(entry.path, entry.size, uuid4().hex, entry.modified, entry.is_dir)


class HasAnotherClock(DictStore):
    def now(self) -> float:
        return time.time() + len(self.objects) * 3600


class DeletesByPattern(DictStore):
    def delete(self, path: str) -> None:
        for name in fnmatch.filter([*self.objects], check_path(path)):
            del self.objects[name]


class DeletesFolders(DictStore):
    def delete(self, path: str) -> None:
        for name in [
            name for name in self.objects if name == check_path(path) or name.startswith(path + "/")
        ]:
            del self.objects[name]


class DeletesOnce(DictStore):
    def delete(self, path: str) -> None:
        del self.objects[check_path(path)]


class TakesAnyPath(DictStore):
    def write(self, path: str, data: bytes | Path, **headers: Any) -> None:
        self.put(path, data.read_bytes() if isinstance(data, Path) else data)


class ReadsQuotedPaths(DictStore):
    def put(self, path: str, data: bytes) -> None:
        super().put(quote(path, safe="/-*?[]{},#+&='~.:@ "), data)


class DoesNotQuoteAddresses(DictStore):
    def page_url(self, path: str) -> str:
        return f"{self.url}/{check_path(path)}"


class SharesAPlaceToWrite(DictStore):
    staged: tuple[str, bytes] = ("", b"")

    def write(self, path: str, data: bytes | Path, **headers: Any) -> None:
        check_path(path)
        self.staged = (path, data.read_bytes() if isinstance(data, Path) else data)
        time.sleep(0.0005)
        self.put(*self.staged)


class DiesInAFork(DictStore):
    def __init__(self) -> None:
        super().__init__()
        self.pid = os.getpid()

    def read(self, path: str, start: int | None = None, end: int | None = None) -> bytes:
        if os.getpid() != self.pid:
            raise RuntimeError("This class is not fork-safe")
        return super().read(path, start, end)


class TellsItsSecret(DictStore):
    url = "dict://key:hidden-secret@test"


class DictContract(StoreContract):
    """The contract over one of the stores above, which the test's run names."""

    secrets = ("hidden-secret",)
    kind: type[DictStore] = DictStore

    @pytest.fixture
    def store(self) -> Store:
        return self.kind()

    def raw_read(self, store: Any, path: str) -> bytes | None:
        return store.objects[path][0] if path in store.objects else None

    def raw_write(self, store: Any, path: str, data: bytes) -> None:
        store.objects[path] = (data, uuid4().hex, time.time())
