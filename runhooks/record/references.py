"""Files that an artifact only points at: what can be known of them, and reading them."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit

from ..errors import ArtifactError, StoreError
from ..storage import describe, open_store
from .blobs import CHUNK, hash_file
from .manifest import FileEntry, check_entry_path

__all__ = ["look_up", "read_reference"]

_TIMEOUT_S = 30.0
_MOST = 10_000
_WEB = ("http", "https")
_NO_HEAD = (403, 405, 501)
"""What servers say that tell of a file only with the file, as behind a signed address."""


def look_up(
    uri: str, name: str, options: Mapping[str, Any] | None = None, *, checksum: bool = True
) -> dict[str, FileEntry]:
    """Return the entries of a reference: one, or one for each file below an address with a slash at its end.

    Parameters
    ----------
    uri : str
    name : str
        Path in the artifact of the file, or of the folder; empty for the top.
    options : mapping, optional
        Storage options for ``s3`` and ``gs``.
    checksum : bool
        Whether a local file is read for its digest.

    Raises
    ------
    ArtifactError
        When there is nothing at this address, or nobody answers.
    """
    scheme = urlsplit(uri).scheme
    with _errors(uri):
        if scheme == "file":
            found = dict(_local(uri, checksum))
        elif scheme in _WEB:
            found = {"": _web(uri)}
        else:
            found = dict(_remote(uri, options or {}))
    if not found:
        raise ArtifactError(f"there is nothing at {uri}")
    if len(found) > _MOST:
        raise ArtifactError(f"{uri} has more than {_MOST:,} files; add folders below it instead")
    return {check_entry_path("/".join(filter(None, (name, path)))): entry for path, entry in found.items()}


def _local(uri: str, checksum: bool) -> Iterator[tuple[str, FileEntry]]:
    top = _path(uri)
    if not uri.endswith("/"):
        yield "", _file(top, uri, checksum)
        return
    for folder, _, names in os.walk(top):
        for name in sorted(names):
            file = Path(folder) / name
            if file.is_file():
                yield file.relative_to(top).as_posix(), _file(file, file.as_uri(), checksum)


def _file(file: Path, uri: str, checksum: bool) -> FileEntry:
    facts = file.stat()
    digest = hash_file(file) if checksum else None
    return FileEntry(facts.st_size, digest, uri, f"{facts.st_mtime_ns:x}-{facts.st_size:x}")


def _web(uri: str) -> FileEntry:
    from urllib.request import Request, urlopen  # with TLS and all of email, 40 ms that few runs need

    try:
        answer = urlopen(Request(uri, method="HEAD"), timeout=_TIMEOUT_S)  # noqa: S310  (http and https only)
    except HTTPError as error:
        if error.code not in _NO_HEAD:
            raise
        answer = urlopen(uri, timeout=_TIMEOUT_S)  # noqa: S310
    with answer:
        length, etag = answer.headers.get("Content-Length"), answer.headers.get("ETag")
    return FileEntry(int(length) if length and length.isdigit() else None, None, uri, etag)


def _remote(uri: str, options: Mapping[str, Any]) -> Iterator[tuple[str, FileEntry]]:
    if not uri.endswith("/"):
        found = describe(uri, options)
        yield "", FileEntry(found.size, None, uri, found.version)
        return
    for number, entry in enumerate(open_store(uri.rstrip("/"), options).list()):
        if number > _MOST:
            return
        yield entry.path, FileEntry(entry.size, None, uri + entry.path, entry.version)


def read_reference(entry: FileEntry, options: Mapping[str, Any] | None = None) -> Iterator[bytes]:
    """Yield a reference's bytes, refusing content that is not what the artifact was made of.

    Raises
    ------
    ArtifactError
        When there is nothing at this address, nobody answers, or it was changed since.
    """
    assert entry.ref is not None
    scheme = urlsplit(entry.ref).scheme
    with _errors(entry.ref):
        if scheme == "file":
            yield from _read_file(entry, _path(entry.ref))
        elif scheme in _WEB:
            yield from _read_web(entry, entry.ref)
        elif scheme in ("s3", "gs"):
            yield from _read_remote(entry, entry.ref, options or {})
        else:
            raise ArtifactError(f"{entry.ref} is no address that can be read")


def _read_file(entry: FileEntry, file: Path) -> Iterator[bytes]:
    facts = file.stat()
    if entry.digest is None and entry.etag not in (None, f"{facts.st_mtime_ns:x}-{facts.st_size:x}"):
        raise _changed(entry)
    with file.open("rb") as opened:
        while piece := opened.read(CHUNK):
            yield piece


def _read_web(entry: FileEntry, uri: str) -> Iterator[bytes]:
    from urllib.request import urlopen

    with urlopen(uri, timeout=_TIMEOUT_S) as answer:  # noqa: S310  (http and https only)
        if entry.etag is not None and answer.headers.get("ETag") != entry.etag:
            raise _changed(entry)
        while piece := answer.read(CHUNK):
            yield piece


def _read_remote(entry: FileEntry, uri: str, options: Mapping[str, Any]) -> Iterator[bytes]:
    if entry.etag is not None and describe(uri, options).version != entry.etag:
        raise _changed(entry)
    folder, _, name = uri.rpartition("/")
    store = open_store(folder, options)
    at = 0
    while piece := store.read(name, at, at + CHUNK):
        yield piece
        at += len(piece)


def _changed(entry: FileEntry) -> ArtifactError:
    return ArtifactError(f"{entry.ref} was changed since the artifact was made")


def _path(uri: str) -> Path:
    return Path(unquote(urlsplit(uri).path))


@contextmanager
def _errors(uri: str) -> Iterator[None]:
    try:
        yield
    except (StoreError, URLError, OSError) as error:
        said = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
        raise ArtifactError(f"the reference {uri} cannot be read: {said}") from error
