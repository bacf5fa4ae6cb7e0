"""Doing one thing to many objects: several at once where each takes milliseconds, one by one on a disk."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from ._protocol import Store

__all__ = ["together"]

_Item = TypeVar("_Item")
_Found = TypeVar("_Found")

_AT_ONCE = 16
_FEW = 2


def together(store: Store, work: Callable[[_Item], _Found], items: Iterable[_Item]) -> list[_Found]:
    """Return what `work` gives for each item, in order; at most 16 run at once.

    The first exception is raised when those that had begun are done.
    """
    items = list(items)
    if store.root is not None or len(items) <= _FEW:
        return [work(item) for item in items]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        return list(threads.map(work, items))
