"""``init()``: from arguments to a run that is open."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from time import time_ns
from typing import Any, Literal

import orjson

from ..errors import (
    ArgumentError,
    RunExistsError,
    RunhooksError,
    RunNotFoundError,
    StoreError,
    StoreUnreachableError,
)
from ..journal import Journal
from ..record.document import to_bytes
from ..record.folder import view_of
from ..record.paths import RunPath, check_id, check_name
from ..record.view import RunView
from ..recorder.later import sync_command
from ..redact import redact_text
from ..settings import Settings, resolve
from ..values import text
from . import lifecycle
from .config import as_dict
from .connection import fetch, require
from .environment import of_process, rank
from .naming import generate_id, generate_name, generate_writer
from .place import Place, is_elsewhere, locate, spooled
from .run import Run
from .terminal import Terminal

__all__ = ["active", "check_arguments", "init"]

_runs: list[Run] = []


def init(
    project: str | None = None,
    entity: str | None = None,
    id: str | None = None,
    name: str | None = None,
    config: Any = None,
    notes: str | None = None,
    tags: list[str] | tuple[str, ...] | None = None,
    group: str | None = None,
    job_type: str | None = None,
    store: str | os.PathLike[str] | None = None,
    storage_options: Mapping[str, Any] | None = None,
    resume: Literal["allow", "must", "never"] | bool | None = None,
    mode: Literal["online", "offline", "disabled"] | None = None,
    reinit: Literal["return_previous", "finish_previous", "create_new"] | bool | None = None,
    **settings: Any,
) -> Run:
    """Open a run.

    Every argument has a variable, ``RUNHOOKS_PROJECT`` and so on; an argument beats the variable.
    A store elsewhere is waited for only where `id` or `resume` need its answer, and not for long.

    Parameters
    ----------
    project, entity : str, optional
        Where the run belongs; by default ``Uncategorized`` and ``default``.
    id : str, optional
        1 to 64 characters; by default 8 random ones.
    name : str, optional
        For people, need not be unique; by default adjective-noun-number.
    config : optional
        A mapping, namespace, dataclass, pydantic model, OmegaConf, absl flags, or the path of a YAML file.
    notes, tags, group, job_type : optional
        Shown on the pages, and for finding the run.
    store : str or path, optional
        A folder, or any fsspec URL such as ``s3://bucket/runs``; by default ``./runs``.
    storage_options : mapping, optional
        For the store's filesystem. Never written anywhere.
    resume : {"allow", "must", "never"}, optional
        Whether a run with this id may, must or must not exist. Steps go on after the last.
    mode : {"online", "offline", "disabled"}, optional
        ``offline`` keeps the run on this machine until ``runhooks sync``; ``disabled`` makes every call a
        no-op.
    reinit : {"return_previous", "finish_previous", "create_new"}, optional
        What to do while another run is open and `id` names no other. By default a script gets the open
        one, a notebook a new one after the earlier is finished.
    **settings
        Further fields of :class:`runhooks.settings.Settings`: ``quiet``, ``silent``, ``finish_timeout_s``, …

    Returns
    -------
    Run

    Raises
    ------
    ArgumentError
        For a wrong argument or variable.
    StoreUrlError
        For a store address that cannot be used.
    RunExistsError
        When the id is taken and `resume` does not allow it.
    RunNotFoundError
        When ``resume="must"`` and there is no such run.
    StoreUnreachableError
        When a store elsewhere did not say in time whether it has the run that is to be resumed.
    StoreError
        With ``require_store``, when the store cannot be written.
    """
    arguments = {name: value for name, value in locals().items() if name not in ("settings", "config")}
    resolved = resolve({**arguments, **settings})
    path, values = _path(resolved), as_dict(config)
    previous = active()
    if previous is not None and resolved.reinit != "create_new" and resolved.id in (None, previous.id):
        if resolved.reinit != "finish_previous" and not _in_notebook():
            previous.terminal.say(
                f"run {previous.name} is still open and is used; finish it first, or pass reinit='create_new'"
            )
            previous.config.update(values, allow_val_change=True)
            return previous
        previous.finish()
    run = _disabled(path, resolved) if resolved.mode == "disabled" else _open(path, resolved)
    run.config.update(values, allow_val_change=True)
    _runs.append(run)
    return run


def check_arguments(**arguments: Any) -> None:
    """Check arguments of :func:`init` without opening a run.

    Raises
    ------
    ArgumentError
        As :func:`init` would.
    """
    as_dict(arguments.pop("config", None))
    _path(resolve(arguments))


def active() -> Run | None:
    """Return the run that was opened last and is not finished, or None."""
    _runs[:] = [run for run in _runs if not run.finished]
    return _runs[-1] if _runs else None


def _path(settings: Settings) -> RunPath:
    given = settings.id
    if given is None and settings.resume == "must":
        raise ArgumentError("resume='must' needs an id: init(id=..., resume='must')")
    id = generate_id() if given is None else check_id(given)
    return RunPath(check_name(settings.entity, "entity"), check_name(settings.project, "project"), id)


def _in_notebook() -> bool:
    return "ipykernel" in sys.modules


def _disabled(path: RunPath, settings: Settings) -> Run:
    nowhere = Place(Path(os.devnull), "", mirrored=False, in_process=False, page="", project_page="")
    return Run(path, settings.name or "disabled", nowhere, settings, None)


def _open(path: RunPath, settings: Settings) -> Run:
    terminal = Terminal(quiet=settings.quiet, silent=settings.silent)
    found = None
    for place in _places(path, settings):
        try:
            found = _begin(path, place, settings)
        except OSError as error:
            if isinstance(error, RunhooksError):
                raise
            if settings.require_store:
                raise StoreError(
                    f"the store {place.store} cannot be written: {error.strerror or error}"
                ) from error
            terminal.warn(f"{place.folder.parents[3]} cannot be written: {error.strerror or error}")
        else:
            break
    if found is None:
        terminal.warn("nothing of this run is recorded; make one of these folders writable")
        return _disabled(path, settings)
    view, journal = found
    if place.mirrored and not is_elsewhere(settings.store):
        command = sync_command(place.folder, settings.storage_options)
        terminal.warn(f"the record is kept on this machine; to send it to {place.store}: {command}")
    first_step = 0 if view.last_step is None else view.last_step + 1
    run = Run(path, view.name, place, settings, journal, first_step)
    lifecycle.watch(run)
    run.open(view, resumed=bool(view.sessions))
    return run


def _places(path: RunPath, settings: Settings) -> Iterator[Place]:
    """Yield where the run may go: its store, else the spool, else a temporary folder."""
    place = locate(settings, path)
    yield place
    if not place.mirrored:
        yield spooled(settings, path)
    import tempfile  # a last resort, and 4 ms

    temporary = Path(tempfile.gettempdir()) / f"runhooks-spool-{os.getuid()}"
    yield spooled(replace(settings, spool=str(temporary)), path)


def _begin(path: RunPath, place: Place, settings: Settings) -> tuple[RunView, Journal]:
    """Make or read the run document, and begin this process's journal."""
    if settings.require_store and place.mirrored and settings.mode == "online":
        require(place, settings, str(path))
    if place.mirrored and settings.mode == "online" and settings.id is not None and not place.folder.exists():
        _ask(path, place, settings)
    view = _make(path, place, settings)
    last = max((session.started_at for session in view.sessions), default=0)
    journal = Journal(place.folder / "journal", generate_writer(rank(), after=last))
    journal.event("start", writer=journal.writer, primary=True, pid=os.getpid())
    return view, journal


def _ask(path: RunPath, place: Place, settings: Settings) -> None:
    """Learn from a store elsewhere whether a given id is taken, and get the run that is to be resumed."""
    resuming = settings.resume in ("allow", "must")
    found = fetch(place, settings, str(path), download=resuming)
    if found is None and resuming:
        raise StoreUnreachableError(
            f"{place.store} did not say whether it has run {path}, so it cannot be resumed; "
            "try again, or log to a new run and leave out resume"
        )
    if found and not resuming:
        raise _taken(path, place)
    if found is False and settings.resume == "must":
        raise RunNotFoundError(f"there is no run {path} in {place.store} to resume")


def _taken(path: RunPath, place: Place) -> RunExistsError:
    return RunExistsError(
        f"run {path} exists already in {place.store}; choose another id, "
        f"or go on with it: init(id={path.id!r}, resume='allow')"
    )


def _make(path: RunPath, place: Place, settings: Settings) -> RunView:
    """Make the run's folder and first document, or read those of the run that is resumed."""
    place.folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        place.folder.mkdir()
    except FileExistsError:
        return _resume(path, place, settings)
    if settings.resume == "must" and not place.mirrored:
        place.folder.rmdir()
        raise RunNotFoundError(f"there is no run {path} in {place.store} to resume")
    try:
        view = _new_view(path, place, settings)
        _write(place.folder / "run.json", to_bytes(view))
    except BaseException:
        place.folder.rmdir()  # else the id would be taken by nothing
        raise
    if place.mirrored:  # so that `runhooks sync` knows where it belongs; never how to log in there
        _write(place.folder.parents[3] / "store.json", orjson.dumps({"store": place.store}))
    return view


def _resume(path: RunPath, place: Place, settings: Settings) -> RunView:
    if settings.resume not in ("allow", "must"):
        raise _taken(path, place)
    return view_of(place.folder)


def _new_view(path: RunPath, place: Place, settings: Settings) -> RunView:
    number = sum(1 for _ in os.scandir(place.folder.parent))
    return RunView(
        id=path.id,
        entity=path.entity,
        project=path.project,
        name=redact_text(settings.name or generate_name(number)),
        created_at=time_ns() // 1000,
        environment=of_process(),
        tags=[redact_text(text(tag)) for tag in settings.tags],
        notes=None if settings.notes is None else redact_text(settings.notes),
        group=None if settings.group is None else redact_text(settings.group),
        job_type=None if settings.job_type is None else redact_text(settings.job_type),
    )


def _write(path: Path, data: bytes) -> None:
    """Write a file whole: readers see all of it or nothing."""
    temporary = path.with_name(f".{path.name}.{time_ns()}")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
        raise
