"""One callback for Keras 3 on any backend: ``model.fit(x, y, callbacks=[RunCallback(project="digits")])``.

What Keras does and this file lives with (3.15):

- Nothing is called when ``fit`` raises. So importing this module wraps ``Model.fit`` and ``evaluate``, once;
  the wrapper closes the callbacks that began inside, by what happened.
- Batch hooks run in worker threads, in any order, if every callback says ``async_safe``; one that does not
  makes each batch wait for its metrics. So they log with an explicit step, under a lock.
- ``fit`` calls the test hooks for its own validation, and reports the same values when the epoch ends.
- Between batches the state of a jax model lies outside it. Variables are read only where an epoch begins
  or ends, and never through ``self.model``, which would write the state back.
"""

import math
import threading
import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import keras

import runhooks

from ._loops import keras_ranks as ranks
from ._loops.calls import Call, Calls
from ._loops.checkpoints import Checkpoints
from ._loops.guard import guarded
from ._loops.keras_files import Backup, SavedModels, callbacks_of
from ._loops.pace import Pace
from ._loops.session import Session

__all__ = ["RunCallback"]

Logs = Mapping[str, Any] | None

_PREFIXES = ("train/", "val/", "eval/", "test/")
_REPORT_S = 10.0
_DRAIN_S = 0.5
_LONGEST_SUMMARY = 20_000
_FIT = ("initial_epoch", "validation_split", "class_weight", "shuffle")

_calls = Calls("keras")


class RunCallback(keras.callbacks.Callback):  # type: ignore[misc] # Keras ships no types
    """Record each ``fit`` as a run: metrics, learning rate, speed, hyperparameters, and how it ended.

    Metrics are named as Keras reports them: ``train/loss`` and ``val/loss`` an epoch, ``test/loss`` of
    ``evaluate``, and as ``train/batch/loss`` the mean so far in the epoch, each batch. A step is a batch,
    counted on from the optimizer's ``iterations``. ``evaluate`` after ``fit`` goes to the same run; a
    further ``fit`` is a run of its own, unless `id` and `resume` say to go on with one. ``predict``
    reports nothing, so it opens nothing.

    Parameters
    ----------
    run : Run, optional
        An open run to record into; it stays open. With no argument at all, the run that is active
        when training begins, if there is one.
    log_model : {"all", "best", False}
        Which files of the ``ModelCheckpoint`` callbacks of ``fit`` are uploaded, as versions of the artifact
        ``run-<id>-model``: each, after its epoch, or the best when ``fit`` ends. By default none. What is not
        uploaded is kept as a reference when ``fit`` ends. Aliases: ``best`` and ``last``.
    **init_arguments
        Arguments of :func:`runhooks.init` for the run that is opened when training begins.

    Raises
    ------
    ArgumentError
        For arguments that :func:`runhooks.init` does not take.
    """

    async_safe = True

    def __init__(
        self,
        run: runhooks.Run | None = None,
        *,
        log_model: Literal["all", "best", False] = False,
        **init_arguments: Any,
    ) -> None:
        super().__init__()
        self.session = Session(run, init_arguments)
        self._checkpoints = Checkpoints(log_model)
        self._step = 0
        self._loop: _Loop | None = None
        self._lock = threading.Condition()

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what belongs to this process: the model and the loop."""
        return {**vars(self), "_model": None, "params": None, "_loop": None, "_lock": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _lock=threading.Condition())

    @property
    def run(self) -> runhooks.Run | None:
        """The run of the present or latest loop."""
        return self.session.run

    @guarded
    def on_train_begin(self, logs: Logs = None) -> None:
        """Open the run."""
        self.session.has_nodes = ranks.have_nodes()
        try:
            self._begin("fit")
        finally:  # whatever became of it: the other ranks wait for this one's word
            if ranks.have_nodes() and ranks.take_part(self.session) and _calls.current is not None:
                _calls.current.opened.append(self)

    @guarded
    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Take the step from the optimizer, which BackupAndRestore may have set after `on_train_begin`."""
        if loop := self._in("fit"):
            if loop.first_epoch is None:
                self._step = _steps_of(self._model)
                loop.backup.write(self.session.id)
            else:
                self._checkpoints.look(self.session.live, loop.saved.paths, loop.saved.named())
            loop.begin_epoch(epoch, self._step)

    @guarded
    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Count a batch as being on its way."""
        with self._lock:
            if loop := self._in("fit"):
                loop.pending += 1

    @guarded
    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Log the means so far in the epoch."""
        with self._lock:
            if loop := self._in("fit"):
                loop.pending -= 1
                self._lock.notify_all()
                step = loop.end_batch(batch)
                self._step = max(self._step, step)
                row = {**_named(logs, "train/batch"), "epoch": loop.epoch}
                self.session.log({**row, **loop.report(_REPORT_S)}, step)
                # Of several ranks none stops in mid-epoch: these hooks run late, each rank's by another time.
                if self.session.is_asked_to_stop and not ranks.are_several():
                    self._model.stop_training = True

    @guarded
    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Log what the epoch reports, of training and of validation; stop where asked to."""
        # First, and whatever becomes of the rest: the other ranks wait for this one's word.
        if ranks.are_several() and ranks.any_rank(self.session.is_asked_to_stop):
            self._model.stop_training = True
        with self._lock:
            if loop := self._in("fit"):
                row = {**_named(logs, "train"), "epoch": epoch, **loop.end_epoch()}
                self.session.log(row, self._step)
                rates = _learning_rates(self._model)  # after what Keras reports, which must not fail with it
                self.session.log({name: rate for name, rate in rates.items() if name not in row}, self._step)
                loop.saved.note(epoch, logs or {})

    @guarded
    def on_train_end(self, logs: Logs = None) -> None:
        """End the run where the user's own loop calls the hooks; ``fit`` ends it after all callbacks."""
        self._end("fit")
        if self._loop is None and _calls.current is None:
            self.close()  # a share of another node's run

    @guarded
    def on_test_begin(self, logs: Logs = None) -> None:
        """Open the run again, unless this is inside ``fit``."""
        self._begin("evaluate")

    @guarded
    def on_test_end(self, logs: Logs = None) -> None:
        """Log what ``evaluate`` reports, unless it is the validation of ``fit``."""
        call = _calls.current
        if self._in("evaluate") or (self._loop and call is not None and call.name == "evaluate"):
            self.session.log(_named(logs, "test"), self._step)
            self._end("evaluate")

    @guarded
    def close(self, error: BaseException | None = None) -> None:
        """End the present loop, and its run if this callback opened it.

        Parameters
        ----------
        error : BaseException, optional
            What ended the loop.
        """
        with self._lock:
            loop = self._loop
            if loop is not None and error is not None:  # let the batches arrive that are on their way
                self._lock.wait_for(lambda: loop.pending <= 0, _DRAIN_S)
            self._loop = None
        if loop is not None:
            self._keep_checkpoints(loop)
        self.session.close(error)

    @guarded
    def _keep_checkpoints(self, loop: "_Loop") -> None:
        named = loop.saved.named()
        self._checkpoints.look(self.session.live, loop.saved.paths, named)
        self._checkpoints.end(self.session.live, named)

    def _in(self, name: str) -> "_Loop | None":
        return self._loop if self._loop is not None and self._loop.name == name else None

    def _begin(self, name: str) -> None:
        if self._loop is not None or not ranks.is_first():
            return
        call, params = _calls.current, self.params or {}
        arguments = call.arguments if call is not None else {}
        epochs, steps = params.get("epochs") or 0, params.get("steps")
        if name == "fit" and epochs <= arguments.get("initial_epoch", 0):
            return
        is_first = not self.session.has_fit
        others = callbacks_of(arguments) if name == "fit" else []
        loop = _Loop(name, epochs, steps, _batch_size(arguments), is_wrapped=call is not None)
        loop.saved, loop.backup = SavedModels(others), Backup(others, self)
        self._checkpoints.pass_over(loop.saved.patterns)  # of an earlier fit
        self.session.saved_id = loop.backup.read()
        self.session.open(is_fit=name == "fit")
        self._loop = loop
        if call is not None:
            call.opened.append(self)
        if name == "fit" or is_first:
            self._step = _steps_of(self._model)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # of Keras reading its own variables
                facts = _facts(self._model, loop, arguments)
            self.session.describe(facts, only_new=True)

    def _end(self, name: str) -> None:
        if (loop := self._in(name)) and not loop.is_wrapped:
            self.close()


@dataclass
class _Loop:
    """A loop in progress: how far it is, how fast it goes."""

    name: str
    epochs: int
    steps: int | None  # batches in an epoch
    batch_size: int | None
    is_wrapped: bool
    saved: SavedModels = field(default_factory=lambda: SavedModels([]))
    backup: Backup = field(default_factory=lambda: Backup([], None))
    pace: Pace = field(default_factory=Pace)
    pending: int = 0  # batches begun whose end was not heard of
    epoch: int = 0
    first_epoch: int | None = None
    _first_step: int = 0  # of the epoch
    _done: int = 0  # batches of the epoch
    _latest: float = 0.0

    def begin_epoch(self, epoch: int, step: int) -> None:
        if self.first_epoch is None:
            self.first_epoch = epoch
            self.pace = Pace(step)
        self.epoch, self._first_step, self._done = epoch, step, 0
        self.pace.go_on()

    def end_batch(self, batch: int) -> int:
        """Return the step that `batch` ends; with ``steps_per_execution`` it may lie past the epoch's end."""
        done = min(batch + 1, self.steps or batch + 1)
        self._done = max(self._done, done)
        self._latest = time.monotonic()
        return self._first_step + done

    def end_epoch(self) -> dict[str, float]:
        """Return the speed of what was not reported yet; validation and other callbacks count as a pause."""
        self.steps = self.steps or self._done
        speed = self.report()
        self.pace.pause(self._latest)
        return speed

    def report(self, every: float = 0.0) -> dict[str, float]:
        """Return the speed since the last report and the time left, if that was `every` seconds ago."""
        if self.pace.since_lap(self._latest) <= every:
            return {}
        if self.epochs and self.steps:
            epochs_left = self.epochs - self.epoch
            self.pace.total = self._first_step + epochs_left * self.steps
        done = self._first_step + self._done
        self.pace.count(samples=(done - self.pace.done) * (self.batch_size or 0))
        return self.pace.lap(done, self._latest)


def _is_inner(_outer: Call | None, _model: Any, keywords: Mapping[str, Any]) -> bool:
    """Tell the validation of ``fit``."""
    return "_use_cached_eval_dataset" in keywords


for _name in ("fit", "evaluate"):
    _calls.wrap(keras.Model, _name, _is_inner)


def _named(logs: Logs, stage: str) -> dict[str, Any]:
    """Return `logs` by the names they are recorded under; a prefix that is there stays."""
    return {_full_name(name, stage): value for name, value in (logs or {}).items()}


def _full_name(name: str, stage: str) -> str:
    if stage == "train/batch":  # not to mix with the values of whole epochs
        return f"{stage}/{name.removeprefix('train/')}"
    if stage == "train" and name.startswith("val_"):
        return f"val/{name.removeprefix('val_').removeprefix('val/')}"
    return name if name.startswith(_PREFIXES) else f"{stage}/{name}"


def _steps_of(model: Any) -> int:
    optimizer = getattr(model, "optimizer", None)
    iterations = int(getattr(optimizer, "iterations", 0))
    return iterations * int(getattr(optimizer, "gradient_accumulation_steps", None) or 1)


def _learning_rates(model: Any) -> dict[str, float]:
    optimizer = getattr(model, "optimizer", None)
    several = {f"_{each.name}": each for each in getattr(optimizer, "optimizers", ())} or {"": optimizer}
    return {
        f"train/learning_rate{suffix}": float(each.learning_rate)
        for suffix, each in several.items()
        if each is not None
    }


def _batch_size(arguments: Mapping[str, Any]) -> int | None:
    """Return the samples in a full batch, as far as the arguments of the loop tell."""
    x = arguments.get("x")
    shape = getattr((keras.tree.flatten(x) or [None])[0], "shape", None)
    return min(arguments.get("batch_size") or 32, shape[0]) if shape else getattr(x, "batch_size", None)


def _facts(model: Any, loop: _Loop, arguments: Mapping[str, Any]) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "keras": {"backend": keras.backend.backend(), "version": keras.__version__},
        "model": {"class": type(model).__name__, "name": model.name, "dtype": model.dtype_policy.name},
        "loss": keras.tree.map_structure(_label, getattr(model, "loss", None)),
    }
    if loop.name == "fit":
        facts["fit"] = {"epochs": loop.epochs, "steps_per_epoch": loop.steps, "batch_size": loop.batch_size}
        facts["fit"] |= {name: arguments[name] for name in _FIT if arguments.get(name) is not None}
    if (optimizer := getattr(model, "optimizer", None)) is not None:
        settings = {name: value for name, value in optimizer.get_config().items() if value is not None}
        facts["optimizer"] = {"class": type(optimizer).__name__, **settings}
    if model.built:  # else there is nothing to count
        lines: list[str] = []
        model.summary(print_fn=lambda line, **_: lines.append(line))
        trainable = sum(math.prod(weight.shape) for weight in model.trainable_weights)
        facts["model"] |= {"parameters": model.count_params(), "trainable_parameters": trainable}
        facts["model"]["summary"] = "\n".join(lines)[:_LONGEST_SUMMARY]
    return facts


def _label(loss: Any) -> str | None:
    return loss if loss is None or isinstance(loss, str) else getattr(loss, "__name__", type(loss).__name__)
