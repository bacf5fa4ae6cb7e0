"""RunCallback for the Trainer of transformers, and those built on it: TRL, sentence-transformers, axolotl.

>>> from runhooks.integrations.transformers import RunCallback
>>> Trainer(..., callbacks=[RunCallback(project="tiny-lm")]).train()  # doctest: +SKIP

Importing this module also makes ``TrainingArguments(report_to="runhooks")`` work; ``RUNHOOKS_*``
variables, or a run that the script has opened, then say where the metrics go.
"""

import os
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Literal

import runhooks
from runhooks.errors import MissingExtraError

from ._loops.calls import Call, Calls
from ._loops.checkpoints import Checkpoints
from ._loops.guard import guarded
from ._loops.pace import Pace
from ._loops.session import Session

try:
    from transformers import Trainer, TrainerCallback
    from transformers.integrations.integration_utils import INTEGRATION_TO_CALLBACK
    from transformers.trainer_callback import ExportableState

    from ._loops import nodes
    from ._loops.torch_parts import any_rank, size
except ImportError as error:
    raise MissingExtraError(f"{error}; to install it: pip install 'runhooks[transformers]'") from error

__all__ = ["RunCallback"]

_SPLITS = ("eval", "test", "val")
_AGREE_STEPS = 20
"""Ranks tell each other so often whether to stop: it costs them a message, and a wait for the device."""

_calls = Calls("transformers")


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
        self.session = Session(run, init_arguments)
        self._checkpoints = Checkpoints(log_model)
        self._pace = Pace()
        self._tokens = 0
        self._search: str | None = None
        self._is_fitting = False
        self._saved: str | None = None
        self._best: str | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the training that goes on here."""
        return {**vars(self), "_is_fitting": False}

    @property
    def run_id(self) -> str:
        """The id of the run, known before it is opened."""
        return self.session.id

    @run_id.setter
    def run_id(self, id: str) -> None:
        self.session.move(id)  # what the Trainer restores from a checkpoint

    @property
    def run(self) -> runhooks.Run | None:
        """The run that metrics go to now; None while none is open."""
        return self.session.live or self.session.given

    # What the Trainer calls. `state` is the same on all ranks but for is_world_process_zero.

    @guarded
    def on_init_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Part from the run of an earlier Trainer that had this callback."""
        if self.session.is_known and self.session.live is None:
            self.session.renew()

    @guarded
    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Open the run of this fit; or, where the fit begins again in mid-run, say so."""
        self.session.has_nodes = nodes.are_several()
        try:
            if (call := _calls.current) is not None:
                _take_over(call, self)
            if state.is_world_process_zero:
                self._begin_training(call, args, state, kwargs)
        finally:  # whatever became of it: the other ranks wait for this one's word
            if nodes.are_several():
                self._take_part(args)

    def _take_part(self, args: Any) -> None:
        tell = partial(nodes.by_torch, device=args.device)
        rank, local_rank = args.process_index, args.local_process_index
        has_share = nodes.take_part(self.session, tell, rank=rank, local_rank=local_rank)
        if has_share and _calls.current is not None:
            _calls.current.opened.append(self)

    def _begin_training(self, call: Call | None, args: Any, state: Any, kwargs: Mapping[str, Any]) -> None:
        if call is None or not any(each.__dict__ is self.__dict__ for each in call.opened):
            self._begin(args, state)
        elif self.run is not None:  # auto_find_batch_size: the same run
            text = f"Out of memory: the batch size is {state.train_batch_size} now."
            self.run.alert("Training began again", text, level="warning")
        self._pace = Pace(state.global_step, state.max_steps)
        self._tokens = int(state.num_input_tokens_seen)
        self._set_goal(args)
        self._describe(_training, args, state)
        self._describe(_optimizer, kwargs.get("optimizer"))
        self._describe(_model, kwargs.get("model"))

    @guarded
    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """End the training on all ranks where somebody asked the run to stop."""
        is_asked = self.session.is_asked_to_stop
        if args.world_size > 1:
            if state.global_step % _AGREE_STEPS:
                return
            is_asked = any_rank(is_asked, args.device)
        if is_asked:
            control.should_training_stop = True

    @guarded
    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
        """Log what the Trainer reports; an evaluation's metrics come here too, before ``on_evaluate``."""
        if not state.is_world_process_zero:
            return
        reported = _as_reported(state, logs or {})
        row = _named(reported)
        if "loss" in reported:
            row = self._lap(args, state) | row
        else:
            self._pace.leave_out(reported.get(f"{_split(reported)}_runtime", 0.0))
        self._log(row, args, state)

    @guarded
    def on_predict(self, args: Any, state: Any, control: Any, metrics: Any = None, **kwargs: Any) -> None:
        """Log the metrics of ``predict()``, which the Trainer reports nowhere else."""
        if state.is_world_process_zero:
            self._log(_named(metrics or {}), args, state)

    @guarded
    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Note a checkpoint, and upload it where all are wanted."""
        saved = os.path.join(args.output_dir, f"checkpoint-{state.global_step}")  # noqa: PTH118
        if self.session.live is not None and state.is_world_process_zero and os.path.isdir(saved):  # noqa: PTH112
            self._saved, self._best = saved, state.best_model_checkpoint
            self._checkpoints.look(self.session.live, [saved], self._named_checkpoints())

    @guarded
    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """End the run of a Trainer that has a ``train`` of its own; else the end of ``train`` does it."""
        self._keep_checkpoints()
        if _calls.current is None:
            self.close()

    def state(self) -> dict[str, dict[str, Any]]:
        """Return what the Trainer's checkpoints keep: the run's id."""
        return {"args": {}, "attributes": {"run_id": self.run_id}}

    # Opening and ending

    def _begin(self, args: Any, state: Any) -> None:
        self.close(None, exit_code=1)  # an earlier fit whose end nobody saw
        self.session.saved_id = self._saved_id(state)
        self._search = (self._search or f"search-{self.run_id}") if state.is_hyper_param_search else None
        name = state.trial_name or (None if args.run_name == args.output_dir else args.run_name)
        self._is_fitting = True
        self._open(is_fit=True, name=name, group=self._search)

    def _saved_id(self, state: Any) -> str | None:
        """Return the run id in the checkpoint that the fit goes on from, if it does.

        In a fresh fit ``stateful_callbacks`` holds what our own :meth:`state` said before it. Where several
        callbacks of a class have saved a list of ids, none is ours for sure.
        """
        saved = state.stateful_callbacks.get(type(self).__name__) if state.global_step else None
        found = saved.get("attributes", {}).get("run_id") if isinstance(saved, dict) else None
        return found if isinstance(found, str) else None

    def _open(self, *, is_fit: bool, **labels: str | None) -> None:
        if _calls.current is not None:
            _calls.current.opened.append(self)
        self.session.open(is_fit=is_fit, **labels)

    @guarded
    def close(self, error: BaseException | None = None, exit_code: int | None = None) -> None:
        """End the run that this callback opened, by the exception that ended the work, or None."""
        self._keep_checkpoints()
        self._is_fitting = False
        self.session.close(error, exit_code)

    def _keep_checkpoints(self) -> None:
        self._checkpoints.end(self.session.live, self._named_checkpoints())
        self._saved = self._best = None

    def _named_checkpoints(self) -> dict[str, list[str]]:
        named: dict[str, list[str]] = {}
        for word, path in (("last", self._saved), ("best", self._best)):
            if path is not None and self._saved is not None:
                named.setdefault(path, []).append(word)
        return named

    # What is logged

    def _log(self, row: dict[str, Any], args: Any, state: Any) -> None:
        is_alone = self.session.live is None and not self._is_fitting
        if is_alone:
            self._open(is_fit=False)
        filtered = " The loss is reported without such steps (logging_nan_inf_filter)."
        if row:
            self.session.log(row, state.global_step, filtered if args.logging_nan_inf_filter else "")
        if is_alone and _calls.current is None:
            self.close()

    def _lap(self, args: Any, state: Any) -> dict[str, float]:
        step, tokens = state.global_step, int(state.num_input_tokens_seen)
        self._pace.count(
            samples=(step - self._pace.done) * _batch_size(args, state), tokens=tokens - self._tokens
        )
        self._tokens = tokens
        return self._pace.lap(step)

    @guarded
    def _describe(self, facts: Callable[..., dict[str, Any]], *sources: Any) -> None:
        if self.session.live is not None:
            self.session.describe(facts(*sources))

    @guarded
    def _set_goal(self, args: Any) -> None:
        if self.run is not None and args.metric_for_best_model:
            best = _name("eval_" + args.metric_for_best_model.removeprefix("eval_"))
            self.run.define_metric(best, goal="maximize" if args.greater_is_better else "minimize")


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


def _model(model: Any) -> dict[str, Any]:
    layers = [(name, layer) for name, layer in model.named_modules() if name and name.count(".") < 2]
    found = {
        "class": type(model).__name__,
        "parameters": size(model),
        "trainable_parameters": size(model, only_trainable=True),
        "summary": "\n".join(
            f"{name}: {type(layer).__name__}, {size(layer):,}" for name, layer in layers[:40]
        ),
    }
    for name in ("config", "peft_config"):
        if (part := getattr(model, name, None)) is not None:
            found[name] = part.to_dict() if hasattr(part, "to_dict") else part
    return {"model": found}


# The Trainer has no hook for errors: after the step that fails, nothing is called. So its methods end the
# runs that callbacks opened within them.


def _take_over(call: Call, new: RunCallback) -> None:
    """Give `new` the state of the callback that ``restore_callback_states_from_checkpoint`` put it for.

    It was made without that one's arguments, which hold secrets and are in no checkpoint.
    """
    before: list[RunCallback] = call.noted
    for index, old in enumerate(before):
        if new not in before and type(new) is type(old) and old not in _callbacks(call.owner):
            before[index] = new
            new.__dict__ = old.__dict__


def _callbacks(trainer: Trainer) -> list[RunCallback]:
    known = getattr(getattr(trainer, "callback_handler", None), "callbacks", ())
    return [callback for callback in known if isinstance(callback, RunCallback)]


def _is_inner(outer: Call | None, trainer: Any, _: Mapping[str, Any]) -> bool:
    """Tell an evaluation within the training."""
    return outer is not None and outer.owner is trainer


for _method in ("train", "evaluate", "predict"):
    _calls.wrap(Trainer, _method, _is_inner, note=_callbacks)
INTEGRATION_TO_CALLBACK["runhooks"] = RunCallback
