"""The files of a run: copying what ``run.save()`` ordered, and listing all that there is.

Only regular files are taken. A link, a fifo or a device is passed over and listed with the reason; no link
is followed, so that a loop ends and nothing comes from where the user did not point. Copies are made beside
their place and put there whole; nothing outside the run's folder is written.
"""

import glob
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path
from time import monotonic
from typing import Any

from ..record.files import FILES, Listing, StoredFile, is_storable, parse_listing
from ..record.staging import decode_local
from .tables import take_tables

__all__ = ["SavedFiles"]

_CHUNK = 8 * 2**20
_EVERY_S = 5.0
_SHARE = 20
"""Looked at again at the soonest after this many times what the last look took."""

_MOST_FILES = 10_000
_MOST_SKIPPED = 1_000


class _Skipped(Exception):
    """A file is not taken; the text says why."""


class SavedFiles:
    """Keeps a run's ``files`` folder as ``run.save()`` ordered, and ``files.json`` as the folder is.

    Parameters
    ----------
    folder : Path
        The run's folder.
    root : Path
        The store on this machine: what lies in it is not copied into itself.
    alive : callable
        Called between the pieces of a large file.
    """

    def __init__(self, folder: Path, root: Path, alive: Callable[[], None]) -> None:
        self._files = folder / "files"
        self._document = folder / FILES
        self._root = os.path.realpath(root)
        self._alive = alive
        self._copied: dict[str, tuple[int, int]] = {}
        self._done: set[tuple[str, ...]] = set()
        self._skipped: dict[str, str] = {}
        self._due = 0.0
        self._earlier = self._from_earlier_sessions()

    def tick(self, orders: Sequence[Mapping[str, Any]], *, last: bool = False) -> None:
        """Copy what is due and write the listing, if it is time, or the `last` time."""
        started = monotonic()
        fresh = [order for order in orders if order["policy"] == "now" and _name(order) not in self._done]
        if started < self._due and not last and not fresh:
            return
        for order in orders:
            if order["policy"] == "live" or last or order in fresh:
                if order["policy"] != "now" or _name(order) not in self._done:
                    self._save(order)
                self._done.add(_name(order))
        self._list()
        ended = monotonic()
        self._due = ended + max(_EVERY_S, _SHARE * (ended - started))

    def _save(self, order: Mapping[str, Any]) -> None:
        pattern, base = decode_local(order["glob"]), decode_local(order["base"])
        found = False
        for source in _matches(pattern):
            found = True
            shown = _readable(source)
            try:
                self._copy(source, _inside(os.path.relpath(source, base)))
                self._skipped.pop(shown, None)
            except _Skipped as why:
                self._skipped[shown] = str(why)
            except OSError as error:
                self._skipped[shown] = f"it cannot be copied: {error.strerror or error}"
        if found:
            self._skipped.pop(_readable(pattern), None)
        else:
            self._skipped.setdefault(_readable(pattern), "there is no such file")

    def _copy(self, source: str, inside: str) -> None:
        facts = os.lstat(source)
        if not stat.S_ISREG(facts.st_mode):
            raise _Skipped(_kind(facts.st_mode))
        if (os.path.realpath(source) + "/").startswith(self._root + "/"):
            raise _Skipped("it lies in the store itself")
        seen = facts.st_mtime_ns, facts.st_size
        if self._copied.get(inside) == seen:
            return
        target = self._files / inside
        partial = target.with_name(f".runhooks-tmp-{os.getpid()}-{target.name[:100]}")
        _parent(self._files, target)
        try:
            self._take(source, partial, facts)
            os.utime(partial, ns=(facts.st_mtime_ns, facts.st_mtime_ns))
            partial.replace(target)
        except BaseException:
            with suppress(OSError):
                partial.unlink()
            raise
        self._copied[inside] = seen

    def _take(self, source: str, partial: Path, facts: os.stat_result) -> None:
        """Copy the bytes that the file had when it was looked at, in bounded memory."""
        # Opened without waiting and without following: it may have become a fifo or a link since.
        fd = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(fd, "rb") as given, partial.open("wb") as copy:
            if not os.path.samestat(os.fstat(given.fileno()), facts):
                raise _Skipped("it changed while it was read; it is tried again")
            left = facts.st_size
            while left and (chunk := given.read(min(_CHUNK, left))):
                copy.write(chunk)
                left -= len(chunk)
                self._alive()
            if left:
                raise _Skipped("it became shorter while it was read; it is tried again")

    def _list(self) -> None:
        take_tables(self._files)
        files: dict[str, StoredFile] = dict(self._earlier)
        skipped: dict[str, str] = dict(self._skipped)
        for path, facts in _walk(self._files):
            inside = os.path.relpath(path, self._files)
            if (why := _unfit(inside, facts)) is not None:
                skipped[_readable(inside)] = why
            else:
                files[inside] = StoredFile(inside, facts.st_size, facts.st_mtime_ns // 1000)
        chosen = [files[name] for name in sorted(files)[:_MOST_FILES]]
        listing = Listing(chosen, len(files), dict(sorted(skipped.items())[:_MOST_SKIPPED]))
        if not listing.total and not listing.skipped and not self._document.exists():
            return
        written = listing.to_bytes()
        with suppress(OSError):  # a full disk: the listing comes with the next look
            if not self._document.exists() or self._document.read_bytes() != written:
                partial = self._document.with_name(f".runhooks-tmp-{FILES}")
                partial.write_bytes(written)
                partial.replace(self._document)

    def _from_earlier_sessions(self) -> dict[str, StoredFile]:
        """Return the files that lie in the store elsewhere since an earlier session, and no longer here."""
        try:
            listing = parse_listing(self._document.read_bytes())
        except (OSError, ValueError):
            return {}
        return {file.path: file for file in listing.files if not (self._files / file.path).exists()}


def _name(order: Mapping[str, Any]) -> tuple[str, ...]:
    return order["glob"], order["base"], order["policy"]


def _matches(pattern: str) -> Iterator[str]:
    """Yield every file that a pattern names, and those below the folders that it names.

    Not :func:`glob.glob`: it follows links to folders, round a loop and out of where the user pointed.
    """
    parts = pattern.split("/")
    first = next((n for n, part in enumerate(parts) if glob.has_magic(part)), len(parts) - 1)
    yield from _expanded("/".join(parts[:first]) or "/", parts[first:])


def _expanded(folder: str, parts: Sequence[str]) -> Iterator[str]:
    wanted, rest = parts[0], parts[1:]
    if wanted == "**" and not rest:
        yield from (path for path, _ in _walk(Path(folder)))
        return
    if wanted == "**":
        yield from _expanded(folder, rest)
    for entry in _entries(folder):
        if wanted == "**":
            if entry.is_dir(follow_symlinks=False):
                yield from _expanded(entry.path, parts)
        elif _fits(entry.name, wanted):
            yield from _found(entry, rest)


def _found(entry: "os.DirEntry[str]", rest: Sequence[str]) -> Iterator[str]:
    is_folder = entry.is_dir(follow_symlinks=False)
    if rest:
        yield from _expanded(entry.path, rest) if is_folder else ()
    elif is_folder:
        yield from (path for path, _ in _walk(Path(entry.path)))
    else:
        yield entry.path


def _fits(name: str, wanted: str) -> bool:
    hidden = name.startswith(".") and not wanted.startswith(".")
    return name == wanted or (fnmatchcase(name, wanted) and not hidden)


def _entries(folder: str) -> "list[os.DirEntry[str]]":
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:  # no such folder, or none of ours
        return []


def _walk(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Yield all that is no folder, without following a link, in order."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        links = [name for name in folders if Path(place, name).is_symlink()]
        for name in sorted([*names, *links]):
            path = f"{place}/{name}"
            if name.startswith(".runhooks-tmp-") or name.endswith(".handed-over"):
                continue
            with suppress(FileNotFoundError):  # gone meanwhile
                yield path, os.lstat(path)


def _kind(mode: int) -> str:
    kinds = [
        (stat.S_ISLNK, "it is a link; links are not followed"),
        (stat.S_ISFIFO, "it is a fifo"),
        (stat.S_ISSOCK, "it is a socket"),
    ]
    return next((why for test, why in kinds if test(mode)), "it is a device")


def _unfit(inside: str, facts: os.stat_result) -> str | None:
    """Say why a file in the run's own folder is none of the run's files; None when it is one."""
    if not stat.S_ISREG(facts.st_mode):
        return _kind(facts.st_mode)
    if not all(map(is_storable, inside.split("/"))):
        return "its name has bytes or signs that a store cannot keep; give it another"
    return "its name begins with a dot" if Path(inside).name.startswith(".") else None


def _inside(relative: str) -> str:
    """Return a path in the run: what no store can keep in a name is written as ``%XX``."""
    parts = [part for part in os.fsencode(relative).split(b"/") if part not in (b"", b".", b"..")]
    return "/".join(_part(part) for part in parts)


def _part(part: bytes) -> str:
    try:
        text = part.decode()
    except UnicodeDecodeError:
        text = "".join(chr(byte) if 32 <= byte < 127 else f"%{byte:02X}" for byte in part)
    return "".join(sign if is_storable(sign) else f"%{ord(sign):02X}" for sign in text)


def _readable(path: str) -> str:
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _parent(files: Path, target: Path) -> None:
    """Make a file's folder; a link in its place would lead out of the run."""
    files.mkdir(exist_ok=True)
    at = files
    for part in target.parent.relative_to(files).parts:
        at /= part
        if at.is_symlink():
            raise _Skipped("a link in the run's own folder is in its way")
        at.mkdir(exist_ok=True)
