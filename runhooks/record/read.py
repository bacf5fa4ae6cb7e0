"""Reading a run's record from any store: the view, and the history.

A reader never writes. What it finds of a run that is still going on is a valid prefix: the run
document, plus the journal after what the document has applied.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np

from ..errors import ObjectNotFoundError, RunNotFoundError
from ..journal import parse
from ..storage import Store
from .clock import store_time
from .columns import to_columns
from .document import from_bytes
from .labels import read_labels, relabelled
from .parts import Rows, read_part
from .paths import part_name
from .replay import apply
from .superseded import split, take_over
from .view import STALE_AFTER_S, Cut, RunView

__all__ = [
    "cuts_of",
    "history",
    "pieces",
    "read_view",
    "rows_of_part",
    "rows_of_segment",
    "settle",
    "writers_in",
]

_ATTEMPTS = 5


def read_view(store: Store, folder: str) -> RunView:
    """Read a run as it is now.

    Parameters
    ----------
    store : Store
    folder : str
        The run's folder in the store: ``entity/project/runs/id``.

    Raises
    ------
    RunNotFoundError
        When there is no run document.
    RecordError
        When the document cannot be read.
    """
    for _ in range(_ATTEMPTS):
        view = _document(store, folder)
        before = dict(view.applied)
        beside = _beside(store, folder)
        segments = _segments(store, folder) if "journal" in beside else []
        _replay(store, view, segments)
        if not segments or _document(store, folder).applied == before:
            break  # else segments went into a newer document while they were read
    if view.state == "running":
        settle(view, store_time(store))
    return relabelled(view, read_labels(store, folder) if "labels.json" in beside else {})


def _beside(store: Store, folder: str) -> set[str]:
    """Return what lies in a run's folder: most have neither a journal nor labels to look for."""
    return {entry.path.rpartition("/")[2] for entry in store.list(folder, recursive=False)}


def _document(store: Store, folder: str) -> RunView:
    try:
        return from_bytes(store.read(f"{folder}/run.json"), f"{folder}/run.json")
    except ObjectNotFoundError as error:
        raise RunNotFoundError(f"no run at {folder} in {store.url}") from error


def _replay(store: Store, view: RunView, segments: Sequence[tuple[str, int, str]]) -> None:
    begun = {writer: path for writer, number, path in segments if number == 0 and writer not in view.applied}
    held = {writer: _read_if_there(store, path) for writer, path in begun.items()}
    for data in held.values():
        take_over(view, parse(data[: data.find(b"\n") + 1]))
    for writer, number, path in segments:
        at, offset = view.applied.get(writer, (0, 0))
        if number >= at:
            data = held.pop(writer) if number == 0 and writer in held else _read_if_there(store, path)
            apply(view, parse(data[offset if number == at else 0 :]), writer)


def settle(view: RunView, now: float) -> None:
    """Show a running run whose heartbeat stopped as crashed. `now` is the store's time in seconds."""
    if view.state != "running":
        return
    began = view.sessions[-1].started_at if view.sessions else view.created_at
    last = max(began, view.last_log_at or 0) if view.heartbeat is None else view.heartbeat.at
    if now - last / 1e6 > STALE_AFTER_S:
        seen = datetime.fromtimestamp(last / 1e6, UTC)
        view.state, view.reason = "crashed", f"no heartbeat since {seen:%Y-%m-%d %H:%M:%S} UTC"
        view.ended_at = last if view.heartbeat is None else view.heartbeat.own


def _segments(store: Store, folder: str) -> list[tuple[str, int, str]]:
    """Return writer, number and path of each journal segment, writers in name order."""
    found = []
    for entry in store.list(f"{folder}/journal/"):
        parts = entry.path.rsplit("/", 2)
        if len(parts) == 3 and parts[2].endswith(".jsonl") and parts[2][:8].isdigit():
            found.append((parts[1], int(parts[2][:8]), entry.path))
    return sorted(found)


def _parts(store: Store, folder: str) -> list[tuple[str, int, str]]:
    found = []
    for entry in store.list(f"{folder}/history/"):
        writer, _, number = entry.path.rsplit("/", 1)[-1].removesuffix(".parquet").rpartition("-")
        if entry.path.endswith(".parquet") and number.isdigit():
            found.append((writer, int(number), entry.path))
    return sorted(found)


def writers_in(store: Store, folder: str) -> set[str]:
    """Return the writers that a run has rows or events of."""
    return {writer for writer, _, _ in (*_segments(store, folder), *_parts(store, folder))}


def _read_if_there(store: Store, path: str) -> bytes:
    """Read a segment that a recorder may be deleting; what it held is then in a part."""
    try:
        return store.read(path)
    except ObjectNotFoundError:
        return b""


def history(
    store: Store,
    folder: str,
    keys: Sequence[str] | None = None,
    *,
    parts_only: bool = False,
    superseded: Sequence[Cut] | None = None,
) -> Iterator[tuple[str, Rows]]:
    """Yield each metric's rows, a piece a part, in the order in which they were written.

    What a later session superseded is left out. A key comes once a part: join the pieces with
    :func:`runhooks.record.parts.join`; of two rows with one step the later counts.

    Parameters
    ----------
    keys : sequence of str, optional
        Only these metrics.
    parts_only : bool
        Leave out what is still in the journal.
    superseded : sequence of Cut, optional
        :attr:`RunView.superseded`, where the run document was read before.
    """
    for _, piece in pieces(store, folder, keys, parts_only=parts_only, superseded=superseded):
        yield from piece


def pieces(
    store: Store,
    folder: str,
    keys: Sequence[str] | None = None,
    *,
    parts_only: bool = False,
    superseded: Sequence[Cut] | None = None,
) -> Iterator[tuple[tuple[str, int], Iterator[tuple[str, Rows]]]]:
    """Yield the history as :func:`history`, by writer and number of the segment that it was logged in."""
    segments = {} if parts_only else {found[:2]: found[2] for found in _segments(store, folder)}
    parts = {found[:2]: found[2] for found in _parts(store, folder)}
    if superseded is None:
        superseded = cuts_of(store, folder, segments)
    cuts = {cut.writer: cut for cut in superseded}
    for name in sorted({*segments, *parts}):
        part = parts.get(name)
        if part is None:
            data = _read_if_there(store, segments[name])
            if data:
                yield name, rows_of_segment(data, keys, cuts.get(name[0]))
                continue
            part = f"{folder}/history/{part_name(*name)}"  # compacted since the listing, or empty
        try:
            data = store.read(part)
        except ObjectNotFoundError:
            continue
        yield name, rows_of_part(data, part, keys, cuts.get(name[0]))


def cuts_of(store: Store, folder: str, segments: Mapping[tuple[str, int], str]) -> list[Cut]:
    """Return what the document, and sessions that began since, say does not count.

    Parameters
    ----------
    segments : mapping
        Paths of the run's journal files by writer and number.
    """
    try:
        view = _document(store, folder)
    except RunNotFoundError:
        return []
    for (writer, number), path in segments.items():
        if number == 0 and writer not in view.applied:
            take_over(view, parse(_read_if_there(store, path)))
    return view.superseded


def rows_of_part(
    data: bytes, where: str, keys: Sequence[str] | None = None, cut: Cut | None = None
) -> Iterator[tuple[str, Rows]]:
    """Yield each metric's rows of one part, as :func:`history` does."""
    for key, rows in read_part(data, where, keys):
        if len((counted := _counted(rows, cut)).steps):
            yield key, counted


def _counted(rows: Rows, cut: Cut | None) -> Rows:
    if cut is None:
        return rows
    counted = np.ones(len(rows.steps), bool)
    if cut.step is not None:
        counted &= rows.steps <= cut.step
    if cut.time is not None:
        counted &= rows.times <= cut.time
    return rows if counted.all() else rows.take(np.flatnonzero(counted))


def rows_of_segment(
    segment: bytes, keys: Sequence[str] | None = None, cut: Cut | None = None
) -> Iterator[tuple[str, Rows]]:
    """Yield each metric's rows of one journal file, as :func:`history` does."""
    counted, _ = split([] if cut is None else [cut], "" if cut is None else cut.writer, parse(segment))
    events = [event for event in counted if event.get("type") == "log"]
    for key, column in to_columns(events).items():
        if keys is None or key in keys:
            yield key, Rows.of(column).ordered()
