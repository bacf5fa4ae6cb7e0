"""Reading, writing and creating objects."""

import os
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from runhooks.errors import ArgumentError, ObjectNotFoundError, StoreError
from runhooks.storage import Store

from ._frame import StoreFrame, is_same

__all__ = ["ObjectContract"]

ALL_BYTES = bytes(range(256)) * 5


class ObjectContract(StoreFrame):
    """Tests of `read`, `write` and `create`."""

    @pytest.mark.parametrize("data", [b"", b"x", ALL_BYTES, ALL_BYTES * 1000])
    def test_what_is_written_is_what_others_find(self, store: Store, data: bytes) -> None:
        """Written bytes are the object's bytes."""
        store.write("a/b/c.bin", data)
        assert is_same(self.raw_read(store, "a/b/c.bin"), data)

    def test_what_others_wrote_is_read(self, store: Store) -> None:
        """A store has no format of its own."""
        self.raw_write(store, "a/b.bin", ALL_BYTES)
        assert store.read("a/b.bin") == ALL_BYTES

    def test_a_range_is_a_slice(self, store: Store) -> None:
        """A range is a slice of the bytes, beyond their end too."""
        self.raw_write(store, "a.bin", ALL_BYTES)
        for start in (None, 0, 1, 700, 1279, 1280, 5000):
            for end in (None, 0, 1, 701, 1280, 5000):
                assert store.read("a.bin", start, end) == ALL_BYTES[start:end], (start, end)

    def test_a_range_of_an_empty_object_is_empty(self, store: Store) -> None:
        """No range of nothing is an error."""
        self.raw_write(store, "a.bin", b"")
        assert store.read("a.bin") == store.read("a.bin", 0, 10) == store.read("a.bin", 5) == b""

    def test_a_negative_offset_is_refused(self, store: Store) -> None:
        """Offsets count from the beginning only."""
        self.raw_write(store, "a.bin", b"abc")
        for start, end in ((-1, None), (None, -1), (0, -2)):
            with pytest.raises(ArgumentError):
                store.read("a.bin", start, end)

    def test_a_missing_object_is_not_found(self, store: Store) -> None:
        """A missing object is said as such, whole or by range, and a folder is no object."""
        self.raw_write(store, "a/b", b"x")
        for path in ("b", "a/c", "a/b/c", "a"):
            for start in (None, 2):
                with pytest.raises(ObjectNotFoundError):
                    store.read(path, start)

    def test_a_write_replaces_all_of_an_object(self, store: Store) -> None:
        """Nothing of a longer object stays behind."""
        store.write("a", b"a long object")
        store.write("a", b"short")
        assert self.raw_read(store, "a") == b"short"

    def test_a_file_is_sent_whole(self, store: Store, tmp_path_factory: pytest.TempPathFactory) -> None:
        """A file may be larger than what is sent at once."""
        file = tmp_path_factory.mktemp("file") / "f"
        data = os.urandom(2**16) * (self.big // 2**16) + b"end"
        file.write_bytes(data)
        store.write("big.bin", file)
        assert is_same(self.raw_read(store, "big.bin"), data)
        file.write_bytes(b"")
        store.write("big.bin", file)
        assert self.raw_read(store, "big.bin") == b""

    def test_a_file_that_is_not_there_leaves_the_object(self, store: Store, tmp_path: Path) -> None:
        """The caller's mistake costs nothing."""
        store.write("a", b"kept")
        for file in (tmp_path / "no such file", tmp_path):
            with pytest.raises(OSError, match=re.escape(str(file))) as caught:
                store.write("a", file)
            assert not isinstance(caught.value, StoreError)
        assert self.raw_read(store, "a") == b"kept"

    def test_a_reader_sees_old_or_new_bytes_and_nothing_between(self, store: Store) -> None:
        """Replacing is one step."""
        versions = [bytes([letter]) * 200_000 for letter in b"abcd"]
        store.write("a", versions[0])
        seen: set[bytes] = set()
        done = threading.Event()

        def read() -> None:
            while not done.is_set():
                seen.add(store.read("a"))

        with ThreadPoolExecutor(2) as pool:
            readers = [pool.submit(read) for _ in range(2)]
            try:
                for data in versions * 5:
                    store.write("a", data)
            finally:
                done.set()
            for reader in readers:
                reader.result()
        assert seen <= set(versions)

    # Creating

    def test_an_object_is_created_once(self, store: Store) -> None:
        """A second create says no, of other bytes and of the same, and leaves the object."""
        assert store.create("a/b", b"first") is True
        assert store.create("a/b", b"first") is False
        assert store.create("a/b", b"second") is False
        assert self.raw_read(store, "a/b") == b"first"

    def test_a_written_object_is_not_created(self, store: Store) -> None:
        """Whoever wrote it, it is there; when it is gone it can be created again."""
        self.raw_write(store, "a", b"there")
        assert store.create("a", b"new") is False
        store.delete("a")
        assert store.create("a", b"new") is True
        assert self.raw_read(store, "a") == b"new"

    def test_of_many_creators_one_wins(self, store: Store) -> None:
        """However many try at once, one gets True, and the object is its."""
        crowd = 6
        with ThreadPoolExecutor(crowd) as pool:
            for attempt in range(12):
                path = f"race/{attempt}"
                start = threading.Barrier(crowd)

                def create(who: int, start: threading.Barrier = start, path: str = path) -> bool:
                    start.wait()
                    return store.create(path, b"%d" % who * 1000)

                won = [who for who, created in enumerate(pool.map(create, range(crowd))) if created]
                assert len(won) == 1
                assert self.raw_read(store, path) == b"%d" % won[0] * 1000
