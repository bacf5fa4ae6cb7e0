"""Addresses of stores: which of them can be used, decided in one place, before any input or output."""

import os
import re
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from .errors import StoreUrlError

__all__ = ["Address", "parse_address"]

# Two letters at least: C:// is a drive.
_SCHEME = r"^([A-Za-z][A-Za-z0-9+.-]+)://"
_MISTYPED = r"(?i)^(s3a?|gs|gcs|file|local|memory|abfss?|az|sftp|ssh|https?):|://"
_USER_IS_PART = frozenset({"abfs", "abfss", "sftp", "ssh"})
"""Protocols in whose addresses the part before ``@`` is a container or a login, not a key."""


class Address(NamedTuple):
    """A store's address.

    Attributes
    ----------
    protocol : str
        ``file`` for a folder of this machine.
    url : str
        The address as it may be shown and stored; for a folder, its path as given.
    folder : str or None
        The path of a folder of this machine.
    """

    protocol: str
    url: str
    folder: str | None


def parse_address(url: str | os.PathLike[str]) -> Address:
    """Read the address of a store.

    Raises
    ------
    StoreUrlError
        It has credentials or a query in it, or is malformed. The message does not repeat a secret.
    """
    text = os.fspath(url)
    if ":" not in text:
        return Address("file", text, text)
    found = re.match(_SCHEME, text)
    if not found:
        _check_folder(text)
        return Address("file", text, text)
    protocol = found.group(1).lower()
    _check_url(protocol, text)
    if protocol in {"file", "local"}:
        folder = _file_path(text)
        return Address("file", folder, folder)
    return Address(protocol, protocol + text[len(protocol) :], None)


def _check_folder(text: str) -> None:
    """Refuse what would be a folder named ``s3:``; it is not repeated, for it may hold a secret."""
    if re.search(_MISTYPED, text):
        raise StoreUrlError(
            "the store is neither a folder nor an address such as s3://bucket/folder, and cannot be chained"
        )


def _check_url(protocol: str, url: str) -> None:
    """Refuse an address with a secret or a query in it, without repeating it."""
    if "::" in url:
        raise StoreUrlError(f"a {protocol}:// store cannot be chained with '::'; give one plain address")
    rest = url.split("://", 1)[1]
    authority = rest.split("/", 1)[0]
    user, at, _ = authority.rpartition("@")
    # A slash in a secret cuts the authority short: what is before it then ends in `key:part`.
    if (at and (":" in user or protocol not in _USER_IS_PART)) or re.match(
        r"[^/@]+:[^/@]*[^0-9/@][^@]*@", rest
    ):
        raise StoreUrlError(
            f"the {protocol}:// address of the store has credentials in it, which would be kept with every "
            "run; give them by storage_options, the environment or a profile"
        )
    if "?" in url or "#" in url:
        raise StoreUrlError(
            f"the {protocol}:// address of the store has a query or fragment; use storage_options"
        )


def _file_path(url: str) -> str:
    parts = urlsplit(url)
    if parts.netloc not in {"", "localhost"}:
        raise StoreUrlError(f"{url!r} names a host; a local folder is file:///path")
    if not parts.path.strip("/"):
        raise StoreUrlError(f"{url!r} names no folder")
    return unquote(parts.path)  # url2pathname() does no more here, and takes 16 ms to import
