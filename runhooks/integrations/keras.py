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

import functools
import inspect
import math
import os
import threading
import time
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Concatenate, Literal, ParamSpec
from weakref import WeakSet

import keras

import runhooks
from runhooks.errors import ArgumentError, RunExistsError

__all__ = ["RunCallback"]

P = ParamSpec("P")
Hook = Callable[Concatenate["RunCallback", P], None]
Logs = Mapping[str, Any] | None

_ONLY_WHEN_NEW = {"config", "name", "notes", "tags", "group", "job_type"}
_PREFIXES = ("train/", "val/", "eval/", "test/")
_REPORT_S = 10.0
_DRAIN_S = 0.5
_LONGEST_SUMMARY = 20_000
_FIT = ("initial_epoch", "validation_split", "class_weight", "shuffle")

_opened: WeakSet[runhooks.Run] = WeakSet()
"""The runs of all callbacks: no other callback joins one, be it in a loop inside or in another thread."""


def guarded(hook: Hook[P]) -> Hook[P]:
    """Keep the faults of a hook out of the training: warn of the first, go on."""

    @functools.wraps(hook)
    def body(callback: "RunCallback", /, *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            hook(callback, *args, **kwargs)
        except Exception as error:  # noqa: BLE001 - no fault of a tracker, whatever it is, may end a training
            callback.warn(error)

    return body


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

    Attributes
    ----------
    run : Run or None
        The run of the present or latest loop.

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
        if log_model not in ("all", "best", False):
            raise ArgumentError(f"log_model is 'all', 'best' or False, not {log_model!r}")
        if run is not None and init_arguments:
            raise ArgumentError("RunCallback() takes a run, or arguments for a new one, not both")
        runhooks.check_arguments(**init_arguments)
        self.run = run
        self._given_run = run
        self._log_model = log_model
        self._arguments = init_arguments
        self._given_id = init_arguments.get("id") or os.environ.get("RUNHOOKS_ID")
        self._id = self._given_id or runhooks.generate_id()
        self._is_known = False  # whether this callback has opened the run of that id
        self._has_fit = False
        self._has_warned = False
        self._alerted: set[str] = set()
        self._step = 0
        self._loop: _Loop | None = None
        self._lock = threading.Condition()

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what belongs to this process: the model, the loop, a run of the callback's own."""
        left_out = {"_model": None, "params": None, "_loop": None, "_lock": None}
        return {**vars(self), **left_out, "run": self._given_run}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _lock=threading.Condition())

    @guarded
    def on_train_begin(self, logs: Logs = None) -> None:
        """Open the run."""
        self._begin("fit")

    @guarded
    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Take the step from the optimizer, which BackupAndRestore may have set after `on_train_begin`."""
        if loop := self._in("fit"):
            if loop.first_epoch is None:
                self._step = _steps_of(self._model)
            elif self._log_model == "all":
                self._upload(loop)
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
                self._log({**row, **loop.report(_REPORT_S)}, step)
                if self.run is not None and _is_alone() and self.run.stop_requested:
                    self._model.stop_training = True

    @guarded
    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Log what the epoch reports, of training and of validation."""
        with self._lock:
            if loop := self._in("fit"):
                row = {**_named(logs, "train"), "epoch": epoch, **loop.report()}
                self._log(row, self._step)
                rates = _learning_rates(self._model)  # after what Keras reports, which must not fail with it
                self._log({name: rate for name, rate in rates.items() if name not in row}, self._step)
                loop.checkpoints.note(epoch, logs or {})

    @guarded
    def on_train_end(self, logs: Logs = None) -> None:
        """End the run where the user's own loop calls the hooks; ``fit`` ends it after all callbacks."""
        self._end("fit")

    @guarded
    def on_test_begin(self, logs: Logs = None) -> None:
        """Open the run again, unless this is inside ``fit``."""
        self._begin("evaluate")

    @guarded
    def on_test_end(self, logs: Logs = None) -> None:
        """Log what ``evaluate`` reports, unless it is the validation of ``fit``."""
        call = _call.get()
        if self._in("evaluate") or (self._loop and call is not None and call.name == "evaluate"):
            self._log(_named(logs, "test"), self._step)
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
        if self.run is not None and loop is not None and loop.owns_run:
            self.run.finish(error=error, keep=loop.keeps_end and error is None)

    def warn(self, error: Exception) -> None:
        """Say the first fault of this callback, as a RuntimeWarning that never raises."""
        if not self._has_warned:
            self._has_warned = True
            what = f"{type(error).__name__}: {error}".rstrip(". ")
            message = f"runhooks: {what}. Training goes on; its record may have gaps"
            with suppress(RuntimeWarning):  # under -W error
                warnings.warn(message, RuntimeWarning, stacklevel=3)

    def _upload(self, loop: "_Loop") -> None:
        """Upload the checkpoints that were saved since the last time."""
        named = loop.checkpoints.named()
        for path in loop.checkpoints.fresh():
            if self.run is not None:
                self.run.log_model(path, aliases=named.get(path, []))

    @guarded
    def _keep_checkpoints(self, loop: "_Loop") -> None:
        if self._log_model == "all":
            self._upload(loop)
        elif self.run is not None:
            for path, aliases in loop.checkpoints.named().items():
                self.run.log_model(
                    path, aliases=aliases, upload=self._log_model == "best" and "best" in aliases
                )

    def _in(self, name: str) -> "_Loop | None":
        return self._loop if self._loop is not None and self._loop.name == name else None

    def _begin(self, name: str) -> None:
        if self._loop is not None or not _is_first_process():
            return
        call, params = _call.get(), self.params or {}
        arguments = call.arguments if call is not None else {}
        epochs, steps = params.get("epochs") or 0, params.get("steps")
        if name == "fit" and epochs <= arguments.get("initial_epoch", 0):
            return
        loop = _Loop(name, epochs, steps, _batch_size(arguments), is_wrapped=call is not None)
        loop.checkpoints.begin(arguments.get("callbacks"))
        joined = self._joined()
        loop.owns_run = joined is None
        loop.keeps_end = name == "evaluate" and (self._is_known or bool(self._arguments.get("resume")))
        self.run = run = self._open(name) if joined is None else joined
        self._loop = loop
        if call is not None:
            call.callbacks.append(self)
        is_first, self._has_fit = not self._has_fit, self._has_fit or name == "fit"
        if name == "fit" or is_first:
            self._step = _steps_of(self._model)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # of Keras reading its own variables
                facts = _facts(self._model, loop, arguments)
            run.config.setdefaults(facts)

    def _joined(self) -> runhooks.Run | None:
        """Return the user's run to record into, if there is one."""
        if self._given_run is not None or self._arguments:
            return self._given_run
        return None if runhooks.run in _opened else runhooks.run

    def _open(self, name: str) -> runhooks.Run:
        goes_on = self._given_id is not None and self._arguments.get("resume") in ("allow", "must", True)
        if name == "fit" and self._has_fit and not goes_on:
            self._id, self._is_known, self._alerted = runhooks.generate_id(), False, set()
        arguments = {**self._arguments, "id": self._id}
        if self._is_known:
            arguments = {key: value for key, value in arguments.items() if key not in _ONLY_WHEN_NEW}
            arguments |= {"resume": "must", "quiet": True}  # the run was announced before
        if runhooks.run is not None:  # somebody else's, and stays theirs
            arguments.setdefault("reinit", "create_new")
        try:
            run = runhooks.init(**arguments)
        except RunExistsError:
            if self._id == self._given_id:
                raise
            self._id = runhooks.generate_id()  # a copy of this callback has used the id allotted to both
            run = runhooks.init(**{**arguments, "id": self._id})
        self._is_known = True
        _opened.add(run)
        return run

    def _end(self, name: str) -> None:
        if (loop := self._in(name)) and not loop.is_wrapped:
            self.close()

    def _log(self, row: Mapping[str, Any], step: int) -> None:
        if self.run is None:
            return
        self.run.log(row, step=step)
        for name, value in row.items():
            metric = name.replace("/batch/", "/")
            if isinstance(value, float) and not math.isfinite(value) and metric not in self._alerted:
                self._alerted.add(metric)
                kind = "nan" if math.isnan(value) else "infinite"
                self.run.alert(f"{metric} is {kind}", f"first at step {step}", level="warning")


class _Checkpoints:
    """The files of the ModelCheckpoint callbacks of a ``fit``: only looked at, never touched."""

    def __init__(self) -> None:
        self._callbacks: list[Any] = []
        self._saved: dict[str, float | None] = {}  # path to the value that was watched, the oldest first
        self._seen: set[tuple[str, int]] = set()

    def begin(self, callbacks: Any) -> None:
        """Find the callbacks among those of ``fit``."""
        found = getattr(callbacks, "callbacks", callbacks) or []
        found = found if isinstance(found, list | tuple) else [found]
        self._callbacks = [each for each in found if isinstance(each, keras.callbacks.ModelCheckpoint)]
        for path in {str(each.filepath) for each in self._callbacks}:  # of an earlier fit
            self._seen.add((path, _saved_at(path)))

    def note(self, epoch: int, logs: Mapping[str, Any]) -> None:
        """Remember where each callback saves after an epoch, and the value that it watches."""
        for each in self._callbacks:
            with suppress(KeyError, ValueError, IndexError):  # a name of what is not logged
                path = str(each.filepath).format(epoch=epoch + 1, **logs)
                value = logs.get(each.monitor)
                self._saved.pop(path, None)
                self._saved[path] = None if value is None else float(value)

    def fresh(self) -> list[str]:
        """Return the files that are there and were not at the last call."""
        keys = [(path, _saved_at(path)) for path in self._saved]
        found = [key for key in keys if key[1] and key not in self._seen]
        self._seen.update(found)
        return [path for path, _ in found]

    def named(self) -> dict[str, list[str]]:
        """Return the last file and the best one with these words, the best one last."""
        there = [path for path in self._saved if _saved_at(path)]
        if not there:
            return {}
        named = {there[-1]: ["last"]}
        best = self._best(there)
        if best is not None:
            named[best] = [*named.pop(best, []), "best"]
        return named

    def _best(self, there: list[str]) -> str | None:
        for each in self._callbacks:
            if each.save_best_only:  # only what is better than all before is saved
                return there[-1]
            values = {path: value for path in there if (value := self._saved[path]) is not None}
            if values and "{" in str(each.filepath) and callable(each.monitor_op):
                best = next(iter(values))
                for path, value in values.items():
                    best = path if each.monitor_op(value, values[best]) else best
                return best
        return None


def _saved_at(path: str) -> int:
    with suppress(OSError):
        return os.stat(path).st_mtime_ns  # noqa: PTH116
    return 0


@dataclass
class _Loop:
    """A loop in progress: how far it is, how fast it goes."""

    name: str
    epochs: int
    steps: int | None  # batches in an epoch
    batch_size: int | None
    is_wrapped: bool
    owns_run: bool = False
    keeps_end: bool = False
    pending: int = 0  # batches begun whose end was not heard of
    epoch: int = 0
    first_epoch: int | None = None
    checkpoints: _Checkpoints = field(default_factory=_Checkpoints)
    _first_step: int = 0  # of the epoch
    _done: int = 0  # batches of the epoch
    _began: float = field(default_factory=time.monotonic)
    _latest: float = 0.0
    _reported: tuple[float, int] = (0.0, 0)  # when, and how many batches were done

    def begin_epoch(self, epoch: int, step: int) -> None:
        self.first_epoch = epoch if self.first_epoch is None else self.first_epoch
        self.epoch, self._first_step, self._done = epoch, step, 0
        self._latest = time.monotonic()
        self._reported = (self._latest, 0)

    def end_batch(self, batch: int) -> int:
        """Return the step that `batch` ends; with ``steps_per_execution`` it may lie past the epoch's end."""
        done = min(batch + 1, self.steps or batch + 1)
        self._done = max(self._done, done)
        self._latest = time.monotonic()
        return self._first_step + done

    def report(self, every: float = 0.0) -> dict[str, float]:
        """Return the speed since the last report and the time left, if that was `every` seconds ago."""
        since, done = self._reported
        seconds, batches = self._latest - since, self._done - done
        if batches <= 0 or seconds <= every:
            return {}
        self._reported = (self._latest, self._done)
        speed = {"train/steps_per_second": batches / seconds}
        if self.batch_size:
            speed["train/samples_per_second"] = batches * self.batch_size / seconds
        if self.epochs and (self.steps or not every):
            epochs = self.epoch - (self.first_epoch or 0) + self._done / (self.steps or self._done)
            left = self.epochs - (self.first_epoch or 0) - epochs
            speed["train/eta_seconds"] = max(0.0, (time.monotonic() - self._began) / epochs * left)
        return speed


@dataclass
class _Call:
    """One call of ``fit`` or ``evaluate``, and the callbacks that began in it."""

    name: str
    arguments: Mapping[str, Any]
    callbacks: list[RunCallback] = field(default_factory=list)

    def end(self, error: BaseException | None = None) -> None:
        for callback in self.callbacks:
            callback.close(error)


_call: ContextVar[_Call | None] = ContextVar("runhooks_keras_call", default=None)


def _wrap(name: str) -> None:
    original = getattr(keras.Model, name)
    signature = inspect.signature(original)

    @functools.wraps(original)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if "_use_cached_eval_dataset" in kwargs:  # the validation of `fit`
            return original(*args, **kwargs)
        arguments: Mapping[str, Any] = {}
        with suppress(TypeError):  # the original says it better
            arguments = signature.bind(*args, **kwargs).arguments
        call = _Call(name, arguments)
        token = _call.set(call)
        try:
            result = original(*args, **kwargs)
        except BaseException as error:
            call.end(error)
            raise
        else:
            call.end()
            return result
        finally:
            _call.reset(token)

    setattr(keras.Model, name, wrapped)


for _name in ("fit", "evaluate"):
    _wrap(_name)


def _is_first_process() -> bool:
    """Whether this process has global rank 0, as far as the backend knows."""
    if keras.backend.backend() == "jax":
        import jax

        return jax.process_index() == 0
    if keras.backend.backend() == "torch":
        from torch import distributed

        if distributed.is_available() and distributed.is_initialized():
            return distributed.get_rank() == 0
    return os.environ.get("RANK", "0") == "0"


def _is_alone() -> bool:
    """Whether this is the only process of the training: another would wait for one that stops."""
    if keras.backend.backend() == "jax":
        import jax

        return bool(jax.process_count() == 1)
    return os.environ.get("WORLD_SIZE", "1") == "1" and "TF_CONFIG" not in os.environ


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
