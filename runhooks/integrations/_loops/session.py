"""Whose run a callback records into, when that is opened, and how it ends."""

import math
import os
from collections.abc import Mapping
from contextlib import suppress
from contextvars import ContextVar
from numbers import Real
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit
from urllib.request import url2pathname
from weakref import WeakSet

import runhooks
from runhooks.errors import ArgumentError, RunExistsError, RunNotFoundError

from .guard import Warner

__all__ = ["Session", "trials_run"]

_ONLY_WHEN_NEW = ("config", "name", "notes", "tags", "group", "job_type")

_OF_THE_OWNER = (
    *_ONLY_WHEN_NEW,
    *("mode", "primary", "label", "reinit", "resume", "resume_step", "resume_from", "fork_from"),
)

_callbacks_own: WeakSet[runhooks.Run] = WeakSet()
"""The runs that callbacks have opened: no other callback joins one, in a loop inside or in another thread."""

trials_run: ContextVar[runhooks.Run | None] = ContextVar("runhooks_trials_run", default=None)
"""The run of the trial that this thread is in: a callback without arguments records into it."""


class Session(Warner):
    """The run that is recorded into: one of its own, or somebody's that stays open.

    Parameters
    ----------
    run : Run or None
        One that the user has given.
    arguments : mapping
        Of :func:`runhooks.init`, for a run of its own.
    joins_callbacks : bool
        Whether, without arguments, a run that another callback has opened is joined too.

    Attributes
    ----------
    given : Run or None
    run : Run or None
        That of the present or latest loop.
    live : Run or None
        That of the present loop.
    id : str
        Of the run; allotted here, so that a parent can close what a spawned child has opened.
    opened : str or None
        The id of the run that the present loop has opened.
    saved_id : str or None
        Of the run in the checkpoint that the present loop goes on from.
    has_fit : bool
        Whether the run has had a training.
    has_nodes : bool
        Whether the training has processes on several nodes, so that the run is opened for all of them.

    Raises
    ------
    ArgumentError
    """

    def __init__(
        self, run: runhooks.Run | None, arguments: Mapping[str, Any], *, joins_callbacks: bool = False
    ) -> None:
        super().__init__()
        if run is not None and arguments:
            names = ", ".join(sorted(arguments))
            raise ArgumentError(f"run= is open already, {names} would open another: give one, not both")
        if run is not None and not hasattr(run, "log"):
            raise ArgumentError(f"run must be a run, not {run!r}; to open one, name its project=")
        runhooks.check_arguments(**arguments)
        self.run = self.given = run
        self.live: runhooks.Run | None = None
        self.opened: str | None = None
        self.saved_id: str | None = None
        self.has_fit = False
        self.is_known = False  # this session has opened the run of that id
        self._arguments = dict(arguments)
        self._joins_callbacks = joins_callbacks
        self._chosen_id: str | None = arguments.get("id") or os.environ.get("RUNHOOKS_ID")
        self.id: str = getattr(run, "id", None) or self._chosen_id or runhooks.generate_id()
        self._owns = self._keeps_end = False
        self.has_nodes = False
        self._takes_in = False  # shares that other nodes write
        self._share: runhooks.Run | None = None
        self._alerted: set[str] = set()

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what belongs to this process: an own run that is open."""
        return {**vars(self), "run": self.given, "live": None, "_share": None}

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return one for other runs than this one's, or for the same given run."""
        copied = type(self)(self.given, self._arguments, joins_callbacks=self._joins_callbacks)
        if self.is_known:
            copied.renew()
        return copied

    @property
    def project(self) -> str:
        """The run's project, or what it is going to be."""
        if (run := self.run or self.somebodys) is not None:
            return run.project
        return str(self._arguments.get("project") or os.environ.get("RUNHOOKS_PROJECT") or "Uncategorized")

    @property
    def somebodys(self) -> runhooks.Run | None:
        """The run that is not this one's to end: given, or joined as there are no arguments for another."""
        if self.given is not None or self._arguments:
            return self.given
        active = runhooks.run if self._joins_callbacks or runhooks.run not in _callbacks_own else None
        return trials_run.get() or active

    @property
    def is_asked_to_stop(self) -> bool:
        """Whether somebody asked the run to stop. Never raises: other ranks may wait for this one's word."""
        try:
            return self.live is not None and self.live.stop_requested
        except Exception as fault:  # noqa: BLE001 - as in `guarded`
            self.warn(fault)
            return False

    def open(self, *, is_fit: bool, **labels: str | None) -> None:
        """Open the run of a loop, or go on with that of the loop before.

        Parameters
        ----------
        is_fit : bool
            Whether the loop trains: a further training is a run of its own.
        **labels
            Arguments of :func:`runhooks.init` that hold where neither the user nor a variable has others.
        """
        joined = self.somebodys
        self._owns = joined is None
        self._keeps_end = not is_fit
        self.run = self.live = joined or self._open_own(is_fit, labels)
        self.opened = self.id = self.live.id
        self.has_fit |= is_fit

    def open_once(self) -> None:
        """Open the run, if it is not open, for a loop of which nothing is known."""
        if self.live is None:
            self.open(is_fit=False)
            self._keeps_end = False

    def renew(self) -> None:
        """Part from the run: what comes next is another one."""
        self.move(runhooks.generate_id())
        self.has_fit = False

    def close(self, error: BaseException | None, exit_code: int | None = None) -> None:
        """End what :meth:`open` opened. An evaluation after a fit leaves the end of that as it was.

        Parameters
        ----------
        error : BaseException or None
            What ended the loop.
        exit_code : int, optional
            Not 0: it failed, of an unknown error.
        """
        run, self.live = self.live, None
        share, self._share = self._share, None
        if share is not None:
            _finish(share, error, exit_code)
        if run is not None and self._owns:
            _finish(run, error, exit_code, keeps_end=self._keeps_end)

    @property
    def told(self) -> dict[str, str] | None:
        """What other nodes need to know of the run that is open; None where it takes in nobody's share."""
        if self.live is None or not self._owns or not self._takes_in:
            return None
        run = self.live
        return {"entity": run.entity, "project": run.project, "id": run.id, "url": run.url}

    def join(self, told: Mapping[str, str], label: str) -> None:
        """Open a share of the run that another node has opened; this node's samples and console go there.

        Raises
        ------
        RunNotFoundError
            When the run is in a folder of that node, which this one does not see.
        """
        if self._share is not None and self._share.id == told["id"]:
            return  # the loop began again in mid-run
        self.close(None, exit_code=1)  # of an earlier loop whose end nobody saw
        kept = {name: value for name, value in self._arguments.items() if name not in _OF_THE_OWNER}
        folder = urlsplit(told["url"])
        if folder.scheme == "file" and not Path(url2pathname(folder.path)).parent.is_dir():
            raise RunNotFoundError(
                f"run {told['id']} is in a folder of another node, which {label} does not see, so that this "
                "node is not recorded: give a store that all nodes reach"
            )
        where = {name: told[name] for name in ("entity", "project", "id")}
        arguments: dict[str, Any] = {"quiet": True, **kept, **where, "label": label}
        self._share = runhooks.init(**arguments, mode="shared", primary=False, reinit="create_new")
        _callbacks_own.add(self._share)

    def reopen(self, *, is_from_child: bool) -> None:
        """Open the own run once more that this loop, or a process that it started, has left."""
        if self.given is None and (self.opened is not None or is_from_child):
            self._owns, self._keeps_end = True, False
            with suppress(RunNotFoundError):  # nobody came as far as opening it
                run = self._init("must")
                if is_from_child and run.resumed_from == "finished":
                    run.finish()  # an earlier loop's: the child of this one took another id
                else:
                    self.run = self.live = run

    def log(self, row: Mapping[str, Any], step: int | None, hint: str = "") -> None:
        """Log a row, and alert once of each metric that is not finite, which `hint` is said with."""
        if self.live is None:
            return
        self.live.log(row, step=step)
        for name, value in row.items():
            if isinstance(value, Real) and not math.isfinite(value):
                self._alert(name.replace("/batch/", "/"), float(value), step, hint)

    def _alert(self, name: str, value: float, step: int | None, hint: str) -> None:
        if self.live is not None and name not in self._alerted:
            self._alerted.add(name)
            kind = "nan" if math.isnan(value) else "infinite"
            self.live.alert(f"{name} is {kind}", f"At step {step}.{hint}", level="warning")

    def describe(self, params: Any, *, only_new: bool = False) -> None:
        """Take values into the run's config, over those that are there unless `only_new`."""
        if self.live is not None and only_new:
            self.live.config.setdefaults(params)
        elif self.live is not None:
            self.live.config.update(params, allow_val_change=True)

    def _open_own(self, is_fit: bool, labels: Mapping[str, str | None]) -> runhooks.Run:
        goes_on = self._chosen_id is not None and self._arguments.get("resume") in ("allow", "must", True)
        if self.saved_id is not None and self._chosen_id is None:
            self.move(self.saved_id)
        elif is_fit and self.has_fit and not goes_on:
            self.move(runhooks.generate_id())
        may_exist = self.id == self.saved_id or (not is_fit and self._chosen_id is None)
        try:
            return self._init("must" if self.is_known else "allow" if may_exist else None, labels)
        except RunExistsError:
            if self.id == self._chosen_id:
                raise
            self.move(runhooks.generate_id())  # a copy of this callback in another process has used the id
            return self._init(None, labels)

    def move(self, id: str) -> None:
        """Part from the run for that of another id."""
        if id != self.id:
            self.id, self.is_known = id, False
            self._alerted.clear()

    def _init(
        self, resume: Literal["allow", "must"] | None, labels: Mapping[str, str | None] | None = None
    ) -> runhooks.Run:
        free = {
            key: text for key, text in (labels or {}).items() if f"RUNHOOKS_{key.upper()}" not in os.environ
        }
        arguments: dict[str, Any] = {**free, **self._arguments, "id": self.id}
        if self.is_known:
            arguments = {name: value for name, value in arguments.items() if name not in _ONLY_WHEN_NEW}
            arguments.setdefault("quiet", True)  # the run was announced before
        if resume is not None:
            arguments["resume"] = resume
        elif self._looks_for_unfinished:
            del arguments["id"]
        elif self.id != self._chosen_id:  # what the user said of resuming is about another run
            arguments.pop("resume", None)
        chosen = arguments.get("mode") or os.environ.get("RUNHOOKS_MODE")
        if self.has_nodes and chosen is None and "settings" not in arguments:
            chosen = arguments["mode"] = "shared"
            arguments["primary"] = True
        self._takes_in = chosen == "shared"
        run = runhooks.init(**arguments)
        _callbacks_own.add(run)
        self.id, self.is_known = run.id, True
        return run

    @property
    def _looks_for_unfinished(self) -> bool:
        """Whether the run may be the one that this script has left unfinished."""
        asked = self._arguments.get("resume") or os.environ.get("RUNHOOKS_RESUME")
        return asked == "auto" and self._chosen_id is None and not self.has_fit


def _finish(
    run: runhooks.Run, error: BaseException | None, exit_code: int | None, *, keeps_end: bool = False
) -> None:
    if type(error).__name__ == "TrialPruned":  # how Optuna ends a trial early; no failure
        run.alert("Trial pruned", str(error))
        error = None
    if type(error).__name__ == "SIGTERMException":  # Lightning's
        run.finish(signal="SIGTERM")
    elif error is None and not exit_code and keeps_end:
        run.finish(keep=True)
    else:
        run.finish(exit_code, error=error)
