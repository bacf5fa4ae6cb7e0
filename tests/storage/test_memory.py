from collections.abc import Iterator
from uuid import uuid4

import fsspec
import pytest

from runhooks.storage import Store, open_store
from runhooks.testing import StoreContract


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def store(self) -> Iterator[Store]:
        store = open_store(f"memory://{uuid4().hex}/runs")
        yield store
        for entry in [*store.list()]:
            store.delete(entry.path)

    def raw_read(self, store: Store, path: str) -> bytes | None:
        files = fsspec.filesystem("memory").store
        key = store.url.removeprefix("memory:/") + "/" + path
        return bytes(files[key].getvalue()) if key in files else None

    def raw_write(self, store: Store, path: str, data: bytes) -> None:
        fsspec.filesystem("memory").pipe_file(f"{store.url}/{path}", data)
