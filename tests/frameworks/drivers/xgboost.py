"""XGBoost, on whether a digit is a three."""

from pathlib import Path
from typing import Any

import pytest
import xgboost
from sklearn.datasets import load_digits
from xgboost.callback import EarlyStopping, LearningRateScheduler, TrainingCallback

from runhooks.integrations.xgboost import RunCallback
from tests.frameworks.drivers import Fitted, quiet

callback = RunCallback
CONFIG = {"objective": "binary:logistic", "xgboost.num_boost_round": 6, "xgboost.features": 64}
UNTOLD = {"7": "its own checkpoints have no best and no last"}

PIXELS, DIGITS = load_digits(return_X_y=True)
PARAMS = {"objective": "binary:logistic", "nthread": 1, "max_depth": 2}


class _EachBatch(TrainingCallback):
    def __init__(self, each_batch: Any) -> None:
        self.each_batch = each_batch

    def before_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        self.each_batch(epoch)
        return False


def train(*callbacks: Any, rounds: int = 6, **more: Any) -> tuple[Any, dict[str, dict[str, list[float]]]]:
    data = xgboost.DMatrix(PIXELS[:300], DIGITS[:300] == 3)
    held_out = xgboost.DMatrix(PIXELS[300:400], DIGITS[300:400] == 3)
    reported: Any = {}
    booster = xgboost.train(
        PARAMS,
        data,
        rounds,
        evals=[(data, "train"), (held_out, "eval")],
        callbacks=list(callbacks),
        evals_result=reported,
        verbose_eval=False,
        **more,
    )
    return booster, reported


def fit(*callbacks: Any, each_batch: Any = quiet, long: bool = False, usual: Path | None = None) -> Fitted:
    others: list[Any] = [_EachBatch(each_batch)]
    if usual is not None:
        others += [EarlyStopping(3), LearningRateScheduler(lambda epoch: 0.3 * 0.9**epoch)]
    booster, reported = train(*callbacks, *others, rounds=100_000 if long else 6)
    named = {
        f"{data}/{metric}": dict(enumerate(values))
        for data, metrics in reported.items()
        for metric, values in metrics.items()
    }
    return Fitted(named, booster.get_dump())


def resume(folder: Path) -> None:
    folder.mkdir()
    file = folder / "model.json"

    def save_and_fail(model: Any, epoch: int, evals_log: Any) -> bool:
        model.save_model(file)
        if epoch == 3:
            raise ValueError("power cut")
        return False

    saves = TrainingCallback()
    saves.after_iteration = save_and_fail  # type: ignore[method-assign] # a small callback of the user's
    with pytest.raises(ValueError, match="power cut"):
        train(callback(), saves)
    train(callback(), rounds=2, xgb_model=file)
