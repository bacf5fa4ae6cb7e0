"""The store in this process's memory: for tests, notebooks and trying things out."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ._fsspec import FsspecStore

if TYPE_CHECKING:
    from ._protocol import Store

__all__ = ["MemoryStore"]


class MemoryStore(FsspecStore):
    """A store on fsspec's ``memory://``, which all code of the process sees and nothing outlives."""

    def _put_new(self, key: str, data: bytes, headers: Mapping[str, str]) -> bool:  # noqa: ARG002
        from fsspec.implementations.memory import MemoryFile

        # fsspec's own create looks first and writes then; one step on a dict is safe between threads.
        filesystem: Any = self._fs
        created = MemoryFile(filesystem, key, data)
        return filesystem.store.setdefault(key, created) is created


if TYPE_CHECKING:
    _: Store = MemoryStore("")
