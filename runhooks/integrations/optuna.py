"""RunCallback for Optuna: each trial is a run, and a study is their group.

>>> from runhooks.integrations.optuna import RunCallback
>>> runs = RunCallback(project="digits")
>>> study.optimize(runs.track(objective), n_trials=20, n_jobs=2)  # doctest: +SKIP

While an objective runs, so does its run: ``runs.run`` is that of the calling thread, and callbacks of other
frameworks that are given no arguments record into it.

What Optuna does and this file lives with (5.0):

- Its own callbacks are called after a trial, and not for the one that ends the study by an error.
- An objective that returns None or NaN has failed, though nothing was raised.
- With ``n_jobs`` trials run in threads.
"""

import copy
import functools
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import runhooks
from runhooks.errors import MissingExtraError

from ._loops.guard import guarded
from ._loops.session import Session, trials_run

try:
    from optuna import Study, Trial
    from optuna.study import StudyDirection
    from optuna.trial import FrozenTrial, TrialState
except ImportError as error:
    raise MissingExtraError(f"{error}; to install it: pip install 'runhooks[optuna]'") from error

__all__ = ["RunCallback"]

Value = TypeVar("Value", bound=float | Sequence[float])

_ENDS = {TrialState.COMPLETE: "complete", TrialState.PRUNED: "pruned", TrialState.FAIL: "failed"}


class RunCallback:
    """Record each trial as a run: parameters, intermediate values, values with their direction, and its end.

    A trial that is complete or pruned is a finished run, which ``trial_state`` in its summary tells apart; an
    exception, or a value that Optuna does not take, makes it failed. A trial knows its run by the user
    attribute ``runhooks``. A request to stop a run makes its ``trial.should_prune()`` true.

    ``study.optimize(objective, callbacks=[RunCallback()])`` records trials too, but only after they ended.

    Parameters
    ----------
    **init_arguments
        Arguments of :func:`runhooks.init` for the runs. By default the group is the study's name.

    Raises
    ------
    ArgumentError
        For a wrong argument. Whatever goes wrong later is said in one RuntimeWarning.
    """

    def __init__(self, **init_arguments: Any) -> None:
        self.session = Session(None, init_arguments)

    @property
    def run(self) -> runhooks.Run | None:
        """The run of the trial that this thread is in."""
        return trials_run.get()

    def track(self, objective: Callable[[Trial], Value]) -> Callable[[Trial], Value]:
        """Return an objective that has a run while it runs; also a decorator.

        Parameters
        ----------
        objective : callable
            Takes a trial, returns a value or several.
        """

        @functools.wraps(objective)
        def tracked(trial: Trial) -> Value:
            with self.trial(trial) as recorded:
                value = objective(trial)
                recorded.take(value)
                return value

        return tracked

    @contextmanager
    def trial(self, trial: Trial) -> "Iterator[_Recorded]":
        """Have a run for a trial of ``study.ask()``; ``take`` of what this gives is told the value.

        Parameters
        ----------
        trial : Trial
        """
        recorded = _Recorded(self.session, trial.study, trial.number)
        recorded.open(trial)
        token = trials_run.set(recorded.run)
        ended_by: BaseException | None = None
        try:
            yield recorded
        except BaseException as raised:
            ended_by = raised
            raise
        finally:
            trials_run.reset(token)
            recorded.end(ended_by)

    def __call__(self, study: Study, trial: FrozenTrial) -> None:
        """Record a trial that has ended, unless it was tracked. Optuna calls this."""
        if "runhooks" not in trial.user_attrs:
            _Recorded(self.session, study, trial.number).keep(trial)


class _Recorded:
    """One trial and its run."""

    def __init__(self, session: Session, study: Study, number: int) -> None:
        self.session = session  # of all trials, which warns
        self._own = copy.deepcopy(session)
        self._study, self._number = study, number
        self._values: tuple[float, ...] | None = None
        names = study.metric_names or ["objective"]
        several = len(study.directions) > len(names)
        self._names = [f"objective/{place}" for place in range(len(study.directions))] if several else names

    @property
    def run(self) -> runhooks.Run | None:
        """The run, None where none could be opened."""
        return self._own.live

    @guarded
    def open(self, trial: Trial) -> None:
        """Open the run, and hear of what the objective asks of the trial."""
        self._open()
        assert self.run is not None
        trial.set_user_attr("runhooks", self.run.path)
        for kind in ("float", "int", "categorical"):
            _hear(trial, f"suggest_{kind}", self._suggested)
        _hear(trial, "report", self._reported)
        should_prune = trial.should_prune
        vars(trial)["should_prune"] = lambda: self._own.is_asked_to_stop or should_prune()

    @guarded
    def keep(self, trial: FrozenTrial) -> None:
        """Record a trial that has ended."""
        self._open()
        self._own.describe(trial.params)
        for step, value in trial.intermediate_values.items():
            self._own.log({self._names[0]: value}, step)
        self._values = None if trial.values is None else tuple(trial.values)
        self._tell(_ENDS[trial.state])
        self._own.close(None, exit_code=int(trial.state is TrialState.FAIL))

    @guarded
    def take(self, value: Any) -> None:
        """Take the value that the objective returns, or several."""
        several = value if isinstance(value, Sequence) and not isinstance(value, str) else (value,)
        try:
            self._values = tuple(float(each) for each in several)
        except (TypeError, ValueError):
            self._values = ()

    @guarded
    def end(self, error: BaseException | None) -> None:
        """End the run by what ended the objective."""
        if error is not None:
            self._tell("pruned" if type(error).__name__ == "TrialPruned" else "failed")
            self._own.close(error)
        elif self._values is None or self._are_accepted:
            self._tell("complete")
            self._own.close(None)
        else:
            self._tell("failed")
            if self.run is not None:
                text = f"The objective returned {self._values or 'no number'}."
                self.run.alert("Optuna does not take the value", text, level="error")
            self._own.close(None, exit_code=1)

    @property
    def _are_accepted(self) -> bool:
        values = self._values or ()
        return len(values) == len(self._study.directions) and not any(map(math.isnan, values))

    def _open(self) -> None:
        study = self._study
        self._own.open(is_fit=True, name=f"trial-{self._number}", group=study.study_name)
        assert self.run is not None
        self._own.describe({"optuna": {"study": study.study_name, "trial": self._number}})
        for name, direction in zip(self._names, study.directions, strict=True):
            goal = "maximize" if direction is StudyDirection.MAXIMIZE else "minimize"
            self.run.define_metric(name, goal=goal)

    def _tell(self, state: str) -> None:
        if self.run is not None:
            self.run.summary["trial_state"] = state
            if self._values and self._are_accepted:
                self.run.summary.update(dict(zip(self._names, self._values, strict=True)))

    @guarded
    def _suggested(self, value: Any, name: str, *_: Any, **__: Any) -> None:
        self._own.describe({name: value})

    @guarded
    def _reported(self, _: None, value: float, step: int) -> None:
        self._own.log({self._names[0]: float(value)}, step)


def _hear(trial: Trial, name: str, listener: Callable[..., None]) -> None:
    """Have a method of this one trial tell its result and its arguments."""
    method = getattr(trial, name)

    @functools.wraps(method)
    def told(*args: Any, **kwargs: Any) -> Any:
        result = method(*args, **kwargs)
        listener(result, *args, **kwargs)
        return result

    vars(trial)[name] = told
