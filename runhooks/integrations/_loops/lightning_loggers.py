"""The loggers of Lightning and Fabric: RunLogger, and what the callback attaches to a Trainer."""

import re
import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal

import runhooks
from runhooks.errors import MissingExtraError

from .guard import guarded
from .session import Session

try:
    from lightning_utilities.core.rank_zero import rank_zero_only

    if TYPE_CHECKING:
        from lightning import pytorch
        from lightning.pytorch.loggers.logger import DummyLogger, Logger
    else:  # the one that the script has imported, else the one that is there
        _names = [name for name in ("lightning", "pytorch_lightning") if find_spec(name)] or ["lightning"]
        _name = min(_names, key=lambda name: name not in sys.modules)
        pytorch = import_module("lightning.pytorch" if _name == "lightning" else _name)
        DummyLogger, Logger = pytorch.loggers.logger.DummyLogger, pytorch.loggers.logger.Logger
except ImportError as error:
    raise MissingExtraError(
        f"the Lightning callback needs lightning and torch ({error}): pip install 'runhooks[lightning]'"
    ) from error

__all__ = ["Names", "Rows", "RunLogger", "Stage", "pytorch"]

Stage = Literal["train", "val", "test"]

_PREFIX = re.compile(r"(train|val|valid|validation|eval|test)_(.+)", re.DOTALL)
_SECTIONS = {"valid": "val", "validation": "val"}


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
        self.session = Session(run, init_arguments, joins_callbacks=True)
        self._names = Names()

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
            self.session.log(self._names.named(metrics, None), step)

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


class Rows(DummyLogger):
    """What the callback attaches to the Trainer; a user's ``self.logger.experiment.…`` does nothing here."""

    def __init__(self, session: Session, names: "Names", save_dir: str) -> None:
        super().__init__()
        self.session, self._names = session, names
        self._save_dir = save_dir

    @property
    def save_dir(self) -> str:
        """What ``trainer.log_dir`` is where there is no other logger: as without this one."""
        return self._save_dir

    @guarded
    def log_metrics(self, metrics: Mapping[str, Any], step: int | None = None) -> None:
        # In training, what has no epoch comes from other callbacks, such as LearningRateMonitor.
        stage = self._names.stage
        is_others = stage == "train" and "epoch" not in metrics
        self.session.log(self._names.named(metrics, None if is_others else stage), step)

    @guarded
    def log_hyperparams(self, params: Any, *args: Any, **kwargs: Any) -> None:
        self.session.describe(params)


class _Experiment:
    """A run that opens when something is asked of it: Lightning takes ``experiment`` before a loop begins."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __getattr__(self, name: str) -> Any:
        if _is_first_rank():
            self._session.open_once()
        return getattr(self._session.live or DummyLogger().experiment, name)


class Names:
    """The names that metrics are recorded under. Two metrics never become one."""

    def __init__(self) -> None:
        self.stage: Stage | None = None
        """The loop that is going on."""
        self._names: dict[tuple[Stage | None, str], str] = {}

    def named(self, metrics: Mapping[str, Any], stage: Stage | None) -> dict[str, Any]:
        """Put metrics into the sections that they name, or that their loop is."""
        names = self._names
        return {
            names.get((stage, key)) or self._name(stage, key, metrics): value
            for key, value in metrics.items()
        }

    def _name(self, stage: Stage | None, key: str, row: Mapping[str, Any]) -> str:
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


def _is_first_rank() -> bool:
    return getattr(rank_zero_only, "rank", 0) == 0
