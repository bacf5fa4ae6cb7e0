"""Keras on torch, on a small model of the digits. keras_behaviour.py has what differs between backends."""

import os
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras

from runhooks.integrations.keras import RunCallback
from tests.frameworks import keras_behaviour as behaviour
from tests.frameworks.drivers import Fitted, quiet

callback = RunCallback
CONFIG = {"fit.epochs": 2, "optimizer.class": "Adam", "model.parameters": 1210}
UNTOLD: dict[str, str] = {}


class _EachBatch(keras.callbacks.Callback):  # type: ignore[misc] # Keras ships no types
    def __init__(self, each_batch: Any) -> None:
        super().__init__()
        self.each_batch, self.count = each_batch, 0

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self.count += 1
        self.each_batch(self.count - 1)


def fit(*callbacks: Any, each_batch: Any = quiet, long: bool = False, usual: Path | None = None) -> Fitted:
    others: list[Any] = [] if each_batch is quiet else [_EachBatch(each_batch)]
    if usual is not None:
        usual.mkdir()
        others += [
            keras.callbacks.ModelCheckpoint(usual / "{epoch}.weights.h5", save_weights_only=True),
            keras.callbacks.EarlyStopping("val_loss"),
            keras.callbacks.ReduceLROnPlateau("loss", patience=1),
            keras.callbacks.CSVLogger(usual / "log.csv"),
        ]
    model = behaviour.classifier()
    history = behaviour.fit(model, *callbacks, *others, epochs=500 if long else 2)
    named: dict[str, dict[int, float]] = {}
    for name, values in history.items():
        metric = f"val/{name[4:]}" if name.startswith("val_") else f"train/{name}"
        named[metric] = {behaviour.BATCHES * (epoch + 1): value for epoch, value in enumerate(values)}
    weights = [weight.tolist() for weight in model.get_weights()]
    test = (behaviour.TEST_X, behaviour.TEST_Y)
    return Fitted(named, weights, lambda: model.evaluate(*test, verbose=0, callbacks=list(callbacks)))


def resume(folder: Path) -> None:
    def fails(batch: int) -> None:
        if batch == 12:
            raise ValueError("power cut")

    def backup() -> Any:
        return keras.callbacks.BackupAndRestore(folder)

    with pytest.raises(ValueError, match="power cut"):
        behaviour.fit(behaviour.classifier(), callback(), backup(), _EachBatch(fails))
    behaviour.fit(behaviour.classifier(), callback(), backup())
    assert not folder.exists()


def save(each: Any, folder: Path) -> tuple[Path, Path]:
    folder.mkdir()
    path = folder / "{epoch:02d}.weights.h5"
    saving = keras.callbacks.ModelCheckpoint(path, monitor="val_loss", mode="max", save_weights_only=True)
    values = behaviour.fit(behaviour.classifier(), each, saving, epochs=3)["val_loss"]
    return folder / f"{values.index(max(values)) + 1:02d}.weights.h5", folder / "03.weights.h5"
