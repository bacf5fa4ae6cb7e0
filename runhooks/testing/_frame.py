"""What the tests of a store need: the store, and a way past it."""

import pytest

from runhooks.storage import Store

__all__ = ["StoreFrame", "is_same", "sizes"]


class StoreFrame:
    """The fixture and the two methods that a store's tests fill in; see :class:`StoreContract`."""

    secrets: tuple[str, ...] = ()
    big: int = 2**20 + 1

    @pytest.fixture
    def store(self) -> Store:
        """Return an empty store."""
        raise NotImplementedError("give the fixture `store`, an empty store")

    def raw_read(self, store: Store, path: str) -> bytes | None:
        """Return an object's bytes, or None, without the store's own code."""
        raise NotImplementedError

    def raw_write(self, store: Store, path: str, data: bytes) -> None:
        """Write an object without the store's own code."""
        raise NotImplementedError


def is_same(found: bytes | None, expected: bytes) -> bool:
    """Compare many bytes, without the difference that pytest prints on CI: of a megabyte it takes minutes."""
    return found == expected


def sizes(store: Store, prefix: str) -> dict[str, int]:
    """Return the size of each object in a folder, as the store lists them."""
    found = [*store.list(prefix)]
    assert not any(entry.is_dir for entry in found)
    by_path = {entry.path: entry.size for entry in found}
    assert len(by_path) == len(found), "an object was listed twice"
    return by_path
