"""RunCallback for the Trainer of transformers, and those built on it: TRL, sentence-transformers, axolotl.

>>> from runhooks.integrations.transformers import RunCallback
>>> Trainer(..., callbacks=[RunCallback(project="tiny-lm")]).train()  # doctest: +SKIP

Importing this module also makes ``TrainingArguments(report_to="runhooks")`` work; ``RUNHOOKS_*``
variables, or a run that the script has opened, then say where the metrics go.
"""

import copy
import functools
import logging
import math
import os
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from numbers import Real
from typing import Any, Literal, ParamSpec, Self

import runhooks
from runhooks.errors import ArgumentError, MissingExtraError, RunExistsError

try:
    from torch import distributed, tensor
    from torch.nn import Module
    from transformers import Trainer, TrainerCallback
    from transformers.integrations.integration_utils import INTEGRATION_TO_CALLBACK
    from transformers.trainer_callback import ExportableState
except ImportError as error:
    raise MissingExtraError(f"{error}; to install it: pip install 'runhooks[transformers]'") from error

__all__ = ["RunCallback"]

_P = ParamSpec("_P")
_SPLITS = ("eval", "test", "val")
_AGREE_STEPS = 20
"""Ranks tell each other so often whether to stop: it costs them a message, and a wait for the device."""


def _guarded(method: Callable[_P, None]) -> Callable[_P, None]:
    """Keep the tracker's faults out of the training: warn once, go on.

    The one place that catches Exception: anything may fail in a hook (a disk, a strange config, a
    later version of the framework), and none of it is worth the user's training.
    """

    @functools.wraps(method)
    def guarded(*args: _P.args, **kwargs: _P.kwargs) -> None:
        try:
            method(*args, **kwargs)
        except Exception as fault:  # noqa: BLE001
            callback: Any = args[0]
            callback.warn(fault)

    return guarded


class RunCallback(TrainerCallback, ExportableState):
    """Records each ``Trainer.train()`` as a run.

    The run is opened as the training loop begins, on global rank 0 only, and ended by what happened:
    finished, failed or killed. ``evaluate()`` and ``predict()`` afterwards go to the same run; another
    ``train()``, and each trial of a hyperparameter search, gets a new one. The run's id lies in the
    Trainer's checkpoints, so that ``train(resume_from_checkpoint=...)`` goes on with the same run.

    Parameters
    ----------
    run : runhooks.Run, optional
        A run to log to; it stays open. Without any argument, that is the run which the script has open.
    log_model : {"all", "best", False}
        Which checkpoints of the Trainer's are uploaded, as versions of the artifact ``run-<id>-model``: each,
        as it is saved, or the best when the training ends. By default none. What is not uploaded is kept as
        a reference when the training ends. Aliases: ``best`` and ``last``. Their folders are only read.
    **init_arguments
        Arguments of :func:`runhooks.init` for the runs that the callback opens.

    Attributes
    ----------
    run_id : str
        The id of the run, known before it is opened.

    Raises
    ------
    ArgumentError
        For a wrong argument. Whatever goes wrong later is said in one RuntimeWarning.
    """

    def __init__(
        self,
        run: runhooks.Run | None = None,
        *,
        log_model: Literal["all", "best", False] = False,
        **init_arguments: Any,
    ) -> None:
        if log_model not in ("all", "best", False):
            raise ArgumentError(f"log_model is 'all', 'best' or False, not {log_model!r}")
        if run is not None and not (hasattr(run, "log") and not init_arguments):
            raise ArgumentError(
                "RunCallback takes run=, a run, or arguments to open one: RunCallback(project=...)"
            )
        runhooks.check_arguments(**init_arguments)
        self._init = init_arguments
        self._asked_id = init_arguments.get("id") or os.environ.get("RUNHOOKS_ID")
        self.run_id: str = getattr(run, "id", None) or self._asked_id or runhooks.generate_id()
        self._foreign, self._given = run, run is not None
        self._run: runhooks.Run | None = None
        self._search: str | None = None
        self._opened = self._fitted = self._fitting = self._warned = False
        self._not_finite: set[str] = set()
        self._pace = _Pace()
        self._log_model = log_model
        self._saved: str | None = None
        self._best: str | None = None

    @property
    def run(self) -> runhooks.Run | None:
        """The run that metrics go to now; None while none is open."""
        return self._foreign or self._run

    # What the Trainer calls. `state` is the same on all ranks but for is_world_process_zero.

    @_guarded
    def on_init_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Part from the run of an earlier Trainer that had this callback."""
        if self._opened and self._run is None:
            self._allot_id()

    @_guarded
    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Open the run of this fit; or, where the fit begins again in mid-run, say so."""
        if not state.is_world_process_zero:
            return
        scope = _scope.get()
        if scope is not None:
            scope.replace(self)
        if scope is None or not scope.opened_by(self):
            self._begin(args, state)
        elif self.run is not None:  # auto_find_batch_size: the same run
            text = f"Out of memory: the batch size is {state.train_batch_size} now."
            self.run.alert("Training began again", text, level="warning")
        self._pace = _Pace(time.monotonic(), state.global_step, int(state.num_input_tokens_seen))
        self._set_goal(args)
        self._describe(_training, args, state)
        self._describe(_optimizer, kwargs.get("optimizer"))
        self._describe(_model, kwargs.get("model"))

    @_guarded
    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """End the training on all ranks where somebody asked the run to stop."""
        is_asked = self.run is not None and self.run.stop_requested
        if args.world_size > 1:
            if state.global_step % _AGREE_STEPS:
                return
            is_asked = _any_rank(is_asked, args.device)
        if is_asked:
            control.should_training_stop = True

    @_guarded
    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
        """Log what the Trainer reports; an evaluation's metrics come here too, before ``on_evaluate``."""
        if not state.is_world_process_zero:
            return
        reported = _as_reported(state, logs or {})
        row = _named(reported)
        if "loss" in reported:
            row = self._pace.lap(args, state) | row
        else:
            self._pace.paused += reported.get(f"{_split(reported)}_runtime", 0.0)
        self._log(row, args, state)

    @_guarded
    def on_predict(self, args: Any, state: Any, control: Any, metrics: Any = None, **kwargs: Any) -> None:
        """Log the metrics of ``predict()``, which the Trainer reports nowhere else."""
        if state.is_world_process_zero:
            self._log(_named(metrics or {}), args, state)

    @_guarded
    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Note a checkpoint, and upload it where all are wanted."""
        saved = os.path.join(args.output_dir, f"checkpoint-{state.global_step}")  # noqa: PTH118
        if self.run is None or not state.is_world_process_zero or not os.path.isdir(saved):  # noqa: PTH112
            return
        self._saved, self._best = saved, state.best_model_checkpoint
        if self._log_model == "all":
            self.run.log_model(saved, aliases=["last", *(["best"] if saved == self._best else [])])

    @_guarded
    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """End the run of a Trainer that has a ``train`` of its own; else the end of ``train`` does it."""
        self._keep_checkpoints()
        if _scope.get() is None:
            self.close(None)

    def state(self) -> dict[str, dict[str, Any]]:
        """Return what the Trainer's checkpoints keep: the run's id."""
        return {"args": {}, "attributes": {"run_id": self.run_id}}

    # Opening and ending

    def _begin(self, args: Any, state: Any) -> None:
        self.close(None, exit_code=1)  # an earlier fit whose end nobody saw
        if not self._given:
            self._foreign = None
        saved = self._saved_id(state)
        if saved is not None and self._asked_id in (None, saved):
            self._allot_id(saved)
        elif self._fitted or (state.is_hyper_param_search and self._asked_id is None):
            self._allot_id()
        self._search = (self._search or f"search-{self.run_id}") if state.is_hyper_param_search else None
        self._fitting = True
        name = state.trial_name or (None if args.run_name == args.output_dir else args.run_name)
        self._open("allow" if saved == self.run_id else "never", name=name, group=self._search)
        self._fitted = True

    def _saved_id(self, state: Any) -> str | None:
        """Return the run id in the checkpoint that the fit goes on from, if it does.

        In a fresh fit ``stateful_callbacks`` holds what our own :meth:`state` said before it. Where several
        callbacks of a class have saved a list of ids, none is ours for sure.
        """
        saved = state.stateful_callbacks.get(type(self).__name__) if state.global_step else None
        found = saved.get("attributes", {}).get("run_id") if isinstance(saved, dict) else None
        return found if isinstance(found, str) else None

    def _open(self, resume: str = "never", **labels: str | None) -> None:
        if (scope := _scope.get()) is not None:
            scope.opened.append(self)
        if not self._init and self._foreign is None and runhooks.run is not None:
            self._foreign, self.run_id = runhooks.run, runhooks.run.id
        if self._foreign is not None:
            return
        try:
            self._run = runhooks.init(**self._arguments(resume, labels))
        except RunExistsError:
            if self.run_id == self._asked_id:
                raise
            self._allot_id()  # a copy of this callback in another process was first
            self._run = runhooks.init(**self._arguments(resume, labels))
        self._opened = True

    def _arguments(self, resume: str, labels: Mapping[str, str | None]) -> dict[str, Any]:
        free = {key: label for key, label in labels.items() if f"RUNHOOKS_{key.upper()}" not in os.environ}
        arguments = {"reinit": "create_new"} | free | self._init | {"id": self.run_id}
        if self._opened:
            return arguments | {"resume": "must", "reinit": "create_new", "config": None}
        if self.run_id != self._asked_id:  # what the user said of resuming is about another run
            return arguments | {"resume": resume}
        return ({"resume": resume} if resume == "allow" else {}) | arguments

    @_guarded
    def close(self, error: BaseException | None, exit_code: int | None = None) -> None:
        """End the run that this callback opened, by the exception that ended the work, or None."""
        self._keep_checkpoints()
        run, fitting = self._run, self._fitting
        self._run, self._fitting = None, False
        if run is None:
            return
        if error is None and self._fitted and not fitting:  # an evaluation says nothing about the training
            run.finish(exit_code, keep=True)
            return
        if type(error).__name__ == "TrialPruned":  # how optuna ends a trial early; no failure
            run.alert("Trial pruned", str(error))
            error = None
        run.finish(exit_code, error=error)

    def _keep_checkpoints(self) -> None:
        """Keep the best and the last checkpoint of a training, unless each was uploaded."""
        run, last, best = self.run, self._saved, self._best
        self._saved = self._best = None
        if run is None or last is None or self._log_model == "all":
            return
        for path in dict.fromkeys(filter(None, (last, best))):
            if os.path.isdir(path):  # noqa: PTH112
                aliases = [word for word, of in (("last", last), ("best", best)) if of == path]
                run.log_model(path, aliases=aliases, upload=self._log_model == "best" and path == best)

    def _allot_id(self, id: str | None = None) -> None:
        self.run_id = id or runhooks.generate_id()
        self._opened = self._fitted = False
        self._not_finite = set()

    # What is logged

    def _log(self, row: dict[str, Any], args: Any, state: Any) -> None:
        if self.run is None and not self._fitting:
            self._open()
        if (run := self.run) is None or not row:
            return
        run.log(row, step=state.global_step)
        for name, value in row.items():
            if isinstance(value, Real) and not math.isfinite(value) and name not in self._not_finite:
                self._not_finite.add(name)
                text = f"At step {state.global_step}."
                if args.logging_nan_inf_filter:
                    text += " The loss is reported without such steps (logging_nan_inf_filter)."
                run.alert(f"{name} is {'nan' if math.isnan(value) else 'infinite'}", text, level="warning")
        if _scope.get() is None and not self._fitting:
            self.close(None)

    @_guarded
    def _describe(self, facts: Callable[..., dict[str, Any]], *sources: Any) -> None:
        if self.run is not None:
            self.run.config.update(facts(*sources), allow_val_change=True)

    @_guarded
    def _set_goal(self, args: Any) -> None:
        if self.run is not None and args.metric_for_best_model:
            best = _name("eval_" + args.metric_for_best_model.removeprefix("eval_"))
            self.run.define_metric(best, goal="maximize" if args.greater_is_better else "minimize")

    # Faults and copies

    def warn(self, fault: Exception) -> None:
        """Say once that a part is not recorded, and why."""
        if self._warned:
            return
        self._warned = True
        message = f"runhooks records this training only in part: {type(fault).__name__}: {fault}"
        try:
            warnings.warn(message, RuntimeWarning, stacklevel=3)
        except RuntimeWarning:  # where warnings are errors, this one still does not end the training
            logging.getLogger("runhooks").warning(message)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out runs that were not given: they belong to this process."""
        foreign = self._foreign if self._given else None
        return self.__dict__ | {"_run": None, "_foreign": foreign, "_fitting": False}

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return a callback for other trainings, which are other runs unless a run was given."""
        copied = type(self).__new__(type(self))
        copied.__dict__ = copy.deepcopy(self.__getstate__(), memo) | {"_opened": False, "_fitted": False}
        if not self._given and (self._opened or self._asked_id is None):
            copied.run_id = runhooks.generate_id()
        return copied


@dataclass
class _Pace:
    """How fast the training goes, from one report to the next, without the evaluations between them."""

    at: float = 0.0
    step: int = 0
    tokens: int = 0
    paused: float = 0.0

    def lap(self, args: Any, state: Any) -> dict[str, float]:
        """Return the rates since the last call, in 1/s, and the seconds that are left."""
        now, step, tokens = time.monotonic(), state.global_step, int(state.num_input_tokens_seen)
        seconds, steps, new_tokens = now - self.at - self.paused, step - self.step, tokens - self.tokens
        self.at, self.step, self.tokens, self.paused = now, step, tokens, 0.0
        if seconds <= 0 or steps <= 0:
            return {}
        rates = {
            "train/steps_per_second": steps / seconds,
            "train/samples_per_second": steps * _batch_size(args, state) / seconds,
            "train/eta_seconds": (state.max_steps - step) * seconds / steps,
        }
        return rates | ({"train/tokens_per_second": new_tokens / seconds} if new_tokens else {})


def _as_reported(state: Any, logs: Mapping[str, Any]) -> dict[str, Any]:
    """Return a report as the Trainer keeps it: callbacks share `logs`, and PrinterCallback takes from it."""
    kept = state.log_history[-1] if state.log_history else {}
    reported = kept if logs.keys() <= kept.keys() else logs
    return {key: value for key, value in reported.items() if key != "step"}


def _named(reported: Mapping[str, Any]) -> dict[str, Any]:
    split = _split(reported)
    return {_name(key, split): value for key, value in reported.items()}


def _name(key: str, split: str | None = None) -> str:
    """Return ``eval/loss`` for ``eval_loss``, ``train/loss`` for ``loss``; what is filed already stays.

    What the Trainer reports at the end of a fit is an average over it, so ``train_loss`` is
    ``train/train_loss``: no point of another series.
    """
    if key == "epoch" or key.partition("/")[0] in ("train", split, *_SPLITS):
        return key
    for known in (*_SPLITS, split):
        if known and key.startswith(f"{known}_"):
            return f"{known}/{key.removeprefix(f'{known}_')}"
    return f"train/{key}"


def _split(reported: Mapping[str, Any]) -> str | None:
    """Return the `metric_key_prefix` of an evaluation, whose report always has its runtime; else None."""
    found = (key.removesuffix("_runtime") for key in reported if key.endswith("_runtime"))
    return None if "loss" in reported else next((split for split in found if split != "train"), None)


def _any_rank(flag: bool, device: Any) -> bool:
    """Return whether a flag is set on any rank. All ranks call this at the same step."""
    if not (distributed.is_available() and distributed.is_initialized()):
        return flag
    found = tensor(int(flag), device=device)
    distributed.all_reduce(found, op=distributed.ReduceOp.MAX)
    return bool(found.item())


def _batch_size(args: Any, state: Any) -> int:
    """Return the samples of a step, over all processes."""
    size = state.train_batch_size or args.train_batch_size
    return int(size * args.gradient_accumulation_steps * args.world_size)


def _training(args: Any, state: Any) -> dict[str, Any]:
    found = {
        "args": args.to_dict(),
        "max_steps": state.max_steps,
        "total_train_batch_size": _batch_size(args, state),
    }
    return found | ({"trial": state.trial_params} if state.trial_params else {})


def _optimizer(optimizer: Any) -> dict[str, Any]:
    plain = getattr(optimizer, "optimizer", optimizer)  # accelerate wraps it
    return {"optimizer": {"class": type(plain).__name__, **getattr(plain, "defaults", {})}}


def _model(model: Module) -> dict[str, Any]:
    layers = [(name, layer) for name, layer in model.named_modules() if name and name.count(".") < 2]
    found = {
        "class": type(model).__name__,
        "parameters": _size(model),
        "trainable_parameters": _size(model, trainable=True),
        "summary": "\n".join(
            f"{name}: {type(layer).__name__}, {_size(layer):,}" for name, layer in layers[:40]
        ),
    }
    for name in ("config", "peft_config"):
        if (part := getattr(model, name, None)) is not None:
            found[name] = part.to_dict() if hasattr(part, "to_dict") else part
    return {"model": found}


def _size(module: Module, *, trainable: bool = False) -> int:
    """Count parameters; DeepSpeed's stage 3 leaves empty ones and their size in ``ds_numel``."""
    counted = (p for p in module.parameters() if p.requires_grad or not trainable)
    return sum(getattr(p, "ds_numel", p.numel()) for p in counted)


# The Trainer has no hook for errors: after the step that fails, nothing is called. So its methods end the
# runs that callbacks opened within them.


@dataclass
class _Scope:
    """A call of ``train``, ``evaluate`` or ``predict``; the callbacks then, and those that opened runs."""

    trainer: Trainer
    callbacks: list[RunCallback]
    opened: list[RunCallback] = field(default_factory=list)

    def replace(self, new: RunCallback) -> None:
        """Give `new` the state of the callback that ``restore_callback_states_from_checkpoint`` put it for.

        It was made without that one's arguments, which hold secrets and are in no checkpoint.
        """
        for index, old in enumerate(self.callbacks):
            if new not in self.callbacks and type(new) is type(old) and old not in _callbacks(self.trainer):
                self.callbacks[index] = new
                new.__dict__ = old.__dict__

    def opened_by(self, callback: RunCallback) -> bool:
        """Tell whether the callback, or the one it replaced, opened its run here."""
        return any(other.__dict__ is callback.__dict__ for other in self.opened)


_scope: ContextVar[_Scope | None] = ContextVar("runhooks_transformers_scope", default=None)


def _callbacks(trainer: Trainer) -> list[RunCallback]:
    known = getattr(getattr(trainer, "callback_handler", None), "callbacks", ())
    return [callback for callback in known if isinstance(callback, RunCallback)]


@contextmanager
def _ending_runs(trainer: Trainer) -> Iterator[None]:
    outer = _scope.get()
    if outer is not None and outer.trainer is trainer:  # an evaluation within the training
        yield
        return
    scope = _Scope(trainer, _callbacks(trainer))
    token = _scope.set(scope)
    error: BaseException | None = None
    try:
        yield
    except BaseException as raised:
        error = raised
        raise
    finally:
        _scope.reset(token)
        for callback in scope.opened:
            callback.close(error)


def _wrap(name: str) -> None:
    """Make a method of Trainer end runs; its signature, docstring and overriding stay as they were."""
    method = getattr(Trainer, name)
    if getattr(method, "ends_runs", False):  # this module is imported again
        method = method.__wrapped__

    @functools.wraps(method)
    def wrapper(self: Trainer, *args: Any, **kwargs: Any) -> Any:
        with _ending_runs(self):
            return method(self, *args, **kwargs)

    vars(wrapper)["ends_runs"] = True
    setattr(Trainer, name, wrapper)


for _method in ("train", "evaluate", "predict"):
    _wrap(_method)
INTEGRATION_TO_CALLBACK["runhooks"] = RunCallback
