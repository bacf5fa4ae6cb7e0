"""RunCallback for XGBoost: ``xgboost.train(..., callbacks=[RunCallback(project="digits")])``.

Also for the scikit-learn classes, ``XGBClassifier(callbacks=[...])``, and for ``xgboost.cv``.

What XGBoost does and this file lives with (3.2):

- Nothing is called when a training raises. So importing this module wraps ``train`` and ``cv``, once; the
  wrapper closes the callbacks that began inside, by what happened.
- Iterations count from 0 where a model is trained further; here steps go on.
- The attributes of a Booster are saved in its file: the run's id is one of them.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import runhooks
from runhooks.errors import MissingExtraError

from ._loops.calls import Calls
from ._loops.guard import guarded
from ._loops.pace import Pace
from ._loops.session import Session

try:
    import numpy as np
    import xgboost
    from xgboost import collective
    from xgboost.callback import TrainingCallback
except ImportError as error:
    raise MissingExtraError(f"{error}; to install it: pip install 'runhooks[xgboost]'") from error

__all__ = ["RunCallback"]

_ATTRIBUTE = "runhooks_run"
_AGREE_ROUNDS = 10
"""Workers tell each other so often whether to stop: it costs them a message."""

_calls = Calls("xgboost")


class RunCallback(TrainingCallback):
    """Record each training as a run: evaluations, speed, parameters, and how it ended.

    Metrics are named as XGBoost reports them, ``train/mlogloss`` for the data named ``train``; of ``cv``
    also their deviation, ``test/mlogloss_std``. A step is a boosting round. A model that is trained further
    (``xgb_model=``) goes on with its run; any other training is a run of its own. XGBoost's own checkpoints
    are left alone: ``run.log_model(path)`` keeps what you save.

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

    def __init__(self, run: runhooks.Run | None = None, **init_arguments: Any) -> None:
        super().__init__()
        self.session = Session(run, init_arguments)
        self._first = 0
        self._pace = Pace()

    @property
    def run(self) -> runhooks.Run | None:
        """The run of the present or latest training."""
        return self.session.run

    def before_training(self, model: Any) -> Any:
        """Open the run, on the first worker."""
        self._first = _rounds(model)
        if collective.get_rank() == 0:
            self._begin(model)
        return model

    def after_iteration(self, model: Any, epoch: int, evals_log: Mapping[str, Any]) -> bool:
        """Log what was evaluated; stop on all workers where somebody asked for it."""
        is_asked = self.session.is_asked_to_stop
        self._log(self._first + epoch, evals_log)
        if not collective.is_distributed():
            return is_asked
        is_due = epoch % _AGREE_ROUNDS == 0
        return is_due and bool(collective.allreduce(np.array([int(is_asked)]), collective.Op.MAX)[0])

    def after_training(self, model: Any) -> Any:
        """Note the best round; the end of ``train`` ends the run."""
        self._note_best(model)
        if _calls.current is None:  # a loop of the user's own
            self.close()
        return model

    @guarded
    def close(self, error: BaseException | None = None) -> None:
        """End the run, if this callback opened it, by what ended the training."""
        self.session.close(error)

    @guarded
    def _begin(self, model: Any) -> None:
        call = _calls.current
        if call is not None:
            call.opened.append(self)
        self.session.saved_id = _attribute(model, _ATTRIBUTE) if self._first else None
        self.session.open(is_fit=True)
        arguments = call.arguments if call is not None else {}
        rounds = arguments.get("num_boost_round")
        self._pace = Pace(self._first, self._first + rounds) if rounds else Pace(self._first)
        params = {name: value for name, value in arguments.get("params", {}).items() if value is not None}
        self.session.describe({**params, "xgboost": _facts(model, arguments)})
        if hasattr(model, "set_attr"):
            model.set_attr(**{_ATTRIBUTE: self.session.id})

    @guarded
    def _log(self, step: int, evals_log: Mapping[str, Any]) -> None:
        row: dict[str, float] = {}
        for data, metrics in evals_log.items():
            for metric, values in metrics.items():
                value, *deviation = values[-1] if isinstance(values[-1], tuple) else (values[-1],)
                row[f"{data}/{metric}"] = value
                row |= {f"{data}/{metric}_std": each for each in deviation}
        self.session.log({**row, **self._pace.lap(step + 1)}, step)

    @guarded
    def _note_best(self, model: Any) -> None:
        best = _attribute(model, "best_iteration")
        if best is not None and self.session.live is not None:
            self.session.live.summary["best_iteration"] = int(best)


def _rounds(model: Any) -> int:
    count = getattr(model, "num_boosted_rounds", None)  # the models of `cv` have none
    return int(count()) if isinstance(model, xgboost.Booster) and count is not None else 0


def _attribute(model: Any, name: str) -> str | None:
    return model.attr(name) if isinstance(model, xgboost.Booster) else None


def _facts(model: Any, arguments: Mapping[str, Any]) -> dict[str, Any]:
    given = ("num_boost_round", "early_stopping_rounds", "nfold", "maximize")
    facts: dict[str, Any] = {name: arguments[name] for name in given if arguments.get(name) is not None}
    facts["version"] = xgboost.__version__
    if isinstance(model, xgboost.Booster):
        with suppress(KeyError, ValueError):  # as later versions write it
            learner = json.loads(model.save_config())["learner"]
            facts["objective"] = learner["objective"]["name"]
            facts["booster"] = learner["learner_train_param"]["booster"]
            facts["features"] = model.num_features()
    return facts


for _module, _name in (
    (xgboost, "train"),
    (xgboost, "cv"),
    (xgboost.training, "train"),
    (xgboost.training, "cv"),
    (xgboost.sklearn, "train"),
):
    _calls.wrap(_module, _name)
