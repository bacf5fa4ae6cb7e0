"""What secondary writers on other nodes have stored, taken into the run document and the pages of its owner.

One listing tells which of their documents changed; a document tells how far each of their journals goes, so
that only what is new is read. The owner deletes a journal file of theirs once its events are in the run
document and its rows in a part, which the writer itself cannot know.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any

from ..errors import ObjectNotFoundError, RecordError, StoreNotFoundError
from ..journal import parse, segment_name
from ..record.columns import to_columns
from ..record.parts import Rows
from ..record.paths import part_name
from ..record.read import rows_of_part, rows_of_segment
from ..record.replay import apply
from ..record.secondary import Secondary, secondary_paths
from ..record.superseded import split
from ..record.system import host_of
from ..record.view import STALE_AFTER_S, RunView
from ..storage import Entry, Store, together
from .compaction import Compaction
from .system.keeping import SystemMetrics

__all__ = ["Others", "Watched", "samplers_of_others"]

_OWN_FILES = frozenset({"save"})
"""Events that concern files on the writer's own machine."""

_BETWEEN_LOOKS_S = 45.0
"""More than lies between two looks at a store that answers."""


@dataclass(slots=True)
class _Other:
    """A secondary writer, as its document tells it.

    Attributes
    ----------
    version : str
        Of the document, as the store has it.
    silent_s : float
        For how long the store was seen to have nothing newer, by this machine's clock: no two clocks are
        compared. While the store did not answer, the writer may have been as cut off as this process: that
        does not count.
    cleaned : bool
        Whether its journal files are gone.
    """

    document: Secondary
    version: str
    silent_s: float = 0.0
    cleaned: bool = False

    @property
    def lives(self) -> bool:
        """Whether it goes on."""
        return self.document.state == "running" and self.silent_s <= STALE_AFTER_S


class Watched:
    """The documents of a run's secondary writers.

    Parameters
    ----------
    store : Store
        Where they store what they write.
    folder : str
        The run's folder.
    """

    def __init__(self, store: Store, folder: str) -> None:
        self.store = store
        self.folder = folder
        self.known: dict[str, _Other] = {}
        self._looked_at = monotonic()

    def look(self) -> list[_Other]:
        """Return those whose documents are new or changed.

        Raises
        ------
        StoreError
        """
        entries = [entry for entry in self._listed() if self._is_new(entry)]
        documents = together(self.store, self._read, entries)
        before, self._looked_at = self._looked_at, monotonic()
        for other in self.known.values():
            other.silent_s += min(self._looked_at - before, _BETWEEN_LOOKS_S)
        found = []
        for entry, document in zip(entries, documents, strict=True):
            if document is not None:
                known = self.known.get(document.writer)
                cleaned = known is not None and known.cleaned
                self.known[document.writer] = _Other(document, _version(entry), cleaned=cleaned)
                found.append(self.known[document.writer])
        return found

    def living(self) -> list[str]:
        """Return the writers that go on, as of the last look; none where that is too long ago."""
        if monotonic() - self._looked_at > STALE_AFTER_S:
            return []
        return [writer for writer, other in self.known.items() if other.lives]

    def _listed(self) -> list[Entry]:
        try:
            return list(self.store.list(secondary_paths(self.folder)))
        except StoreNotFoundError:
            return []

    def _is_new(self, entry: Entry) -> bool:
        other = self.known.get(entry.path.rpartition("/")[2].removesuffix(".json"))
        return entry.path.endswith(".json") and (other is None or other.version != _version(entry))

    def _read(self, entry: Entry) -> Secondary | None:
        try:
            return Secondary.from_bytes(self.store.read(entry.path), entry.path)
        except (ObjectNotFoundError, RecordError):  # of a newer version; or deleted with its run
            return None


def _version(entry: Entry) -> str:
    return f"{entry.version} {entry.modified}"


class Others(Watched):
    """Takes in what secondary writers store.

    Parameters
    ----------
    store : Store
    view : RunView
        The run document, which is changed by what comes.
    folder : str
        The run's folder.
    compaction : Compaction
        Its charts get their rows.
    system : SystemMetrics
        Its charts get their samples.
    """

    def __init__(
        self, store: Store, view: RunView, folder: str, compaction: Compaction, system: SystemMetrics
    ) -> None:
        super().__init__(store, folder)
        self._view = view
        self._compaction, self._system = compaction, system
        self._sampled: dict[str, int] = {}
        self._met: set[str] = set()
        self._due: dict[str, Secondary] = {}

    def take(self) -> bool:
        """Take in what is new; return whether anything is.

        Raises
        ------
        StoreError
        """
        self._due |= {other.document.writer: other.document for other in self.look()}
        came = bool(self._due)
        for writer, document in list(self._due.items()):  # one whose store fails meanwhile stays due
            with suppress(RecordError):  # damaged: `runhooks verify` names it
                self._take(document)
            del self._due[writer]
        told = {writer: self._told(other) for writer, other in sorted(self.known.items())}
        came |= told != self._view.others
        self._view.others = told
        return came

    def clean(self) -> None:
        """Delete the journal files of writers that have ended, once the stored run document has their events.

        Raises
        ------
        StoreError
        """
        for writer, other in self.known.items():
            if other.cleaned or other.document.state == "running":
                continue
            for entry in list(self.store.list(f"{self.folder}/journal/{writer}")):
                number = entry.path.rpartition("/")[2].removesuffix(".jsonl")
                if number.isdigit() and int(number) < self._view.applied.get(writer, [0, 0])[0]:
                    self.store.delete(entry.path)
            other.cleaned = True

    def _told(self, other: _Other) -> dict[str, Any]:
        """Return what the run document says of it: also that it went without a word."""
        document, told = other.document, other.document.told()
        session = next((each for each in self._view.sessions if each.writer == document.writer), None)
        if document.state == "running" and not other.lives:
            told |= {"state": "crashed", "reason": "no sign of life from it"}
            if session is not None and session.ended_at is None:
                session.ended_at = max(session.started_at, self._view.last_log_at or 0)
        elif document.state == "running" and session is not None:
            session.ended_at = None  # it was only asleep
        return told

    def _take(self, document: Secondary) -> None:
        for path, size in sorted(document.holds.items()):
            kind, *name = path.split("/")
            if kind == "journal" and len(name) == 2:
                number = int(name[1].removesuffix(".jsonl"))
                ended = document.state != "running" and name[0] == document.writer
                following = f"journal/{name[0]}/{segment_name(number + 1)}"
                self._events(name[0], number, size, sealed=ended or following in document.holds)
            elif kind == "system":
                self._samples(path, name, size)
        results = {found["order"]: found for found in document.artifacts if found.get("order")}
        for artifact in self._view.artifacts:
            if (result := results.get(artifact["order"])) is not None:
                artifact.update(result)

    def _events(self, writer: str, number: int, size: int, *, sealed: bool) -> None:
        if writer not in self._met:
            # All of it is read before any is drawn: a store that fails meanwhile is asked again.
            for key, rows in list(self._taken_before(writer)):
                self._compaction.draw_rows(key, rows)
            self._met.add(writer)
        at, offset = self._view.applied.get(writer, (0, 0))
        if number < at:
            return
        start = offset if number == at else 0
        parsed = parse(self._piece(f"journal/{writer}/{segment_name(number)}", start, size))
        events = [event for event in parsed if event.get("type") not in _OWN_FILES]
        counted, _ = split(self._view.superseded, writer, events)
        drawn = self._compaction.has(writer, number)
        for columns in apply(self._view, counted):
            if not drawn:
                self._compaction.draw(columns)
        end = start + parsed.end
        self._view.applied[writer] = [number + 1, 0] if sealed and end >= size else [number, end]

    def _taken_before(self, writer: str) -> Iterator[tuple[str, Rows]]:
        """Yield the rows that a recorder before this one took in, for the charts."""
        at, offset = self._view.applied.get(writer, (0, 0))
        cut = next((cut for cut in self._view.superseded if cut.writer == writer), None)
        for number in range(at):
            if not self._compaction.has(writer, number):
                path = f"history/{part_name(writer, number)}"
                if data := self._piece(path):
                    yield from rows_of_part(data, path, cut=cut)
        if offset and not self._compaction.has(writer, at):
            piece = self._piece(f"journal/{writer}/{segment_name(at)}", 0, offset)
            yield from rows_of_segment(piece, cut=cut)

    def _samples(self, path: str, name: list[str], size: int) -> None:
        """Draw samples of a journal, or, where that is compacted, those of its part that are newer."""
        start = self._sampled.get(path, 0)
        if size <= start:
            return
        if path.endswith(".parquet"):
            host = host_of(name[0].rpartition("-")[0])
            found: Iterator[tuple[str, Rows]] = iter(())
            if data := self._piece(path):
                found = rows_of_part(data, path)
            self._sampled[path] = size
        else:
            host = host_of(name[0])
            parsed = parse(self._piece(path, start, size))
            columns = to_columns([event for event in parsed if event.get("type") == "log"])
            self._sampled[path] = start + parsed.end
            found = ((key, Rows.of(column)) for key, column in columns.items())
        self._system.draw_newer(host, found)

    def _piece(self, path: str, start: int | None = None, end: int | None = None) -> bytes:
        if end is not None and end <= (start or 0):
            return b""
        try:
            return self.store.read(f"{self.folder}/{path}", start, end)
        except ObjectNotFoundError:  # its rows are in a part by now, or the run was deleted
            return b""


def samplers_of_others(store: Store, folder: str) -> set[str]:
    """Return the samplers of a run's secondary writers."""
    watched = Watched(store, folder)
    held = [path for other in watched.look() for path in other.document.holds]
    return {path.split("/")[1] for path in held if path.startswith("system/") and path.endswith(".jsonl")}
