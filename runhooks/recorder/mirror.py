"""Copying a run's folder from the spool to its store, and letting it go once all of it is there."""

import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from ..errors import ObjectNotFoundError, RunhooksError, StoreNotFoundError
from ..record.deleted import read_deleted
from ..record.document import from_bytes
from ..record.files import FILES, is_storable
from ..record.paths import parse_run_path, part_name
from ..record.secondary import is_secondary
from ..record.staging import is_staged
from ..record.view import RunView
from ..storage import Retry, Store, open_store
from .carrier import Carrier, Facts, facts_of
from .orders import Order

__all__ = ["Mirror", "fetch"]

_WHOLE = 8 * 2**20
"""Files up to this size are sent from memory, in one request. Larger ones have a thread that sends them."""

_GROWING = frozenset({"journal", "logs"})
_WRITTEN_ONCE = frozenset({"history", "journal", "system"})
"""Folders of a run whose files never change, or only grow: one of the same size is the same."""

_LONG = 2**20
"""A log up to this size is sent again each time it grew."""

_RELEASED = ".released-"


def fetch(order: Order, *, download: bool) -> bool:
    """Return whether a store has a run; put its document and history into the spool to go on with them.

    Raises
    ------
    StoreError
        When the store does not answer.
    """
    store = open_store(order.store, order.storage_options, retry=Retry(deadline=20 if download else 4))
    folder = order.path.folder
    if read_deleted(store, order.path) is not None:
        if download:
            raise RunhooksError(
                f"run {order.path} was deleted; runhooks restore {order.path} may bring it back"
            )
        return True  # its id is taken for ever
    try:
        document = store.read(f"{folder}/run.json")
    except (ObjectNotFoundError, StoreNotFoundError):
        return False
    if download:
        spool = open_store(order.root)
        for kind in ("history", "journal", "system", "logs"):
            for entry in store.list(f"{folder}/{kind}"):
                if "/logs/raw/" not in entry.path:
                    spool.write(entry.path, store.read(entry.path))
        with suppress(ObjectNotFoundError):
            spool.write(f"{folder}/{FILES}", store.read(f"{folder}/{FILES}"))
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
        self._document = f"{folder}/run.json"
        self._carrier = Carrier(remote)
        self._sent: dict[str, Facts] = {}
        self._begun = False
        self.is_late = False
        """Whether another process has gone on with the run elsewhere: the document is its own then."""

    def push(self, *, last: bool = False) -> None:
        """Upload every file that changed; a long log while it grows not each time, unless it is the `last`.

        The run document is read first and sent last: it promises what the others hold, also while another
        process goes on with the folder. Only large files may come after it, but for the `last` time.

        Raises
        ------
        StoreError
            When the store did not take one; the next call goes on there.
        RunhooksError
            When the store's run of this id is another one.
        """
        if not self._begun:
            self._look()
            self._begun = True
        else:
            self._look_again()
        promised = (self._root / self._document).stat(), (self._root / self._document).read_bytes()
        present = dict(self._files())
        present.pop(self._document, None)
        if self.is_late:
            present = {path: facts for path, facts in present.items() if self._kind(path) in _WRITTEN_ONCE}
        self._sent |= self._carrier.sent()
        large = []
        for path in sorted(present, key=_announces):
            if self._sent.get(path) == present[path] or (not last and self._waits(path, present[path][1])):
                continue
            if self._is_large(path, present[path]):
                large.append((path, self._root / path, present[path]))
            else:
                self._send(path, present[path])
        self._carrier.begin(large)
        if last:
            self._carrier.wait()
            self._sent |= self._carrier.sent()
        facts = promised[0].st_mtime_ns, promised[0].st_size
        if self._sent.get(self._document) != facts and not self.is_late:
            self._publish(promised[1])
            self._sent[self._document] = facts
        for path in [path for path in self._sent if path not in present and path != self._document]:
            self._remote.delete(self._named(path))
            del self._sent[path]
        self._carrier.check()

    def _publish(self, document: bytes) -> None:
        self._remote.write(self._document, document)

    def _named(self, path: str) -> str:
        """Return the name in the store of what is at this path here."""
        return path

    def carry(self, idle: Callable[[], None]) -> None:
        """Send what is large before the end of a run is sent.

        Parameters
        ----------
        idle : callable
            Called several times a second meanwhile.

        Raises
        ------
        StoreError, RunhooksError
            As for :meth:`push`.
        """
        found = list(self._files())
        if any(self._is_large(path, facts) and self._sent.get(path) != facts for path, facts in found):
            self.push()
            self._carrier.wait(idle)
            self._carrier.check()

    def _is_large(self, path: str, facts: Facts) -> bool:
        return facts[1] > _WHOLE and self._kind(path) not in _GROWING

    def _waits(self, path: str, size: int) -> bool:
        """Tell whether a log grew by so little that it is not yet worth all its bytes again."""
        sent = self._sent.get(path, (0, 0))[1]
        return path.startswith(f"{self._folder}/logs/output.") and sent > _LONG and size < 1.25 * sent

    def _kind(self, path: str) -> str:
        return path[len(self._folder) + 1 :].partition("/")[0]

    def _send(self, path: str, facts: Facts) -> None:
        try:
            data = (self._root / path).read_bytes()  # of what grows meanwhile, as far as it is there now
        except FileNotFoundError:
            return  # compacted meanwhile
        self._remote.write(self._named(path), data)
        self._sent[path] = facts

    def _look(self) -> None:
        """Learn what the store has of this run already; refuse to write over a stranger's."""
        there: dict[str, int] = {}
        with suppress(StoreNotFoundError):  # a folder that the first write makes; of a bucket, that one tells
            there = {entry.path: entry.size for entry in self._remote.list(self._folder)}
        self._check_owner(found=self._document in there)
        for path, facts in self._files():
            if path[len(self._folder) :].split("/")[1] in _WRITTEN_ONCE and there.get(path) == facts[1]:
                self._sent[path] = facts

    def _look_again(self) -> None:
        """Before a document is sent: another process may have gone on with the run since."""
        facts = facts_of(self._root / self._document)
        if not self.is_late and self._sent.get(self._document) not in (None, facts):
            with suppress(ObjectNotFoundError):  # deleted, to the bin or for good: its marker tells
                self._compare(from_bytes(self._remote.read(self._document), self._document))

    def _check_owner(self, *, found: bool) -> None:
        marker = read_deleted(self._remote, parse_run_path(self._folder))
        if marker is not None and marker.purged_at is not None:
            raise RunhooksError(f"the run {self._folder} was deleted for good in {self._remote.url}")
        if not found:
            return
        self._compare(from_bytes(self._remote.read(self._document), self._document))

    def _compare(self, there: RunView) -> None:
        ours = from_bytes((self._root / self._document).read_bytes())
        if there.created_at != ours.created_at:
            raise RunhooksError(f"the store {self._remote.url} holds another run as {self._folder}")
        known = {session.writer for session in ours.sessions}
        self.is_late = any(session.primary and session.writer not in known for session in there.sessions)

    def release(self) -> None:
        """Delete the folder in the spool, after comparing every size with the store's.

        Raises
        ------
        RunhooksError
            When the store lacks something; the folder is kept then.
        """
        there = {entry.path: entry.size for entry in self._remote.list(self._folder)}
        for path, (_, size) in self._files():
            if there.get(self._named(path)) != size and not self._is_excused(path, there):
                raise RunhooksError(f"the store {self._remote.url} does not hold {path} as it was sent")
        applied = from_bytes((self._root / self._document).read_bytes()).applied
        for path in there:
            if path.endswith(".jsonl") and self._is_compacted(path, there, applied):
                self._remote.delete(path)  # of an earlier session, which could not do so itself
        self._drop()

    def _is_excused(self, path: str, _there: Mapping[str, int]) -> bool:
        """Tell whether the store may lack this file of the folder."""
        return self.is_late and self._kind(path) not in _WRITTEN_ONCE

    def _is_compacted(
        self, path: str, there: Mapping[str, int], applied: Mapping[str, Sequence[int]]
    ) -> bool:
        """Tell whether a segment is in a part by now, or had no rows. That of a living writer is in none."""
        kind, *_, writer, segment = path[len(self._folder) + 1 :].split("/")
        number = int(segment.removesuffix(".jsonl"))
        if kind == "journal" and is_secondary(writer):
            return number < applied.get(writer, (0, 0))[0]  # its events are to be taken in, too
        if kind == "logs":
            return f"{self._folder}/logs/raw/{writer}-{number:08d}.log" in there
        part = f"{self._folder}/{'history' if kind == 'journal' else kind}/{part_name(writer, number)}"
        return part in there or (kind == "journal" and number < applied.get(writer, (0, 0))[0])

    def _drop(self) -> None:
        """Delete the folder. Renamed first: half of a run must not be taken for a run that waits."""
        (self._root / self._folder).rename(self._root / f"{_RELEASED}{secrets.token_hex(8)}")
        for left in self._root.glob(f"{_RELEASED}*"):
            shutil.rmtree(left, ignore_errors=True)

    def _files(self) -> Iterator[tuple[str, Facts]]:
        for path in sorted((self._root / self._folder).rglob("*")):
            hidden = path.name.startswith(".") or is_staged(path)
            kept = not hidden and not path.is_symlink() and is_storable(path.name)
            if kept and path.is_file() and (facts := facts_of(path)):
                yield path.relative_to(self._root).as_posix(), facts


def _announces(path: str) -> tuple[bool, str]:
    """Order the files: the one that tells an open page of new data comes after the data."""
    return path.endswith("/data/live.js"), path
