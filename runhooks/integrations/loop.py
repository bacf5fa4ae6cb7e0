"""A loop of your own: ``for batch in track(loader, run): …``. No framework is needed.

>>> import runhooks
>>> from runhooks.integrations.loop import track
>>> with runhooks.init(project="digits") as run:
...     for epoch in range(2):
...         for batch in track([[1, 2], [3, 4]], run):
...             run.log({"train/loss": 0.5})
"""

from collections.abc import Iterable, Iterator, Sized
from typing import TypeVar

import runhooks

from ._loops.batches import samples, tokens
from ._loops.pace import Pace

__all__ = ["track"]

Batch = TypeVar("Batch")

_REPORT_S = 10.0


def track(
    batches: Iterable[Batch], run: "runhooks.Run | None" = None, *, total: int | None = None
) -> Iterator[Batch]:
    """Pass batches on, record how fast they are worked on, and end where the run is asked to stop.

    The speed goes to the step that ``run.log`` counted last, every ten seconds and at the end:
    ``train/steps_per_second``, ``train/samples_per_second`` and ``train/tokens_per_second`` where a batch
    tells them by its shape, ``train/eta_seconds`` to the end of `batches` where their number is known.
    Nothing of a batch but its shape is looked at.

    Parameters
    ----------
    batches : iterable
        Such as a DataLoader.
    run : Run, optional
        By default the one that is open; without any, batches are only passed on.
    total : int, optional
        How many batches there are; by default their ``len``, if they have one.

    Yields
    ------
    object
        Each batch.
    """
    run = runhooks.run if run is None else run
    if run is None:
        yield from batches
        return
    known = len(batches) if total is None and isinstance(batches, Sized) else total
    pace = Pace(0, float("inf") if known is None else known)
    done = 0
    for batch in batches:
        if run.stop_requested:
            break
        pace.count(samples=samples(batch), tokens=tokens(batch))
        yield batch
        done += 1
        if pace.since_lap() >= _REPORT_S:
            run.log(pace.lap(done), step=max(run.step - 1, 0))
    if speed := pace.lap(done):
        run.log(speed, step=max(run.step - 1, 0))
