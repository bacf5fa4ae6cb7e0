"""Going on with a run that is there, or with another's history: what its record must have first."""

import os
from time import time_ns
from typing import Any

import orjson

from ..errors import RunExistsError, RunhooksError, RunNotFoundError, StepError, StoreUnreachableError
from ..record.folder import view_of
from ..record.paths import RunPath
from ..record.secondary import is_secondary
from ..record.view import RunView
from ..settings import Settings
from .connection import fetch, prepare
from .origin import Moment
from .place import Place
from .writing import write_whole

__all__ = ["ask", "forked", "resumed", "supersedes", "taken"]


def ask(path: RunPath, place: Place, settings: Settings) -> bool:
    """Learn from a store elsewhere whether a given id is taken; get the run that is to be resumed.

    Returns
    -------
    bool
        Whether the run was put into the spool.

    Raises
    ------
    RunExistsError, RunNotFoundError
    StoreUnreachableError
        When it did not say so in time, and the run is to be resumed.
    """
    resuming = settings.resume in ("allow", "must")
    found = fetch(place, settings, str(path), download=resuming)
    if found is None and resuming:
        raise StoreUnreachableError(
            f"{place.store} did not say whether it has run {path}, so it cannot be resumed; "
            "try again, or log to a new run and leave out resume"
        )
    if found and not resuming:
        raise taken(path, place)
    if found is False and settings.resume == "must":
        raise RunNotFoundError(f"there is no run {path} in {place.store} to resume")
    return bool(found)


def taken(path: RunPath, place: Place) -> RunExistsError:
    """Return the error for an id that is taken."""
    return RunExistsError(
        f"run {path} exists already in {place.store}; choose another id, "
        f"or go on with it: init(id={path.id!r}, resume='allow')"
    )


def resumed(path: RunPath, place: Place, settings: Settings) -> RunView:
    """Return the run in a place, rewound where that is asked for; tell its old process, if one still writes.

    Raises
    ------
    StepError
        When it did not come as far as the step to go on from.
    RunBusyError
        When it is to be rewound and the recorder of its old process does not let go of it.
    """
    view, step = view_of(place.folder), settings.resume_step
    if step is not None and (view.last_step is None or step > view.last_step):
        had = "has no rows" if view.last_step is None else f"has steps up to {view.last_step}"
        raise StepError(f"run {path} {had}, so it cannot be resumed from step {step}")
    for cut in supersedes(view):
        control = place.folder / "control"
        control.mkdir(exist_ok=True)
        by = {"time": time_ns() // 1000, "host": os.uname().nodename, "pid": os.getpid()}
        write_whole(control / f"resumed-{cut['writer']}.json", orjson.dumps(by) + b"\n")
    if step is None:
        return view
    prepare(place, settings, str(path), step)
    return view_of(place.folder)


def supersedes(view: RunView) -> list[dict[str, Any]]:
    """Return up to when the events of processes count that have this run open while it is opened again."""
    if view.state != "running":
        return []
    now = max(time_ns() // 1000, view.last_log_at or 0)  # their clock may be ahead of ours
    left = (each.writer for each in view.sessions if each.ended_at is None)
    return [{"writer": writer, "time": now} for writer in left if not is_secondary(writer)]


def forked(path: RunPath, place: Place, settings: Settings, moment: Moment) -> RunView:
    """Make a run's folder with another run's history; return what it takes over from that one.

    Raises
    ------
    RunNotFoundError, StepError, RunExistsError, StoreError
    """
    if place.mirrored and settings.online and settings.id is not None:
        ask(path, place, settings)
    prepare(place, settings, str(path), moment.step, source=str(moment.path))
    try:
        return view_of(place.folder)
    except (OSError, RunhooksError):
        import shutil  # rarely needed, and 5 ms

        shutil.rmtree(place.folder, ignore_errors=True)
        raise
