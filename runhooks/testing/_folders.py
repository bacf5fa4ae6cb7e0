"""Listing folders and deleting objects."""

import pytest

from runhooks.errors import ObjectNotFoundError
from runhooks.storage import Entry, Store

from ._frame import StoreFrame, sizes

__all__ = ["FolderContract"]


class FolderContract(StoreFrame):
    """Tests of `list`, `delete` and `now`."""

    def test_a_folder_is_found_with_all_below_it(self, store: Store) -> None:
        """A prefix is a folder, not the beginning of a name."""
        for path in ("runs/1/a", "runs/1/deep/er/b", "runs/10/c", "runs/1.json", "d"):
            self.raw_write(store, path, b"xyz")
        assert sizes(store, "runs/1") == {"runs/1/a": 3, "runs/1/deep/er/b": 3}
        assert sizes(store, "runs/1/") == sizes(store, "runs/1")
        assert set(sizes(store, "")) == {"runs/1/a", "runs/1/deep/er/b", "runs/10/c", "runs/1.json", "d"}

    def test_a_folder_is_found_level_by_level(self, store: Store) -> None:
        """Not recursive is the folder's own objects and sub-folders, each once."""
        for path in ("runs/1/a", "runs/1/b", "runs/10/c", "runs/1.json", "d"):
            self.raw_write(store, path, b"xyz")
        found = [(entry.path, entry.is_dir) for entry in store.list("runs", recursive=False)]
        assert sorted(found) == [("runs/1", True), ("runs/1.json", False), ("runs/10", True)]
        found = [(entry.path, entry.is_dir) for entry in store.list(recursive=False)]
        assert sorted(found) == [("d", False), ("runs", True)]

    @pytest.mark.parametrize("recursive", [True, False])
    def test_nothing_is_found_in_a_folder_that_is_not_there(self, store: Store, *, recursive: bool) -> None:
        """Neither in one that never was, nor in one whose objects are gone, nor in an object."""
        self.raw_write(store, "a/b", b"x")
        store.write("gone/x/y", b"x")
        store.delete("gone/x/y")
        for prefix in ("never", "gone", "gone/x", "a/b", "a/b/c"):
            assert [*store.list(prefix, recursive=recursive)] == []
        assert [entry.path for entry in store.list(recursive=False)] == ["a"]

    def test_a_listing_is_never_old(self, store: Store) -> None:
        """What others do is seen at once."""
        for count in range(3):
            assert len([*store.list("a")]) == count
            assert len([*store.list("a", recursive=False)]) == count
            self.raw_write(store, f"a/{count}", b"x")
        store.delete("a/0")
        assert set(sizes(store, "a")) == {"a/1", "a/2"}
        self.raw_write(store, "a/1", b"longer")
        assert sizes(store, "a")["a/1"] == 6

    def test_a_listing_tells_of_each_object(self, store: Store) -> None:
        """Size and version change with the bytes, and only then."""
        store.write("a", b"one")
        first, again = _entry(store, "a"), _entry(store, "a")
        store.write("a", b"two")
        second = _entry(store, "a")
        assert first == again
        assert first.version != second.version
        assert (first.size, first.is_dir) == (3, False)

    def test_objects_are_dated_by_the_clock_that_now_tells(self, store: Store) -> None:
        """The age of an object is now() less modified, to the second or so."""
        store.write("a", b"x")
        modified = _entry(store, "a").modified
        assert modified is not None
        assert -2 <= store.now() - modified <= 60

    # Deleting

    def test_an_object_is_deleted(self, store: Store) -> None:
        """And deleting it again is no error."""
        store.write("a/b", b"x")
        store.delete("a/b")
        store.delete("a/b")
        assert self.raw_read(store, "a/b") is None
        with pytest.raises(ObjectNotFoundError):
            store.read("a/b")

    def test_nothing_else_is_deleted(self, store: Store) -> None:
        """Neither what matches the name as a pattern, nor what begins with it, nor what is below it."""
        for path in ("run1/a", "run10", "run-x", "run-y/z"):
            self.raw_write(store, path, b"x")
        for path in ("run1", "run-*", "run?0", "*", "run-y"):
            store.delete(path)
        assert set(sizes(store, "")) == {"run1/a", "run10", "run-x", "run-y/z"}


def _entry(store: Store, path: str) -> Entry:
    [entry] = [entry for entry in store.list() if entry.path == path]
    return entry
