"""RunTracker for accelerate: ``Accelerator(log_with=RunTracker(project="digits"))``.

Importing this module also makes ``Accelerator(log_with="runhooks")`` work; ``init_trackers("digits")`` then
names the project.
"""

from collections.abc import Mapping
from typing import Any

import runhooks
from runhooks.errors import MissingExtraError

from ._loops.guard import guarded
from ._loops.session import Session

try:
    from accelerate import PartialState, tracking
except ImportError as error:
    raise MissingExtraError(f"{error}; to install it: pip install 'runhooks[accelerate]'") from error

__all__ = ["RunTracker"]


class RunTracker(tracking.GeneralTracker):  # type: ignore[misc] # accelerate ships no types
    """Record what ``accelerator.log`` is told as a run, on the main process only.

    ``init_trackers`` opens the run and its config, ``end_training`` ends it. A script that fails before
    that leaves a failed run, as its process ends.

    Parameters
    ----------
    project : str, optional
    run : Run, optional
        An open run to record into; it stays open. Without any argument: the one that the script has open.
    **init_arguments
        Further arguments of :func:`runhooks.init`.

    Raises
    ------
    ArgumentError
        For a wrong argument. Whatever goes wrong later is said in one RuntimeWarning.
    """

    name = "runhooks"
    requires_logging_directory = False
    main_process_only = True

    def __init__(
        self, project: str | None = None, *, run: runhooks.Run | None = None, **init_arguments: Any
    ) -> None:
        super().__init__()
        named = {} if project is None else {"project": project}
        self.session = Session(run, {**named, **init_arguments})

    @property
    def tracker(self) -> runhooks.Run | None:
        """The run, for ``accelerator.get_tracker("runhooks", unwrap=True)``."""
        return self.session.live

    @guarded
    def start(self) -> None:
        """Open the run."""
        if PartialState().is_main_process:  # the rest does nothing where no run is open
            self.session.open(is_fit=True)

    @guarded
    def store_init_configuration(self, values: Mapping[str, Any]) -> None:
        """Take hyperparameters into the run's config."""
        self.session.describe(values)

    @guarded
    def log(self, values: Mapping[str, Any], step: int | None = None, **kwargs: Any) -> None:
        """Log a row."""
        self.session.log(values, step)

    @guarded
    def finish(self) -> None:
        """End the run."""
        self.session.close(None)


if hasattr(tracking, "register_tracker_class"):  # newer versions only
    tracking.register_tracker_class(RunTracker)
