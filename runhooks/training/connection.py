"""A run's line to its recorder: open, hear, start again when it died, finish."""

import os
import sys
import threading
from contextlib import suppress
from time import monotonic
from typing import Any

from .. import errors
from ..errors import RunBusyError, RunhooksError, StoreError, StoreUnreachableError
from ..recorder.later import sync_command
from ..recorder.spawn import Recorder
from ..settings import Settings
from ..values import pack, plain
from .code import script
from .environment import working_folder
from .outcome import Outcome
from .place import Place
from .terminal import Terminal

__all__ = ["Connection", "adopt", "answered", "fetch", "prepare", "require"]

_shared: dict[bool, Recorder] = {}
"""This process's recorders: one process for all runs, and one thread for stores that live here."""

_SHORT_S = 10.0
_AGAIN_S = 30.0
_CHECK_S = 5.0
_RESUME_S = 30.0
_PROBE_S = 30.0
_PREPARE_S = 120.0
_MOST_DEATHS = 3
_LISTEN_S = 0.25
_REQUEST_S = 600.0


def _recorder(in_process: bool) -> Recorder:
    found = _shared.get(in_process)
    if found is None or not found.alive:
        if found is not None:
            found.close()
        found = _shared[in_process] = Recorder(in_process=in_process)
    return found


def _abandon() -> None:
    """In a forked child: close the parent's pipes, so that their end still tells the parent's death."""
    for recorder in _shared.values():
        recorder.close()
    _shared.clear()


os.register_at_fork(after_in_child=_abandon)


def fetch(place: Place, settings: Settings, run: str, *, download: bool) -> bool | None:
    """Ask a store elsewhere whether it has a run; None when it did not answer in time.

    Parameters
    ----------
    download : bool
        Whether to put the run's document and history into its folder in the spool, to go on with it.
    """
    seconds = _RESUME_S if download else _CHECK_S
    answer = _ask(place, settings, run, ("fetch", "fetched"), seconds, download=download)
    return None if answer is None else answer.get("found")


def require(place: Place, settings: Settings, run: str) -> None:
    """See that a store elsewhere takes what the run will send to it.

    Raises
    ------
    StoreError, StoreUrlError, MissingExtraError
        When it does not, or does not answer in time.
    """
    answer = _ask(place, settings, run, ("probe", "probed"), _PROBE_S)
    if answer is None:
        raise StoreUnreachableError(f"the store {place.store} did not answer within {_PROBE_S:.0f} s")
    if (found := answer.get("error")) is not None:
        kind: type[RunhooksError] = getattr(errors, str(found.get("type")), StoreError)
        raise kind(str(found.get("text")))


def _ask(
    place: Place, settings: Settings, run: str, names: tuple[str, str], seconds: float, **more: Any
) -> dict[str, Any] | None:
    """Send the recorder a command about a run that is not open yet; return the event that answers it."""
    try:
        recorder = _recorder(place.in_process)
    except (OSError, RuntimeError):
        return None
    recorder.send(
        command=names[0],
        run=run,
        folder=str(place.folder),
        store=place.store,
        storage_options=dict(settings.storage_options),
        **more,
    )
    answer, _ = recorder.await_event(run, names[1], seconds)
    return answer


def answered(request: dict[str, Any]) -> dict[str, Any]:
    """Have a request for an artifact answered by the recorder: of a store that lives in this process."""
    recorder = _recorder(in_process=True)
    recorder.send(command="ask", run=request["run"], request=request)
    message, _ = recorder.await_event(request["run"], "answered", _REQUEST_S)
    if message is None:
        text = f"the recorder did not answer within {_REQUEST_S:g} s"
        return {"failure": {"type": "ArtifactError", "text": text}}
    found: dict[str, Any] = message["answer"]
    return found


def adopt(place: Place, settings: Settings, run: str) -> None:
    """Have what this further process of a run logs completed by a recorder of its own: the run has ended."""
    with suppress(OSError, RuntimeError):  # `runhooks sync` does it then
        _recorder(place.in_process).send(
            command="adopt",
            run=run,
            folder=str(place.folder),
            store=place.store,
            mirrored=place.mirrored,
            online=settings.online,
            storage_options=dict(settings.storage_options),
            secondary=place.folder.parents[3].name.partition(".")[2] or None if settings.secondary else None,
        )


def prepare(place: Place, settings: Settings, run: str, step: int, source: str | None = None) -> None:
    """Rewind a run in its folder to a step, or fork it there from `source`; wait until that is done.

    Raises
    ------
    RunNotFoundError, RunExistsError, RunBusyError, StepError, StoreError
    RunhooksError
        When the recorder cannot run, or did not answer.
    """
    names = ("prepare", "prepared")
    answer = _ask(place, settings, run, names, _PREPARE_S, mirrored=place.mirrored, step=step, source=source)
    if answer is None:
        raise RunBusyError(
            f"the history of run {source or run} could not be read in {_PREPARE_S:.0f} seconds"
        )
    if (kind := answer.get("error")) is not None:
        raise getattr(errors, str(kind), RunhooksError)(answer.get("text", ""))


class Connection:
    """What a run says to its recorder, and what it hears.

    Parameters
    ----------
    place : Place
    settings : Settings
    run : str
        The run's path.
    writer : str
        This process's journal in it.
    terminal : Terminal
        Where problems that the recorder reports are said.
    """

    def __init__(self, place: Place, settings: Settings, run: str, writer: str, terminal: Terminal) -> None:
        self._writer = writer
        self._place = place
        self._settings = settings
        self._run = run
        self._terminal = terminal
        self._recorder: Recorder | None = None
        self._opened = 0.0
        self._deaths = 0
        self._given_up = False
        self._servicing = threading.Lock()
        self._polls = self._heard = self._interrupted = False
        self._listen_at = 0.0
        self._stop: str | None = None

    def open(self) -> None:
        """Hand the run to the recorder, starting it where there is none."""
        self._opened = monotonic()
        try:
            self._recorder = _recorder(self._place.in_process)
        except (OSError, RuntimeError) as error:  # no file numbers, no threads
            self._recorder = None
            self._give_up(str(error))
            return
        self._recorder.send(
            command="open",
            run=self._run,
            folder=str(self._place.folder),
            store=self._place.store,
            mirrored=self._place.mirrored,
            online=self._settings.online,
            shared=self._settings.mode == "shared",
            secondary=self._writer if self._settings.secondary else None,
            storage_options=dict(self._settings.storage_options),
            heartbeat_s=self._settings.heartbeat_s,
            refresh_s=self._settings.refresh_s,
            alert_webhook=self._settings.alert_webhook,
            page=self._place.page,
            cwd=working_folder(),
            writer=self._writer,
            stop_grace_s=self._settings.stop_grace_s,
            stops_itself=self._polls,
            pid=os.getpid(),
            system_interval_s=self._settings.system_interval_s,
            import_path=[place for place in sys.path if isinstance(place, str)],
            program=script() if self._settings.save_code else None,
        )

    def service(self) -> None:
        """Say what the recorder reported; start another when it died. Only one thread at a time does so."""
        if not self._servicing.acquire(blocking=False):
            return
        try:
            if self._recorder is not None:
                self._tell(self._recorder.hear(self._run))
                if not self._recorder.alive:
                    self._replace()
            elif monotonic() - self._opened > _AGAIN_S:
                self.open()
        finally:
            self._servicing.release()

    def wake(self) -> None:
        """Have the recorder look at the journal now, and hear what it says."""
        if self._recorder is not None:
            self._recorder.send(command="look", run=self._run)
        self.service()

    def stop_requested(self) -> bool:
        """Return whether somebody asked the run to stop; the recorder learns that this process asks."""
        if not self._polls:
            self._polls = True
            self._say("polls")
        if monotonic() >= self._listen_at:
            self._listen_at = monotonic() + _LISTEN_S
            self.service()
        if self._stop is not None and not self._heard:
            self._heard = True
            self._say("heard")
        return self._stop is not None

    def stopped_by(self, end: Outcome) -> str | None:
        """Return who asked the run to stop, where that is how it ended."""
        self.service()
        followed = self._heard or self._interrupted or end.state == "killed"
        return self._stop if followed and end.state != "failed" else None

    def _say(self, command: str) -> None:
        if self._recorder is not None:
            self._recorder.send(command=command, run=self._run)

    def _replace(self) -> None:
        self._deaths = self._deaths + 1 if monotonic() - self._opened < _SHORT_S else 1
        if self._deaths < _MOST_DEATHS:
            self.open()
        else:
            self._recorder = None
            self._give_up("it ends as soon as it is started")

    def _give_up(self, why: str) -> None:
        if self._given_up:
            return
        self._given_up = True
        self._terminal.warn(
            f"the recorder cannot run: {why}",
            f"what is logged is kept; to complete the record later: {sync_command(self._place.folder)}",
        )

    def finish(self, end: Outcome, timeout: float) -> dict[str, Any] | None:
        """Ask for the end of the run; return the recorder's word, or None when it did not come in time."""
        self.service()
        for _ in range(2):  # a recorder that dies on the way is replaced once
            if self._recorder is None:
                return {"error": "the recorder could not run"}
            # The outcome goes along: where the disk is full, the journal could not take it.
            self._recorder.send(
                command="finish",
                run=self._run,
                state=end.state,
                reason=end.reason,
                exit=pack(plain(end.exit)),
            )
            answer = self._await(timeout)
            if answer is not None or self._recorder.alive:
                return answer
            self.open()
        return None

    def _await(self, timeout: float) -> dict[str, Any] | None:
        assert self._recorder is not None
        try:
            answer, others = self._recorder.await_event(self._run, "finished", timeout)
        except KeyboardInterrupt:
            # The journal holds everything and the recorder ignores Ctrl-C: it goes on without us.
            self._terminal.warn(
                "interrupted while the record was being completed; the recorder goes on in the background"
            )
            raise
        self._tell(others)
        return answer

    def _tell(self, messages: list[dict[str, Any]]) -> None:
        for message in messages:
            if message.get("event") == "interrupted":
                self._interrupted = True
            elif message.get("event") == "stop" and self._stop is None:
                self._stop = str(message.get("by"))
                self._terminal.warn(f"stop requested by {self._stop}")
            elif message.get("event") == "problem":
                self._terminal.warn(*str(message.get("text", "")).split("\n"))
