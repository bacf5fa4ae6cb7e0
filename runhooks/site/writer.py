"""Writing pages to a store."""

from collections.abc import Mapping
from functools import cached_property
from hashlib import blake2b
from typing import Final

from runhooks.storage import Store

from .assets import publish_assets

__all__ = ["Gathered", "Pages"]

_CONTENT_TYPES: Final = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
}


class Pages:
    """Writes pages to a store, each file only when it differs from what this object wrote last.

    Parameters
    ----------
    store : Store
    assets : str, optional
        Name of the front end's folder where it is published already.
    """

    def __init__(self, store: Store, assets: str | None = None) -> None:
        self.store = store
        self._assets = assets
        self._written: dict[str, bytes] = {}

    @cached_property
    def assets(self) -> str:
        """Name of the front end's folder, which is published when it is first asked for.

        Raises
        ------
        SiteError
            When the front end was not built.
        StoreError
        """
        return self._assets or publish_assets(self.store)

    def write(self, folder: str, files: Mapping[str, bytes]) -> int:
        """Write files into a folder of the store, in their order, and return how many of them were new."""
        new = 0
        for name, data in files.items():
            path = f"{folder}/{name}" if folder else name
            digest = blake2b(data, digest_size=16).digest()
            if self._written.get(path) != digest:
                self.store.write(path, data, content_type=_CONTENT_TYPES.get(path.rpartition(".")[2]))
                self._written[path] = digest
                new += 1
        return new


class Gathered(Pages):
    """Pages of a store that stay in memory.

    Attributes
    ----------
    files : dict
        Path in the store, and bytes.
    """

    def __init__(self, store: Store) -> None:
        super().__init__(store, "gathered")
        self.files: dict[str, bytes] = {}

    def write(self, folder: str, files: Mapping[str, bytes]) -> int:
        """Keep files, and return how many."""
        self.files |= {f"{folder}/{name}" if folder else name: data for name, data in files.items()}
        return len(files)
