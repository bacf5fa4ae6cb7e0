"""LightGBM, on whether a digit is a three."""

from pathlib import Path
from typing import Any

import lightgbm
from sklearn.datasets import load_digits

from runhooks.integrations.lightgbm import RunCallback
from tests.frameworks.drivers import Fitted, quiet

callback = RunCallback
CONFIG = {"objective": "binary", "lightgbm.num_boost_round": 6}
UNTOLD = {
    "4": "its model files hold nothing of the caller's; id= and resume= go on with a run",
    "7": "it saves no checkpoints of its own",
}

PIXELS, DIGITS = load_digits(return_X_y=True)
PARAMS = {"objective": "binary", "num_threads": 1, "num_leaves": 4, "verbose": -1, "seed": 1}


class _EachBatch:
    """The user's own code, before each iteration."""

    before_iteration = True

    def __init__(self, each_batch: Any) -> None:
        self.each_batch = each_batch

    def __call__(self, env: Any) -> None:
        self.each_batch(env.iteration)


def fit(*callbacks: Any, each_batch: Any = quiet, long: bool = False, usual: Path | None = None) -> Fitted:
    reported: dict[str, Any] = {}
    others: list[Any] = [_EachBatch(each_batch), lightgbm.record_evaluation(reported)]
    if usual is not None:
        others += [
            lightgbm.early_stopping(3, verbose=False),
            lightgbm.reset_parameter(learning_rate=lambda iteration: 0.1 * 0.9**iteration),
        ]
    data = lightgbm.Dataset(PIXELS[:300], DIGITS[:300] == 3)
    held_out = lightgbm.Dataset(PIXELS[300:400], DIGITS[300:400] == 3, reference=data)
    booster = lightgbm.train(
        PARAMS,
        data,
        100_000 if long else 6,
        valid_sets=[data, held_out],
        valid_names=["training", "held_out"],
        callbacks=[*callbacks, *others],
    )
    named = {
        f"{'train' if name == 'training' else name}/{metric}": dict(enumerate(values))
        for name, metrics in reported.items()
        for metric, values in metrics.items()
    }
    return Fitted(named, booster.model_to_string())
