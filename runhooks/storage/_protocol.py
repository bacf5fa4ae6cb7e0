"""What every store does: the seam between runhooks and the places where records are kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

__all__ = ["Entry", "Store"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One object, or one folder, that a listing found.

    Attributes
    ----------
    path : str
        Path in the store, with ``/`` between its parts.
    size : int
        Bytes; 0 for a folder.
    version : str
        Changes whenever the object is written: an ETag, a generation, or time, inode and size of a
        file. Empty for a folder, and where the store tells nothing.
    modified : float or None
        When it was written, in seconds since the epoch by the store's own clock (see :meth:`Store.now`).
    is_dir : bool
        True for a folder; only listings that are not recursive have them.
    """

    path: str
    size: int = 0
    version: str = ""
    modified: float | None = None
    is_dir: bool = False


class Store(Protocol):
    """A place that keeps whole objects under paths such as ``default/digits/runs/k3f9/run.json``.

    The contract, which :class:`runhooks.testing.StoreContract` checks:

    - A path is a relative one with ``/`` between its parts. One that could leave the store or mean
      something else (``..``, an absolute path, a backslash, a control character) is an
      :class:`~runhooks.errors.ArgumentError` before anything is read or written. ``*``, ``?``, ``[``
      and ``%`` in a path are ordinary characters.
    - An object is replaced as a whole: whoever reads sees the old bytes or the new ones.
    - A method that returned has done its work, and what it wrote can be read by everybody at once.
    - A method that failed raised a :class:`~runhooks.errors.StoreError`, never anything else for the
      store's sake. :class:`~runhooks.errors.StoreUnreachableError` says that trying again may help.
    - Threads may share a store, and so may the child of a fork.
    """

    @property
    def url(self) -> str:
        """The store's address, safe to print: it never holds a secret."""
        ...

    @property
    def root(self) -> Path | None:
        """The local folder that is the store, or None: the recorder appends to a local run in place."""
        ...

    def page_url(self, path: str) -> str:
        """Return the address that opens this object in a browser."""
        ...

    def read(self, path: str, start: int | None = None, end: int | None = None) -> bytes:
        """Return an object's bytes, or those from `start` up to `end` as a slice of it would.

        Parameters
        ----------
        path : str
            The object.
        start, end : int, optional
            Offsets in bytes, not negative. Bytes beyond the object's end are left out.

        Raises
        ------
        ObjectNotFoundError
            There is no such object.
        StoreNotFoundError
            The bucket or folder that should hold the store is missing.
        """
        ...

    def write(
        self,
        path: str,
        data: bytes | Path,
        *,
        content_type: str | None = None,
        cache_control: str | None = None,
    ) -> None:
        """Write an object, replacing what was there as a whole; verify that all of it arrived.

        Parameters
        ----------
        path : str
            The object.
        data : bytes or Path
            The object's bytes, or the local file that holds them. A file is sent in bounded memory; it
            must not change meanwhile.
        content_type : str, optional
            What a browser is told it is; by default, what the path's ending says.
        cache_control : str, optional
            What caches are told; by default ``no-cache``: they ask each time whether it changed.
        """
        ...

    def create(
        self, path: str, data: bytes, *, content_type: str | None = None, cache_control: str | None = None
    ) -> bool:
        """Write an object unless there is one; of several writers at once exactly one gets True.

        Where an answer of the store was lost, the object's bytes decide whose it is: data in which the
        writer names itself is safe.

        Returns
        -------
        bool
            False when the object was there already; it is left as it was.
        """
        ...

    def list(self, prefix: str = "", *, recursive: bool = True) -> Iterator[Entry]:
        """Find what lies in a folder, in no promised order.

        Parameters
        ----------
        prefix : str
            The folder; ``runs/a`` finds ``runs/a/x`` but not ``runs/ab``. Empty for the whole store. A
            folder without objects is as good as none: nothing is found.
        recursive : bool
            Find the objects at any depth; otherwise the folder's own objects and sub-folders.

        Raises
        ------
        StoreNotFoundError
            The bucket or folder that should hold the store is missing.
        """
        ...

    def delete(self, path: str) -> None:
        """Delete exactly this object; nothing happens when there is none, or when it is a folder."""
        ...

    def now(self) -> float:
        """Return the time in seconds since the epoch by the clock that dates :attr:`Entry.modified`.

        A server is asked with one small request; its answer may be cut to the second. The age of a
        heartbeat is ``now() - modified``, whatever the clocks of writers and readers say.
        """
        ...
