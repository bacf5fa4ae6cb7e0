"""Bringing an artifact's files onto this machine: in parallel, resumable, and verified by their digests."""

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..errors import ArtifactError, ObjectNotFoundError
from ..storage import Store, together
from .blobs import CHUNK, hash_file
from .manifest import FileEntry, Manifest, blob_path
from .references import read_reference

__all__ = ["Progress", "chosen", "download", "told", "verify_blobs", "verify_files"]

Progress = Callable[[int], Any]
"""Is told of each piece of bytes that is done."""

_WORKERS = 8
_AHEAD = 6
_SHOWN = 5


def chosen(manifest: Manifest, path_prefix: str | None) -> dict[str, FileEntry]:
    """Return the entries whose path begins with a prefix.

    Raises
    ------
    ArtifactError
        When there are none.
    """
    prefix = path_prefix or ""
    found = {path: entry for path, entry in manifest.entries.items() if path.startswith(prefix)}
    if prefix and not found:
        raise ArtifactError(
            f"artifact {manifest.name}:{manifest.version} has no path beginning with {prefix!r}"
        )
    return found


def download(
    store: Store,
    project_folder: str,
    entries: Mapping[str, FileEntry],
    root: Path,
    options: Mapping[str, Any] | None = None,
    progress: Progress = lambda _bytes: None,
) -> int:
    """Bring files into a folder, and return how many were not there yet.

    A file that is there with the right content is kept; a part of one is completed. Nothing is written
    through a link, and no file shows up before its digest has been compared.

    Raises
    ------
    ArtifactError
        When content is missing from the store or is not as its digest says.
    StoreError
    """
    root.mkdir(parents=True, exist_ok=True)
    top = Path(os.path.realpath(root))
    work = _Download(store, project_folder, options or {}, progress)
    targets = {path: _target(top, path) for path in entries}  # all of them, before the first byte
    small = [path for path in entries if entries[path].stored and (entries[path].size or 0) <= CHUNK]
    rest = [path for path in entries if path not in set(small)]
    with ThreadPoolExecutor(_WORKERS) as pool:
        tasks = [pool.submit(work.small, path, entries[path], targets[path]) for path in small]
        try:
            new = sum(task.result() for task in tasks)
            return new + sum(work.large(path, entries[path], targets[path], pool) for path in rest)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _target(top: Path, path: str) -> Path:
    """Return where a file goes; its folders are made, unless a link stands in the way."""
    target = top / path
    real = Path(os.path.realpath(target.parent))
    if real != top and top not in real.parents:
        raise ArtifactError(f"{target.parent} leads out of {top} by a link; nothing was downloaded")
    target.parent.mkdir(parents=True, exist_ok=True)
    return target


class _Download:
    def __init__(
        self, store: Store, project_folder: str, options: Mapping[str, Any], progress: Progress
    ) -> None:
        self._store = store
        self._folder = project_folder
        self._options = options
        self._progress = progress

    def small(self, path: str, entry: FileEntry, target: Path) -> int:
        if _is_there(entry, target):
            self._progress(entry.size or 0)
            return 0
        data = self._read(path, entry, 0, None)
        if sha256(data).hexdigest() != entry.digest:
            raise _damaged(path)
        part = _part(entry, target)
        part.write_bytes(data)
        part.replace(target)
        self._progress(len(data))
        return 1

    def large(self, path: str, entry: FileEntry, target: Path, pool: ThreadPoolExecutor) -> int:
        if _is_there(entry, target):
            self._progress(entry.size or 0)
            return 0
        part = _part(entry, target)
        state = sha256()
        with part.open("a+b") as file:
            done = _hash_part(file.fileno(), state) if entry.stored else 0
            if done > (entry.size or 0) or not entry.stored:
                file.truncate(0)
                done, state = 0, sha256()
            self._progress(done)
            for piece in self._pieces(path, entry, done, pool):
                file.write(piece)
                state.update(piece)
                self._progress(len(piece))
        if entry.digest is not None and state.hexdigest() != entry.digest:
            part.unlink()
            raise _damaged(path)
        part.replace(target)
        return 1

    def _pieces(self, path: str, entry: FileEntry, start: int, pool: ThreadPoolExecutor) -> Iterator[bytes]:
        """Yield the rest of a file in order, reading some pieces ahead."""
        if entry.ref is not None:
            yield from read_reference(entry, self._options)
            return
        waiting: deque[Future[bytes]] = deque()
        for at in range(start, entry.size or 0, CHUNK):
            waiting.append(pool.submit(self._read, path, entry, at, at + CHUNK))
            if len(waiting) > _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def _read(self, path: str, entry: FileEntry, start: int, end: int | None) -> bytes:
        assert entry.digest is not None
        try:
            return self._store.read(blob_path(self._folder, entry.digest), start, end)
        except ObjectNotFoundError as error:
            raise ArtifactError(f"{self._store.url} has lost the content of {path}: {error}") from error


def _damaged(path: str) -> ArtifactError:
    return ArtifactError(f"the content of {path} is not what its manifest says; nothing was written for it")


def _is_there(entry: FileEntry, target: Path) -> bool:
    if target.is_symlink() or not target.is_file() or entry.digest is None:
        return False
    return target.stat().st_size == entry.size and hash_file(target) == entry.digest


def _part(entry: FileEntry, target: Path) -> Path:
    """Return the file that becomes the target: named by the content, so that only the same is completed."""
    part = target.with_name(f".{target.name[:100]}.{(entry.digest or 'reference')[:16]}.part")
    if part.is_symlink():
        part.unlink()
    return part


def _hash_part(fd: int, state: Any) -> int:
    done = 0
    while piece := os.pread(fd, 2**20, done):
        state.update(piece)
        done += len(piece)
    return done


def verify_files(entries: Mapping[str, FileEntry], root: Path) -> list[str]:
    """Return what is wrong with files in a folder: those that are missing or not as their digest says."""
    problems = []
    for path, entry in entries.items():
        file = root / path
        if not file.is_file():
            problems.append(f"{path} is missing")
        elif entry.digest is not None and hash_file(file) != entry.digest:
            problems.append(f"{path} was changed")
    return problems


def verify_blobs(store: Store, project_folder: str, entries: Mapping[str, FileEntry]) -> list[str]:
    """Return what is wrong with the stored content of files, by reading all of it."""

    def problem(item: tuple[str, FileEntry]) -> str | None:
        path, entry = item
        assert entry.digest is not None
        state, size = sha256(), entry.size or 0
        try:
            for at in range(0, max(size, 1), CHUNK):
                state.update(store.read(blob_path(project_folder, entry.digest), at, at + CHUNK))
        except ObjectNotFoundError:
            return f"{path} is missing"
        return None if state.hexdigest() == entry.digest else f"{path} is damaged"

    held = [(path, entry) for path, entry in entries.items() if entry.stored and entry.digest is not None]
    return [found for found in together(store, problem, held) if found is not None]


def told(problems: list[str]) -> str:
    """Return the first problems in a line."""
    more = len(problems) - _SHOWN
    return "; ".join(problems[:_SHOWN]) + (f"; and {more} more" if more > 0 else "")
