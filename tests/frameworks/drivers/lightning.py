"""Lightning, on a linear model of the digits."""

from pathlib import Path
from typing import Any

import pytest
from lightning.pytorch.callbacks import EarlyStopping, LearningRateMonitor, ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger

from runhooks.integrations.lightning import RunCallback
from tests.frameworks.drivers import Fitted, quiet
from tests.frameworks.test_lightning import Digits, reported, torch, trainer

callback = RunCallback
CONFIG = {"lr": 0.5, "lightning.model.class": "Digits", "lightning.trainer.max_epochs": 2}
UNTOLD: dict[str, str] = {}

_NAMES = {"train_loss": "train/loss", "val_loss_epoch": "val/loss_epoch", "accuracy": "val/accuracy"}


class _Counted:
    """Counts the batches of all epochs."""

    def __init__(self, each_batch: Any) -> None:
        self.each_batch, self.count = each_batch, 0

    def __call__(self, _: int) -> None:
        self.count += 1
        self.each_batch(self.count - 1)


def fit(*callbacks: Any, each_batch: Any = quiet, long: bool = False, usual: Path | None = None) -> Fitted:
    torch.manual_seed(1)
    options: dict[str, Any] = {"max_epochs": 500} if long else {}
    others: list[Any] = []
    csv = CSVLogger(".", name="csv")
    if usual is not None:
        others = [
            ModelCheckpoint(usual / "kept", monitor="val_loss_epoch", save_last=True),
            EarlyStopping("val_loss_epoch"),
            LearningRateMonitor(),
        ]
        board = TensorBoardLogger(usual, name="board")
        options |= {"enable_checkpointing": True, "logger": [csv, board]}
    model = Digits(in_batch=_Counted(each_batch))
    trains = trainer(*callbacks, *others, **{"logger": csv, **options})
    trains.fit(model)
    found = reported(csv)
    named = {name: found[key] for key, name in _NAMES.items()}
    return Fitted(named, model.net.weight.tolist(), lambda: trains.test(model, verbose=False))


def resume(folder: Path) -> None:
    def fails(batch: int) -> None:
        if batch == 8:
            raise ValueError("power cut")

    with pytest.raises(ValueError, match="power cut"):
        _saving(folder, callback()).fit(Digits(in_batch=_Counted(fails)))
    _saving(folder, callback()).fit(Digits(), ckpt_path=folder / "last.ckpt")


def save(each: Any, folder: Path) -> tuple[Path, Path]:
    saving = ModelCheckpoint(folder, monitor="val_loss", mode="max", save_last=True, save_top_k=2)
    trainer(each, saving, max_epochs=3, enable_checkpointing=True).fit(Digits())
    return Path(saving.best_model_path), Path(saving.last_model_path)


def _saving(folder: Path, *callbacks: Any) -> Any:
    saving = ModelCheckpoint(folder, save_last=True, enable_version_counter=False)
    return trainer(*callbacks, saving, enable_checkpointing=True, logger=False)
