from pathlib import Path
from typing import ClassVar

import fsspec
import pytest

from runhooks.errors import StoreError, StoreNotFoundError, StorePermissionError, StoreUnreachableError
from runhooks.storage import Store
from runhooks.storage._fsspec import FsspecStore
from runhooks.testing import StoreContract


class TestFsspecStoreOnFiles(StoreContract):
    """A protocol with folders, through fsspec's local files, which `open_store` itself never uses."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> Store:
        self.folder = tmp_path / "store"
        self.folder.mkdir()
        return FsspecStore(f"file://{self.folder}")

    def raw_read(self, store: Store, path: str) -> bytes | None:
        file = self.folder / path
        return file.read_bytes() if file.is_file() else None

    def raw_write(self, store: Store, path: str, data: bytes) -> None:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_bytes(data)

    @pytest.mark.skip(reason="fsspec's local files truncate in place: LocalStore is for that")
    def test_a_reader_sees_old_or_new_bytes_and_nothing_between(self, store: Store) -> None: ...

    @pytest.mark.skip(reason="fsspec's local files look first and create then: LocalStore is for that")
    def test_of_many_creators_one_wins(self, store: Store) -> None: ...


class FailingFileSystem(fsspec.AbstractFileSystem):  # type: ignore[misc]
    """A protocol of which every call fails with what the address names."""

    protocol = "failing"
    errors: ClassVar[dict[str, Exception]] = {
        "silence": TimeoutError("the read timed out"),
        "refusal": PermissionError("no"),
        "nothing": FileNotFoundError("nothing"),
        "surprise": ZeroDivisionError("a library's own mistake"),
    }

    def fail(self, path: str, *args: object, **kwargs: object) -> None:
        raise self.errors[self._strip_protocol(path).split("/")[0]]

    cat_file = pipe_file = put_file = info = ls = rm_file = fail


fsspec.register_implementation("failing", FailingFileSystem)


@pytest.mark.parametrize(
    ("what", "error"),
    [
        ("silence", StoreUnreachableError),
        ("refusal", StorePermissionError),
        ("nothing", StoreNotFoundError),
        ("surprise", StoreError),
    ],
)
def test_whatever_a_library_raises_comes_as_a_store_error(what: str, error: type[StoreError]) -> None:
    store = FsspecStore(f"failing://{what}/runs")
    for call in (lambda: store.write("a", b"x"), lambda: store.create("a", b"x")):
        with pytest.raises(error, match=rf"failing://{what}/runs") as caught:
            call()
        assert type(caught.value) is error
        assert caught.value.__cause__ is FailingFileSystem.errors[what]


def test_a_listing_that_fails_is_not_a_short_one() -> None:
    """fsspec's own `find` leaves out the folders that it could not list."""
    with pytest.raises(StoreUnreachableError):
        [*FsspecStore("failing://silence").list()]
    assert [*FsspecStore("failing://nothing").list()] == []


def test_a_callers_error_in_the_middle_of_a_listing_is_the_callers() -> None:
    store = FsspecStore("memory://callers-error")
    store.write("a", b"x")
    listing = store.list()
    next(listing)
    with pytest.raises(ZeroDivisionError):
        listing.throw(ZeroDivisionError)  # type: ignore[attr-defined]
