"""Any sequence of calls has on a store the effect that it has on a dict."""

import shutil
import tempfile
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from runhooks.errors import ObjectNotFoundError
from runhooks.storage import LocalStore, Store, open_store

# No path is the folder of another: object stores would take both.
PATHS = st.sampled_from(["a", "b/c", "b/d", "b/e/f", "b/e/g*", "bb/c", "ü"])
FOLDERS = st.sampled_from(["", "b", "b/e", "bb", "c"])
DATA = st.binary(max_size=20)


class StoreModel(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.store = self.open()
        self.objects: dict[str, bytes] = {}

    def open(self) -> Store:
        raise NotImplementedError

    @rule(path=PATHS, data=DATA)
    def write(self, path: str, data: bytes) -> None:
        self.store.write(path, data)
        self.objects[path] = data

    @rule(path=PATHS, data=DATA)
    def create(self, path: str, data: bytes) -> None:
        assert self.store.create(path, data) is (path not in self.objects)
        self.objects.setdefault(path, data)

    @rule(path=PATHS)
    def delete(self, path: str) -> None:
        self.store.delete(path)
        self.objects.pop(path, None)

    @rule(path=PATHS, start=st.integers(0, 25), end=st.none() | st.integers(0, 25))
    def read(self, path: str, start: int, end: int | None) -> None:
        if path in self.objects:
            assert self.store.read(path, start, end) == self.objects[path][start:end]
        else:
            with pytest.raises(ObjectNotFoundError):
                self.store.read(path)

    @rule(folder=FOLDERS)
    def list_level(self, folder: str) -> None:
        below = [path[len(folder) :].lstrip("/") for path in self.objects if self.is_in(path, folder)]
        expected = {(folder + "/" + path.partition("/")[0]).lstrip("/") for path in below}
        found = [entry.path for entry in self.store.list(folder, recursive=False)]
        assert sorted(found) == sorted(expected)

    @invariant()
    def list_all(self) -> None:
        found = {entry.path: entry.size for entry in self.store.list()}
        assert found == {path: len(data) for path, data in self.objects.items()}

    @staticmethod
    def is_in(path: str, folder: str) -> bool:
        return not folder or path.startswith(folder + "/")


class LocalModel(StoreModel):
    def open(self) -> Store:
        self.folder = Path(tempfile.mkdtemp())
        return LocalStore(self.folder)

    def teardown(self) -> None:
        left = {str(file.relative_to(self.folder)) for file in self.folder.rglob("*") if file.is_file()}
        shutil.rmtree(self.folder)
        assert left == set(self.objects)


class MemoryModel(StoreModel):
    def open(self) -> Store:
        return open_store(f"memory://{uuid4().hex}")

    def teardown(self) -> None:
        for path in self.objects:
            self.store.delete(path)


BRIEF = settings(
    max_examples=30, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
LocalModel.TestCase.settings = BRIEF
MemoryModel.TestCase.settings = BRIEF
TestLocalStoreIsADict = LocalModel.TestCase
TestMemoryStoreIsADict = MemoryModel.TestCase
