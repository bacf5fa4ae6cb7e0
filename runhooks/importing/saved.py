"""Files and console output of imported runs, on their way into the store."""

import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

from ..errors import StoreError
from ..journal import Journal
from ..record.blobs import hash_file
from ..record.files import FILES, Listing, StoredFile, is_storable
from ..recorder.console.keeping import ConsoleLog
from ..storage import LocalStore, Store
from .below import Told, telling, why_unread

__all__ = [
    "Files",
    "Piece",
    "Saved",
    "Span",
    "bytes_of",
    "facts_of",
    "gather",
    "media_path",
    "write_console",
    "write_files",
]


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a file on this machine: place and number of its bytes."""

    file: Path
    start: int
    size: int

    def read(self) -> bytes:
        """Return the bytes.

        Raises
        ------
        OSError
        """
        with self.file.open("rb") as opened:
            opened.seek(self.start)
            return opened.read(self.size)


Saved = Path | bytes | Span
"""A file on this machine, a piece of one, or bytes."""

Piece = tuple[int, str]
"""When something was written to the console (microseconds since the epoch), and what."""

_MOST_FILES = 10_000
_MOST_SKIPPED = 1_000


@dataclass(slots=True)
class Files:
    """Files of a run.

    Attributes
    ----------
    taken : dict
        Path among the run's files to a file on this machine, or its bytes.
    skipped : dict
        Files on this machine that are passed over, and why.
    unread : dict
        Files and folders on this machine that cannot be read, and why.
    replaced : int
        Files of which a later one has the name, and counts.
    """

    taken: dict[str, Saved] = field(default_factory=dict)
    skipped: Told = field(default_factory=dict)
    unread: Told = field(default_factory=dict)
    replaced: int = 0


def gather(folder: Path, files: Files) -> None:
    """Take the regular files below a folder by their paths in it; note what else is there."""
    if folder.is_symlink():
        files.skipped[str(folder)] = "it is a link; links are not followed"
        return
    if not os.path.lexists(folder):
        return

    def note(error: OSError) -> None:
        files.unread[str(error.filename)] = why_unread(error)

    for place, folders, names in os.walk(folder, onerror=note):
        folders.sort()
        links = [name for name in folders if Path(place, name).is_symlink()]
        for name in sorted([*names, *links]):
            file = Path(place, name)
            inside = file.relative_to(folder).as_posix()
            with telling(file, files.unread):
                if why := _unfit(file, inside):
                    files.skipped[str(file)] = why
                else:
                    files.replaced += inside in files.taken
                    files.taken[inside] = file


def _unfit(file: Path, inside: str) -> str | None:
    mode = file.lstat().st_mode
    if stat.S_ISLNK(mode):
        return "it is a link; links are not followed"
    if not stat.S_ISREG(mode):
        return "it is no regular file"
    if not all(map(is_storable, inside.split("/"))):
        return "its name has bytes or signs that a store cannot keep"
    return "its name begins with a dot" if any(part.startswith(".") for part in inside.split("/")) else None


def media_path(kind: str, key: str, step: int, data: bytes, ending: str) -> str:
    """Return the path in a run's files at which the bytes of a medium are kept, as ``run.log`` names it."""
    parts = [quote(part, safe=" +=@()[],") for part in key.split("/")]
    kept = [part.replace(".", "%2E") if part.startswith(".") else part for part in parts]
    name = "/".join(part[:80] for part in kept if part) or "_"
    return f"media/{kind}/{name}/{step}-{sha256(data).hexdigest()[:16]}{ending}"


def facts_of(saved: Saved) -> dict[str, Any]:
    """Return size and hash of a file, as the row of a medium has them.

    Raises
    ------
    OSError
    """
    if isinstance(saved, Path):
        return {"size": saved.stat().st_size, "sha256": hash_file(saved)}
    data = bytes_of(saved)
    return {"size": len(data), "sha256": sha256(data).hexdigest()}


def bytes_of(saved: Saved) -> bytes:
    """Return all bytes of a file.

    Raises
    ------
    OSError
    """
    if isinstance(saved, bytes):
        return saved
    return saved.read_bytes() if isinstance(saved, Path) else saved.read()


def write_files(store: Store, folder: str, files: Files, at: int, written: list[str]) -> None:
    """Write a run's files and the list of them; what cannot be read is noted and passed over.

    Raises
    ------
    StoreError
    """
    stored = []
    for inside, saved in sorted(files.taken.items()):
        written.append(f"{folder}/files/{inside}")
        try:
            stored.append(_write(store, written[-1], inside, saved, at))
        except OSError:
            file = saved.file if isinstance(saved, Span) else saved
            if isinstance(file, bytes) or _is_readable(file, files.unread):
                raise
            with suppress(StoreError):
                store.delete(written[-1])
    if stored or files.skipped or files.unread:
        kept = dict(sorted({**files.skipped, **files.unread}.items())[:_MOST_SKIPPED])
        written.append(f"{folder}/{FILES}")
        store.write(written[-1], Listing(stored[:_MOST_FILES], len(stored), kept).to_bytes())


def _write(store: Store, path: str, inside: str, saved: Saved, at: int) -> StoredFile:
    if isinstance(saved, Path):
        facts = saved.stat()
        store.write(path, saved)
        return StoredFile(inside, facts.st_size, facts.st_mtime_ns // 1000)
    data = bytes_of(saved)
    store.write(path, data)
    return StoredFile(inside, len(data), at)


def _is_readable(file: Path, unread: Told) -> bool:
    """Tell whether a file can be read to its end; note why where it cannot."""
    with telling(file, unread):
        hash_file(file)
        return True
    return False


def write_console(
    store: Store, folder: str, writer: str, pieces: Sequence[Piece], written: list[str]
) -> None:
    """Write a run's console log from what was written to it, as the recorder would have.

    Raises
    ------
    OSError
        When there is no room for it in the folder for temporary files.
    StoreError
    """
    if not pieces:
        return
    with TemporaryDirectory(prefix="runhooks-import-") as made:
        root = Path(made)
        journal = Journal(root / "run/logs/journal", writer)
        for time, text in pieces:
            journal.event("out", time=time, text=text)
        journal.close()
        if journal.fault is not None:
            raise journal.fault
        log = ConsoleLog(LocalStore(root, durable=False), "run", root, writer)
        log.finish()
        for file in sorted((root / "run/logs").rglob("*")):
            if file.is_file():
                written.append(f"{folder}/{file.relative_to(root / 'run').as_posix()}")
                store.write(written[-1], file)
