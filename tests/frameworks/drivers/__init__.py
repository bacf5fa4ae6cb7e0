"""How the contract's tests drive each framework: a module for each integration that has loops, named like it.

A driver has

- ``callback(**arguments)``: the integration's callback;
- ``fit(*callbacks, each_batch, long, usual)``: a real training on a few real samples, by the framework's own
  trainer. `each_batch` is called in each batch with its number from 0; `long` has it go on until something
  ends it; `usual` is a folder for the framework's usual callbacks and loggers, which then are there too.
  Returns a :class:`Fitted`;
- ``CONFIG``: some of what the config has to hold, as a dotted path to its value;
- ``UNTOLD``: points of the contract that the framework has no way to keep, each with the reason.

Where points 4 and 7 are kept: ``resume(folder)``, a training that fails and is gone on with from the
framework's own checkpoint, with a new ``callback()``; and ``save(callback, folder)``, a training whose best
and last checkpoints are at the paths that it returns.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["Fitted", "quiet"]


@dataclass
class Fitted:
    """What a training has come to.

    Attributes
    ----------
    reported : dict
        What the framework itself reports, by the names of the record: metric to step to value.
    weights : object
        The trained model, as something that compares.
    evaluate : callable or None
        Evaluates the model with the same callbacks, where the framework has such a loop.
    """

    reported: dict[str, dict[int, float]]
    weights: Any
    evaluate: Callable[[], Any] | None = None


def quiet(_: int) -> None:
    """Do nothing in a batch."""
