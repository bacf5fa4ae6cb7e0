"""The store that is a folder of this machine.

fsspec's local files are not used: they truncate in place, their create is two steps that race, and
``..`` leaves their root. Here a file is written beside its place, synced, and renamed over it.
"""

import errno
import io
import os
import secrets
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from runhooks.errors import (
    ArgumentError,
    ObjectNotFoundError,
    StoreError,
    StoreNotFoundError,
    StorePermissionError,
)

from ._paths import TEMPORARY, check_path, check_prefix, check_range, is_part
from ._protocol import Entry

if TYPE_CHECKING:
    from ._protocol import Store

__all__ = ["LocalStore"]

_T = TypeVar("_T")
_ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EISDIR})
_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_NO_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV})
_FOLDER_RACES = 50
_CHUNK = 2**20


class LocalStore:
    """A store in a local folder, which the first write makes.

    Parameters
    ----------
    root : str or os.PathLike
        The folder; ``~`` is the user's home. It may be a symbolic link. Links below it that lead out of
        it are refused.
    durable : bool
        Whether a write returns only when a power cut would not undo it, which takes some 10 ms an object.
        Pages, which can be rendered again, do without; a killed process loses nothing either way.
    """

    def __init__(self, root: str | os.PathLike[str], *, durable: bool = True) -> None:
        text = os.fspath(root)
        if not isinstance(text, str) or not text or "\0" in text:
            raise ArgumentError(f"a local store needs the path of a folder, not {root!r}")
        # Absolute now, so that a later change of the working directory does not move the store.
        self._durable = durable
        self._root = Path(os.path.abspath(Path(text).expanduser()))  # noqa: PTH100  (takes `..` out)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self._root)!r})"

    @property
    def url(self) -> str:
        """The folder's path."""
        return str(self._root)

    @property
    def root(self) -> Path:
        """The folder."""
        return self._root

    def page_url(self, path: str) -> str:
        """Return the ``file://`` address of an object."""
        return (self._root / check_path(path)).as_uri()

    def read(self, path: str, start: int | None = None, end: int | None = None) -> bytes:
        """Return an object's bytes, or a range of them."""
        begin, end = check_range(start, end)
        with self._errors("read", path), self._inside(path).open("rb", buffering=0) as file:
            if begin:
                file.seek(begin)
            return file.read() if end is None else _read_up_to(file.fileno(), end - begin)

    def write(
        self,
        path: str,
        data: bytes | Path,
        *,
        content_type: str | None = None,  # noqa: ARG002  (the protocol's; a folder keeps none)
        cache_control: str | None = None,  # noqa: ARG002
    ) -> None:
        """Replace an object as a whole. A folder keeps no content type and no cache control."""
        target = self._inside(path, follow=False)
        with _opened(data) as source, self._errors("write", path):
            self._in_folder(target, lambda: _replace(target, source, self._durable))

    def create(
        self,
        path: str,
        data: bytes,
        *,
        content_type: str | None = None,  # noqa: ARG002
        cache_control: str | None = None,  # noqa: ARG002
    ) -> bool:
        """Write an object unless there is one."""
        target = self._inside(path, follow=False)
        with _opened(data) as source, self._errors("create", path):
            return self._in_folder(target, lambda: _create(target, source, self._durable))

    def list(self, prefix: str = "", *, recursive: bool = True) -> Iterator[Entry]:
        """Find files, without following links and without the files that are being written."""
        prefix = check_prefix(prefix)
        folder = self._inside(prefix) if prefix else self._root
        with self._errors("list", prefix):
            if not self._root.is_dir():
                raise FileNotFoundError(errno.ENOENT, "no such folder")
            found = _walk(folder, prefix + "/" if prefix else "", recursive=recursive)
        # Not yielded inside the block above: what a caller's loop raises is not this store's fault.
        while True:
            with self._errors("list", prefix):
                entry = next(found, None)
            if entry is None:
                return
            yield entry

    def delete(self, path: str) -> None:
        """Delete a file, and the folders that are empty then, as on a store that has no folders."""
        target = self._inside(path, follow=False)
        with self._errors("delete", path):
            try:
                if stat.S_ISDIR(target.lstat().st_mode):
                    return
                target.unlink()
            except (FileNotFoundError, NotADirectoryError):
                return
        for folder in target.parents:
            if folder == self._root or not _remove_if_empty(folder):
                break

    def now(self) -> float:
        """Return this machine's time; a folder of another machine may be dated by that one's clock."""
        return time.time()

    def _inside(self, path: str, *, follow: bool = True) -> Path:
        """Return the file of an object, refusing links that lead out of the root.

        With `follow` false the last part may be any link: it is replaced or removed, not followed.
        """
        target = self._root / check_path(path)
        real = os.path.realpath(target if follow else target.parent)
        root = os.path.realpath(self._root)
        if real != root and not real.startswith(root.removesuffix(os.sep) + os.sep):
            raise ArgumentError(f"the path {path!r} leads out of the store {self.url} by a symbolic link")
        return target

    def _in_folder(self, target: Path, action: Callable[[], _T]) -> _T:
        """Do `action` in the folder of `target`, which is made, and made again if a delete was faster."""
        for _ in range(_FOLDER_RACES):
            try:
                return action()
            except FileNotFoundError:
                with suppress(FileNotFoundError, FileExistsError):  # deleted while it was made
                    target.parent.mkdir(parents=True, exist_ok=True)
        return action()

    @contextmanager
    def _errors(self, verb: str, path: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._typed(verb, path, error) from error

    def _typed(self, verb: str, path: str, error: OSError) -> StoreError:
        typed: StoreError
        if error.errno in _ABSENT and verb in {"read", "list"}:
            if self._root.is_dir():
                typed = ObjectNotFoundError(f"there is no {path} in the store {self.url}")
            else:
                typed = StoreNotFoundError(f"there is no store at {self.url}")
        elif error.errno in _REFUSED:
            typed = StorePermissionError(
                f"not allowed to {verb} {path} in the store {self.url}: {error.strerror}"
            )
        else:
            typed = StoreError(f"could not {verb} {path} in the store {self.url}: {error.strerror or error}")
        typed.errno = error.errno
        return typed


def _read_up_to(fd: int, size: int) -> bytes:
    pieces = []
    while size > 0 and (piece := os.read(fd, min(size, _CHUNK))):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def _opened(data: bytes | Path) -> BinaryIO:
    """Open what is to be written; a file that is not there is the caller's error, not the store's."""
    return data.open("rb") if isinstance(data, Path) else io.BytesIO(data)


def _temporary(target: Path, source: BinaryIO, durable: bool) -> Path:
    """Write `source` to a new file beside `target`."""
    path = target.with_name(TEMPORARY + secrets.token_hex(8))
    try:
        _write_new(path, source, durable)
    except FileExistsError:
        raise
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def _write_new(path: Path, source: BinaryIO, durable: bool) -> None:
    size = source.seek(0, os.SEEK_END)
    source.seek(0)
    # Its mode is what any new file gets, less the umask: others in the team read the store too.
    with path.open("xb") as file:
        shutil.copyfileobj(source, file, _CHUNK)
        file.flush()
        if durable:
            # The rename must not overtake the data. The folder is not synced: after a power cut the
            # old object may be back, whole.
            os.fsync(file.fileno())
        if file.tell() != size:
            raise OSError(errno.EIO, f"{file.tell()} of {size} bytes were written")


def _replace(target: Path, source: BinaryIO, durable: bool) -> None:
    temporary = _temporary(target, source, durable)
    try:
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _create(target: Path, source: BinaryIO, durable: bool) -> bool:
    if os.path.lexists(target):
        return False
    temporary = _temporary(target, source, durable)
    try:
        # A link, unlike an exclusive open, shows the object only when all of it is there.
        os.link(temporary, target)
    except FileExistsError:
        # An NFS server whose answer was lost says so of a link that it made.
        return temporary.stat().st_nlink == 2
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        return _create_without_links(target, source, durable)
    finally:
        temporary.unlink(missing_ok=True)
    return True


def _create_without_links(target: Path, source: BinaryIO, durable: bool) -> bool:
    """Create where the file system has no hard links; a reader may meet the file half written."""
    try:
        _write_new(target, source, durable)
    except FileExistsError:
        return False
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return True


def _walk(folder: Path, prefix: str, *, recursive: bool) -> Iterator[Entry]:
    try:
        with os.scandir(folder) as found:
            items = list(found)
    except (FileNotFoundError, NotADirectoryError):  # deleted meanwhile, or never there
        return
    for item in items:
        if not is_part(item.name):
            continue
        path = prefix + item.name
        if item.is_dir(follow_symlinks=False):
            if recursive:
                yield from _walk(folder / item.name, path + "/", recursive=True)
            else:
                yield Entry(path, is_dir=True)
        elif item.is_file(follow_symlinks=False):
            with suppress(FileNotFoundError):
                yield _entry(path, item.stat(follow_symlinks=False))


def _entry(path: str, facts: os.stat_result) -> Entry:
    # A clock may tick only every few milliseconds; a replaced file has another inode.
    version = f"{facts.st_mtime_ns:x}-{facts.st_ino:x}-{facts.st_size:x}"
    return Entry(path, facts.st_size, version, facts.st_mtime_ns / 1e9)


def _remove_if_empty(folder: Path) -> bool:
    try:
        folder.rmdir()
    except OSError:
        return False
    return True


if TYPE_CHECKING:
    _: Store = LocalStore("")
