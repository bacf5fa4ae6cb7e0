"""Artifact bytes in a store: each content once a project, under its digest."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ..errors import ArtifactError, ObjectNotFoundError
from ..storage import Store
from .manifest import FileEntry, blob_path

__all__ = ["CHUNK", "Source", "has_blob", "hash_file", "put_blobs"]

CHUNK = 8 * 2**20
"""Bytes that are read or sent at once; what is smaller is one request."""

_WORKERS = 8
_LARGE_AT_ONCE = 2
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Source:
    """A local file to be stored.

    Attributes
    ----------
    file : Path
        Where it is read.
    shown : str
        Where the user has it, for messages.
    size, mtime_ns : int
        As it was when the artifact was logged.
    """

    file: Path
    shown: str
    size: int
    mtime_ns: int

    def check(self, facts: os.stat_result) -> None:
        """Raise where the file is not what it was.

        Raises
        ------
        ArtifactError
        """
        if (facts.st_size, facts.st_mtime_ns) != (self.size, self.mtime_ns):
            raise ArtifactError(
                f"{self.shown} was changed after log_artifact() and before it was stored; log it again"
            )


def put_blobs(
    store: Store, project_folder: str, sources: Mapping[str, Source], known: Iterable[str] = ()
) -> dict[str, FileEntry]:
    """Store files that the store does not have, and return the entries of all of them.

    Parameters
    ----------
    store : Store
    project_folder : str
        ``entity/project``.
    sources : mapping
        Path in the artifact to the file.
    known : iterable of str
        Digests that a manifest names, and that the store so has.

    Raises
    ------
    ArtifactError
        When a file is gone, cannot be read, or was changed meanwhile.
    StoreError
    """
    putting = _Putting(store, project_folder, set(known))
    small = [path for path, source in sources.items() if source.size <= CHUNK]
    large = [path for path, source in sources.items() if source.size > CHUNK]
    found: dict[str, FileEntry] = {}
    for paths, put, workers in ((small, putting.small, _WORKERS), (large, putting.large, _LARGE_AT_ONCE)):
        found |= _each(paths, sources, put, workers)
    if putting.wrote and store.root is not None:
        os.sync()  # once for all: a manifest must not outlive a power cut that its files do not
    return {path: found[path] for path in sources}


def _each(
    paths: Sequence[str],
    sources: Mapping[str, Source],
    put: Callable[[Source], FileEntry],
    workers: int,
) -> dict[str, FileEntry]:
    if not paths:
        return {}
    with ThreadPoolExecutor(min(workers, len(paths))) as pool:
        tasks = [pool.submit(put, sources[path]) for path in paths]
        try:
            return {path: task.result() for path, task in zip(paths, tasks, strict=True)}
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


class _Putting:
    """One artifact on its way into a store."""

    def __init__(self, store: Store, project_folder: str, known: set[str]) -> None:
        self._store = store
        self._folder = project_folder
        self._known = known
        self.wrote = False

    def small(self, source: Source) -> FileEntry:
        """Store a file that is read at once, so that what is hashed is what is sent."""
        with _reading(source), source.file.open("rb") as file:
            data = file.read(source.size + 1)
            source.check(os.fstat(file.fileno()))
        digest = sha256(data).hexdigest()
        if digest not in self._known:
            self._known.add(digest)
            self.wrote |= self._store.create(blob_path(self._folder, digest), data, cache_control=_FOR_EVER)
        return FileEntry(len(data), digest)

    def large(self, source: Source) -> FileEntry:
        """Store a file that is read twice: where it was changed in between, nothing is left of it."""
        with _reading(source):
            digest = hash_file(source.file)
            source.check(source.file.stat())
        if digest not in self._known and not has_blob(self._store, self._folder, digest, source.size):
            path = blob_path(self._folder, digest)
            self._store.write(path, source.file, cache_control=_FOR_EVER)
            self.wrote = True
            try:
                with _reading(source):
                    source.check(source.file.stat())
            except ArtifactError:
                self._store.delete(path)
                raise
        self._known.add(digest)
        return FileEntry(source.size, digest)


@contextmanager
def _reading(source: Source) -> Iterator[None]:
    """Turn what the system says of a user's file into an error that names it."""
    try:
        yield
    except OSError as error:
        gone = isinstance(error, FileNotFoundError)
        said = "is gone" if gone else f"cannot be read: {error.strerror}"
        raise ArtifactError(f"{source.shown} {said}, so the artifact is not stored") from error


def hash_file(file: Path) -> str:
    """Return the digest of a file, in bounded memory."""
    state, buffer = sha256(), bytearray(2**20)
    view = memoryview(buffer)
    with file.open("rb", buffering=0) as opened:
        while count := opened.readinto(buffer):
            state.update(view[:count])
    return state.hexdigest()


def has_blob(store: Store, project_folder: str, digest: str, size: int) -> bool:
    """Tell whether a store has all bytes of a content, by asking for the last one."""
    try:
        return len(store.read(blob_path(project_folder, digest), max(size - 1, 0), max(size, 1))) == min(
            size, 1
        )
    except ObjectNotFoundError:
        return False
