"""Real fits of Lightning on scikit-learn's digits, and what the record says of them."""

import csv
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import runhooks

torch = pytest.importorskip("torch")
pytest.importorskip("lightning")
pytest.importorskip("sklearn")

from lightning.fabric import Fabric  # noqa: E402
from lightning.pytorch import Callback, LightningModule, Trainer  # noqa: E402
from lightning.pytorch.callbacks import (  # noqa: E402
    EarlyStopping,
    LearningRateFinder,
    LearningRateMonitor,
    ModelCheckpoint,
    OnExceptionCheckpoint,  # noqa: F401 - for SCRIPT
)
from lightning.pytorch.loggers import CSVLogger  # noqa: E402
from lightning.pytorch.tuner import Tuner  # noqa: E402
from sklearn.datasets import load_digits  # noqa: E402
from torch.multiprocessing import ProcessRaisedException  # noqa: E402
from torch.nn.functional import cross_entropy  # noqa: E402
from torch.utils.data import DataLoader, TensorDataset  # noqa: E402

from runhooks.integrations.lightning import RunCallback, RunLogger  # noqa: E402

pytestmark = [
    pytest.mark.filterwarnings("ignore::lightning.pytorch.utilities.warnings.PossibleUserWarning"),
    pytest.mark.filterwarnings("ignore:.*LeafSpec"),
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
]

BATCH = 32
BATCHES = 6
PIXELS, LABELS = (torch.tensor(part) for part in load_digits(return_X_y=True))
PIXELS = PIXELS.float() / 16
torch.set_num_threads(1)


def loader(first: int, batches: int = BATCHES, batch_size: int = BATCH) -> Any:
    chosen = slice(first, first + batches * BATCH)
    return DataLoader(TensorDataset(PIXELS[chosen], LABELS[chosen]), batch_size=batch_size)


class Digits(LightningModule):
    """A linear model, and what each test wants to happen in a batch."""

    def __init__(
        self, lr: float = 0.5, batch_size: int = BATCH, in_batch: Callable[[int], None] | None = None
    ):
        super().__init__()
        self.save_hyperparameters("lr", "batch_size")
        self.net = torch.nn.Linear(64, 10)
        self.in_batch = in_batch

    def training_step(self, batch: Any, batch_idx: int) -> Any:
        if self.in_batch is not None:
            self.in_batch(batch_idx)
        output = self.net(batch[0])
        loss = cross_entropy(output, batch[1])
        self.log("train_loss", loss)
        self.log("accuracy", (output.argmax(1) == batch[1]).float().mean(), on_step=True, on_epoch=True)
        return loss

    def validation_step(self, batch: Any, batch_idx: int) -> None:
        self.log("val_loss", cross_entropy(self.net(batch[0]), batch[1]), on_step=True, on_epoch=True)
        self.log("accuracy", (self.net(batch[0]).argmax(1) == batch[1]).float().mean())

    def test_step(self, batch: Any, batch_idx: int) -> None:
        self.log("test/loss", cross_entropy(self.net(batch[0]), batch[1]))

    def predict_step(self, batch: Any, batch_idx: int) -> Any:
        return self.net(batch[0])

    def train_dataloader(self) -> Any:
        return loader(0, batch_size=self.hparams["batch_size"])

    def val_dataloader(self) -> Any:
        return loader(400, batches=2)

    test_dataloader = predict_dataloader = val_dataloader

    def configure_optimizers(self) -> Any:
        optimizer = torch.optim.SGD(self.parameters(), lr=self.hparams["lr"])
        return {"optimizer": optimizer, "lr_scheduler": torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.5)}


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUNHOOKS_SILENT", "1")
    monkeypatch.setenv("RUNHOOKS_STORE", str(tmp_path / "runs"))
    monkeypatch.setenv("RUNHOOKS_SPOOL", str(tmp_path / "spool"))
    monkeypatch.setenv("RUNHOOKS_PROJECT", "digits")
    torch.manual_seed(1)
    (tmp_path / "runs").mkdir()
    return tmp_path / "runs"


def trainer(*callbacks: Any, **options: Any) -> Trainer:
    defaults: dict[str, Any] = {
        "max_epochs": 2,
        "log_every_n_steps": 2,
        "accelerator": "cpu",
        "enable_progress_bar": False,
        "enable_model_summary": False,
        "enable_checkpointing": False,
        "logger": CSVLogger(".", name="csv"),
    }
    return Trainer(callbacks=list(callbacks), **{**defaults, **options})


def recorded_runs() -> list[Any]:
    try:
        return sorted(runhooks.Api().runs("default/digits"), key=lambda run: run.created_at)
    except runhooks.errors.RunNotFoundError:
        return []


def only_run() -> Any:
    (run,) = recorded_runs()
    return run


Values = dict[str, dict[int, float]]


def recorded(run: Any) -> Values:
    history = run.history()
    return {key: dict(history[key].dropna().items()) for key in history.columns}


def reported(logger: CSVLogger) -> Values:
    """What CSVLogger has written: name -> step -> value; the last one of a step counts, as in a record."""
    values: Values = {}
    with Path(logger.log_dir, "metrics.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            step = int(row.pop("step"))
            for key, text in row.items():
                if text:
                    values.setdefault(key, {})[step] = float(text)
    return values


# A fit that goes well


def test_a_fit_is_recorded_with_the_numbers_that_lightning_reports() -> None:
    fit = trainer(RunCallback())
    fit.fit(Digits())
    run, csv_values = only_run(), reported(fit.logger)
    assert run.state == "finished"
    names = {
        "epoch": "epoch",
        "train_loss": "train/loss",
        "accuracy_step": "train/accuracy_step",
        "accuracy_epoch": "train/accuracy_epoch",
        "accuracy": "val/accuracy",
        "val_loss_step": "val/loss_step",
        "val_loss_epoch": "val/loss_epoch",
    }
    assert set(csv_values) == set(names)
    values = recorded(run)
    for csv_name, name in names.items():
        assert values[name] == csv_values[csv_name], name
    assert set(values) - set(names.values()) == {
        "train/learning_rate",
        "train/steps_per_second",
        "train/samples_per_second",
        "train/eta_seconds",
    }


def test_config_holds_hyperparameters_and_what_lightning_was_told() -> None:
    trainer(RunCallback(config={"note": "mine"}), accumulate_grad_batches=2).fit(Digits(lr=0.25))
    config = only_run().config
    assert (config["note"], config["lr"], config["batch_size"]) == ("mine", 0.25, BATCH)
    told = config["lightning"]
    assert told["trainer"]["max_epochs"] == 2
    assert told["trainer"]["accumulate_grad_batches"] == 2
    assert told["optimizer"][0]["class"] == "SGD"
    assert told["optimizer"][0]["lr"] == 0.25
    assert told["scheduler"] == ["StepLR"]
    assert told["model"]["class"] == "Digits"
    assert told["model"]["parameters"] == told["model"]["trainable_parameters"] == 650
    assert told["model"]["summary"] == {"net": "Linear, 650 parameters"}


def test_learning_rates_are_those_that_the_batches_used() -> None:
    fit = trainer(RunCallback(), LearningRateMonitor())
    fit.fit(Digits())
    values = recorded(only_run())
    used = values["train/learning_rate"]
    assert used == {step: 0.5 if step < BATCHES else 0.25 for step in used}
    assert set(used) == {1, 3, 5, 7, 9, 11}
    assert values["lr-SGD"] == reported(fit.logger)["lr-SGD"]


def test_speed_counts_samples_and_leaves_out_validation() -> None:
    trainer(RunCallback()).fit(Digits())
    history = only_run().history(["train/steps_per_second", "train/samples_per_second", "train/eta_seconds"])
    assert (history["train/steps_per_second"] > 0).all()
    ratio = history["train/samples_per_second"] / history["train/steps_per_second"]
    assert ratio.tolist() == pytest.approx([BATCH] * len(ratio))
    assert history["train/eta_seconds"].iloc[0] > 0
    assert history["train/eta_seconds"].iloc[-1] == 0


def test_steps_are_those_of_loggers_where_two_optimizers_step() -> None:
    class Manual(Digits):
        automatic_optimization = False

        def __init__(self) -> None:
            super().__init__()
            self.automatic_optimization = False

        def training_step(self, batch: Any, batch_idx: int) -> None:
            for optimizer in self.optimizers():
                optimizer.zero_grad()
                loss = cross_entropy(self.net(batch[0]), batch[1])
                self.manual_backward(loss)
                optimizer.step()
            self.log("train_loss", loss)

        def configure_optimizers(self) -> Any:
            return [
                torch.optim.SGD([part], lr=rate)
                for part, rate in zip(self.net.parameters(), (0.5, 0.1), strict=True)
            ]

    fit = trainer(RunCallback())
    fit.fit(Manual())
    values = recorded(only_run())
    assert fit.global_step == 2 * 2 * BATCHES
    assert values["train/loss"] == reported(fit.logger)["train_loss"]
    assert max(values["train/loss"]) == 2 * BATCHES - 1
    assert set(values["train/learning_rate/0"].values()) == {0.5}
    assert set(values["train/learning_rate/1"].values()) == {0.1}


def test_two_metrics_never_become_one() -> None:
    class Twice(Digits):
        def training_step(self, batch: Any, batch_idx: int) -> Any:
            self.log_dict({"train_loss": 1.0, "train/loss": 2.0, "valid_score": 3.0})
            return super().training_step(batch, batch_idx)

    class Plain(Callback):
        def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
            for logger in trainer.loggers:
                logger.log_metrics({"plain": 4.0})

    trainer(RunCallback(), Plain(), max_epochs=1).fit(Twice())
    values = recorded(only_run())
    assert set(values["train/loss"].values()) != set(values["train_loss"].values())
    assert set(values["val/score"].values()) == {3.0}
    assert set(values["plain"].values()) == {4.0}


def test_an_early_stop_is_a_finished_run() -> None:
    stop = EarlyStopping("val_loss", patience=0, min_delta=100.0)
    trainer(RunCallback(), stop, max_epochs=9).fit(Digits())
    run = only_run()
    assert run.state == "finished"
    assert recorded(run)["epoch"][max(recorded(run)["epoch"])] == 1


def test_a_metric_that_is_not_finite_raises_one_alert() -> None:
    class Diverges(Digits):
        def training_step(self, batch: Any, batch_idx: int) -> Any:
            self.log("train/grad", float("nan"))
            self.log("train/scale", float("inf"))
            return super().training_step(batch, batch_idx)

    trainer(RunCallback()).fit(Diverges())
    alerts = {alert["title"]: alert["level"] for alert in only_run().alerts}
    assert alerts == {"train/grad is nan": "warning", "train/scale is infinite": "warning"}
    assert len(only_run().alerts) == 2


# Ends


@dataclass
class RaiseIn:
    """Raises an error in a batch. No closure, as it goes to spawned processes."""

    batch: int
    error: BaseException

    def __call__(self, batch_idx: int) -> None:
        if batch_idx == self.batch:
            raise self.error


def test_an_exception_after_the_callback_was_torn_down_fails_the_run() -> None:
    class Late(Digits):
        def teardown(self, stage: str) -> None:
            raise OSError("no room for the model")

    with pytest.raises(OSError, match="no room"):
        trainer(RunCallback()).fit(Late())
    assert only_run().state == "failed"
    assert only_run().exit["error"]["message"] == "no room for the model"


SCRIPT = """
import sys
sys.path.insert(0, {folder!r})
from test_lightning import *

def tell(batch_idx):
    if batch_idx == 3:
        print("training", flush=True)

saved = OnExceptionCheckpoint(".")
callback = RunCallback(id=sys.argv[1])
trainer(saved, callback, enable_checkpointing=True, max_epochs=10**6).fit(Digits(in_batch=tell))
"""


@pytest.mark.slow
def test_a_signal_kills_the_run_and_lightning_still_ends_in_its_own_way(tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(SCRIPT.format(folder=str(Path(__file__).parent)), encoding="utf-8")
    numbers = [signal.SIGINT, signal.SIGTERM]
    with ExitStack() as stack:
        processes = [stack.enter_context(training(script, number.name)) for number in numbers]
        for number, process in zip(numbers, processes, strict=True):
            assert process.stdout is not None
            assert process.stdout.readline() == "training\n"
            process.send_signal(number)
        statuses = [process.wait(timeout=60) for process in processes]
    assert statuses == [1, 0]  # as without a callback
    for number in numbers:
        assert (tmp_path / number.name / "on_exception.ckpt").exists()
    found = {run.id: (run.state, run.exit["signal"]) for run in recorded_runs()}
    assert found == {number.name: ("killed", number.name) for number in numbers}


@contextmanager
def training(script: Path, name: str) -> "Iterator[subprocess.Popen[str]]":
    folder = script.parent / name
    folder.mkdir()
    with (
        (folder / "stderr").open("w") as stderr,
        subprocess.Popen(
            [sys.executable, script, name], cwd=folder, text=True, stdout=subprocess.PIPE, stderr=stderr
        ) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.filterwarnings("ignore:.*sync_dist")
def test_the_first_of_several_processes_records_one_run() -> None:
    fit, model = trainer(RunCallback(), strategy="ddp_fork", devices=2, logger=False, max_epochs=1), Digits()
    fit.fit(model)
    fit.test(model, verbose=False)
    run = only_run()
    assert run.state == "finished"
    assert run.config["lightning"]["trainer"]["world_size"] == 2
    history = run.history()
    assert {"train/loss", "val/loss_epoch", "test/loss"} <= set(history.columns)
    ratio = history["train/samples_per_second"] / history["train/steps_per_second"]
    assert ratio.dropna().tolist() == pytest.approx([2 * BATCH] * ratio.count())


@pytest.mark.filterwarnings("ignore:.*sync_dist")
def test_an_error_in_a_process_that_lightning_started_fails_its_run() -> None:
    model = Digits(in_batch=RaiseIn(1, ValueError("no such digit")))
    with pytest.raises(ProcessRaisedException, match="no such digit"):
        trainer(RunCallback(), strategy="ddp_spawn", devices=2, logger=False).fit(model)
    run = only_run()
    assert run.state == "failed"
    assert "no such digit" in run.exit["error"]["message"]


# Which run


def test_evaluations_go_to_the_run_of_the_fit() -> None:
    fit, model = trainer(RunCallback(), max_epochs=1), Digits()
    fit.validate(model, verbose=False)
    fit.fit(model)
    (validated,) = fit.validate(model, verbose=False)
    (tested,) = fit.test(model, verbose=False)
    fit.predict(model)
    run = only_run()
    assert run.state == "finished"
    values = recorded(run)
    assert values["test/loss"] == {BATCHES: tested["test/loss"]}
    assert values["val/loss_epoch"][BATCHES] == validated["val_loss_epoch"]
    assert set(values["val/loss_epoch"]) == {0, BATCHES - 1, BATCHES}
    assert "predict/loss" not in values


def test_a_test_after_a_fit_that_failed_leaves_the_run_failed() -> None:
    fit, model = trainer(RunCallback()), Digits(in_batch=RaiseIn(3, ValueError("no such digit")))
    with pytest.raises(ValueError, match="no such digit"):
        fit.fit(model)
    fit.test(model, verbose=False)
    run = only_run()
    assert run.state == "failed"
    assert run.exit["error"]["message"] == "no such digit"
    assert "test/loss" in recorded(run)


def test_an_evaluation_alone_is_a_run() -> None:
    trainer(RunCallback()).test(Digits(lr=0.125), verbose=False)
    assert set(recorded(only_run())) == {"epoch", "test/loss"}
    assert only_run().config["lr"] == 0.125


def checkpointed(*callbacks: Any, epochs: int) -> Trainer:
    kept = ModelCheckpoint("kept", save_last=True, enable_version_counter=False)
    return trainer(*callbacks, kept, enable_checkpointing=True, max_epochs=epochs)


@pytest.mark.filterwarnings("ignore:Checkpoint directory .* exists")
def test_a_fit_from_a_checkpoint_goes_on_with_its_run() -> None:
    checkpointed(RunCallback(), epochs=1).fit(Digits())
    resumed = checkpointed(RunCallback(), epochs=2)
    resumed.fit(Digits(), ckpt_path="kept/last.ckpt")
    run = only_run()
    assert run.state == "finished"
    assert list(recorded(run)["train/loss"]) == [1, 3, 5, 7, 9, 11]
    resumed.fit_loop.max_epochs = 3
    resumed.fit(Digits())  # a fresh one again
    assert len(recorded_runs()) == 2
    checkpointed(RunCallback(id="mine"), epochs=4).fit(Digits(), ckpt_path="kept/last.ckpt")
    assert {run.id for run in recorded_runs()} > {"mine"}


@pytest.mark.filterwarnings("ignore:Checkpoint directory .* exists")
def test_a_checkpoint_of_two_callbacks_keeps_both_runs() -> None:
    for epochs in (1, 2):
        both = RunCallback(), RunCallback(project="copy")
        checkpointed(*both, epochs=epochs).fit(Digits(), ckpt_path="kept/last.ckpt" if epochs == 2 else None)
    (copied,) = runhooks.Api().runs("default/copy")
    assert recorded(only_run())["train/loss"] == recorded(copied)["train/loss"]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        checkpointed(epochs=3).fit(Digits(), ckpt_path="kept/last.ckpt")
    assert not [each for each in caught if "callbacks used to create" in str(each.message)]


@pytest.mark.filterwarnings("ignore:You are trying to `self.log")
def test_searches_leave_no_run() -> None:
    callback = RunCallback()
    fit, model = trainer(callback, max_epochs=1), Digits()
    Tuner(fit).lr_find(model, num_training=5)
    Tuner(fit).scale_batch_size(model, max_trials=2, init_val=16, steps_per_trial=1)
    trainer(RunCallback(), fast_dev_run=True, logger=False).fit(Digits())
    Trainer(callbacks=[RunCallback()], barebones=True, max_epochs=1, accelerator="cpu").fit(Digits())
    assert recorded_runs() == []
    fit.fit(model)
    Tuner(fit).lr_find(model, num_training=5)
    assert only_run().state == "finished"
    trainer(callback, max_epochs=1).fit(model)
    assert len(recorded_runs()) == 2


def test_a_search_inside_a_fit_leaves_nothing_in_its_run() -> None:
    fit = trainer(RunCallback(), LearningRateFinder(num_training_steps=5), max_epochs=1)
    fit.fit(Digits())
    assert recorded(only_run())["train/loss"] == reported(fit.logger)["train_loss"]


def test_a_run_that_was_passed_in_stays_open() -> None:
    run = runhooks.init(id="mine")
    fit, model = trainer(RunCallback(run=run), max_epochs=1), Digits()
    fit.fit(model)
    fit.test(model, verbose=False)
    with pytest.raises(ValueError, match="no such digit"):
        trainer(RunCallback(run=run)).fit(Digits(in_batch=RaiseIn(0, ValueError("no such digit"))))
    run.log({"after": 1.0})
    run.finish()
    assert only_run().id == "mine"
    assert only_run().state == "finished"
    assert {"after", "train/loss", "test/loss"} <= set(recorded(only_run()))


def test_a_bare_callback_joins_the_run_that_the_script_has_open() -> None:
    with runhooks.init(id="mine"):
        trainer(RunCallback(), max_epochs=1).fit(Digits())
        trainer(RunCallback(id="other"), max_epochs=1).fit(Digits())
        assert runhooks.run is not None
    assert {run.id: run.state for run in recorded_runs()} == {"mine": "finished", "other": "finished"}


# Faults


def test_a_store_that_cannot_be_written_ends_no_training(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    fit = trainer(RunCallback(store=str(tmp_path / "file")), max_epochs=1)
    fit.fit(Digits())
    assert fit.state.finished


class BrokenRun:
    """A run in which everything fails."""

    id = "broken"

    def log(self, *_: Any, **__: Any) -> None:
        raise OSError("the disk is gone")

    @property
    def config(self) -> Any:
        raise RuntimeError("the config is gone")


def test_a_taken_id_ends_no_training() -> None:
    runhooks.init(id="taken").finish()
    fit = trainer(RunCallback(id="taken"), max_epochs=1)
    with pytest.warns(RuntimeWarning, match="taken"):
        fit.fit(Digits())
    assert fit.state.finished
    assert recorded(only_run()) == {}


@pytest.mark.parametrize("integration", [RunCallback, RunLogger])
def test_wrong_arguments_are_refused_at_once(integration: Any) -> None:
    with pytest.raises(runhooks.errors.ArgumentError, match="projet"):
        integration(projet="digits")
    with pytest.raises(runhooks.errors.ArgumentError, match="project"):
        integration("digits")
    with pytest.raises(runhooks.errors.ArgumentError, match="project"):
        integration(run=BrokenRun(), project="digits")
    assert recorded_runs() == []


# Beside others


def test_nothing_else_of_the_trainer_changes() -> None:
    def fit(*callbacks: Any) -> tuple[list[str], list[str], list[Any], str | None]:
        checkpoints = ModelCheckpoint()
        with_csv = trainer(
            *callbacks, checkpoints, enable_checkpointing=True, logger=CSVLogger(".", version="same")
        )
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            with_csv.fit(Digits())
        said = [str(each.message) for each in caught if "exists and is not empty" not in str(each.message)]
        return said, [checkpoints.dirpath or ""], with_csv.loggers[1:], with_csv.log_dir

    assert fit(RunCallback()) == fit()


def test_a_trainer_without_logger_keeps_its_folder_and_has_none_afterwards() -> None:
    class Draws(Digits):
        def on_train_start(self) -> None:
            if self.logger is not None:
                self.logger.experiment.add_histogram("weights", self.net.weight)
            assert self.trainer.log_dir == self.trainer.default_root_dir

    fit = trainer(RunCallback(), logger=False, max_epochs=1)
    fit.fit(Draws())
    assert fit.loggers == []
    assert "train/loss" in recorded(only_run())


@pytest.mark.filterwarnings("ignore::pytorch_lightning.utilities.warnings.PossibleUserWarning")
def test_the_trainer_of_pytorch_lightning_is_recorded_too() -> None:
    other = pytest.importorskip("pytorch_lightning")

    class OtherDigits(other.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.net = torch.nn.Linear(64, 10)

        def training_step(self, batch: Any, batch_idx: int) -> Any:
            loss = cross_entropy(self.net(batch[0]), batch[1])
            self.log("loss", loss)
            return loss

        def configure_optimizers(self) -> Any:
            return torch.optim.SGD(self.parameters(), lr=0.5)

    fit = other.Trainer(
        max_epochs=1,
        callbacks=[RunCallback()],
        logger=False,
        log_every_n_steps=1,
        accelerator="cpu",
        enable_progress_bar=False,
        enable_checkpointing=False,
    )
    fit.fit(OtherDigits(), loader(0))
    assert only_run().state == "finished"
    assert len(recorded(only_run())["train/loss"]) == BATCHES


# RunLogger


def test_a_logger_records_what_csv_logger_gets_and_goes_on_with_its_run() -> None:
    logger, csv_logger = RunLogger(), CSVLogger(".")
    fit, model = trainer(logger=[csv_logger, logger], max_epochs=1), Digits()
    Tuner(fit).lr_find(model, num_training=5)
    assert recorded_runs() == []
    fit.fit(model)
    logger.experiment.log({"mine": 1.0}, step=3)
    fit.test(model, verbose=False)
    run = only_run()
    assert (run.state, run.id) == ("finished", logger.version)
    assert (logger.name, run.config["lr"]) == ("digits", model.hparams["lr"])
    values = recorded(run)
    assert values["train/loss"] == reported(csv_logger)["train_loss"]
    assert values["test/loss"] == reported(csv_logger)["test/loss"]
    assert values["mine"] == {3: 1.0}


def test_a_logger_ends_its_run_by_what_happened() -> None:
    with pytest.raises(ValueError, match="no such digit"):
        trainer(logger=RunLogger()).fit(Digits(in_batch=RaiseIn(3, ValueError("no such digit"))))
    with pytest.raises(SystemExit):
        trainer(logger=RunLogger()).fit(Digits(in_batch=RaiseIn(3, KeyboardInterrupt())))
    failed, killed = recorded_runs()
    assert (failed.state, failed.exit["error"]["message"]) == ("failed", "no such digit")
    assert killed.state == "killed"


def test_a_logger_records_a_loop_of_fabric() -> None:
    logger = RunLogger(config={"lr": 0.5})
    fabric = Fabric(accelerator="cpu", loggers=[logger])
    net = torch.nn.Linear(64, 10)
    model, optimizer = fabric.setup(net, torch.optim.SGD(net.parameters(), lr=0.5))
    losses = {}
    for step, (pixels, labels) in enumerate(fabric.setup_dataloaders(loader(0))):
        loss = cross_entropy(model(pixels), labels)
        fabric.backward(loss)
        optimizer.step()
        optimizer.zero_grad()
        fabric.log("train_loss", loss, step=step)
        losses[step] = loss.item()
    logger.finalize("success")
    assert only_run().state == "finished"
    assert recorded(only_run()) == {"train/loss": losses}


class Stopper(Callback):
    """Somebody asks the run to stop, at the third batch, and training takes its time."""

    def on_train_batch_end(
        self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        if trainer.is_global_zero and trainer.global_step == 3:
            (run,) = runhooks.Api().runs("default/digits")
            run.stop()
        time.sleep(0.02)


def test_a_run_that_is_asked_to_stop_ends_its_training_on_all_ranks() -> None:
    two: dict[str, Any] = {"strategy": "ddp_fork", "devices": 2, "log_every_n_steps": 2}
    fit = trainer(RunCallback(), Stopper(), max_epochs=500, logger=False, **two)
    fit.fit(Digits())
    (run,) = runhooks.Api().runs("default/digits")
    assert 3 < run.last_step < 500 * BATCHES - 1
    assert (run.state, run.view.stop["signals"]) == ("killed", [])
    assert run.reason.startswith("stop requested by ")
