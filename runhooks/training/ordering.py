"""Handing an artifact to the recorder: its files are secured beside the journal, and an order is written.

The user may go on with the files at once. A small artifact is copied. Of a larger one each file gets a
second name (a hard link), so that deleting or replacing it does no harm; where it is written again in
place, the recorder sees that by time and size, and says so. Where links cannot be made it is read in place.
"""

import os
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from time import monotonic, sleep, time_ns
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import orjson

from ..errors import ArgumentError, ArtifactError
from ..record.manifest import check_alias, check_entry_path
from ..record.staging import DOCUMENT, RESULT, STAGING, encode_local
from ..redact import redact_text, redact_tree
from ..values import pack, plain, text
from .artifact import Artifact
from .gathering import Reference

__all__ = ["Placed", "place_order"]

_COPIED_BYTES, _COPIED_FILES = 8 * 2**20, 200
_POLL_S = 0.05


class Placed:
    """An artifact that the recorder has been told of.

    Parameters
    ----------
    folder : Path
        Of the order.
    service : callable
        Hears the recorder while one waits.
    """

    def __init__(self, folder: Path, service: Callable[[], None]) -> None:
        self._folder = folder
        self._service = service
        self._result: dict[str, Any] | None = None

    @property
    def order(self) -> str:
        """The order's name."""
        return self._folder.name

    def settle(self, result: dict[str, Any]) -> None:
        """Take what came of it."""
        self._result = result

    def result(self) -> dict[str, Any] | None:
        """Return ``version`` and ``path``, or ``problem``; None while it is not stored."""
        if self._result is None:
            with suppress(OSError, orjson.JSONDecodeError):
                self._result = orjson.loads((self._folder / RESULT).read_bytes())
        return self._result

    def wait(self, name: str, timeout: float) -> None:
        """See :meth:`Artifact.wait`."""
        deadline = monotonic() + timeout
        while (found := self.result()) is None and monotonic() < deadline:
            self._service()
            sleep(_POLL_S)
        if found is None:
            raise ArtifactError(
                f"artifact {name} is not stored after {timeout:g} s; its files are safe in {self._folder}, "
                "and it is stored later, by the recorder or by: runhooks sync"
            )
        if found.get("problem"):
            raise ArtifactError(f"artifact {name} is not stored: {found['problem']}")


def place_order(
    run_folder: Path, artifact: Artifact, order: str, aliases: Iterable[str], tags: Iterable[str]
) -> Path:
    """Secure an artifact's files, write the order, and return its folder.

    Raises
    ------
    IdError
        For an alias that is no name.
    OSError
        When the order cannot be written.
    """
    wanted = [check_alias(alias) for alias in dict.fromkeys(aliases)]
    folder = run_folder / STAGING / order
    folder.mkdir(parents=True)
    files = [_found(path, where) for path, where in artifact.locals().items()]
    copied = len(files) <= _COPIED_FILES and sum(found.size for found in files) <= _COPIED_BYTES
    secure: Callable[[str, str], Any] = shutil.copy2 if copied else os.link
    document = {
        "format": 1,
        "order": order,
        "name": artifact.name,
        "type": redact_text(artifact.type),
        "description": None if artifact.description is None else redact_text(text(artifact.description)),
        "metadata": redact_tree(pack(plain(artifact.metadata))),
        "aliases": wanted,
        "tags": [redact_text(text(tag)) for tag in tags],
        "time": time_ns() // 1000,
        "files": [_secured(found, f"{folder}/{number:06d}", secure) for number, found in enumerate(files)],
        "references": [
            written for path, found in artifact.references().items() for written in _referred(path, found)
        ],
    }
    unfinished = folder / f"{DOCUMENT}.new"
    unfinished.write_bytes(orjson.dumps(document))
    unfinished.replace(folder / DOCUMENT)
    return folder


class _Found(NamedTuple):
    """A file as it is when its artifact is logged; `real` is where a link to it leads."""

    path: str
    where: str
    real: str
    size: int = 0
    mtime_ns: int = 0


def _found(path: str, where: str) -> _Found:
    try:
        real, facts = where, os.lstat(where)
        if stat.S_ISLNK(facts.st_mode):
            real = os.path.realpath(where)
            facts = os.stat(real)  # noqa: PTH116  (ten thousand times)
    except OSError:  # gone: the recorder says so
        return _Found(path, where, where)
    return _Found(path, where, real, facts.st_size, facts.st_mtime_ns)


def _secured(found: _Found, target: str, secure: Callable[[str, str], Any]) -> dict[str, Any]:
    """Secure one file, or, where that fails, leave it to be read in place."""
    staged: str | None = target.rpartition("/")[2]
    try:
        secure(found.real, target)
    except OSError:  # gone, another disk, no links: the recorder says what is wrong with it
        staged = None
        with suppress(OSError):
            os.unlink(target)  # noqa: PTH108
    local = encode_local(found.where)
    return {
        "path": found.path,
        "local": local,
        "size": found.size,
        "mtime_ns": found.mtime_ns,
        "staged": staged,
    }


def _referred(path: str, reference: Reference) -> Iterator[dict[str, Any]]:
    """Write down a reference; a local one that is not read is settled now, before the file may go."""
    parts = urlsplit(reference.uri)
    if parts.scheme != "file" or reference.checksum:
        yield {"path": path, **asdict(reference)}
        return
    top = Path(unquote(parts.path))
    below = sorted(top.rglob("*")) if reference.uri.endswith("/") else [top]
    for file in filter(Path.is_file, below):
        with suppress(OSError, ArgumentError):  # gone, or a name that no artifact can have
            facts, name = file.stat(), "" if file == top else file.relative_to(top).as_posix()
            entry = check_entry_path("/".join(filter(None, (path, name))))
            etag = f"{facts.st_mtime_ns:x}-{facts.st_size:x}"
            yield {"path": entry, "uri": file.as_uri(), "size": facts.st_size, "etag": etag}
