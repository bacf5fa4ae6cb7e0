"""Copying a run's folder from the spool to its store, and letting it go once all of it is there."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from ..errors import ObjectNotFoundError, RunhooksError, StoreNotFoundError
from ..record.document import from_bytes
from ..storage import Store, open_store
from .orders import Order

__all__ = ["Mirror", "fetch"]


def fetch(order: Order, *, download: bool) -> bool:
    """Return whether a store has a run; put its document and history into the spool to go on with them.

    Raises
    ------
    StoreError
        When the store does not answer.
    """
    store = open_store(order.store, order.storage_options, retry=None)
    folder = order.path.folder
    try:
        document = store.read(f"{folder}/run.json")
    except (ObjectNotFoundError, StoreNotFoundError):
        return False
    if download:
        spool = open_store(order.root)
        for kind in ("history", "journal", "system"):
            for entry in store.list(f"{folder}/{kind}"):
                spool.write(entry.path, store.read(entry.path))
        spool.write(f"{folder}/run.json", document)
    return True


class Mirror:
    """Uploads what changed in a run's folder since the last time.

    Parameters
    ----------
    root : Path
        The spool's root, laid out like the store.
    folder : str
        The run's folder in both.
    remote : Store
    """

    def __init__(self, root: Path, folder: str, remote: Store) -> None:
        self._root = root
        self._folder = folder
        self._remote = remote
        self._sent: dict[str, tuple[int, int]] = {}

    def push(self) -> None:
        """Upload every file that changed. The run document goes last: it promises what the others hold.

        Raises
        ------
        StoreError
            When the store did not take one; the next call goes on there.
        """
        if not self._sent:
            self._check_owner()
        present = dict(self._files())
        for path in sorted(present, key=lambda path: path.endswith("/run.json")):
            local = self._root / path
            if self._sent.get(path) == present[path]:
                continue
            try:
                # The open segment grows while it is sent: send what is there now.
                self._remote.write(path, local.read_bytes() if path.endswith(".jsonl") else local)
            except FileNotFoundError as error:
                if isinstance(error, RunhooksError):
                    raise
                continue  # compacted meanwhile
            self._sent[path] = present[path]
        for path in [path for path in self._sent if path not in present]:
            self._remote.delete(path)
            del self._sent[path]

    def _check_owner(self) -> None:
        """See that the store's run of this id, if it has one, is this one and no stranger's."""
        path = f"{self._folder}/run.json"
        try:
            there = from_bytes(self._remote.read(path), path)
        except (ObjectNotFoundError, StoreNotFoundError):
            return
        if there.created_at != from_bytes((self._root / path).read_bytes()).created_at:
            raise RunhooksError(f"it holds another run as {self._folder}")

    def release(self) -> None:
        """Delete the folder in the spool, after comparing every size with the store's.

        Raises
        ------
        RunhooksError
            When the store lacks something; the folder is kept then.
        """
        there = {entry.path: entry.size for entry in self._remote.list(self._folder)}
        for path, (_, size) in self._files():
            if there.get(path) != size:
                raise RunhooksError(f"{self._remote.url} does not hold {path} as it was sent")
        for path in there:
            if path.endswith(".jsonl"):
                self._remote.delete(path)  # of an earlier session, compacted since
        shutil.rmtree(self._root / self._folder)

    def _files(self) -> Iterator[tuple[str, tuple[int, int]]]:
        for path in sorted((self._root / self._folder).rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                found = path.stat()
                yield path.relative_to(self._root).as_posix(), (found.st_mtime_ns, found.st_size)
