"""``init()``: from arguments to a run that is open."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from ..errors import ArgumentError, RunExistsError, RunhooksError, StoreError
from ..record.paths import RunPath, check_id, check_name
from ..recorder.later import sync_command
from ..settings import Settings, resolve
from . import lifecycle
from .beginning import begin
from .config import as_dict
from .environment import rank
from .naming import generate_id
from .origin import fork_of, resolved
from .place import Place, is_elsewhere, locate, spooled
from .run import Run
from .surface import some_keys, translated
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
    resume: Literal["allow", "must", "never", "auto"] | bool | None = None,
    mode: Literal["online", "offline", "disabled", "shared"] | None = None,
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
    resume : {"allow", "must", "never", "auto"}, optional
        Whether a run with this id may, must or must not exist. Steps go on after the last. ``auto`` needs no
        id: it goes on with this script's last run, unless that has finished.
    mode : {"online", "offline", "disabled", "shared"}, optional
        ``offline`` keeps the run on this machine until ``runhooks sync``; ``disabled`` makes every call a
        no-op. With ``shared`` processes on several nodes write to the run `id`: see ``docs/shared.md``.
    reinit : {"return_previous", "finish_previous", "create_new"}, optional
        What to do while another run is open and `id` names no other. By default a script gets the open
        one, a notebook a new one after the earlier is finished.
    **settings
        Further fields of :class:`runhooks.settings.Settings`: ``resume_step``, ``resume_from``,
        ``fork_from``, ``quiet``, ``silent``, ``finish_timeout_s``, …; and arguments of ``wandb.init``
        (``settings``, ``dir``, ``config_include_keys``, …), see ``docs/wandb.md``.

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
        When ``resume="must"`` and there is no such run, or none to fork from.
    StepError
        When the run that is rewound or forked has no such step.
    RunBusyError
        When the run that is rewound still belongs to a process that does not answer.
    StoreUnreachableError
        When a store elsewhere did not say in time whether it has the run that is to be resumed.
    StoreError
        With ``require_store``, when the store cannot be written.
    """
    arguments = {name: value for name, value in locals().items() if name not in ("settings", "config")}
    chosen = resolved(resolve(_given(arguments, settings)))
    path, values = _path(chosen), some_keys(as_dict(config), settings)
    is_new = chosen.reinit == "create_new" or fork_of(chosen, path) is not None
    previous = active()
    if previous is not None and not is_new and chosen.id in (None, previous.id):
        if chosen.reinit != "finish_previous" and not _in_notebook():
            if chosen.resume_step is not None:
                raise ArgumentError(f"run {previous.path} is still open; finish it before it is rewound")
            previous.terminal.say(
                f"run {previous.name} is still open and is used; finish it first, or pass reinit='create_new'"
            )
            previous.config.update(values, allow_val_change=True)
            return previous
        previous.finish()
    if chosen.mode == "disabled":
        run = _disabled(path, chosen)
    elif chosen.mode == "shared":
        run = _open_shared(path, chosen)
    else:
        run = _open_own(path, chosen)
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
    arguments = translated(arguments)
    chosen = resolved(resolve(arguments))
    fork_of(chosen, _path(chosen))


def _given(arguments: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments that were given, over those that ``settings=`` holds."""
    plain = {name: value for name, value in arguments.items() if value is not None}
    return {**translated({**settings, **plain}), **plain}


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


def _open_own(path: RunPath, settings: Settings) -> Run:
    return _open_unfinished(path, settings) if settings.resume == "auto" else _open(path, settings)


def _open_unfinished(path: RunPath, settings: Settings) -> Run:
    """Open the run that this script has left unfinished, or a new one where there is none."""
    if settings.id is not None:
        return _open(path, settings._replace(resume="allow"))
    from .unfinished import Note  # for whoever resumes so

    terminal = Terminal(quiet=settings.quiet, silent=settings.silent)
    try:
        note = Note(settings)
    except OSError as error:
        terminal.warn(f"resume='auto' has no effect, its note cannot be written: {error}")
        return _open(path, settings._replace(resume=None))
    run = None
    if note.id is not None:
        unfinished = settings._replace(id=note.id, resume="must")
        try:
            run = _open(RunPath(path.entity, path.project, note.id), unfinished)
        except RunhooksError as error:
            terminal.warn(f"this script's unfinished run {note.id} cannot be resumed: {error}")
        else:
            terminal.say(f"it is the last run of this script, which was not finished ({run.resumed_from})")
    elif note.is_others:
        terminal.say("another process of this script is running, so this is a run of its own")
    else:
        terminal.say("this script has no unfinished run to resume, so this is a new one")
    run = run or _open(path, settings._replace(resume=None))
    run.hold(note)
    return run


def _open_shared(path: RunPath, settings: Settings) -> Run:
    """Open a run that several nodes write to: as its owner, or as one that writes to it besides."""
    if settings.id is None and settings.primary is False:
        raise ArgumentError(
            "a secondary writer needs the run's id: init(id=..., mode='shared', primary=False)"
        )
    is_primary = rank() == 0 if settings.primary is None else settings.primary
    if is_primary and (settings.primary or settings.id is None):
        return _open_own(path, settings)
    if is_primary:
        with suppress(RunExistsError):  # somebody else was first
            return _open_own(path, settings)
    settings = settings._replace(primary=False)
    from .secondary import open_secondary  # most runs need none

    try:
        return open_secondary(path, settings)
    except OSError as error:
        terminal = Terminal(quiet=settings.quiet, silent=settings.silent)
        terminal.warn(f"nothing of this process is recorded: the spool cannot be written: {error}")
        return _disabled(path, settings)


def _open(path: RunPath, settings: Settings) -> Run:
    terminal = Terminal(quiet=settings.quiet, silent=settings.silent)
    found = None
    for place in _places(path, settings):
        try:
            found = begin(path, place, settings)
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
    moment = fork_of(settings, path)
    last_step = view.last_step if settings.resume_step is None else settings.resume_step
    first_step = moment.step + 1 if moment else 0 if last_step is None else last_step + 1
    run = Run(path, view.name, place, settings, journal, first_step)
    lifecycle.watch(run)
    run.open(view, resumed=bool(view.sessions))
    return run


def _places(path: RunPath, settings: Settings) -> Iterator[Place]:
    """Yield where the run may go: its store, else the spool, else a temporary folder."""
    place = locate(settings, path)
    yield place
    try:
        import tempfile  # a last resort, and 4 ms

        temporary = Path(tempfile.gettempdir()) / f"runhooks-spool-{os.getuid()}"
        further = [] if place.mirrored else [spooled(settings, path)]
        further.append(spooled(settings._replace(spool=str(temporary)), path))
    except OSError:  # no file number is free, not even to load what this needs
        return
    yield from further
