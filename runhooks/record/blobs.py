"""Artifact bytes in a store: each content once a project, under its digest."""

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ..errors import ArtifactError, ObjectNotFoundError
from ..storage import Store, together
from .claims import claim, wait_for_sweeps
from .manifest import FileEntry, blob_path

__all__ = ["CHUNK", "Base", "Source", "has_blob", "hash_file", "put_blobs"]

CHUNK = 8 * 2**20
"""Bytes that are read or sent at once; what is smaller is one request."""

_WORKERS = 16
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


@dataclass(frozen=True, slots=True)
class Base:
    """An earlier version, whose content the store has.

    Attributes
    ----------
    path : str
        Of its manifest.
    digests : frozenset of str
        What it names.
    """

    path: str
    digests: frozenset[str]


def put_blobs(
    store: Store, project_folder: str, sources: Mapping[str, Source], order: str, base: Base | None = None
) -> dict[str, FileEntry]:
    """Store files that the store does not have, and return the entries of all of them.

    Where content is there already, it is claimed under the order's name: release the claim when the manifest
    is stored.

    Parameters
    ----------
    store : Store
    project_folder : str
        ``entity/project``.
    sources : mapping
        Path in the artifact to the file.
    order : str
        Name of this piece of work.
    base : Base, optional
        Spares asking for what it names.

    Raises
    ------
    ArtifactError
        When a file is gone, cannot be read, or was changed meanwhile.
    StoreError
    """
    base = base or Base("", frozenset())
    putting = _Putting(store, project_folder, base.digests)
    found = putting.all(sources)
    if putting.reused:
        claim(store, project_folder, order, putting.reused)
        wait_for_sweeps(store, project_folder)
        lost = _lost(store, project_folder, putting.reused, base)
        putting = _Putting(store, project_folder, frozenset(), wrote=putting.wrote)
        putting.all(lost)
    if putting.wrote and store.root is not None:
        os.sync()  # once for all: a manifest must not outlive a power cut that its files do not
    return {path: found[path] for path in sources}


def _lost(store: Store, project_folder: str, reused: Mapping[str, Source], base: Base) -> dict[str, Source]:
    """Return what was deleted between the time that it was found and that it was claimed."""
    certain = base.digests if base.path and _is_there(store, base.path) else frozenset()
    asked = [digest for digest in reused if digest not in certain]

    def has(digest: str) -> bool:
        return has_blob(store, project_folder, digest, reused[digest].size)

    there = together(store, has, asked)
    return {digest: reused[digest] for digest, is_there in zip(asked, there, strict=True) if not is_there}


def _is_there(store: Store, path: str) -> bool:
    try:
        return bool(store.read(path, 0, 1))
    except ObjectNotFoundError:
        return False


def _each(
    sources: Mapping[str, Source], put: Callable[[Source], FileEntry], workers: int
) -> dict[str, FileEntry]:
    if not sources:
        return {}
    with ThreadPoolExecutor(min(workers, len(sources))) as pool:
        tasks = {path: pool.submit(put, source) for path, source in sources.items()}
        try:
            return {path: task.result() for path, task in tasks.items()}
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


class _Putting:
    """Files on their way into a store.

    Attributes
    ----------
    reused : dict
        Digest to file of the content that was in the store already.
    wrote : bool
        Whether any was not.
    """

    def __init__(
        self, store: Store, project_folder: str, known: frozenset[str], *, wrote: bool = False
    ) -> None:
        self._store = store
        self._folder = project_folder
        self._known = known
        self._mine: set[str] = set()
        self.reused: dict[str, Source] = {}
        self.wrote = wrote

    def all(self, sources: Mapping[str, Source]) -> dict[str, FileEntry]:
        """Store files, and return their entries."""
        small = {path: source for path, source in sources.items() if source.size <= CHUNK}
        large = {path: source for path, source in sources.items() if source.size > CHUNK}
        return _each(small, self._small, _WORKERS) | _each(large, self._large, _LARGE_AT_ONCE)

    def _small(self, source: Source) -> FileEntry:
        """Store a file that is read at once, so that what is hashed is what is sent."""
        with _reading(source), source.file.open("rb") as file:
            data = file.read(source.size + 1)
            source.check(os.fstat(file.fileno()))
        digest = sha256(data).hexdigest()
        path = blob_path(self._folder, digest)
        if self._is_new(digest, source):
            if self._store.create(path, data, cache_control=_FOR_EVER):
                self.wrote = True
            else:
                self.reused[digest] = source
        return FileEntry(len(data), digest)

    def _large(self, source: Source) -> FileEntry:
        """Store a file that is read twice: where it was changed in between, nothing is left of it."""
        with _reading(source):
            digest = hash_file(source.file)
            source.check(source.file.stat())
        if self._is_new(digest, source):
            if has_blob(self._store, self._folder, digest, source.size):
                self.reused[digest] = source
            else:
                self._send(source, blob_path(self._folder, digest))
        return FileEntry(source.size, digest)

    def _send(self, source: Source, path: str) -> None:
        self._store.write(path, source.file, cache_control=_FOR_EVER)
        self.wrote = True
        try:
            with _reading(source):
                source.check(source.file.stat())
        except ArtifactError:
            self._store.delete(path)
            raise

    def _is_new(self, digest: str, source: Source) -> bool:
        if digest in self._known:
            self.reused[digest] = source
        if digest in self._known or digest in self._mine:
            return False
        self._mine.add(digest)
        return True


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
