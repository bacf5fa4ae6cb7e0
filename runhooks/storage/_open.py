"""From the address of a store to the store."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from runhooks.address import parse_address

from ._local import LocalStore
from ._protocol import Entry, Store
from ._retry import DEFAULT_RETRY, Retry, RetryStore

if TYPE_CHECKING:
    from ._fsspec import FsspecStore

__all__ = ["describe", "open_store"]


def open_store(
    url: str | os.PathLike[str],
    storage_options: Mapping[str, Any] | None = None,
    *,
    retry: Retry | None = DEFAULT_RETRY,
) -> Store:
    """Return the store at an address. Nothing is read, written or asked yet.

    Parameters
    ----------
    url : str or os.PathLike
        A folder (``./runs``, ``file:///data/runs``), ``s3://bucket/prefix``, ``gs://bucket/prefix``,
        ``memory://name`` (of this process, gone with it), or any other address that fsspec knows.
    storage_options : mapping, optional
        What fsspec's file system takes: key, secret, profile, endpoint, anon and so on; see its
        documentation. They are not stored and not printed.
    retry : Retry or None
        How long a store that does not answer is tried again; None for a single try.

    Raises
    ------
    StoreUrlError
        The address has credentials in it, is malformed, or has a protocol that fsspec does not know.
    MissingExtraError
        The package for this protocol is not installed.

    Examples
    --------
    >>> store = open_store("memory://example")
    >>> store.write("notes/a.txt", b"hello")
    >>> store.read("notes/a.txt")
    b'hello'
    """
    address = parse_address(url)
    if address.folder is not None:
        return LocalStore(address.folder)
    store = _remote(address.protocol, address.url, storage_options or {})
    return store if retry is None else RetryStore(store, retry)


def describe(url: str, storage_options: Mapping[str, Any] | None = None) -> Entry:
    """Tell of one object by its address, such as ``s3://bucket/data/train.csv``: its size and version.

    Raises
    ------
    StoreUrlError, MissingExtraError
        As for :func:`open_store`.
    ObjectNotFoundError
        There is no such object.
    StoreError
    """
    folder, _, name = url.rpartition("/")
    address = parse_address(folder)
    store = _remote(address.protocol, address.url, storage_options or {})
    return store.describe(name)


def _remote(protocol: str, url: str, options: Mapping[str, Any]) -> "FsspecStore":
    """Return an fsspec store; the imports are here, because most runs need none of them."""
    if protocol == "memory":
        from ._memory import MemoryStore

        return MemoryStore(url, options)
    if protocol in {"s3", "s3a"}:
        from ._s3 import S3Store

        return S3Store(url, options)
    if protocol in {"gs", "gcs"}:
        from ._gcs import GCSStore

        return GCSStore(url, options)
    if protocol in {"abfs", "abfss", "az"}:
        from ._azure import AzureStore

        return AzureStore(url, options)
    from ._fsspec import FsspecStore

    return FsspecStore(url, options)
