"""The Trainer of transformers, on a tiny GPT-2."""

from pathlib import Path
from typing import Any

import pytest
from transformers import EarlyStoppingCallback, TrainerCallback

from runhooks.integrations.transformers import RunCallback
from tests.frameworks.drivers import Fitted, quiet
from tests.frameworks.test_transformers import reported, trainer_of

callback = RunCallback
CONFIG = {"args.max_steps": 6, "optimizer.class": "AdamW", "model.class": "GPT2LMHeadModel"}
UNTOLD: dict[str, str] = {}


class _EachBatch(TrainerCallback):
    def __init__(self, each_batch: Any) -> None:
        self.each_batch = each_batch

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.each_batch(state.global_step - 1)


def fit(*callbacks: Any, each_batch: Any = quiet, long: bool = False, usual: Path | None = None) -> Fitted:
    options: dict[str, Any] = {"max_steps": 3000, "eval_strategy": "no"} if long else {}
    others: list[Any] = [_EachBatch(each_batch)]
    if usual is not None:
        others.append(EarlyStoppingCallback())
        options |= {"save_strategy": "steps", "save_steps": 3, "output_dir": str(usual / "out")}
        options |= {"load_best_model_at_end": True, "metric_for_best_model": "loss"}
    trainer = trainer_of(*callbacks, *others, **options)
    trainer.train()
    found: dict[str, dict[int, float]] = {}
    for (name, step), value in reported(trainer).items():
        found.setdefault(name, {})[step] = value
    return Fitted(found, trainer.model.lm_head.weight.tolist(), trainer.evaluate)


def resume(folder: Path) -> None:
    def fails(batch: int) -> None:
        if batch == 4:
            raise ValueError("power cut")

    saving = {"save_strategy": "steps", "save_steps": 3, "output_dir": str(folder)}
    with pytest.raises(ValueError, match="power cut"):
        trainer_of(callback(), _EachBatch(fails), **saving).train()
    trainer_of(callback(), **saving).train(resume_from_checkpoint=True)


def save(each: Any, folder: Path) -> tuple[Path, Path]:
    saving = {"save_strategy": "steps", "save_steps": 3, "save_total_limit": 2, "output_dir": str(folder)}
    best_of = {"load_best_model_at_end": True, "metric_for_best_model": "loss", "greater_is_better": True}
    trainer = trainer_of(each, **saving, **best_of)
    trainer.train()
    return Path(trainer.state.best_model_checkpoint), folder / "checkpoint-6"
