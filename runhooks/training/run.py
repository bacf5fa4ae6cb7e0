"""A run in the process that logs it."""

from collections.abc import Iterable
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from ..errors import RunhooksError
from ..journal import Journal
from ..record.paths import RunPath
from ..record.reserve import free_room
from ..record.view import RunView
from ..redact import redact_text
from ..settings import Settings
from ..values import unpack
from . import lifecycle
from .attached import Attached
from .code import keep_cells
from .config import Config
from .connection import Connection
from .console import Console, open_console
from .definitions import Alerts, alert_level, as_text, definition
from .farewell import farewell
from .logged import discard
from .outcome import Outcome, outcome
from .place import Place
from .summary import Summary
from .terminal import Terminal

if TYPE_CHECKING:
    from .redirect import Redirect
    from .unfinished import Note

__all__ = ["Run"]

_SERVICE_US = 1_000_000


class Run(Attached):
    """One computation and everything recorded of it. Made by :func:`runhooks.init`.

    Attributes
    ----------
    id, name, entity, project : str
    path : str
        ``entity/project/id``.
    url : str
        Address of the run's page.
    config : Config
    summary : Summary
    resumed_from : str or None
        The state that a resumed run had (``running`` when it was left open); None for a new run.
    """

    def __init__(
        self,
        path: RunPath,
        name: str,
        place: Place,
        settings: Settings,
        journal: Journal | None,
        first_step: int = 0,
    ) -> None:
        super().__init__(place, settings, journal, first_step)
        self.entity, self.project, self.id = path
        self.path = str(path)
        self._name, self._notes, self._tags = name, settings.notes, settings.tags
        self.group, self.job_type = settings.group, settings.job_type
        self.url = place.page
        self.project_url = place.project_page
        self.resumed_from: str | None = None
        self.config = Config(self._record_config, settings.allow_val_change)
        self.summary = Summary(self._read_summary, self._record_summary)
        self.terminal = Terminal(quiet=settings.quiet, silent=settings.silent)
        self._writer = "" if journal is None else journal.writer
        if journal is not None:
            self._connection = Connection(place, settings, self.path, self._writer, self.terminal)
        self._console: Console | Redirect | None = None
        self._final: dict[str, Any] = {}
        self._earlier: Outcome | None = None
        self._alerts = Alerts()
        self._note: Note | None = None

    def open(self, view: RunView, *, resumed: bool) -> None:
        """Hand the run to the recorder and say where it is. Called once, by :func:`runhooks.init`."""
        assert self._connection is not None
        self._connection.open()
        self.config.load(view.config)
        self.resumed_from = view.state if resumed else None
        self._notes, self._tags = view.notes, tuple(view.tags)
        self.group, self.job_type = view.group, view.job_type
        if resumed and view.state in ("failed", "killed") and view.exit is not None:
            self._earlier = Outcome(view.state, view.reason, view.exit)
        self.terminal.say(
            f"{'Resuming' if resumed else 'Syncing'} run {self.name}",
            f"View project at {self.project_url}",
            f"View run at {self.url}",
            f"Data is in {self._place.folder}",
        )
        if self._settings.console != "off":
            self._console = open_console(
                self._settings.console, self._place.folder, self._writer, self.terminal.warn
            )

    def hold(self, note: "Note") -> None:
        """Keep the note of an unfinished run until this one ends. Called by :func:`runhooks.init`."""
        note.keep(self.id)
        self._note = note

    @property
    def stop_requested(self) -> bool:
        """Whether somebody asked the run to stop: by ``runhooks stop``, or ``Api().run(…).stop()``.

        A program that reads this is expected to end by itself, soon. One that does not read it gets a
        KeyboardInterrupt, and SIGTERM where it goes on for ``stop_grace_s`` seconds. Cheap enough for each
        batch. Always False in a further process of the run.
        """
        connection = self._connection
        return not self.finished and connection is not None and connection.stop_requested()

    @property
    def state(self) -> str:
        """The state as the record has it: running, finished, failed, killed or crashed."""
        if self.finished or self._connection is None:
            return str(self._final.get("state", "running"))
        from ..record.folder import view_of  # for whoever asks

        return view_of(self._place.folder).state

    def define_metric(
        self,
        name: str,
        step_metric: str | None = None,
        summary: str | Iterable[str] | None = None,
        goal: str | None = None,
        hidden: bool | None = None,
    ) -> None:
        """Say how a metric is summed up and drawn.

        Parameters
        ----------
        name : str
            A metric, or a pattern with ``*``.
        step_metric : str, optional
            The metric that is the x axis of its chart.
        summary : str, optional
            What :attr:`summary` holds for it, separated by commas: min, max, mean, last, best, first, none.
        goal : {"minimize", "maximize"}, optional
            Which values are better; puts the metric in the page's headline.
        hidden : bool, optional
            Whether no chart is drawn.

        Raises
        ------
        ArgumentError
            For an unknown summary or goal.
        """
        self._event("define", name=str(name), **definition(step_metric, summary, goal, hidden))

    def alert(
        self, title: str, text: str = "", level: str = "info", wait_duration: float | timedelta = 0
    ) -> None:
        """Say something that a person should see: on the page and in the terminal.

        Parameters
        ----------
        level : {"info", "warning", "error"}
        wait_duration : float or timedelta
            Seconds in which the same title is said only once.

        Raises
        ------
        ArgumentError
            For another level.
        """
        level = alert_level(level)
        title, text = redact_text(as_text(title)), redact_text(as_text(text))
        if not self._alerts.is_due(title, wait_duration):
            return
        self._event("alert", title=title, text=text, level=level)
        self.terminal.say(f"{level}: {title}" + (f": {text}" if text else ""))

    def finish(
        self,
        exit_code: int | None = None,
        *,
        error: BaseException | None = None,
        signal: str | None = None,
        keep: bool = False,
        timeout: float | None = None,
    ) -> None:
        """End the run and wait until the record is complete, up to the setting ``finish_timeout_s``.

        A second call does nothing.

        Parameters
        ----------
        exit_code : int, optional
            Not 0: the run failed.
        error : BaseException, optional
            What ended the work: the run failed, or was killed by a KeyboardInterrupt.
        signal : str, optional
            Name of the signal that ended the work: the run was killed.
        keep : bool
            End as the run had ended before it was resumed: an evaluation after a training that failed
            does not make it a success.
        timeout : float, optional
            Seconds to wait at most; the recorder goes on with what is left. By default the setting.
        """
        end = outcome(exit_code, error, signal)
        if keep and self._earlier is not None and end.state == "finished":
            end = self._earlier
        self._finish(end, self._settings.finish_timeout_s if timeout is None else timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.finish(error=error, signal=lifecycle.received_signal())

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as a handle for another process, which logs to this run as a further writer."""
        options = self._settings._replace(storage_options={}, alert_webhook=None)
        return _revive, (RunPath(self.entity, self.project, self.id), self.name, self._place, options)

    def __repr__(self) -> str:
        return f"<Run {self.path} {self.name!r}{' finished' if self.finished else ''}>"

    def end_of_process(self, *, error: BaseException | None, exit_code: int, signal: str | None) -> None:
        """Finish as the process ends. Called by :mod:`runhooks.lifecycle`."""
        # A process that was told to end has little time; the recorder lives on and does the rest.
        most = self._settings.finish_timeout_s
        self._finish(outcome(exit_code, error, signal), min(5.0, most) if signal else most)
        self._append = discard  # daemon threads that still log are not told off

    def after_fork(self) -> None:
        """In a forked child: let go of the parent's journal and recorder; the first log opens a journal."""
        if self._connection is not None and self._journal is not None:
            self._journal.close()
            self._connection = None
            self.become_second()
        if self._console is not None:
            self._console.after_fork()

    def _service(self, now: int) -> None:
        """Once a second, from a log call: read what devices have ready, hear the recorder, tell of losses."""
        self._served, self._service_at = now, now + _SERVICE_US
        lifecycle.went_on()
        self._read_deferred(wait=False)
        if self._connection is not None:
            self._connection.service()
        if self._console is not None:
            self._console.check()
        if self._journal is not None:
            self._journal.check()
        if self._journal is not None and self._journal.fault is not None:
            self._warn_once(
                "journal", f"rows are being lost: {self._journal.fault} in {self._journal.folder}"
            )

    def _record_config(self, changed: dict[str, Any]) -> None:
        self._event("config", data=changed)

    def _record_summary(self, values: dict[str, Any], removed: list[str]) -> None:
        self._event("summary", data=values, removed=removed)

    def _read_summary(self) -> dict[str, Any]:
        if "summary" in self._final or self._connection is None:
            return dict(self._final.get("summary", {}))
        try:
            from ..record.folder import view_of  # what replays a journal, a run that is opened does without

            return view_of(self._place.folder).summary
        except (OSError, RunhooksError):  # the folder was deleted
            return {}

    def _finish(self, end: Outcome, timeout: float) -> None:
        if self.finished:
            return
        journal, connection = self._journal, self._connection
        if journal is not None and connection is None:
            journal.close()  # of a further process of the run, which ends nothing but this
        elif journal is not None and connection is not None:
            if (by := connection.stopped_by(end)) is not None:
                end = Outcome("killed", f"stop requested by {redact_text(by)}", end.exit)
            self._end(end, journal)
            answer = connection.finish(end, timeout)
            if answer is not None and "summary" in answer:  # the folder may be gone, and its journal is
                self._final["summary"] = unpack(answer["summary"])
            if self._artifacts is not None and answer is not None:
                self._artifacts.settle(answer.get("artifacts", {}))
            options = self._settings.storage_options
            farewell(self.terminal, self.name, self._place, end, answer, journal, options)
        self.finished, self._append = True, self._refuse

    def _end(self, end: Outcome, journal: Journal) -> None:
        """Write down the end; from then on nothing is taken, and an interruption changes nothing."""
        self._read_deferred(wait=end.state == "finished")
        rows_lost = journal.lost
        ended = {"writer": journal.writer, "state": end.state, "reason": end.reason, "exit": end.exit}
        self._event("finish", **ended)
        if journal.lost > rows_lost:  # a full disk
            free_room(self._place.folder)
            self._event("finish", **ended)
        journal.lost = rows_lost  # the recorder is told the outcome in any case
        self._final = {"state": end.state}
        self.finished, self._append = True, self._refuse
        lifecycle.unwatch(self)
        journal.close()
        if self._console is not None:
            self._console.close()
        if self._settings.save_code:
            keep_cells(self._place.folder)
        if self._note is not None:
            self._note.close(finished=end.state == "finished")


def _revive(path: RunPath, name: str, place: Place, settings: Settings) -> Run:
    """Unpickle a run: in its own process the run itself is gone or elsewhere, so this is a further writer."""
    run = Run(path, name, place, settings, None)
    run.become_second()
    return run
