"""Counting what a store is asked: a wrapper store, beneath the one that tries again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from ._protocol import Entry

if TYPE_CHECKING:
    from ._protocol import Store

__all__ = ["MeteredStore", "Traffic"]

_T = TypeVar("_T")
_PAGE = 1000
_PART = 8 * 2**20
_AT_ONCE = 2 * _PART


@dataclass(slots=True)
class Traffic:
    """What a store was asked so far.

    Attributes
    ----------
    requests : int
        Requests of a bucket: one a call, one more for each further thousand of a listing, and for a file
        its parts, their beginning and end where it has several, and the look at its size.
    failed : int
        Calls among them that raised.
    sent, received : int
        Bytes of objects, each time that they were sent or read.
    seconds : float
        Time spent waiting for the store.
    """

    requests: int = 0
    failed: int = 0
    sent: int = 0
    received: int = 0
    seconds: float = 0.0


class MeteredStore:
    """A store that counts what is asked of the store behind it.

    Parameters
    ----------
    store : Store
        The store that does the work.
    clock : callable
        For tests: tells the seconds gone by.

    Attributes
    ----------
    traffic : Traffic
    """

    def __init__(self, store: "Store", *, clock: Callable[[], float] = monotonic) -> None:
        self.traffic = Traffic()
        self._store = store
        self._clock = clock

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._store!r})"

    @property
    def url(self) -> str:
        """The address of the store behind."""
        return self._store.url

    @property
    def root(self) -> Path | None:
        """The folder of the store behind."""
        return self._store.root

    def page_url(self, path: str) -> str:
        """Return the address that opens an object in a browser."""
        return self._store.page_url(path)

    def read(self, path: str, start: int | None = None, end: int | None = None) -> bytes:
        """Return an object's bytes, or a range of them."""
        data = self._count(lambda: self._store.read(path, start, end))
        self.traffic.received += len(data)
        return data

    def write(
        self,
        path: str,
        data: bytes | Path,
        *,
        content_type: str | None = None,
        cache_control: str | None = None,
    ) -> None:
        """Replace an object as a whole."""
        headers = {"content_type": content_type, "cache_control": cache_control}
        size = data.stat().st_size if isinstance(data, Path) and data.is_file() else 0
        self.traffic.sent += size if isinstance(data, Path) else len(data)
        requests = _requests_of_file(size) if isinstance(data, Path) else 1
        self._count(lambda: self._store.write(path, data, **headers), requests)

    def create(
        self, path: str, data: bytes, *, content_type: str | None = None, cache_control: str | None = None
    ) -> bool:
        """Write an object unless there is one."""
        headers = {"content_type": content_type, "cache_control": cache_control}
        self.traffic.sent += len(data)
        return self._count(lambda: self._store.create(path, data, **headers))

    def list(self, prefix: str = "", *, recursive: bool = True) -> Iterator[Entry]:
        """Find what lies in a folder."""
        found = self._count(lambda: [*self._store.list(prefix, recursive=recursive)])
        self.traffic.requests += max(0, len(found) - 1) // _PAGE
        yield from found

    def delete(self, path: str) -> None:
        """Delete an object."""
        self._count(lambda: self._store.delete(path))

    def now(self) -> float:
        """Return the time by the store's clock."""
        return self._count(self._store.now)

    def _count(self, call: Callable[[], _T], requests: int = 1) -> _T:
        began = self._clock()
        self.traffic.requests += requests
        try:
            return call()
        except Exception:
            self.traffic.failed += 1
            raise
        finally:
            self.traffic.seconds += self._clock() - began


def _requests_of_file(size: int) -> int:
    return 2 if size < _AT_ONCE else -(-size // _PART) + 3


if TYPE_CHECKING:

    def _(store: Store) -> Store:
        return MeteredStore(store)
