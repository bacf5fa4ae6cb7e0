"""RunCallback and RunLogger for Lightning: ``Trainer(callbacks=[RunCallback(project="digits")])``.

The callback opens a run in the first hook of a loop that does real work, and while that lasts attaches a
logger behind the Trainer's own, so that its rows are those that every logger gets. For ``lightning`` and
``pytorch_lightning``; RunLogger also for Fabric: ``Fabric(loggers=[RunLogger(project="digits")])``.

What Lightning does and this file lives with (2.6):

- ``setup`` is called by learning-rate and batch-size searches too, ``on_fit_start`` only after them.
- Ctrl-C ends as ``SystemExit(1)``: only ``on_exception`` sees the KeyboardInterrupt.
- SIGTERM ends as a SystemExit without a code, at the next batch.
- An error in a process of ``ddp_spawn`` comes up in its parent only, in a callback that never opened a run.
"""

import functools
import os
import re
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from itertools import islice
from math import isfinite, isnan
from time import perf_counter
from typing import TYPE_CHECKING, Any, Concatenate, Literal, ParamSpec, Self

import runhooks
from runhooks.errors import ArgumentError, MissingExtraError, RunExistsError, RunNotFoundError

try:
    from lightning_utilities.core.rank_zero import rank_zero_only
    from torch import Tensor
    from torch.nn.parameter import is_lazy

    if TYPE_CHECKING:
        from lightning.pytorch import Callback, LightningModule, Trainer
        from lightning.pytorch.loggers.logger import DummyLogger, Logger
    else:  # the one that the script has imported, else the one that is there
        _names = [name for name in ("lightning", "pytorch_lightning") if find_spec(name)] or ["lightning"]
        _name = min(_names, key=lambda name: name not in sys.modules)
        _lightning = import_module("lightning.pytorch" if _name == "lightning" else _name)
        Callback, LightningModule, Trainer = _lightning.Callback, Any, Any
        DummyLogger, Logger = _lightning.loggers.logger.DummyLogger, _lightning.loggers.logger.Logger
except ImportError as error:
    raise MissingExtraError(
        f"the Lightning callback needs lightning and torch ({error}): pip install 'runhooks[lightning]'"
    ) from error

__all__ = ["RunCallback", "RunLogger"]

P = ParamSpec("P")
Stage = Literal["train", "val", "test"]

_PREFIX = re.compile(r"(train|val|valid|validation|eval|test)_(.+)", re.DOTALL)
_SECTIONS = {"valid": "val", "validation": "val"}
_ONLY_WHEN_NEW = ("config", "name", "notes", "tags", "group", "job_type")
_MOST_LAYERS = 40
_TRAINER_FACTS = (
    "max_epochs",
    "max_steps",
    "accumulate_grad_batches",
    "gradient_clip_val",
    "precision",
    "log_every_n_steps",
)


def guarded(method: Callable[Concatenate[Any, P], None]) -> Callable[Concatenate[Any, P], None]:
    """Keep a fault of the tracker out of the training: warn of the first, go on."""

    @functools.wraps(method)
    def body(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            method(self, *args, **kwargs)
        except Exception as error:  # noqa: BLE001 - no fault of a tracker, of whatever kind, may end a training
            self.session.warn(error)

    return body


class RunCallback(Callback):
    """Record each ``fit`` as a run: metrics, learning rate, speed, hyperparameters, and how it ended.

    ``validate``, ``test`` and ``predict`` go to the run of the ``fit`` before them, a further ``fit`` to a
    new one. The run's id lies in Lightning's checkpoints, so that ``fit(ckpt_path=...)`` goes on with the
    same run. Metrics keep their names, but for ``train_loss`` and the like, which become ``train/loss``, and
    ``loss`` without a section, which gets that of its loop. Steps are those that Lightning's loggers get.

    Parameters
    ----------
    run : Run, optional
        An open run to record into; it stays open. Without any argument: the one that the script has open.
    log_model : {"all", "best", False}
        Which checkpoints of the Trainer's are uploaded, as versions of the artifact ``run-<id>-model``: each,
        as it is found, or the best when the fit ends. By default none. What is not uploaded is kept as a
        reference when the fit ends. Aliases: ``best`` and ``last``. Their folder is only read.
    **init_arguments
        Arguments of :func:`runhooks.init` for the run that is opened when a loop begins.

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
        self.session = _Session(run, init_arguments)
        self._checkpoints = _Checkpoints(log_model)
        self._pace = _Pace()
        self._rates: dict[str, Any] | None = None  # of a batch whose row is due

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the methods of the model that Lightning puts here."""
        return {name: value for name, value in vars(self).items() if name not in ("log", "log_dict")}

    @property
    def run(self) -> runhooks.Run | None:
        """The run of the present or latest loop."""
        return self.session.run

    # Lightning's hooks, in the order in which it calls them.

    @guarded
    def setup(self, trainer: Trainer, *_: Any, **__: Any) -> None:
        """Forget the loop before. Nothing is opened here."""
        self.session.opened = self.session.saved_id = None

    @guarded
    def on_load_checkpoint(self, trainer: Trainer, pl_module: Any, checkpoint: dict[str, Any]) -> None:
        """Go on with the run of the checkpoint, but for one that a search for a learning rate has saved."""
        callbacks: list[Callback] = trainer.callbacks  # type: ignore[attr-defined] # set by a part of the Trainer
        place = [each for each in callbacks if isinstance(each, RunCallback)].index(self)
        ids = dict(enumerate(checkpoint.get("runhooks", [])))
        self.session.saved_id = ids.get(place) or self.session.saved_id

    @guarded
    def on_save_checkpoint(self, trainer: Trainer, pl_module: Any, checkpoint: dict[str, Any]) -> None:
        """Put the id of the run, at this callback's place among its like, into the checkpoint."""
        # Not by state_dict: two callbacks of one state_key stop the Trainer, and a checkpoint that is
        # loaded without this callback would warn of it.
        checkpoint.setdefault("runhooks", []).append(self.session.opened or "")

    @guarded
    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Open the run of this fit."""
        self._begin(trainer, pl_module, is_fit=True)

    @guarded
    def on_train_start(self, trainer: Trainer, *_: Any) -> None:
        """Begin to count time."""
        self.session.stage = "train"
        if self.session.live is not None:
            self._pace = _Pace(_step_of(trainer), trainer.estimated_stepping_batches, trainer.world_size)

    @guarded
    def on_train_batch_start(self, trainer: Trainer, pl_module: Any, batch: Any, batch_idx: int) -> None:
        """Take the learning rates that this batch is going to use, if its row is due."""
        is_due = self.session.live is not None and _is_due(trainer, batch_idx)
        if is_due:
            self._checkpoints.look(trainer, self.session)
        self._rates = dict(_learning_rates(trainer)) if is_due else None

    @guarded
    def on_train_batch_end(
        self, trainer: Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Count the batch, log learning rates and speed beside Lightning's own row; stop where asked to."""
        # First, and whatever becomes of the rest: the other ranks wait for this one's word.
        _agree_to_stop(trainer, self.session.is_asked_to_stop, batch_idx)
        self._pace.count(batch)
        if self._rates is not None:
            step = _step_of(trainer)
            self.session.log({"epoch": trainer.current_epoch, **self._rates, **self._pace.lap(step)}, step)

    @guarded
    def on_validation_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Leave out the time of validation; open the run of a ``validate``."""
        self.session.stage = "val"
        self._pace.pause()
        self._begin_alone(trainer, pl_module)

    @guarded
    def on_validation_end(self, *_: Any) -> None:
        """Go on counting time."""
        self.session.stage = "train"
        self._pace.go_on()

    @guarded
    def on_test_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Open the run of a ``test``."""
        self.session.stage = "test"
        self._begin_alone(trainer, pl_module)

    @guarded
    def on_predict_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Open the run of a ``predict``."""
        self._begin_alone(trainer, pl_module)

    @guarded
    def teardown(self, trainer: Trainer, *_: Any, **__: Any) -> None:
        """End the run: the loop came to its end."""
        self._end(trainer, None)

    @guarded
    def on_exception(self, trainer: Trainer, pl_module: Any, exception: BaseException) -> None:
        """End the run by what happened."""
        self._end(trainer, exception)

    @guarded
    def _keep_checkpoints(self, trainer: Trainer) -> None:
        if trainer.state.fn == "fit":
            self._checkpoints.end(trainer, self.session)

    def _begin_alone(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if trainer.state.fn != "fit":
            self._begin(trainer, pl_module, is_fit=False)

    def _begin(self, trainer: Trainer, pl_module: LightningModule, *, is_fit: bool) -> None:
        if trainer.fast_dev_run or trainer.barebones:  # type: ignore[attr-defined]
            return
        # On all ranks, as callbacks of Lightning's ask whether there is a logger.
        trainer.loggers = [*trainer.loggers, _Rows(self.session, trainer.default_root_dir)]
        if not trainer.is_global_zero:
            return
        self.session.open(is_fit=is_fit)
        if is_fit or not self.session.has_fit:
            self.session.describe({"lightning": _facts(trainer, pl_module)})
        if not is_fit:  # else Lightning brings them
            self.session.describe(pl_module.hparams)

    def _end(self, trainer: Trainer, error: BaseException | None) -> None:
        is_ours = [isinstance(each, _Rows) and each.session is self.session for each in trainer.loggers]
        trainer.loggers = [each for each, ours in zip(trainer.loggers, is_ours, strict=True) if not ours]
        self.session.stage = None
        self._keep_checkpoints(trainer)
        self.session.close(error)


class _Checkpoints:
    """The Trainer's checkpoints, by reference or uploaded. Nothing of theirs is touched."""

    def __init__(self, mode: Literal["all", "best", False]) -> None:
        if mode not in ("all", "best", False):
            raise ArgumentError(f"log_model is 'all', 'best' or False, not {mode!r}")
        self._mode = mode
        self._seen: set[tuple[str, int]] = set()

    def look(self, trainer: Trainer, session: "_Session") -> None:
        """Upload, where all are wanted, those that were saved since the last look."""
        if self._mode != "all" or session.live is None:
            return
        named = _named_checkpoints(trainer)
        kept = {path for each in trainer.checkpoint_callbacks for path in getattr(each, "best_k_models", ())}
        for path in sorted({*named, *kept}, key=_saved_at):
            if (key := (path, _saved_at(path))) not in self._seen and os.path.exists(path):  # noqa: PTH110
                self._seen.add(key)
                session.live.log_model(path, aliases=named.get(path, []))

    def end(self, trainer: Trainer, session: "_Session") -> None:
        """Keep the best and the last of a fit."""
        self.look(trainer, session)
        if self._mode == "all" or session.live is None:
            return
        for path, aliases in _named_checkpoints(trainer).items():
            if "://" in path or os.path.exists(path):  # noqa: PTH110
                upload = self._mode == "best" and "best" in aliases and "://" not in path
                session.live.log_model(path, aliases=aliases, upload=upload)


def _named_checkpoints(trainer: Trainer) -> dict[str, list[str]]:
    """Return the paths of the best and the last checkpoint, with these words; the best comes last."""
    named: dict[str, list[str]] = {}
    for each in trainer.checkpoint_callbacks:
        last = getattr(each, "last_model_path", "") or getattr(each, "_last_checkpoint_saved", "")
        for word, path in (("last", last), ("best", getattr(each, "best_model_path", ""))):
            if path:
                named.setdefault(str(path), []).append(word)
    return named


def _saved_at(path: str) -> int:
    with suppress(OSError):
        return os.stat(path).st_mtime_ns  # noqa: PTH116
    return 0


class RunLogger(Logger):
    """Record a run from ``Trainer(logger=RunLogger(project="digits"))`` or ``Fabric(loggers=...)``.

    One logger is one run, opened by the first metric or hyperparameter on global rank 0. The Trainer ends it
    after each of its loops, as that ended, and the next goes on with it. With Fabric it ends with the
    process, or by ``logger.finalize("success")``.

    Parameters
    ----------
    run : Run, optional
        An open run to record into; it stays open. Without any argument: the one that the script has open.
    **init_arguments
        Arguments of :func:`runhooks.init`.

    Raises
    ------
    ArgumentError
        For a wrong argument. Whatever goes wrong later is said in one RuntimeWarning.
    """

    def __init__(self, run: runhooks.Run | None = None, **init_arguments: Any) -> None:
        super().__init__()
        self.session = _Session(run, init_arguments)

    @property
    def name(self) -> str:
        """The project of the run."""
        return self.session.project

    @property
    def version(self) -> str:
        """The id of the run."""
        return getattr(self.session.somebodys, "id", self.session.id)

    @property
    def experiment(self) -> Any:
        """The run, opened when it is first used. On other ranks everything it is asked does nothing."""
        return _Experiment(self.session)

    @guarded
    def log_metrics(self, metrics: Mapping[str, Any], step: int | None = None) -> None:
        """Log a row."""
        if _is_first_rank():
            self.session.open_once()
            self.session.log(metrics, step)

    @guarded
    def log_hyperparams(self, params: Any, *args: Any, **kwargs: Any) -> None:
        """Take hyperparameters into the run's config."""
        if _is_first_rank():
            self.session.open_once()
            self.session.describe(params)

    @guarded
    def finalize(self, status: str) -> None:
        """End the run, by the exception that the Trainer deals with where there is one."""
        has_failed = status == "failed"
        if _is_first_rank():
            self.session.close(sys.exc_info()[1] if has_failed else None, exit_code=int(has_failed))


class _Rows(DummyLogger):
    """What the callback attaches to the Trainer; a user's ``self.logger.experiment.…`` does nothing here."""

    def __init__(self, session: "_Session", save_dir: str) -> None:
        super().__init__()
        self.session = session
        self._save_dir = save_dir

    @property
    def save_dir(self) -> str:
        """What ``trainer.log_dir`` is where there is no other logger: as without this one."""
        return self._save_dir

    @guarded
    def log_metrics(self, metrics: Mapping[str, Any], step: int | None = None) -> None:
        # In training, what has no epoch comes from other callbacks, such as LearningRateMonitor.
        stage = self.session.stage
        self.session.log(metrics, step, None if stage == "train" and "epoch" not in metrics else stage)

    @guarded
    def log_hyperparams(self, params: Any, *args: Any, **kwargs: Any) -> None:
        self.session.describe(params)


class _Experiment:
    """A run that opens when something is asked of it: Lightning takes ``experiment`` before a loop begins."""

    def __init__(self, session: "_Session") -> None:
        self._session = session

    def __getattr__(self, name: str) -> Any:
        if _is_first_rank():
            self._session.open_once()
        return getattr(self._session.live or DummyLogger().experiment, name)


class _Session:
    """The run that is recorded into: one of its own, or somebody's that stays open."""

    def __init__(self, run: runhooks.Run | None, arguments: Mapping[str, Any]) -> None:
        if run is not None and arguments:
            raise ArgumentError(f"a given run is open already, it takes no {', '.join(sorted(arguments))}")
        if run is not None and not hasattr(run, "log"):
            raise ArgumentError(f"run must be a run, not {run!r}; to open one: RunCallback(project=...)")
        runhooks.check_arguments(**arguments)
        self.run = self._given = run
        self.live: runhooks.Run | None = None
        self.opened: str | None = None  # the id of the run that the present loop has opened
        self.saved_id: str | None = None  # of the checkpoint that the present loop goes on from
        self.has_fit = False
        self.stage: Stage | None = None
        self._arguments = dict(arguments)
        self._chosen_id: str | None = arguments.get("id") or os.environ.get("RUNHOOKS_ID")
        self.id: str = run.id if run is not None else self._chosen_id or runhooks.generate_id()
        self._owns = self._keeps_end = self._is_known = self._has_warned = False
        self._names: dict[tuple[Stage | None, str], str] = {}
        self._alerted: set[str] = set()

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what belongs to this process: an own run that is open."""
        return {**vars(self), "run": self._given, "live": None}

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return one for other runs than this one's, or for the same given run."""
        return type(self)(self._given, self._arguments)

    @property
    def project(self) -> str:
        """The run's project, or what it is going to be."""
        if (run := self.run or self.somebodys) is not None:
            return run.project
        return str(self._arguments.get("project") or os.environ.get("RUNHOOKS_PROJECT") or "Uncategorized")

    @property
    def somebodys(self) -> runhooks.Run | None:
        """The run that is not this one's to end: given, or joined as there are no arguments for another."""
        return self._given or (None if self._arguments else runhooks.run)

    @property
    def is_asked_to_stop(self) -> bool:
        """Whether somebody asked the run to stop."""
        return self.live is not None and self.live.stop_requested

    def open(self, *, is_fit: bool) -> None:
        """Open the run of a loop, or go on with that of the loop before."""
        joined = self.somebodys
        self._owns = joined is None
        self._keeps_end = not is_fit
        self.run = self.live = joined or self._open_own(is_fit=is_fit)
        self.opened = self.id = self.live.id
        self.has_fit |= is_fit

    def open_once(self) -> None:
        """Open the run, if it is not open, for a loop of which nothing is known."""
        if self.live is None:
            self.open(is_fit=False)
            self._keeps_end = False

    def close(self, error: BaseException | None, exit_code: int | None = None) -> None:
        """End what :meth:`open` opened. An evaluation after a fit leaves the end of that as it was."""
        if self.live is None and error is not None:
            self._open_left(error)
        run, self.live = self.live, None
        if run is None or not self._owns:
            return
        if type(error).__name__ == "SIGTERMException":
            run.finish(signal="SIGTERM")
        elif error is None and not exit_code and self._keeps_end:
            run.finish(keep=True)
        else:
            run.finish(exit_code, error=error)

    def log(self, metrics: Mapping[str, Any], step: int | None, stage: Stage | None = None) -> None:
        """Log a row, and tell once of each metric that is not finite."""
        if self.live is None:
            return
        names = self._names
        row = {
            names.get((stage, key)) or self._name(stage, key, metrics): value
            for key, value in metrics.items()
        }
        self.live.log(row, step=step)
        for name, value in row.items():
            if isinstance(value, float) and not isfinite(value) and name not in self._alerted:
                self._alerted.add(name)
                kind = "nan" if isnan(value) else "infinite"
                self.live.alert(f"{name} is {kind}", f"at step {step}", level="warning")

    def describe(self, params: Any) -> None:
        """Take values into the run's config."""
        if self.live is not None:
            self.live.config.update(params, allow_val_change=True)

    def warn(self, error: Exception) -> None:
        """Say the first fault."""
        if self._has_warned:
            return
        self._has_warned = True
        message = f"runhooks: {type(error).__name__}: {error}. Training goes on; not all of it is recorded"
        with suppress(RuntimeWarning):  # under -W error, too, training goes on
            warnings.warn(message, RuntimeWarning, stacklevel=4)

    def _open_own(self, *, is_fit: bool) -> runhooks.Run:
        goes_on = self._chosen_id is not None and self._arguments.get("resume") in ("allow", "must", True)
        if self.saved_id is not None and self._chosen_id is None:
            self._move(self.saved_id)
        elif is_fit and self.has_fit and not goes_on:
            self._move(runhooks.generate_id())
        may_exist = self.id == self.saved_id or (not is_fit and self._chosen_id is None)
        try:
            return self._init(resume="must" if self._is_known else "allow" if may_exist else None)
        except RunExistsError:
            if self.id == self._chosen_id:
                raise
            self._move(runhooks.generate_id())  # a copy of this callback in another process has used the id
            return self._init(resume=None)

    def _open_left(self, error: BaseException) -> None:
        """Open the own run once more that this loop, or a process that it started, has left."""
        is_from_child = type(error).__name__ in ("ProcessRaisedException", "ProcessExitedException")
        if self._given is None and (self.opened is not None or is_from_child):
            self._owns = True
            with suppress(RunNotFoundError):  # nobody came as far as opening it
                run = self._init(resume="must")
                if is_from_child and run.resumed_from == "finished":
                    run.finish()  # an earlier loop's: the child of this one took another id
                else:
                    self.run = self.live = run

    def _move(self, id: str) -> None:
        if id != self.id:
            self.id, self._is_known = id, False
            self._alerted.clear()

    def _init(self, resume: Literal["allow", "must"] | None) -> runhooks.Run:
        arguments = {**self._arguments, "id": self.id}
        if self._is_known:
            arguments = {name: value for name, value in arguments.items() if name not in _ONLY_WHEN_NEW}
        if resume is not None:
            arguments["resume"] = resume
        run = runhooks.init(**arguments)
        self._is_known = True
        return run

    def _name(self, stage: Stage | None, key: str, row: Mapping[str, Any]) -> str:
        """Put `key` into the section that it names or that its loop is; two metrics never become one."""
        if match := _PREFIX.fullmatch(key):
            name = f"{_SECTIONS.get(match[1], match[1])}/{match[2]}"
        else:
            name = key if stage is None or key == "epoch" or "/" in key else f"{stage}/{key}"
        taken = {shown for (_, other), shown in self._names.items() if other != key}
        if name != key and name in row:
            name = key
        while name in taken:
            name = f"{stage or 'logged'}/{name}"
        self._names[stage, key] = name
        return name


class _Pace:
    """How fast training goes, validation left out, and when it will have ended, validation counted in."""

    def __init__(self, done: int = 0, total: float = -1, ranks: int = 1) -> None:
        self._total, self._ranks = total, ranks
        self._first, self._began = done, perf_counter()
        self._paused_at = self._began
        self._mark(done, self._began)

    def _mark(self, done: int, now: float) -> None:
        self._done, self._since = done, now
        self._counts = {"samples": 0, "tokens": 0}

    def count(self, batch: Any) -> None:
        self._counts["samples"] += _samples(batch)
        self._counts["tokens"] += _tokens(batch)

    def pause(self) -> None:
        self._paused_at = perf_counter()

    def go_on(self) -> None:
        self._since += perf_counter() - self._paused_at

    def lap(self, step: int) -> dict[str, float]:
        """Return the speed since the lap before, now that the batch of `step` is done."""
        now, done = perf_counter(), step + 1
        seconds, counts = now - self._since, self._counts
        speed = {"train/steps_per_second": (done - self._done) / seconds}
        speed |= {f"train/{name}_per_second": n * self._ranks / seconds for name, n in counts.items() if n}
        if self._first < done <= self._total < float("inf"):
            speed["train/eta_seconds"] = (now - self._began) / (done - self._first) * (self._total - done)
        self._mark(done, now)
        return speed


def _is_first_rank() -> bool:
    return getattr(rank_zero_only, "rank", 0) == 0


def _samples(batch: Any) -> int:
    """Return the length of the first tensor in `batch`, 0 where there is none. Looks at shapes only."""
    shape = getattr(batch, "shape", None)
    if isinstance(shape, tuple) and shape:
        return int(shape[0])
    parts = batch.values() if isinstance(batch, Mapping) else batch if isinstance(batch, list | tuple) else ()
    return next((n for part in islice(parts, 8) if (n := _samples(part))), 0)


def _tokens(batch: Any) -> int:
    ids = batch.get("input_ids") if isinstance(batch, Mapping) else None
    return int(ids.numel()) if isinstance(ids, Tensor) else 0


def _step_of(trainer: Trainer) -> int:
    """Return the step that Lightning's loggers get; ``global_step`` counts each optimizer."""
    return trainer.fit_loop.epoch_loop._batches_that_stepped  # noqa: SLF001 - as Lightning's own callbacks take it


def _is_due(trainer: Trainer, batch_idx: int) -> bool:
    """Return whether a row is due after this batch: where Lightning logs one, and at the end of an epoch."""
    steps = trainer.is_last_batch or (batch_idx + 1) % trainer.accumulate_grad_batches == 0
    every = trainer.log_every_n_steps  # type: ignore[attr-defined]
    return bool(steps and every and (trainer.is_last_batch or (_step_of(trainer) + 1) % every == 0))


def _agree_to_stop(trainer: Trainer, is_asked: bool, batch_idx: int) -> None:
    """End the training on all ranks where the first was asked to.

    The others hear of it where a row is due: a message between ranks at each batch would slow them down.
    """
    if trainer.world_size > 1:
        if not _is_due(trainer, batch_idx):
            return
        is_asked = trainer.strategy.reduce_boolean_decision(is_asked, all=False)
    if is_asked:
        trainer.should_stop = True


def _learning_rates(trainer: Trainer) -> Iterator[tuple[str, Any]]:
    groups = [group for optimizer in trainer.optimizers for group in optimizer.param_groups]
    for number, group in enumerate(groups):
        part = "" if len(groups) == 1 else f"/{group.get('name', number)}"
        yield f"train/learning_rate{part}", group["lr"]


def _facts(trainer: Trainer, model: LightningModule) -> dict[str, Any]:
    """Return what Lightning was told to do, and with what."""
    return {
        "trainer": {
            **{name: getattr(trainer, name) for name in _TRAINER_FACTS},
            "accelerator": type(trainer.accelerator).__name__,
            "strategy": type(trainer.strategy).__name__,
            "world_size": trainer.world_size,
        },
        "optimizer": [{"class": type(each).__name__, **each.defaults} for each in trainer.optimizers],
        "scheduler": [type(each.scheduler).__name__ for each in trainer.lr_scheduler_configs],
        "model": {
            "class": type(model).__name__,
            "parameters": _parameters(model),
            "trainable_parameters": _parameters(model, only_trainable=True),
            "summary": {
                name: f"{type(layer).__name__}, {_parameters(layer):,} parameters"
                for name, layer in islice(model.named_children(), _MOST_LAYERS)
            },
        },
    }


def _parameters(module: Any, *, only_trainable: bool = False) -> int:
    found = (each for each in module.parameters() if each.requires_grad or not only_trainable)
    return sum(each.numel() for each in found if not is_lazy(each))
