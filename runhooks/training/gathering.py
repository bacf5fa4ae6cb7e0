"""What an artifact is made of on this machine: a file, the files of a folder, an address."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ..errors import ArgumentError
from ..record.manifest import check_entry_path
from ..redact import redact_text

__all__ = ["Reference", "address_of", "entry_of", "file_to_add", "files_below"]

_SCHEMES = ("s3", "gs", "http", "https", "file")


@dataclass(frozen=True, slots=True)
class Reference:
    """A file that stays where it is.

    Attributes
    ----------
    uri : str
        With a slash at its end, or of a local folder: everything below.
    checksum : bool
        Whether a local file is read for its digest.
    """

    uri: str
    checksum: bool


def file_to_add(local_path: str | os.PathLike[str], artifact: str) -> str:
    """Return the absolute path of a file, links as they are.

    Raises
    ------
    ArgumentError
        When there is none, or it is no regular file.
    """
    where = os.path.abspath(local_path)  # noqa: PTH100  (links stay)
    try:
        mode = os.stat(where).st_mode  # noqa: PTH116  (a text goes on)
    except OSError as error:
        raise ArgumentError(f"{where} cannot be added to artifact {artifact}: {error.strerror}") from error
    if not stat.S_ISREG(mode):
        hint = "; use add_dir" if stat.S_ISDIR(mode) else ""
        raise ArgumentError(f"{where} cannot be added to artifact {artifact}: it is no regular file{hint}")
    return where


def files_below(folder: str, *, follow_links: bool) -> Iterator[tuple[str, str, str | None]]:
    """Yield, for all at any depth that is no folder: path below it, absolute path, and what makes it unfit.

    A link to a folder is never followed, so that no loop is.
    """
    for path, item in _walk(folder, ""):
        yield path, item.path, _unfit(item, follow_links)


def _walk(folder: str, prefix: str) -> Iterator[tuple[str, "os.DirEntry[str]"]]:
    with os.scandir(folder) as found:
        items = sorted(found, key=lambda item: item.name)
    for item in items:
        if item.is_dir(follow_symlinks=False):
            yield from _walk(item.path, f"{prefix}{item.name}/")
        else:
            yield prefix + item.name, item


def _unfit(item: "os.DirEntry[str]", follow_links: bool) -> str | None:
    if item.is_symlink():
        if not follow_links:
            return "it is a link"
        return None if item.is_file() else "it is a link to no file"
    return None if item.is_file() else "it is no regular file"


def address_of(uri: str | os.PathLike[str]) -> str:
    """Return the address of what is referred to, with a slash at its end for a local folder.

    Raises
    ------
    ArgumentError
        For an address of another kind, or one with a secret in it.
    """
    address = os.fspath(uri)
    if "://" not in address:
        address = Path(os.path.abspath(address)).as_uri()  # noqa: PTH100  (links stay)
    if redact_text(address) != address:
        raise ArgumentError(
            "the address of a reference has a secret in it, which would be kept with the artifact; "
            "give credentials by storage_options or the environment"
        )
    parts = urlsplit(address)
    if parts.scheme not in _SCHEMES:
        raise ArgumentError(f"a reference is one of {', '.join(_SCHEMES)}, not {parts.scheme}://")
    if parts.scheme == "file" and Path(unquote(parts.path)).is_dir():
        return address.rstrip("/") + "/"
    return address


def entry_of(address: str, name: str | None) -> str:
    """Return the path in the artifact of what is at an address; empty for a folder that goes to the top."""
    parts = urlsplit(address)
    last = "" if address.endswith("/") else unquote(parts.path).rpartition("/")[2] or parts.netloc
    entry = (name or last).strip("/")
    return check_entry_path(entry) if entry else ""
