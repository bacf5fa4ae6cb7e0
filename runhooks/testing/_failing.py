"""A store that fails when it is told to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from runhooks.errors import StoreUnreachableError
from runhooks.storage import Entry

if TYPE_CHECKING:
    from runhooks.storage import Store

__all__ = ["FailingStore", "Failure"]

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Failure:
    """How one call fails.

    Attributes
    ----------
    error : type of exception
        What is raised.
    done : bool
        The work is done first and only its answer is lost.
    """

    error: type[Exception] = StoreUnreachableError
    done: bool = False


class FailingStore:
    """A store that passes calls on to another and fails those that `plan` chooses.

    Parameters
    ----------
    store : Store
        The store that does the work.
    plan : callable
        Gets the number of the call (from 0), the method's name and the path, and returns how the call
        fails, or None. It is called from every thread that uses the store.

    Attributes
    ----------
    calls : list of (str, str)
        Method and path of each call so far.

    Examples
    --------
    The third call fails, whatever it is, after its work was done:

    >>> from runhooks.storage import open_store
    >>> store = FailingStore(
    ...     open_store("memory://failing"), lambda n, method, path: Failure(done=True) if n == 2 else None
    ... )
    """

    def __init__(self, store: "Store", plan: Callable[[int, str, str], Failure | None]) -> None:
        self.calls: list[tuple[str, str]] = []
        self._store = store
        self._plan = plan

    @property
    def url(self) -> str:
        """The address of the store behind."""
        return self._store.url

    @property
    def root(self) -> Path | None:
        """The folder of the store behind."""
        return self._store.root

    def page_url(self, path: str) -> str:
        """Return the address that opens an object in a browser; never fails."""
        return self._store.page_url(path)

    def read(self, path: str, start: int | None = None, end: int | None = None) -> bytes:
        """Return an object's bytes, or fail."""
        return self._call("read", path, lambda: self._store.read(path, start, end))

    def write(
        self,
        path: str,
        data: bytes | Path,
        *,
        content_type: str | None = None,
        cache_control: str | None = None,
    ) -> None:
        """Write an object, or fail."""
        headers = {"content_type": content_type, "cache_control": cache_control}
        self._call("write", path, lambda: self._store.write(path, data, **headers))

    def create(
        self, path: str, data: bytes, *, content_type: str | None = None, cache_control: str | None = None
    ) -> bool:
        """Create an object, or fail."""
        headers = {"content_type": content_type, "cache_control": cache_control}
        return self._call("create", path, lambda: self._store.create(path, data, **headers))

    def list(self, prefix: str = "", *, recursive: bool = True) -> Iterator[Entry]:
        """Find what lies in a folder, or fail."""
        yield from self._call("list", prefix, lambda: [*self._store.list(prefix, recursive=recursive)])

    def delete(self, path: str) -> None:
        """Delete an object, or fail."""
        self._call("delete", path, lambda: self._store.delete(path))

    def now(self) -> float:
        """Return the store's time, or fail."""
        return self._call("now", "", self._store.now)

    def _call(self, method: str, path: str, work: Callable[[], _T]) -> _T:
        failure = self._plan(len(self.calls), method, path)
        self.calls.append((method, path))
        if failure is None:
            return work()
        if failure.done:
            work()
        raise failure.error(f"{method} {path}: fails as planned")


if TYPE_CHECKING:

    def _(store: Store) -> Store:
        return FailingStore(store, lambda _number, _method, _path: None)
