"""Trying again: a wrapper store with full jitter and a deadline."""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from runhooks.errors import ObjectNotFoundError, StoreUnreachableError

from ._protocol import Entry

if TYPE_CHECKING:
    from ._protocol import Store

__all__ = ["DEFAULT_RETRY", "Retry", "RetryStore"]

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Retry:
    """How often and how long a call is tried again.

    Attributes
    ----------
    deadline : float
        Seconds from the first try of a call after which no further one begins.
    first, longest : float
        Bounds of the pause in seconds: before try n it is random between 0 and
        ``min(longest, first * 2 ** n)``, so that many writers do not come back at once.
    """

    deadline: float = 30.0
    first: float = 0.2
    longest: float = 5.0

    def pause(self, tries: int) -> float:
        """Return the seconds to wait after so many tries."""
        return random.uniform(0, min(self.longest, self.first * 2.0 ** min(tries, 30)))  # noqa: S311  (no secret)


DEFAULT_RETRY = Retry()


class RetryStore:
    """A store whose calls are tried again while the store does not answer.

    Only :class:`~runhooks.errors.StoreUnreachableError` is: each store sorts its errors itself.

    Parameters
    ----------
    store : Store
        The store that does the work.
    retry : Retry
        How long; an attribute too, for a caller that has more time later.
    sleep, clock : callable
        For tests: what waits, and what tells the seconds gone by.
    """

    def __init__(
        self,
        store: "Store",
        retry: Retry = DEFAULT_RETRY,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self.retry = retry
        self._sleep = sleep
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
        return self._again(lambda: self._store.read(path, start, end))

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
        self._again(lambda: self._store.write(path, data, **headers))

    def create(
        self, path: str, data: bytes, *, content_type: str | None = None, cache_control: str | None = None
    ) -> bool:
        """Write an object unless there is one, also where the answer to an earlier try was lost."""
        tries = 0

        def attempt() -> bool:
            nonlocal tries
            tries += 1
            if self._store.create(path, data, content_type=content_type, cache_control=cache_control):
                return True
            # The object that is in the way may be what an earlier try wrote.
            return tries > 1 and self._holds(path, data)

        return self._again(attempt)

    def list(self, prefix: str = "", *, recursive: bool = True) -> Iterator[Entry]:
        """Find what lies in a folder. The whole listing is tried again, so that nothing comes twice."""
        yield from self._again(lambda: [*self._store.list(prefix, recursive=recursive)])

    def delete(self, path: str) -> None:
        """Delete an object."""
        self._again(lambda: self._store.delete(path))

    def now(self) -> float:
        """Return the time by the store's clock."""
        return self._again(self._store.now)

    def _holds(self, path: str, data: bytes) -> bool:
        try:
            return self._store.read(path) == data
        except ObjectNotFoundError:
            return False

    def _again(self, call: Callable[[], _T]) -> _T:
        end = self._clock() + self.retry.deadline
        tries = 0
        while True:
            try:
                return call()
            except StoreUnreachableError:
                pause = self.retry.pause(tries)
                if self._clock() + pause >= end:
                    raise
            tries += 1
            self._sleep(pause)


if TYPE_CHECKING:

    def _(store: Store) -> Store:
        return RetryStore(store)
