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

from collections.abc import Iterator
from itertools import islice
from math import inf
from typing import TYPE_CHECKING, Any, Literal

import runhooks
from runhooks.errors import MissingExtraError

from ._loops.batches import samples, tokens
from ._loops.checkpoints import Checkpoints
from ._loops.guard import guarded
from ._loops.pace import Pace
from ._loops.session import Session

try:
    from ._loops import nodes
    from ._loops.lightning_loggers import Names, Rows, RunLogger, pytorch
    from ._loops.torch_parts import size

    if TYPE_CHECKING:
        from lightning.pytorch import Callback, LightningModule, Trainer
    else:
        Callback, LightningModule, Trainer = pytorch.Callback, Any, Any
except ImportError as error:
    raise MissingExtraError(
        f"the Lightning callback needs lightning and torch ({error}): pip install 'runhooks[lightning]'"
    ) from error

__all__ = ["RunCallback", "RunLogger"]

_MOST_LAYERS = 40
_OF_CHILDREN = ("ProcessRaisedException", "ProcessExitedException")
_TRAINER_FACTS = (
    "max_epochs",
    "max_steps",
    "accumulate_grad_batches",
    "gradient_clip_val",
    "precision",
    "log_every_n_steps",
)


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
        self.session = Session(run, init_arguments)
        self._checkpoints = Checkpoints(log_model)
        self._names = Names()
        self._pace = Pace()
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
        self._names.stage = "train"
        if self.session.live is not None:
            total = trainer.estimated_stepping_batches
            self._pace = Pace(_step_of(trainer), inf if total < 0 else total)

    @guarded
    def on_train_batch_start(self, trainer: Trainer, pl_module: Any, batch: Any, batch_idx: int) -> None:
        """Take the learning rates that this batch is going to use, if its row is due."""
        is_due = self.session.live is not None and _is_due(trainer, batch_idx)
        if is_due:
            self._look_for_checkpoints(trainer)
        self._rates = dict(_learning_rates(trainer)) if is_due else None

    @guarded
    def on_train_batch_end(
        self, trainer: Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Count the batch, log learning rates and speed beside Lightning's own row; stop where asked to."""
        # First, and whatever becomes of the rest: the other ranks wait for this one's word.
        _agree_to_stop(trainer, self.session.is_asked_to_stop, batch_idx)
        ranks = trainer.world_size
        self._pace.count(samples=samples(batch) * ranks, tokens=tokens(batch) * ranks)
        if self._rates is not None:
            step = _step_of(trainer)
            speed = self._pace.lap(step + 1)
            self.session.log({"epoch": trainer.current_epoch, **self._rates, **speed}, step)

    @guarded
    def on_validation_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Leave out the time of validation; open the run of a ``validate``."""
        self._names.stage = "val"
        self._pace.pause()
        self._begin_alone(trainer, pl_module)

    @guarded
    def on_validation_end(self, *_: Any) -> None:
        """Go on counting time."""
        self._names.stage = "train"
        self._pace.go_on()

    @guarded
    def on_test_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Open the run of a ``test``."""
        self._names.stage = "test"
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

    def _look_for_checkpoints(self, trainer: Trainer) -> None:
        if self._checkpoints.are_all_wanted:
            named = _named_checkpoints(trainer)
            kept = {
                path for each in trainer.checkpoint_callbacks for path in getattr(each, "best_k_models", ())
            }
            self._checkpoints.look(self.session.live, {*named, *kept}, named)

    @guarded
    def _keep_checkpoints(self, trainer: Trainer) -> None:
        if trainer.state.fn == "fit":
            self._look_for_checkpoints(trainer)
            self._checkpoints.end(self.session.live, _named_checkpoints(trainer))

    def _begin_alone(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if trainer.state.fn != "fit":
            self._begin(trainer, pl_module, is_fit=False)

    def _begin(self, trainer: Trainer, pl_module: LightningModule, *, is_fit: bool) -> None:
        if trainer.fast_dev_run or trainer.barebones:  # type: ignore[attr-defined]
            return
        # On all ranks, as callbacks of Lightning's ask whether there is a logger.
        trainer.loggers = [*trainer.loggers, Rows(self.session, self._names, trainer.default_root_dir)]
        self.session.has_nodes = trainer.num_nodes > 1 and trainer.world_size > 1
        try:
            if trainer.is_global_zero:
                self._open(trainer, pl_module, is_fit=is_fit)
        finally:  # whatever became of it: the other ranks wait for this one's word
            if is_fit and self.session.has_nodes:
                rank, local_rank, node = trainer.global_rank, trainer.local_rank, trainer.node_rank
                tell = trainer.strategy.broadcast
                nodes.take_part(self.session, tell, rank=rank, local_rank=local_rank, node=node)

    def _open(self, trainer: Trainer, pl_module: LightningModule, *, is_fit: bool) -> None:
        self.session.open(is_fit=is_fit)
        if is_fit or not self.session.has_fit:
            self.session.describe({"lightning": _facts(trainer, pl_module)})
        if not is_fit:  # else Lightning brings them
            self.session.describe(pl_module.hparams)

    def _end(self, trainer: Trainer, error: BaseException | None) -> None:
        is_ours = [isinstance(each, Rows) and each.session is self.session for each in trainer.loggers]
        trainer.loggers = [each for each, ours in zip(trainer.loggers, is_ours, strict=True) if not ours]
        self._names.stage = None
        self._keep_checkpoints(trainer)
        if error is not None and self.session.live is None:
            self.session.reopen(is_from_child=type(error).__name__ in _OF_CHILDREN)
        self.session.close(error)


def _named_checkpoints(trainer: Trainer) -> dict[str, list[str]]:
    """Return the paths of the best and the last checkpoint, with these words; the best comes last."""
    named: dict[str, list[str]] = {}
    for each in trainer.checkpoint_callbacks:
        last = getattr(each, "last_model_path", "") or getattr(each, "_last_checkpoint_saved", "")
        for word, path in (("last", last), ("best", getattr(each, "best_model_path", ""))):
            if path:
                named.setdefault(str(path), []).append(word)
    return named


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
            "parameters": size(model),
            "trainable_parameters": size(model, only_trainable=True),
            "summary": {
                name: f"{type(layer).__name__}, {size(layer):,} parameters"
                for name, layer in islice(model.named_children(), _MOST_LAYERS)
            },
        },
    }
