"""``runhooks sync``."""

import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from ..errors import RunhooksError
from ..recorder.orders import Order
from ..recorder.recording import Busy
from ..recorder.reunite import reunite
from ..recorder.secondary import recording_of
from ..settings import resolve
from ..training.place import spool_root
from .live import Live
from .options import Asked
from .orphans import Kept, find_kept, is_complete, who_records
from .screen import note, print_json, print_line, progress
from .target import options_of

__all__ = ["sync"]


@dataclass(frozen=True, slots=True)
class _Synced:
    """What became of one run."""

    path: str
    folder: str
    store: str
    result: Literal["synced", "sent", "busy", "failed"]
    state: str | None = None
    files: int = 0
    bytes: int = 0
    requests: int = 0
    sent: int = 0
    error: str | None = None


_WATCH_S = 10.0


def sync(folder: str | None, asked: Asked, *, watch: bool = False) -> int:
    """Complete what was left; return the exit code: 1 when a run could not be completed.

    With `watch` it does so again every ten seconds until Ctrl-C, and sends offline runs while they go on.
    """
    if not watch:
        return _round(folder, asked)
    live: dict[Path, Live] = {}
    told: set[_Synced] = set()
    note("sending what comes, until Ctrl-C")
    try:
        while True:
            _round(folder, asked, live, told)
            time.sleep(_WATCH_S)
    except KeyboardInterrupt:
        return 0


def _round(
    folder: str | None,
    asked: Asked,
    live: dict[Path, Live] | None = None,
    told: set[_Synced] | None = None,
) -> int:
    """Do all once. Of a watch, `live` holds the runs that go on, and `told` what was said already."""
    options = options_of(asked.pairs)
    places = [Path(folder)] if folder is not None else _usual_places(asked.store)
    kept = [run for place in places for run in find_kept(place)]
    with progress("looking", len(kept)) as done:
        found = []
        for run in kept:
            done(str(run.path))
            outcome = _completed(run, options, live)
            if outcome is not None:
                found.append(outcome)
    if told is not None:
        found, seen = [run for run in found if run not in told], found
        told.clear()
        told.update(seen)
        if not found:
            return 0
    if asked.as_json:
        print_json({"places": [str(place) for place in places], "runs": [asdict(run) for run in found]})
    else:
        _tell(found, places)
    return 1 if any(run.result == "failed" for run in found) else 0


def _usual_places(store: str | None) -> list[Path]:
    """Return the spool and the local store, as far as they are there."""
    environ = {name: os.environ.get(name, "") for name in ("RUNHOOKS_STORE", "RUNHOOKS_SPOOL")}
    settings = resolve({"store": store}, environ)
    places = [spool_root(settings.spool)]
    if "://" not in settings.store:
        places.append(Path(settings.store))
    return [place.expanduser().absolute() for place in places if place.expanduser().is_dir()]


def _completed(kept: Kept, options: dict[str, Any], live: dict[Path, Live] | None) -> _Synced | None:
    """Complete one run; None when there was nothing to do. A fault in one leaves the others alone."""
    head = (str(kept.path), str(kept.folder), kept.store)
    try:
        view, alive = who_records(kept)
        if is_complete(kept, view):
            return None
        if alive is not None:
            if live is not None and kept.mirrored and view.environment.get("mode") == "offline":
                live.setdefault(kept.folder, Live(_order(kept, options))).send()
                return _Synced(
                    *head, "sent", "running"
                )  # also in the moment between its end and its last part
            return _Synced(*head, "busy", view.state, error=f"still being recorded: {alive} has it open")
        order = replace(_order(kept, options), secondary=view.environment.get("secondary", {}).get("writer"))
        if kept.mirrored and order.secondary is None:
            reunite(order)
        answer = recording_of(order).finish()
    except Busy as error:
        return _Synced(*head, "busy", error=str(error))
    except (RunhooksError, OSError) as error:
        return _Synced(*head, "failed", error=str(error))
    result: Literal["synced", "failed"] = "failed" if answer["error"] else "synced"
    facts = {name: answer[name] for name in ("state", "files", "bytes", "requests", "sent", "error")}
    return _Synced(*head, result, **facts)


def _order(kept: Kept, options: dict[str, Any]) -> Order:
    """Return the order to complete a run. Not `begun` again, its facts and its last sign of life stay."""
    return Order(kept.path, kept.folder, kept.store, mirrored=kept.mirrored, storage_options=options)


def _tell(found: Sequence[_Synced], places: Sequence[Path]) -> None:
    for run in found:
        if run.result == "synced":
            sent = f"{run.files:,} files, {run.bytes:,} bytes"
            took = f" ({run.requests:,} requests, {run.sent:,} bytes sent)" if run.requests else ""
            print_line(f"synced {run.path} ({run.state}), {sent}, in {run.store}{took}")
        elif run.result == "sent":
            print_line(f"sending {run.path} (running) to {run.store} while it goes on")
        elif run.result == "busy":
            print_line(f"skipped {run.path}: {run.error}")
        else:
            note(f"{run.path} could not be completed: {run.error}; it is kept in {run.folder}")
    if not found:
        looked = " and ".join(map(str, places)) or "no spool and no store is here"
        print_line(f"nothing to sync: every run is complete ({looked})")
