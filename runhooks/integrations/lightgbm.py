"""RunCallback for LightGBM: ``lightgbm.train(..., callbacks=[RunCallback(project="digits")])``.

Also for the scikit-learn classes, ``LGBMClassifier().fit(..., callbacks=[...])``, and for ``lightgbm.cv``.

What LightGBM does and this file lives with (4.7):

- A callback is a function that is called after each iteration, and for nothing else. So importing this
  module wraps ``train`` and ``cv``, once; the wrapper opens the runs of its callbacks, and closes them by
  what happened.
- Callbacks end a training by an exception, and run in ``order``: this one before ``early_stopping``, 30.
"""

from typing import Any

import runhooks
from runhooks.errors import MissingExtraError

from ._loops.calls import Call, Calls
from ._loops.guard import guarded
from ._loops.pace import Pace
from ._loops.session import Session

try:
    import lightgbm
    from lightgbm.callback import CallbackEnv, EarlyStopException
except ImportError as error:
    raise MissingExtraError(f"{error}; to install it: pip install 'runhooks[lightgbm]'") from error

__all__ = ["RunCallback"]

_calls = Calls("lightgbm")


class RunCallback:
    """Record each training as a run: evaluations, speed, parameters, and how it ended.

    Metrics are named as LightGBM reports them, ``valid_0/multi_logloss``, and ``train/…`` for its
    ``training``; of ``cv`` also their deviation, ``valid/multi_logloss_std``. A step is an iteration. Each
    training is a run of its own, unless `id` and `resume` say to go on with one. For one process: with Dask,
    each worker that gets the callback makes a run.

    Parameters
    ----------
    run : Run, optional
        An open run to record into; it stays open. Without any argument: the one that the script has open.
    **init_arguments
        Arguments of :func:`runhooks.init` for the run that is opened when training begins.

    Raises
    ------
    ArgumentError
        For a wrong argument. Whatever goes wrong later is said in one RuntimeWarning.
    """

    order = 25
    before_iteration = False

    def __init__(self, run: runhooks.Run | None = None, **init_arguments: Any) -> None:
        self.session = Session(run, init_arguments)
        self.order = type(self).order  # LightGBM looks at what the object itself has
        self._pace = Pace()
        self._told_goals = False

    @property
    def run(self) -> runhooks.Run | None:
        """The run of the present or latest training."""
        return self.session.run

    def __call__(self, env: CallbackEnv) -> None:
        """Log what was evaluated; stop where somebody asked for it. LightGBM calls this."""
        self._log(env)
        if self.session.is_asked_to_stop:
            raise EarlyStopException(env.iteration, env.evaluation_result_list or [])

    @guarded
    def begin(self, call: Call) -> None:
        """Open the run. The wrapper calls this, before anything is trained."""
        call.opened.append(self)
        self.session.open(is_fit=True)
        self._pace, self._told_goals = Pace(), False
        given = {
            name: call.arguments[name] for name in ("num_boost_round", "nfold") if name in call.arguments
        }
        facts = {"version": lightgbm.__version__, **given}
        self.session.describe({**call.arguments.get("params", {}), "lightgbm": facts})

    @guarded
    def close(self, error: BaseException | None = None) -> None:
        """End the run, if this callback opened it, by what ended the training."""
        self.session.close(error)

    @guarded
    def _log(self, env: CallbackEnv) -> None:
        row: dict[str, Any] = {}
        for data, metric, value, is_higher_better, *deviation in env.evaluation_result_list or []:
            name = f"{'train' if data == 'training' else data}/{metric}"
            row[name] = value
            row |= {f"{name}_std": each for each in deviation if each is not None}
            if not self._told_goals and self.session.live is not None:
                goal = "maximize" if is_higher_better else "minimize"
                self.session.live.define_metric(name, goal=goal)
        if not self._told_goals:
            self._pace.done, self._told_goals = env.begin_iteration, True
        self._pace.total = env.end_iteration
        if "learning_rate" in env.params:
            row["train/learning_rate"] = env.params["learning_rate"]
        self.session.log({**row, **self._pace.lap(env.iteration + 1)}, env.iteration)


def _begin(call: Call) -> None:
    given: Any = call.arguments.get("callbacks") or ()
    for each in given:
        if isinstance(each, RunCallback):
            each.begin(call)


for _module, _name in (
    (lightgbm, "train"),
    (lightgbm, "cv"),
    (lightgbm.engine, "train"),
    (lightgbm.engine, "cv"),
    (lightgbm.sklearn, "train"),
):
    _calls.wrap(_module, _name, begin=_begin)
