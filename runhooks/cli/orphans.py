"""Finding runs on this machine whose record is not complete, and telling whether their process is gone."""

import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import time

import orjson
import psutil

from ..errors import ArgumentError
from ..journal import parse, segment_name
from ..record.folder import view_of, writers
from ..record.paths import RunPath, parse_run_path
from ..record.staging import has_orders
from ..record.view import STALE_AFTER_S, RunView

__all__ = ["Kept", "find_kept", "is_complete", "who_records"]

_PATTERN = "*/*/runs/*/run.json"
_NOTE = "store.json"
_START_S = 60.0
"""A process starts before the run that it opens, by its clock; more than this later it is another one."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A run's folder on this machine.

    Attributes
    ----------
    path : RunPath
    folder : Path
    store : str
        Where the run belongs: an address, or the local store's own folder.
    mirrored : bool
        Whether the folder is in a spool, from which it is sent to the store.
    """

    path: RunPath
    folder: Path
    store: str
    mirrored: bool


def find_kept(place: Path) -> list[Kept]:
    """Return the runs in a folder: a run's own, a spool, a part of a spool, or a local store.

    Raises
    ------
    ArgumentError
        When the folder is none of these.
    """
    place = place.expanduser().absolute()
    if not place.is_dir():
        raise ArgumentError(f"there is no folder {place}")
    if (place / "run.json").is_file() and place.parent.name == "runs":
        return [_kept(place.parents[3], place)]
    roots = [place] if (place / _NOTE).is_file() else sorted(note.parent for note in place.glob(f"*/{_NOTE}"))
    return list(_runs_in(roots or [place]))


def _runs_in(roots: list[Path]) -> Iterator[Kept]:
    for root in roots:
        for document in sorted(root.glob(_PATTERN)):
            yield _kept(root, document.parent)


def _kept(root: Path, folder: Path) -> Kept:
    path = parse_run_path(folder.relative_to(root).as_posix())
    noted = root / _NOTE
    if not noted.is_file():
        return Kept(path, folder, str(root), mirrored=False)
    try:
        store = orjson.loads(noted.read_bytes())["store"]
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise ArgumentError(f"{noted} does not say which store the runs beside it belong to") from error
    return Kept(path, folder, str(store), mirrored=True)


def is_complete(kept: Kept, view: RunView) -> bool:
    """Return whether nothing is left to do: the run ended, and all of it is where it belongs."""
    waits = bool(writers(kept.folder)) or has_orders(kept.folder)
    return not kept.mirrored and view.state != "running" and not waits


def who_records(kept: Kept) -> tuple[RunView, str | None]:
    """Return a run's view, and what still works on it, as far as this machine can tell.

    Raises
    ------
    RecordError
        When the run document cannot be read.
    """
    view = view_of(kept.folder)
    host = view.environment.get("host")
    if host not in (None, socket.gethostname()):
        fresh = view.heartbeat is not None and time() - view.heartbeat.at / 1e6 <= STALE_AFTER_S
        return view, f"a process on {host}" if fresh else None
    for pid, opened in _openers(kept.folder, view):
        if _lives(pid, opened / 1e6):
            return view, f"process {pid}"
    return view, None


def _openers(folder: Path, view: RunView) -> Iterator[tuple[int, int]]:
    """Yield pid and time (microseconds) of the processes that opened a run.

    Each journal begins with them; of one that has been compacted, the run document knows the first. A run
    that has ended may still have other writers, but its own process no longer counts.
    """
    pid = view.environment.get("pid")
    if isinstance(pid, int) and view.state == "running":
        yield pid, view.created_at
    for writer in writers(folder):
        with suppress(FileNotFoundError):  # compacted
            begun = parse((folder / "journal" / writer / segment_name(0)).read_bytes())
            event = next((event for event in begun if event.get("type") == "start"), {})
            if isinstance(event.get("pid"), int):
                yield event["pid"], event["time"]


def _lives(pid: int, started: float) -> bool:
    """Return whether this is the process that opened a run at a time, not a later one of its number."""
    if pid == os.getpid():
        return True
    try:
        process = psutil.Process(pid)
        return process.create_time() <= started + _START_S and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:  # there, but not ours to look at
        return True
