"""Copying the share of a run that a process on another node writes to the run's folder in the store.

No object of the run's owner is written: neither the run document nor a page. Journal files stay in the store
until the owner has taken their events into the run document, which this side never learns.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from ..errors import RunhooksError, StoreNotFoundError
from ..record.deleted import read_deleted
from ..record.document import from_bytes
from ..record.paths import parse_run_path, part_name
from ..record.secondary import Secondary, secondary_path
from ..storage import Store
from .carrier import Facts
from .mirror import Mirror

__all__ = ["SecondaryMirror"]

_SHARED = frozenset({"history", "journal", "system", "logs"})
_READ = frozenset({"journal", "system"})
"""Folders that the run's owner reads while the run goes on."""


class SecondaryMirror(Mirror):
    """Uploads a share of a run; its document, which says what the store has, comes last.

    Parameters
    ----------
    root : Path
    folder : str
    remote : Store
    writer : str
        The secondary writer.
    """

    def __init__(self, root: Path, folder: str, remote: Store, writer: str) -> None:
        super().__init__(root, folder, remote)
        self._writer = writer

    def _look(self) -> None:
        """Learn what the store has already; say first whose the journal is that is going to be there."""
        marker = read_deleted(self._remote, parse_run_path(self._folder))
        if marker is not None and marker.purged_at is not None:
            raise RunhooksError(f"the run {self._folder} was deleted for good in {self._remote.url}")
        there: dict[str, int] = {}
        with suppress(StoreNotFoundError):
            for kind in _READ:
                there |= {entry.path: entry.size for entry in self._remote.list(f"{self._folder}/{kind}")}
        self._sent = {path: facts for path, facts in self._files() if there.get(path) == facts[1]}
        self._publish((self._root / self._document).read_bytes())

    def _look_again(self) -> None:
        """Do nothing: the run's document is its owner's."""

    def _publish(self, document: bytes) -> None:
        start, here = len(self._folder) + 1, {path for path, _ in self._files() if self._kind(path) in _READ}
        holds = {path[start:]: facts[1] for path, facts in self._sent.items() if path in here}
        told = Secondary.of(from_bytes(document, self._document), holds)
        self._remote.write(secondary_path(self._folder, self._writer), told.to_bytes())

    def _named(self, path: str) -> str:
        kind, _, rest = path[len(self._folder) + 1 :].partition("/")
        return f"{self._folder}/logs/{self._writer}/{rest}" if kind == "logs" else path

    def _is_excused(self, path: str, there: Mapping[str, int]) -> bool:
        """Tell whether it is a journal file that the run's owner has deleted: its rows are in a part."""
        kind, *rest = path[len(self._folder) + 1 :].split("/")
        if kind != "journal" or path in there:
            return path == self._document
        return f"{self._folder}/history/{part_name(rest[0], int(rest[1].removesuffix('.jsonl')))}" in there

    def release(self) -> None:
        """Delete the folder in the spool, after comparing every size with the store's."""
        there = {entry.path: entry.size for entry in self._remote.list(self._folder)}
        for path, (_, size) in self._files():
            if there.get(self._named(path)) != size and not self._is_excused(path, there):
                raise RunhooksError(f"the store {self._remote.url} does not hold {path} as it was sent")
        self._drop()

    def _drop(self) -> None:
        """Delete the folder in the spool, and all above it that was made for this writer only."""
        super()._drop()
        shutil.rmtree(self._root, ignore_errors=True)

    def _files(self) -> Iterator[tuple[str, Facts]]:
        """Yield what is this writer's to store; media have their content's hash in their names."""
        for path, facts in super()._files():
            name = path[len(self._folder) + 1 :]
            if self._kind(path) in _SHARED or name.startswith("files/media/"):
                yield path, facts
