"""A run's folder, its first document and this process's journal: made, or found where a run goes on."""

import os
from contextlib import suppress
from dataclasses import replace
from time import time_ns

import orjson

from ..errors import RunExistsError, RunhooksError, RunNotFoundError
from ..journal import Journal
from ..record.document import to_bytes
from ..record.paths import RunPath
from ..record.reserve import keep_room
from ..record.view import RunView
from ..redact import redact_text
from ..settings import Settings
from ..values import text
from .connection import require
from .environment import of_process, rank
from .naming import generate_name, generate_writer, take_generated
from .origin import fork_of
from .place import Place
from .writing import write_whole

__all__ = ["begin"]


def begin(path: RunPath, place: Place, settings: Settings) -> tuple[RunView, Journal]:
    """Make or read the run document, and begin this process's journal.

    Raises
    ------
    OSError
        When the place cannot be written.
    RunExistsError, RunNotFoundError
        For an id that is taken, or a run to resume that is not there.
    StoreError
        When the store is required or asked, and does not answer.
    """
    if settings.require_store and place.mirrored and settings.online:
        require(place, settings, str(path))
    moment = fork_of(settings, path)
    if moment is None:
        view = _found_or_made(path, place, settings)
    else:
        from .resuming import forked

        before = forked(path, place, settings, moment)
        view = _new_view(path, place, settings, before)
        write_whole(place.folder / "run.json", to_bytes(view))
        _note_store(place)
    last = max((session.started_at for session in view.sessions), default=view.last_log_at or 0)
    journal = Journal(place.folder / "journal", generate_writer(rank(), after=last))
    keep_room(place.folder)
    more = {}
    if view.sessions:  # what goes on with a run a new one does without
        from .resuming import supersedes

        more = {"supersedes": found} if (found := supersedes(view)) else {}
    journal.event("start", writer=journal.writer, primary=True, pid=os.getpid(), **more)
    return view, journal


def _found_or_made(path: RunPath, place: Place, settings: Settings) -> RunView:
    is_new = take_generated(path.id) and settings.resume not in ("allow", "must")
    asks = place.mirrored and settings.online and settings.id is not None and not is_new
    is_fetched = False
    if asks and not place.folder.exists():
        from .resuming import ask

        is_fetched = ask(path, place, settings)
    try:
        return _make(path, place, settings)
    except RunhooksError:
        if is_fetched:
            import shutil  # rarely needed, and 5 ms

            shutil.rmtree(place.folder, ignore_errors=True)
        raise


def _make(path: RunPath, place: Place, settings: Settings) -> RunView:
    """Make the run's folder and first document, or read those of the run that is resumed."""
    if (place.folder.parents[1] / "deleted" / f"{path.id}.json").exists():
        raise RunExistsError(
            f"run {path} was deleted, and its id is not used again; choose another id, or bring the run back "
            f"if it is still in the trash: runhooks restore {path}"
        )
    place.folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        place.folder.mkdir()
    except FileExistsError:
        from .resuming import resumed, taken

        if settings.mode == "shared" and not (place.folder / "run.json").exists():
            return _made(path, place, settings)  # secondary writers were first
        if settings.resume not in ("allow", "must"):
            raise taken(path, place) from None
        return resumed(path, place, settings)
    if settings.resume == "must" and not place.mirrored:
        place.folder.rmdir()
        raise RunNotFoundError(f"there is no run {path} in {place.store} to resume")
    return _made(path, place, settings)


def _made(path: RunPath, place: Place, settings: Settings) -> RunView:
    try:
        view = _new_view(path, place, settings)
        write_whole(place.folder / "run.json", to_bytes(view))
    except BaseException:
        with suppress(OSError):
            place.folder.rmdir()  # else the id would be taken by nothing
        raise
    _note_store(place)
    return view


def _note_store(place: Place) -> None:
    """Say beside the runs of a spool, for `runhooks sync`, where they belong; never how to log in there."""
    if place.mirrored:
        write_whole(place.folder.parents[3] / "store.json", orjson.dumps({"store": place.store}))


def _new_view(path: RunPath, place: Place, settings: Settings, forked: RunView | None = None) -> RunView:
    """Return the first document of a run, with what it takes over from the run that it is forked from."""
    number = sum(1 for _ in os.scandir(place.folder.parent))
    view = RunView(
        id=path.id,
        entity=path.entity,
        project=path.project,
        name=redact_text(settings.name or generate_name(number)),
        created_at=time_ns() // 1000,
        environment=of_process() | ({"mode": "offline"} if settings.mode == "offline" else {}),
        tags=[redact_text(text(tag)) for tag in settings.tags],
        notes=None if settings.notes is None else redact_text(settings.notes),
        group=None if settings.group is None else redact_text(settings.group),
        job_type=None if settings.job_type is None else redact_text(settings.job_type),
    )
    if forked is None:
        return view
    return replace(
        forked,
        name=view.name,
        created_at=view.created_at,
        environment=view.environment,
        tags=view.tags or forked.tags,
        notes=view.notes or forked.notes,
        group=view.group or forked.group,
        job_type=view.job_type or forked.job_type,
        last_log_at=None,
    )
