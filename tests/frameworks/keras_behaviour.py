"""How RunCallback behaves in real Keras loops on scikit-learn's digits.

KERAS_BACKEND says on which backend; test_keras.py runs this file on each.
"""

import csv
import inspect
import math
import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from sklearn.datasets import load_digits

import runhooks
from runhooks.integrations.keras import RunCallback

# Keras 3.15 turns each of its variables into an array in a way that NumPy 2 deprecates. As an error it would
# leave metrics as tensors, in Keras' own History as well.
pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
)

BACKEND = keras.backend.backend()
PIXELS, DIGITS = load_digits(return_X_y=True)
X, Y = (PIXELS[:300] / 16).astype("float32"), DIGITS[:300]
TEST_X, TEST_Y = (PIXELS[300:400] / 16).astype("float32"), DIGITS[300:400]
BATCHES = 8  # 240 samples are left for training, in batches of 32


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RUNHOOKS_STORE", str(tmp_path / "runs"))
    monkeypatch.setenv("RUNHOOKS_SPOOL", str(tmp_path / "spool"))
    monkeypatch.setenv("RUNHOOKS_PROJECT", "digits")
    monkeypatch.setenv("RUNHOOKS_SILENT", "1")
    return tmp_path / "runs"


def classifier(optimizer: Any = "adam", **compiling: Any) -> keras.Model:
    keras.utils.set_random_seed(7)
    model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(16, "relu"), keras.layers.Dense(10)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer, loss, metrics=["accuracy"], **compiling)
    return model


def fit(
    model: keras.Model, *callbacks: keras.callbacks.Callback, epochs: int = 2, **more: Any
) -> dict[str, list[float]]:
    done = model.fit(X, Y, epochs=epochs, validation_split=0.2, verbose=0, callbacks=list(callbacks), **more)
    return dict(done.history)


def runs(store: Path) -> list[Any]:
    if not store.exists():
        return []
    return sorted(runhooks.Api(store=str(store)).runs("default/digits"), key=lambda run: run.created_at)


def only_run(store: Path) -> Any:
    (run,) = runs(store)
    return run


def rows(run: Any, metric: str) -> dict[int, float]:
    """Return the values of a metric by step."""
    history = run.history()
    return dict(history[metric].dropna().items()) if metric in history else {}


class Notes(keras.callbacks.Callback):
    """Another callback, which notes what Keras tells it."""

    async_safe = True

    def __init__(self) -> None:
        super().__init__()
        self.batches: dict[int, dict[str, float]] = {}
        self.threads: set[str] = set()
        self.epoch = 0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.batches[self.epoch * BATCHES + batch + 1] = dict(logs)
        self.threads.add(threading.current_thread().name)


class Raises(keras.callbacks.Callback):
    """The user's code that fails in a hook, in that of a batch at the sixth."""

    def __init__(self, error: BaseException, at: str = "on_train_batch_begin", batch: int | None = 5) -> None:
        super().__init__()
        self.error = error
        self.batch = batch
        setattr(self, at, self.hook)

    def hook(self, batch: Any = None, logs: Any = None) -> None:
        if self.batch is None or batch == self.batch:
            raise self.error


class Calls(keras.callbacks.Callback):
    """The user's code at the end of an epoch."""

    def __init__(self, body: Callable[[], Any]) -> None:
        super().__init__()
        self.body = body

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.body()


# What is recorded


def test_epochs_hold_exactly_what_history_reports(store: Path) -> None:
    history = fit(classifier(), RunCallback(), epochs=3)
    run = only_run(store)
    assert run.state == "finished"
    steps = [BATCHES, 2 * BATCHES, 3 * BATCHES]
    for name, reported in history.items():
        metric = name.replace("val_", "val/") if name.startswith("val_") else f"train/{name}"
        assert rows(run, metric) == dict(zip(steps, reported, strict=True)), metric
    assert run.summary["val/accuracy"] == history["val_accuracy"][-1]
    assert not [name for name in run.history() if name.startswith("test/")]


def test_epochs_hold_exactly_what_csv_logger_writes(store: Path, tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    fit(classifier(), keras.callbacks.CSVLogger(file), RunCallback())
    run = only_run(store)
    with file.open(newline="") as lines:
        for row in csv.DictReader(lines):
            step = (int(row["epoch"]) + 1) * BATCHES
            assert rows(run, "epoch")[step] == float(row["epoch"])
            assert rows(run, "train/loss")[step] == float(row["loss"])
            assert rows(run, "val/accuracy")[step] == float(row["val_accuracy"])


def test_batches_hold_exactly_what_other_callbacks_are_told(store: Path) -> None:
    notes = Notes()
    fit(classifier(), notes, RunCallback())
    run = only_run(store)
    assert len(notes.batches) == 2 * BATCHES
    for name in ("loss", "accuracy"):
        assert rows(run, f"train/batch/{name}") == {step: logs[name] for step, logs in notes.batches.items()}


def test_batches_do_not_wait_for_their_metrics(store: Path) -> None:
    notes = Notes()
    fit(classifier(), notes, RunCallback())
    assert threading.main_thread().name not in notes.threads


def test_batches_are_recorded_beside_a_callback_that_makes_them_wait(store: Path) -> None:
    notes = Notes()
    notes.async_safe = False
    fit(classifier(), notes, RunCallback())
    assert notes.threads == {threading.main_thread().name}
    assert rows(only_run(store), "train/batch/loss") == {
        step: logs["loss"] for step, logs in notes.batches.items()
    }


def test_a_callback_without_a_list_is_recorded(store: Path) -> None:
    classifier().fit(X, Y, verbose=0, callbacks=RunCallback())
    assert len(rows(only_run(store), "train/batch/loss")) == 10


def test_the_learning_rate_is_that_of_the_scheduler(store: Path) -> None:
    halved = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    history = fit(classifier(), RunCallback(), halved, epochs=3)
    assert list(rows(only_run(store), "train/learning_rate").values()) == history["learning_rate"]


def test_the_learning_rate_is_that_of_the_schedule(store: Path) -> None:
    decay = keras.optimizers.schedules.CosineDecay(0.1, 2 * BATCHES)
    fit(classifier(keras.optimizers.SGD(decay)), RunCallback())
    recorded = rows(only_run(store), "train/learning_rate")
    assert recorded == {
        step: float(keras.ops.convert_to_numpy(decay(step))) for step in (BATCHES, 2 * BATCHES)
    }


def test_speed_and_time_left_are_recorded(store: Path) -> None:
    fit(classifier(), RunCallback(), epochs=3)
    run = only_run(store)
    speed, left = rows(run, "train/steps_per_second"), rows(run, "train/eta_seconds")
    assert list(speed) == list(left) == [BATCHES, 2 * BATCHES, 3 * BATCHES]
    assert min(speed.values()) > 0
    assert rows(run, "train/samples_per_second") == pytest.approx(
        {step: 32 * value for step, value in speed.items()}
    )
    assert left[BATCHES] > 0
    assert left[3 * BATCHES] == 0


def test_the_config_says_what_was_trained(store: Path) -> None:
    model = classifier(keras.optimizers.SGD(0.125, momentum=0.5))
    fit(model, RunCallback(config={"note": "mine", "loss": "my own words"}), batch_size=16)
    config = only_run(store).config
    assert config["note"] == "mine"
    assert config["loss"] == "my own words"
    assert config["keras"] == {"backend": BACKEND, "version": keras.__version__}
    assert config["fit"]["epochs"] == 2
    assert config["fit"]["batch_size"] == 16
    assert config["fit"]["steps_per_epoch"] == 15
    assert config["optimizer"]["class"] == "SGD"
    assert config["optimizer"]["learning_rate"] == 0.125
    assert config["optimizer"]["momentum"] == 0.5
    assert config["model"]["parameters"] == config["model"]["trainable_parameters"] == model.count_params()
    assert "dense" in config["model"]["summary"]


def test_a_schedule_and_several_losses_are_told_in_the_config(store: Path) -> None:
    inputs = keras.Input((64,))
    heads = {
        "digit": keras.layers.Dense(10, name="digit")(inputs),
        "parity": keras.layers.Dense(1, name="parity")(inputs),
    }
    model = keras.Model(inputs, heads)
    decay = keras.optimizers.schedules.ExponentialDecay(0.01, 10, 0.9)
    losses = {"digit": keras.losses.SparseCategoricalCrossentropy(from_logits=True), "parity": "mse"}
    model.compile(keras.optimizers.Adam(decay), losses)
    model.fit(X, {"digit": Y, "parity": (Y % 2).astype("float32")}, verbose=0, callbacks=[RunCallback()])
    run = only_run(store)
    assert run.config["loss"] == {"digit": "SparseCategoricalCrossentropy", "parity": "mse"}
    assert run.config["optimizer"]["learning_rate"]["class_name"] == "ExponentialDecay"
    assert {"train/digit_loss", "train/parity_loss"} <= set(run.history())


def test_a_metric_that_is_no_number_alerts_once(store: Path) -> None:
    model = classifier(keras.optimizers.SGD(float("nan")))
    fit(model, RunCallback())
    run = only_run(store)
    titles = [alert["title"] for alert in run.alerts]
    assert sorted(titles) == ["train/learning_rate is nan", "train/loss is nan", "val/loss is nan"]
    assert math.isnan(run.history()["train/loss"].iloc[-1])


def test_a_prefix_that_is_there_stays(store: Path) -> None:
    class Adds(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            logs["val/f1"] = 0.5

    fit(classifier(), Adds(), RunCallback(), epochs=1)
    assert rows(only_run(store), "val/f1") == {BATCHES: 0.5}


def test_a_train_step_of_the_users_own_is_recorded(store: Path) -> None:
    class Counted(keras.Sequential):
        def compute_loss(self, *args: Any, **kwargs: Any) -> Any:
            return super().compute_loss(*args, **kwargs) * 2

        def get_metrics_result(self) -> dict[str, Any]:
            return {**super().get_metrics_result(), "train/doubled": 1.5}

    model = Counted([keras.layers.Dense(10)])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    fit(model, RunCallback(), epochs=1)
    run = only_run(store)
    assert rows(run, "train/doubled") == {BATCHES: 1.5}
    assert set(rows(run, "train/batch/doubled").values()) == {1.5}


def test_data_of_unknown_length_is_recorded(store: Path) -> None:
    def batches() -> Any:
        yield from ((X[at : at + 32], Y[at : at + 32]) for at in range(0, 128, 32))

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Your input ran out of data")
        classifier().fit(batches(), shuffle=False, verbose=0, callbacks=[RunCallback()])
    run = only_run(store)
    assert list(rows(run, "train/batch/loss")) == [1, 2, 3, 4]
    assert list(rows(run, "train/loss")) == [4]


@pytest.mark.skipif(BACKEND == "torch", reason="Keras takes no steps_per_execution on torch")
def test_several_batches_in_one_execution_end_at_the_true_step(store: Path) -> None:
    model = classifier(steps_per_execution=3)
    fit(model, RunCallback())
    run = only_run(store)
    assert list(rows(run, "train/batch/loss")) == [3, 6, 8, 11, 14, 16]
    assert max(rows(run, "train/loss")) == int(model.optimizer.iterations) == 2 * BATCHES


# How a run ends


def test_an_exception_fails_the_run_and_reaches_the_user(store: Path) -> None:
    notes = Notes()
    with pytest.raises(ZeroDivisionError, match="my bug"):
        fit(classifier(), notes, RunCallback(), Raises(ZeroDivisionError("my bug")))
    run = only_run(store)
    assert run.state == "failed"
    assert run.exit["error"]["type"] == "ZeroDivisionError"
    assert run.exit["error"]["message"] == "my bug"
    assert "keras_behaviour.py" in run.exit["error"]["traceback"]
    assert rows(run, "train/batch/loss") == {step: logs["loss"] for step, logs in notes.batches.items()}
    assert sorted(notes.batches) == [1, 2, 3, 4, 5]


def test_an_exception_after_all_epochs_fails_the_run(store: Path) -> None:
    with pytest.raises(OSError, match="disk full"):
        fit(classifier(), RunCallback(), Raises(OSError("disk full"), "on_train_end", None))
    assert only_run(store).state == "failed"


def test_an_exception_while_validating_fails_the_run(store: Path) -> None:
    with pytest.raises(ValueError, match="bad"):
        fit(classifier(), RunCallback(), Raises(ValueError("bad"), "on_test_batch_begin", 0))
    run = only_run(store)
    assert run.state == "failed"
    assert len(rows(run, "train/batch/loss")) == BATCHES


def test_a_keyboard_interrupt_kills_the_run_and_reaches_the_user(store: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        fit(classifier(), RunCallback(), Raises(KeyboardInterrupt()))
    run = only_run(store)
    assert run.state == "killed"
    assert len(rows(run, "train/batch/loss")) == 5


@pytest.mark.parametrize(("name", "number"), [("SIGINT", signal.SIGINT), ("SIGTERM", signal.SIGTERM)])
def test_a_signal_kills_the_run(store: Path, name: str, number: int) -> None:
    trains = subprocess.Popen(
        [sys.executable, "-c", TRAINS_FOR_EVER], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with trains:
        assert trains.stdout is not None
        assert trains.stderr is not None
        assert trains.stdout.readline() == "training\n", trains.stderr.read()
        trains.send_signal(number)
        _, errors = trains.communicate(timeout=60)
    assert trains.returncode == -number, errors
    run = only_run(store)
    assert run.state == "killed"
    assert run.exit["signal"] == name
    assert len(rows(run, "train/batch/loss")) > 0


TRAINS_FOR_EVER = """
import keras
from sklearn.datasets import load_digits
from runhooks.integrations.keras import RunCallback

class Tells(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if epoch == 0:
            print("training", flush=True)

x, y = load_digits(return_X_y=True)
model = keras.Sequential([keras.layers.Dense(10)])
model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
model.fit(x[:64], y[:64], epochs=1_000_000, verbose=0, callbacks=[RunCallback(), Tells()])
"""


def test_an_early_stop_finishes_the_run(store: Path) -> None:
    stop = keras.callbacks.EarlyStopping("loss", min_delta=10.0, patience=1)
    history = fit(classifier(), stop, RunCallback(), epochs=50)
    run = only_run(store)
    assert run.state == "finished"
    assert len(rows(run, "train/loss")) == len(history["loss"]) == 2


def test_a_stop_in_mid_epoch_finishes_the_run(store: Path) -> None:
    fit(
        classifier(keras.optimizers.SGD(float("nan"))),
        keras.callbacks.TerminateOnNaN(),
        RunCallback(),
        epochs=50,
    )
    run = only_run(store)
    assert run.state == "finished"
    assert len(rows(run, "train/accuracy")) == 1


# Which run


def test_the_folds_of_a_cross_validation_do_not_mix(store: Path) -> None:
    callback = RunCallback(group="folds")
    losses = [fit(classifier(), callback, epochs=1)["loss"][0] for _ in range(3)]
    assert [rows(run, "train/loss") for run in runs(store)] == [{BATCHES: loss} for loss in losses]


def test_evaluate_after_fit_goes_to_its_run(store: Path) -> None:
    callback, model = RunCallback(config={"lr": 1}, name="digits"), classifier()
    history = fit(model, callback)
    reported = model.evaluate(TEST_X, TEST_Y, verbose=0, return_dict=True, callbacks=[callback])
    run = only_run(store)
    assert run.state == "finished"
    assert {name: rows(run, f"test/{name}") for name in reported} == {
        name: {2 * BATCHES: value} for name, value in reported.items()
    }
    assert list(rows(run, "val/loss").values()) == history["val_loss"]


def test_evaluate_after_an_interrupted_fit_leaves_its_end_as_it_was(store: Path) -> None:
    callback, model = RunCallback(), classifier()
    with pytest.raises(KeyboardInterrupt):
        fit(model, callback, Raises(KeyboardInterrupt()))
    model.evaluate(TEST_X, TEST_Y, verbose=0, callbacks=[callback])
    run = only_run(store)
    assert rows(run, "test/loss")
    assert run.state == "killed"
    assert run.exit["signal"] == "SIGINT"


def test_evaluate_before_and_after_fit_is_one_run(store: Path) -> None:
    callback, model = RunCallback(), classifier()
    before = model.evaluate(TEST_X, TEST_Y, verbose=0, callbacks=[callback])[0]
    fit(model, callback)
    after = model.evaluate(TEST_X, TEST_Y, verbose=0, callbacks=[callback])[0]
    assert rows(only_run(store), "test/loss") == {0: before, 2 * BATCHES: after}


def test_evaluate_within_fit_is_a_test_and_no_validation(store: Path) -> None:
    callback, model = RunCallback(), classifier()
    reported = []
    fit(
        model,
        callback,
        Calls(lambda: reported.append(model.evaluate(TEST_X, TEST_Y, verbose=0, callbacks=[callback])[0])),
    )
    run = only_run(store)
    assert run.state == "finished"
    assert rows(run, "test/loss") == {BATCHES: reported[0], 2 * BATCHES: reported[1]}
    assert list(rows(run, "train/loss")) == [BATCHES, 2 * BATCHES]


def test_predict_makes_no_run_and_reopens_none(store: Path) -> None:
    callback, model = RunCallback(), classifier()
    model.predict(TEST_X, verbose=0, callbacks=[callback])
    assert runs(store) == []


def test_an_exception_in_evaluate_fails_the_run(store: Path) -> None:
    callback, model = RunCallback(), classifier()
    fit(model, callback)
    with pytest.raises(ValueError, match="bad"):
        model.evaluate(
            TEST_X,
            TEST_Y,
            verbose=0,
            callbacks=[callback, Raises(ValueError("bad"), "on_test_batch_begin", 0)],
        )
    assert only_run(store).state == "failed"


def test_nothing_that_does_not_train_makes_a_run(store: Path) -> None:
    callback, model = RunCallback(), classifier()
    fit(model, callback, epochs=0)
    fit(model, callback, epochs=3, initial_epoch=3)
    with pytest.raises(ValueError, match="cardinality"):
        model.fit(X, Y[:10], callbacks=[callback])
    assert runs(store) == []
    fit(model, callback)
    assert only_run(store).state == "finished"


def test_an_id_and_resume_go_on_with_a_run(store: Path, tmp_path: Path) -> None:
    model = classifier()
    fit(model, RunCallback(id="mine"), epochs=1)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    fit(again, RunCallback(id="mine", resume="must"), epochs=1)
    assert list(rows(only_run(store), "train/loss")) == [BATCHES, 2 * BATCHES]


def test_a_restored_backup_goes_on_with_its_run_and_steps(store: Path, tmp_path: Path) -> None:
    def backed_up(*more: keras.callbacks.Callback) -> None:
        fit(
            classifier(),
            RunCallback(),
            keras.callbacks.BackupAndRestore(tmp_path / "backup"),
            *more,
            epochs=3,
        )

    fails = iter([None, RuntimeError("power cut")])

    def second_epoch() -> None:
        if error := next(fails):
            raise error

    with pytest.raises(RuntimeError, match="power cut"):
        backed_up(Calls(second_epoch))
    backed_up()
    run = only_run(store)
    assert run.state == "finished"
    assert list(rows(run, "train/loss")) == [BATCHES, 2 * BATCHES, 3 * BATCHES]
    assert not (tmp_path / "backup").exists()


@pytest.mark.skipif(BACKEND != "torch", reason="torchrun's variable")
def test_another_rank_makes_no_run(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "1")
    fit(classifier(), RunCallback())
    assert runs(store) == []


# Runs of the user's own


def test_a_run_that_was_given_stays_open(store: Path) -> None:
    with runhooks.init(config={"lr": 1}) as run:
        callback, model = RunCallback(run=run), classifier()
        history = fit(model, callback)
        with pytest.raises(ZeroDivisionError):
            fit(model, callback, Raises(ZeroDivisionError()))
        assert not run.finished
        run.log({"mine": 1.0})
    recorded = only_run(store)
    assert recorded.state == "finished"
    assert rows(recorded, "mine")
    assert set(history["loss"]) <= set(rows(recorded, "train/loss").values())
    assert recorded.config["lr"] == 1
    assert recorded.config["fit"]["epochs"] == 2


def test_a_bare_callback_joins_the_active_run(store: Path) -> None:
    with runhooks.init() as run:
        fit(classifier(), RunCallback())
        assert not run.finished
    assert rows(only_run(store), "train/loss")


def test_a_callback_with_arguments_opens_its_own_run(store: Path) -> None:
    with runhooks.init(name="outer") as outer:
        fit(classifier(), RunCallback(name="inner"))
        assert not outer.finished
    recorded = {run.name: bool(rows(run, "train/loss")) for run in runs(store)}
    assert recorded == {"outer": False, "inner": True}


def test_a_fit_inside_a_fit_is_a_run_of_its_own(store: Path) -> None:
    inner: list[dict[str, list[float]]] = []
    outer = fit(
        classifier(), RunCallback(), Calls(lambda: inner.append(fit(classifier("sgd"), RunCallback())))
    )
    recorded = [list(rows(run, "train/loss").values()) for run in runs(store)]
    assert recorded == [outer["loss"], inner[0]["loss"], inner[1]["loss"]]


def test_a_disabled_callback_leaves_no_trace(store: Path) -> None:
    assert len(fit(classifier(), RunCallback(mode="disabled"))["loss"]) == 2
    assert not store.exists()


def test_what_the_user_logs_during_fit_goes_to_the_run(store: Path) -> None:
    fit(classifier(), RunCallback(), Calls(lambda: runhooks.log({"mine": 2.0})), epochs=1)
    assert list(rows(only_run(store), "mine").values()) == [2.0]


# Faults of the tracker


def test_an_optimizer_that_cannot_be_described_costs_no_metric(store: Path) -> None:
    class Shy(keras.optimizers.SGD):
        def get_config(self) -> dict[str, Any]:
            raise NotImplementedError("no config")

    with pytest.warns(RuntimeWarning, match="no config"):
        history = fit(classifier(Shy()), RunCallback())
    run = only_run(store)
    assert run.state == "finished"
    assert list(rows(run, "train/loss").values()) == history["loss"]


def test_a_store_that_cannot_be_written_does_not_end_training(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    callback = RunCallback(store=str(tmp_path / "file" / "runs"))
    assert len(fit(classifier(), callback)["loss"]) == 2


def test_an_id_that_is_taken_does_not_end_training(store: Path) -> None:
    fit(classifier(), RunCallback(id="mine"))
    with pytest.warns(RuntimeWarning, match="mine"):
        assert len(fit(classifier(), RunCallback(id="mine"))["loss"]) == 2
    assert only_run(store).state == "finished"


def test_a_run_that_is_finished_in_mid_training_does_not_end_training(store: Path) -> None:
    with pytest.warns(RuntimeWarning, match="finished"):
        history = fit(classifier(), RunCallback(), Calls(lambda: runhooks.run and runhooks.finish()))
    assert len(history["loss"]) == 2


# A guest among others


def test_the_wrapped_methods_look_as_before() -> None:
    trainer = next(base for base in keras.Model.__mro__ if base is not keras.Model and "fit" in vars(base))
    for name in ("fit", "evaluate"):
        assert inspect.signature(getattr(keras.Model, name)) == inspect.signature(getattr(trainer, name))
        assert getattr(keras.Model, name).__doc__ == getattr(trainer, name).__doc__
    with pytest.raises(TypeError, match="epoch_count"):
        classifier().fit(X, Y, epoch_count=1)


def test_a_model_with_a_fit_of_its_own_is_recorded(store: Path) -> None:
    class Patient(keras.Sequential):
        def fit(self, *args: Any, **kwargs: Any) -> Any:
            return super().fit(*args, **{**kwargs, "epochs": 3})

    model = Patient([keras.Input((64,)), keras.layers.Dense(10)])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    fit(model, RunCallback(), epochs=1)
    run = only_run(store)
    assert run.state == "finished"
    assert len(rows(run, "train/loss")) == 3


def test_a_loop_of_the_users_own_is_recorded(store: Path) -> None:
    model = classifier()
    callbacks = keras.callbacks.CallbackList([RunCallback()], model=model, epochs=1, steps=2)
    callbacks.on_train_begin()
    callbacks.on_epoch_begin(0)
    for batch in range(2):
        callbacks.on_train_batch_begin(batch)
        logs = model.train_on_batch(X[:32], Y[:32], return_dict=True)
        callbacks.on_train_batch_end(batch, logs)
    callbacks.on_epoch_end(0, logs)
    callbacks.on_train_end(logs)
    run = only_run(store)
    assert run.state == "finished"
    assert rows(run, "train/loss") == {2: logs["loss"]}


def test_the_model_is_trained_the_same(store: Path) -> None:
    fit(alone := classifier())
    fit(tracked := classifier(), RunCallback())
    for left, right in zip(alone.get_weights(), tracked.get_weights(), strict=True):
        np.testing.assert_array_equal(left, right)


def test_no_tensorflow_is_imported() -> None:
    assert "tensorflow" not in sys.modules
    assert os.environ["KERAS_BACKEND"] == BACKEND


class Stopper(keras.callbacks.Callback):
    """Somebody asks the run to stop, at the third batch, and training takes its time."""

    def __init__(self, recorder: RunCallback) -> None:
        super().__init__()
        self.recorder = recorder
        self.batches = 0

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.batches += 1
        if self.batches == 3:
            runhooks.Api().run(self.recorder.run.path).stop()
        time.sleep(0.02)


def test_a_run_that_is_asked_to_stop_ends_its_training(store: Path) -> None:
    recorder = RunCallback()
    stopper = Stopper(recorder)
    model = classifier()
    fit(model, recorder, stopper, epochs=400)
    run = only_run(store)
    assert model.stop_training
    assert stopper.batches < 400 * BATCHES
    assert (run.state, run.view.stop["signals"]) == ("killed", [])
    assert run.reason.startswith("stop requested by ")
