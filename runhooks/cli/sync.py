"""``runhooks sync``."""

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from ..errors import RunhooksError
from ..recorder.orders import Order
from ..recorder.recording import Busy, Recording
from ..settings import resolve
from ..training.place import spool_root
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
    result: Literal["synced", "busy", "failed"]
    state: str | None = None
    files: int = 0
    bytes: int = 0
    requests: int = 0
    sent: int = 0
    error: str | None = None


def sync(folder: str | None, store: str | None, pairs: Sequence[str], *, as_json: bool) -> int:
    """Complete what was left; return the exit code: 1 when a run could not be completed."""
    options = options_of(pairs)
    places = [Path(folder)] if folder is not None else _usual_places(store)
    kept = [run for place in places for run in find_kept(place)]
    with progress("looking", len(kept)) as done:
        found = []
        for run in kept:
            done(str(run.path))
            outcome = _completed(run, options)
            if outcome is not None:
                found.append(outcome)
    if as_json:
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


def _completed(kept: Kept, options: dict[str, Any]) -> _Synced | None:
    """Complete one run; None when there was nothing to do. A fault in one leaves the others alone."""
    head = (str(kept.path), str(kept.folder), kept.store)
    try:
        view, alive = who_records(kept)
        if is_complete(kept, view):
            return None
        if alive is not None:
            return _Synced(*head, "busy", view.state, error=f"still being recorded: {alive} has it open")
        answer = Recording(_order(kept, options)).finish()
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
        elif run.result == "busy":
            print_line(f"skipped {run.path}: {run.error}")
        else:
            note(f"{run.path} could not be completed: {run.error}; it is kept in {run.folder}")
    if not found:
        looked = " and ".join(map(str, places)) or "no spool and no store is here"
        print_line(f"nothing to sync: every run is complete ({looked})")
