"""A run in the process that logs it."""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from itertools import count
from time import time_ns
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from ..errors import ArgumentError, RunFinishedError, RunhooksError
from ..journal import Journal, encode_event
from ..record.folder import has_ended, view_of
from ..record.paths import RunPath
from ..record.replay import MOST_STEP
from ..record.reserve import free_room
from ..record.view import RunView
from ..redact import redact_text
from ..settings import Settings
from ..values import describe, text
from . import lifecycle
from .code import keep_cells
from .config import Config
from .connection import Connection, adopt
from .console import Console, open_console
from .device import DeferredRows
from .environment import rank
from .farewell import farewell
from .labelled import Labelled
from .naming import generate_writer
from .outcome import Outcome, outcome
from .place import Place
from .rows import careful, fast
from .saving import files_folder, save_order
from .summary import Summary
from .terminal import Terminal
from .unfinished import Note

if TYPE_CHECKING:
    from ..record.stored import StoredArtifact
    from .artifact import Artifact
    from .artifacts import RunArtifacts, UsedArtifact
    from .media.keeping import Keeper
    from .redirect import Redirect
    from .watching import Watch

__all__ = ["Run"]

_SERVICE_US = 1_000_000
_LEVELS = ("info", "warning", "error")
_SUMMARIES = ("min", "max", "mean", "last", "best", "first", "none")


class Run(Labelled):
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
        self.entity, self.project, self.id = path
        self.path = str(path)
        self._name, self._notes, self._tags = name, settings.notes, settings.tags
        self.group, self.job_type = settings.group, settings.job_type
        self._dir: str | None = None
        self.url = place.page
        self.project_url = place.project_page
        self.finished = False
        self.resumed_from: str | None = None
        self.config = Config(self._record_config, settings.allow_val_change)
        self.summary = Summary(self._read_summary, self._record_summary)
        self.terminal = Terminal(quiet=settings.quiet, silent=settings.silent)
        self._place = place
        self._settings = settings
        self._journal = journal
        self._writer = "" if journal is None else journal.writer
        self._connection: Connection | None = None
        if journal is not None:
            self._connection = Connection(place, settings, self.path, self._writer, self.terminal)
        self._artifacts: RunArtifacts | None = None
        self._console: Console | Redirect | None = None
        self._final: dict[str, Any] = {}
        self._earlier: Outcome | None = None
        self._note: Note | None = None
        self._last_step = first_step - 1
        self._take_step = count(first_step).__next__
        self._deferred = DeferredRows()
        self._keeper: Keeper | None = None
        self._watches: list[Watch] = []
        self._warned: set[str] = set()
        self._append: Callable[[bytes], None] = journal.append if journal is not None else _discard
        self._served = 0
        self._service_at = 0 if journal is not None else 2**63

    def log(self, data: Mapping[str, Any], step: int | None = None, commit: bool | None = None) -> None:
        """Record metrics. Returns once the line is in the kernel; never waits for a store or a device.

        Parameters
        ----------
        data : mapping
            Names to numbers, bools, strings or None; numpy, torch, jax or tensorflow scalars; media such as
            :class:`runhooks.Image`, and figures of matplotlib or plotly, alone or in a list. Nested
            mappings flatten with dots; ``/`` in a name groups charts.
        step : int, optional
            The row's step, in any order. Without it, calls are counted.
        commit : bool, optional
            False keeps the counter, so that the next call goes to the same step.

        Raises
        ------
        TypeError
            When `data` is no mapping with string keys, or `step` no integer.
        RunFinishedError
            After :meth:`finish`.
        """
        body = fast(data)
        if body is None:
            body = self._careful(data, step)
        if step is None and commit is None:
            self._last_step = step = self._take_step()
        else:
            step = self._given_step(step, commit)
        now = time_ns() // 1000
        self._append(b'{"type":"log","step":%d,"time":%d,"data":%b' % (step, now, body))
        if not self._served <= now < self._service_at:  # also where the clock was set back
            self._service(now)

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

    def hold(self, note: Note) -> None:
        """Keep the note of an unfinished run until this one ends. Called by :func:`runhooks.init`."""
        note.keep(self.id)
        self._note = note

    @property
    def step(self) -> int:
        """The step that the next :meth:`log` without a step gets."""
        return self._last_step + 1

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
        wanted = summary.split(",") if isinstance(summary, str) else list(summary or ())
        wanted = [word.strip() for word in wanted]
        if unknown := [word for word in wanted if word not in _SUMMARIES]:
            raise ArgumentError(f"summary {unknown[0]!r} is unknown; it takes {', '.join(_SUMMARIES)}")
        goal = {"min": "minimize", "max": "maximize"}.get(goal or "", goal)
        if goal not in (None, "minimize", "maximize"):
            raise ArgumentError(f"goal must be minimize or maximize, not {goal!r}")
        fields = {"step_metric": step_metric, "summary": wanted or None, "goal": goal, "hidden": hidden}
        self._event("define", name=str(name), **{k: v for k, v in fields.items() if v is not None})

    @property
    def dir(self) -> str:
        """The folder on this machine whose files are the run's: what is put there is stored with it."""
        if self._dir is None:
            self._dir = files_folder(self._place.folder, kept=self._journal is not None or not self._idle)
        return self._dir

    def save(
        self,
        glob_str: str | os.PathLike[str],
        base_path: str | os.PathLike[str] | None = None,
        policy: str = "live",
    ) -> None:
        """Store files with the run. Returns at once: the recorder finds, copies and watches them.

        Links, fifos and devices are passed over, and no link is followed; the Files tab lists what was not
        taken, and why. What a pattern named once stays with the run, also where it is deleted later.

        Parameters
        ----------
        glob_str : str or path
            A file, a folder, or a pattern with ``*``, ``?``, ``[…]`` and ``**``.
        base_path : str or path, optional
            Paths in the run begin from here; by default from where the program runs, else from the
            pattern's folder.
        policy : {"live", "now", "end"}
            Whether to follow changes, to copy once, within about a second, or when the run ends.

        Raises
        ------
        ArgumentError
            For another policy, and where `base_path` does not hold what is to be saved.
        RunFinishedError
            After :meth:`finish`.
        """
        self._event("save", **save_order(glob_str, base_path, policy))

    def watch(
        self,
        models: Any,
        criterion: Any = None,  # noqa: ARG002  (W&B's; there is nothing in it to watch)
        log: str | None = "gradients",
        log_freq: int = 1000,
    ) -> None:
        """Log histograms of a torch model's gradients and parameters while it is trained.

        At one forward pass in `log_freq`, and the backward pass after it, each tensor is counted on its own
        device and 64 counts and two ends are copied from there, which waits for that tensor; between them
        nothing is computed and no device is waited for.

        Parameters
        ----------
        models : torch.nn.Module, or several
        criterion : optional
            Taken as W&B has it, and not looked at.
        log : {"gradients", "parameters", "all"}
        log_freq : int

        Raises
        ------
        ArgumentError
            For what is no torch module, and for another `log`.
        """
        from .watching import watch_models  # for whoever watches

        take = partial(self.log, commit=False)
        warn = partial(self._warn_once, "watch")
        self._watches += watch_models(models, log, log_freq, take, warn, len(self._watches))

    def unwatch(self) -> None:
        """Take away the hooks of :meth:`watch`."""
        for watch in self._watches:
            watch.remove()
        self._watches = []

    def alert(self, title: str, text: str = "", level: str = "info") -> None:
        """Say something that a person should see: on the page and in the terminal.

        Parameters
        ----------
        level : {"info", "warning", "error"}

        Raises
        ------
        ArgumentError
            For another level.
        """
        level = (
            str(getattr(level, "value", level))
            .lower()
            .replace("warn", "warning")
            .replace("warninging", "warning")
        )
        if level not in _LEVELS:
            raise ArgumentError(f"level must be one of {', '.join(_LEVELS)}, not {level!r}")
        title, text = redact_text(describe_text(title)), redact_text(describe_text(text))
        self._event("alert", title=title, text=text, level=level)
        self.terminal.say(f"{level}: {title}" + (f": {text}" if text else ""))

    def log_artifact(
        self,
        artifact: "Artifact | str | os.PathLike[str]",
        name: str | None = None,
        type: str | None = None,
        aliases: Iterable[str] | None = None,
        tags: Iterable[str] | None = None,
    ) -> "Artifact":
        """Store files as a version of an artifact. Returns at once: the recorder does the work.

        What happens to the files afterwards does no harm. Up to 200 files of together 8 MiB are copied.
        Of larger artifacts each file gets a second name (a hard link), which outlives its being deleted or
        replaced; a file that is written again in place before it was stored is found out, and the
        artifact is not stored. Equal content makes no new version.

        Parameters
        ----------
        artifact : Artifact, str or path
            Also a file or folder.
        name, type : str, optional
            For a file or folder; by default its own name with the run's id before it, and ``file``.
        aliases : iterable of str, optional
            Further names of the version, such as ``best``; each names one version of the artifact.
            ``latest`` is always the highest.
        tags : iterable of str, optional

        Returns
        -------
        Artifact
            Its :meth:`~runhooks.Artifact.wait` waits until it is stored.

        Raises
        ------
        ArgumentError
            For a file that is not there, or a name, alias or tag that cannot be one.
        RunFinishedError
            After :meth:`finish`.
        """
        return self._with_artifacts().log(artifact, name, type, aliases, tags)

    def log_model(
        self,
        path: "str | os.PathLike[str]",
        name: str | None = None,
        aliases: Iterable[str] | None = None,
        *,
        upload: bool = True,
    ) -> "Artifact":
        """Store a model's file or folder as a version of an artifact of type ``model``.

        Parameters
        ----------
        path : str or path
        name : str, optional
            By default ``run-<id>-model``: one artifact a run, whose versions are its checkpoints.
        aliases : iterable of str, optional
            Such as ``best`` and ``last``.
        upload : bool
            False stores only a reference: where the file is, its size and time.

        Raises
        ------
        ArgumentError, RunFinishedError
            As for :meth:`log_artifact`.
        """
        return self._with_artifacts().log_model(path, name, aliases, upload)

    def use_artifact(
        self, artifact: "str | StoredArtifact | Artifact", type: str | None = None
    ) -> "UsedArtifact":
        """Return a stored artifact, and note that this run uses it.

        Waits for the store, which another process reads.

        Parameters
        ----------
        artifact : str
            ``name:alias``, ``name:v3`` or ``entity/project/name:alias``.
        type : str, optional
            What it has to be.

        Raises
        ------
        ArtifactNotFoundError
            When there is none; the message names those that there are.
        ArtifactError
            When it is of another type, or was not stored yet.
        StoreError
            When the store does not answer.
        RunFinishedError
            After :meth:`finish`.
        """
        return self._with_artifacts().use(artifact, type)

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
        options = replace(self._settings, storage_options={}, alert_webhook=None)
        return _revive, (RunPath(self.entity, self.project, self.id), self.name, self._place, options)

    def __repr__(self) -> str:
        return f"<Run {self.path} {self.name!r}{' finished' if self.finished else ''}>"

    def end_of_process(self, *, error: BaseException | None, exit_code: int, signal: str | None) -> None:
        """Finish as the process ends. Called by :mod:`runhooks.lifecycle`."""
        # A process that was told to end has little time; the recorder lives on and does the rest.
        most = self._settings.finish_timeout_s
        self._finish(outcome(exit_code, error, signal), min(5.0, most) if signal else most)
        self._append = _discard  # daemon threads that still log are not told off

    def after_fork(self) -> None:
        """In a forked child: let go of the parent's journal and recorder; the first log opens a journal."""
        if self._connection is not None and self._journal is not None:
            self._journal.close()
            self._connection = None
            self.become_second()
        if self._console is not None:
            self._console.after_fork()

    def become_second(self) -> None:
        """Write, from the next call on, as a further process of the run."""
        self._journal = None
        self._served, self._service_at = 0, 2**63
        self._deferred = DeferredRows()
        self._append = self._append_first

    def _append_first(self, body: bytes) -> None:
        try:
            journal = Journal(self._place.folder / "journal", generate_writer(rank()))
        except OSError as error:
            self._warn_once("second", f"this process cannot write to run {self.path}: {error}")
            return
        journal.event("start", writer=journal.writer, primary=False, pid=os.getpid())
        self._journal, self._append = journal, journal.append
        journal.append(body)
        if has_ended(self._place.folder):
            adopt(self._place, self._settings, self.path)

    def _given_step(self, step: int | None, commit: bool | None) -> int:
        if step is None:
            step = self._last_step + 1
            if commit is False:
                return step
        elif not isinstance(step, int):
            try:
                step = step.__index__()
            except AttributeError:
                raise TypeError(f"step must be an integer, not {type(step).__name__}") from None
        if not -MOST_STEP < step < MOST_STEP:
            raise ArgumentError(f"step must be within 2**62 of 0, not {step}")
        if step > self._last_step:
            self._last_step = step if commit is not False else step - 1
            self._take_step = count(self._last_step + 1).__next__
        return step

    def _careful(self, data: Mapping[str, Any], step: int | None) -> bytes:
        row = careful(data, None if self._idle else partial(self._keep_media, step))
        for key, why in row.unstorable.items():
            self._warn_once(
                key,
                f"{key!r} cannot be stored and is kept as text ({why}). Log a number, bool, string or None.",
            )
        if row.deferred:
            self._deferred.add(self._at(step), time_ns() // 1000, row.deferred)
        return row.encode()

    @property
    def _idle(self) -> bool:
        """Whether what is logged goes nowhere."""
        return self.finished or self._append is _discard

    def _at(self, step: int | None) -> int:
        """Return the step of a row that is being encoded."""
        return self._last_step + 1 if step is None else int(step)

    def _keep_media(self, step: int | None, key: str, value: Any) -> Any:
        if self._keeper is None:
            from .media.keeping import Keeper  # for whoever logs more than numbers

            self._keeper = Keeper(self._place.folder / "files", self._warn_once)
        return self._keeper.keep(key, value, self._at(step))

    def _warn_once(self, about: str, message: str) -> None:
        if about not in self._warned:
            self._warned.add(about)
            self.terminal.warn(message)

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

    def _read_deferred(self, *, wait: bool) -> None:
        for step, time, values in self._deferred.read(wait=wait):
            body = careful(values).encode()
            self._append(b'{"type":"log","step":%d,"time":%d,"data":%b' % (step, time, body))

    def _event(self, kind: str, **fields: Any) -> None:
        if self.finished:
            self._refuse(b"")
        self._append(encode_event(kind, **fields))

    def _with_artifacts(self) -> "RunArtifacts":
        if self.finished:
            self._refuse(b"")
        if self._artifacts is None:
            from .artifacts import RunArtifacts

            path = RunPath(self.entity, self.project, self.id)
            recorded = self._append is not _discard
            self._artifacts = RunArtifacts(
                path, self._place, self._settings, self.terminal, self._event, self._wake, recorded
            )
        return self._artifacts

    def _wake(self) -> None:
        if self._connection is not None:
            self._connection.wake()

    def _record_config(self, changed: dict[str, Any]) -> None:
        self._event("config", data=changed)

    def _record_summary(self, values: dict[str, Any], removed: list[str]) -> None:
        self._event("summary", data=values, removed=removed)

    def _read_summary(self) -> dict[str, Any]:
        if self.finished or self._connection is None:
            return dict(self._final.get("summary", {}))
        try:
            return view_of(self._place.folder).summary
        except (OSError, RunhooksError):  # the folder was deleted
            return {}

    def _refuse(self, _body: bytes) -> None:
        raise RunFinishedError(
            f"run {self.path} has finished and takes no more data; its record is complete. "
            f"Open it again with runhooks.init(id={self.id!r}, resume='must')"
        )

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
        self._final = {"state": end.state, "summary": self._read_summary()}
        self.finished, self._append = True, self._refuse
        lifecycle.unwatch(self)
        journal.close()
        if self._console is not None:
            self._console.close()
        if self._settings.save_code:
            keep_cells(self._place.folder)
        if self._note is not None:
            self._note.close(finished=end.state == "finished")


def describe_text(value: Any) -> str:
    """Return any value as a text that can be stored."""
    return text(value) if isinstance(value, str) else describe(value)


def _discard(body: bytes) -> None:
    """Take the rows of a disabled run."""


def _revive(path: RunPath, name: str, place: Place, settings: Settings) -> Run:
    """Unpickle a run: in its own process the run itself is gone or elsewhere, so this is a further writer."""
    run = Run(path, name, place, settings, None)
    run.become_second()
    return run
