"""A store on any fsspec file system, and the frame that the S3 and GCS stores fill in.

Safe to use from threads and after a fork: a file system belongs to the process that opened it.
"""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from runhooks.errors import RunhooksError, StoreUnreachableError, StoreUrlError

from ._faults import Fault, classify, typed
from ._filesystem import Info, configured, open_filesystem, strip_protocol
from ._fork import guard_forks, never_close
from ._headers import DEFAULT_CACHE_CONTROL, content_type_of
from ._paths import check_path, check_prefix, check_range, is_part, join
from ._protocol import Entry

if TYPE_CHECKING:
    from ._filesystem import FileSystem
    from ._protocol import Store

__all__ = ["FsspecStore", "refuse_missing_bucket"]

# Protocols with real folders, which must be there before a file is. Elsewhere making one could make a bucket.
_WITH_FOLDERS = frozenset({"file", "ftp", "hdfs", "sftp", "smb", "ssh", "webhdfs"})
# Their clients have one connection, on which the answers of two threads' requests are mixed up.
_ONE_AT_A_TIME = frozenset({"ftp", "sftp", "ssh"})
_MODIFIED = ("mtime", "LastModified", "last_modified", "updated", "modified", "created")
_VERSION = ("ETag", "etag", "generation", "md5", "content_md5")


class _ObjectExistsError(Exception):
    """A create found an object; never leaves the store."""


class FsspecStore:
    """A store in a folder of any fsspec file system.

    What a protocol cannot do, no store can do over it: where its put truncates in place (sftp, ftp) a
    reader may see a part of an object, and where it has no conditional put two processes may both
    create one. S3, GCS, Azure and ``memory://`` can do both.

    Parameters
    ----------
    url : str
        Protocol and folder.
    options : mapping
        What the file system takes; kept in memory, never printed.
    """

    def __init__(self, url: str, options: Mapping[str, Any] | None = None) -> None:
        self._protocol = url.split("://", 1)[0].lower()
        self._base = strip_protocol(self._protocol, url)
        self._url = f"{self._protocol}://{url.split('://', 1)[1].rstrip('/')}"
        self._check_base()
        self._options = self._defaults(configured(self._protocol, options or {}))
        self._opened: tuple[int, FileSystem] | None = None
        self._taken: tuple[int, RLock] | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._url!r})"

    @property
    def url(self) -> str:
        """The store's address."""
        return self._url

    @property
    def root(self) -> None:
        """None: it is not a folder of this machine."""
        return

    def page_url(self, path: str) -> str:
        """Return the store's address with the path behind it."""
        return f"{self._url}/{quote(check_path(path))}"

    def read(self, path: str, start: int | None = None, end: int | None = None) -> bytes:
        """Return an object's bytes, or a range of them."""
        begin, end = check_range(start, end)
        key = self._key(path)
        with self._errors("read", path):
            return self._get(key, begin, end)

    def write(
        self,
        path: str,
        data: bytes | Path,
        *,
        content_type: str | None = None,
        cache_control: str | None = None,
    ) -> None:
        """Replace an object as a whole."""
        key = self._key(path)
        headers = self._headers(path, content_type, cache_control)
        size = _size(data) if isinstance(data, Path) else len(data)
        with self._errors("write", path, absent=Fault.NO_STORE):
            kept = (
                self._put_file(key, data, headers)
                if isinstance(data, Path)
                else self._put(key, data, headers)
            )
            if kept != size:
                raise StoreUnreachableError(
                    f"could not write {path} in the store {self._url}: {kept} of {size} bytes arrived"
                )

    def create(
        self, path: str, data: bytes, *, content_type: str | None = None, cache_control: str | None = None
    ) -> bool:
        """Write an object unless there is one."""
        key = self._key(path)
        try:
            with self._errors("create", path, absent=Fault.NO_STORE):
                return self._put_new(key, data, self._headers(path, content_type, cache_control))
        except _ObjectExistsError:
            return False

    def list(self, prefix: str = "", *, recursive: bool = True) -> Iterator[Entry]:
        """Find what lies in a folder."""
        folder = join(self._base, check_prefix(prefix))
        found = self._entries(folder, recursive=recursive)
        # Not yielded inside the block: what a caller's loop raises is not this store's fault.
        while True:
            with self._errors("list", prefix, absent=Fault.NO_STORE):
                entry = next(found, None)
            if entry is None:
                return
            yield entry

    def delete(self, path: str) -> None:
        """Delete an object."""
        key = self._key(path)
        with self._errors("delete", path, absent=Fault.NO_STORE):
            self._remove(key)

    def describe(self, path: str) -> Entry:
        """Tell of one object."""
        key = self._key(path)
        with self._errors("look up", path):
            found = self._entry(key, self._fs.info(key))
        return replace(found, path=path, version=found.version.strip('"'))

    def now(self) -> float:
        """Return this machine's time, for want of a way to ask: stores that have one ask."""
        return time.time()

    # What follows is what S3 and GCS do better.

    def _check_base(self) -> None:
        """Refuse an address that no object can have."""

    def _defaults(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the file system's options with what the caller left open."""
        return options

    def _open(self) -> "FileSystem":
        """Open the file system, for this process."""
        opened: FileSystem = open_filesystem(self._url, self._options)
        return opened

    def _headers(self, path: str, content_type: str | None, cache_control: str | None) -> dict[str, str]:
        """Return type and cache control as the HTTP stores name them."""
        return {
            "Content-Type": content_type or content_type_of(path),
            "Cache-Control": cache_control or DEFAULT_CACHE_CONTROL,
        }

    _reading: Mapping[str, Any] = {}
    """What `cat_file` takes besides."""

    def _get(self, key: str, begin: int, end: int | None) -> bytes:
        if end is not None and end <= begin:
            return b""
        try:
            return bytes(self._fs.cat_file(key, start=begin or None, end=end, **self._reading))
        except (IsADirectoryError, NotADirectoryError) as error:
            raise FileNotFoundError(key) from error
        except Exception as error:
            if classify(error) is Fault.BEYOND:
                return b""
            if self._protocol in _ONE_AT_A_TIME and self._is_folder(key):
                raise FileNotFoundError(key) from error  # SFTP says only "Failure"
            raise

    def _is_folder(self, key: str) -> bool:
        with suppress(OSError):
            return bool(self._fs.info(key)["type"] == "directory")
        return False

    def _put(self, key: str, data: bytes, headers: Mapping[str, str]) -> int:  # noqa: ARG002
        """Write bytes; return how many the store has now."""
        self._in_folder(key, lambda: self._fs.pipe_file(key, data))
        return int(self._fs.info(key)["size"])

    def _put_file(self, key: str, data: Path, headers: Mapping[str, str]) -> int:  # noqa: ARG002
        """Send a local file in bounded memory; return how many bytes the store has now."""
        self._in_folder(key, lambda: self._fs.put_file(str(data), key))
        return int(self._fs.info(key)["size"])

    def _put_new(self, key: str, data: bytes, headers: Mapping[str, str]) -> bool:  # noqa: ARG002
        self._in_folder(key, lambda: self._fs.pipe_file(key, data, mode="create"))
        return True

    def _remove(self, key: str) -> None:
        try:
            if self._fs.info(key)["type"] == "directory":
                return
            self._fs.rm_file(key)
        except FileNotFoundError:
            return
        if self._protocol in _WITH_FOLDERS:
            with suppress(OSError):  # not empty, which protocols say in ways of their own
                while (key := key.rpartition("/")[0]) != self._base:
                    self._fs.rmdir(key)

    def _entries(self, folder: str, *, recursive: bool) -> Iterator[Entry]:
        """Find by one listing a folder: fsspec's own `find` leaves out what it could not list."""
        try:
            found = self._fs.ls(folder, detail=True)
        except (FileNotFoundError, NotADirectoryError):
            return
        for info in found:
            key = str(info["name"]).rstrip("/")
            parent, _, name = key.rpartition("/")
            if parent.strip("/") != folder.strip("/") or not is_part(name):
                continue
            if info["type"] != "directory":
                yield self._entry(key, info)
            elif recursive:
                yield from self._entries(key, recursive=True)
            else:
                yield Entry(self._path(key), is_dir=True)

    # The rest serves all of them.

    @property
    def _fs(self) -> "FileSystem":
        """The file system of this process; the one a fork inherited has lost its threads."""
        if self._opened is None or self._opened[0] != os.getpid():
            never_close(self._opened)
            guard_forks()
            self._opened = (os.getpid(), self._open())
        return self._opened[1]

    def _key(self, path: str) -> str:
        return join(self._base, check_path(path))

    def _path(self, key: str) -> str:
        return key.strip("/")[len(self._base.strip("/")) :].lstrip("/")

    def _entry(self, key: str, info: Info) -> Entry:
        modified = next((_seconds(info[name]) for name in _MODIFIED if info.get(name)), None)
        size = int(info["size"] or 0)
        version = next((str(info[name]) for name in _VERSION if info.get(name)), f"{modified}-{size}")
        return Entry(self._path(key), size, version, modified)

    def _in_folder(self, key: str, action: Any) -> None:
        """Do `action`, making the folder of `key` if that was missing and the protocol has folders."""
        try:
            action()
        except FileNotFoundError:
            if self._protocol not in _WITH_FOLDERS:
                raise
            self._fs.makedirs(key.rpartition("/")[0], exist_ok=True)
            action()

    def _turn(self) -> AbstractContextManager[Any]:
        """Return what a call holds while it lasts. A fork has a lock of its own: its parent's may be held."""
        if self._protocol not in _ONE_AT_A_TIME:
            return nullcontext()  # the others' clients sort answers themselves
        if self._taken is None or self._taken[0] != os.getpid():
            self._taken = (os.getpid(), RLock())
        return self._taken[1]

    @contextmanager
    def _errors(self, verb: str, path: str, absent: Fault = Fault.NO_OBJECT) -> Iterator[None]:
        """Raise runhooks' errors. `absent` is what it means here that something is not found."""
        try:
            with self._turn():
                yield
        except RunhooksError:
            raise
        except Exception as error:
            fault = classify(error)
            if fault is Fault.EXISTS and verb == "create":
                raise _ObjectExistsError(path) from error
            fault = absent if fault is Fault.NO_OBJECT else fault
            raise typed(
                fault, f"could not {verb} {path or 'the objects'} in the store {self._url}", error
            ) from error


def _size(file: Path) -> int:
    """Return the size of a file that can be read; else it is the caller's error, not the store's."""
    with file.open("rb") as opened:
        return os.fstat(opened.fileno()).st_size


def _seconds(value: Any) -> float | None:
    """Return seconds since the epoch of what a protocol says of a time."""
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return float(value.timestamp()) if isinstance(value, datetime) else None


def refuse_missing_bucket(url: str, base: str) -> None:
    """Refuse an address without a bucket, or with a prefix that no object can have."""
    bucket, _, prefix = base.partition("/")
    try:
        check_path(bucket)
        check_prefix(prefix)
    except ValueError as error:
        raise StoreUrlError(f"{url} does not name a bucket and a plain folder in it") from error


if TYPE_CHECKING:
    _: Store = FsspecStore("")
