"""Further processes of a run that log on when it has ended: a child that outlives its parent.

Their rows are in journals of their own. When the last of these processes is gone, what they logged is put
into the record, as ``runhooks sync`` would do.
"""

from contextlib import suppress
from dataclasses import replace

from ..errors import RunhooksError
from ..record.folder import writers
from .mirror import fetch
from .orders import Order
from .recording import Busy, Recording
from .tail import are_left

__all__ = ["Heirs"]


class Heirs:
    """The runs whose own process is done, and that others still write to."""

    def __init__(self) -> None:
        self._orders: dict[str, Order] = {}

    def add(self, order: Order) -> None:
        """Look after a run that has ended, if it has other writers."""
        if writers(order.folder):
            alone = replace(order, writer=None, pid=None)
            self._orders[str(order.path)] = alone

    def tick(self) -> bool:
        """Complete the runs whose last writer is gone; return whether there are more."""
        for run, order in list(self._orders.items()):
            is_done = not writers(order.folder)  # by another recorder, or the run was deleted
            if is_done or (are_left(order.folder) and self._complete(order)):
                del self._orders[run]
        return bool(self._orders)

    def _complete(self, order: Order) -> bool:
        try:
            if order.mirrored and not (order.folder / "run.json").exists():
                fetch(order, download=True)
            with suppress(FileNotFoundError):  # deleted meanwhile
                Recording(order).finish()
        except Busy:
            return False  # somebody goes on with the run, and takes these rows as well
        except (RunhooksError, OSError):
            return True  # `runhooks sync` says what is wrong
        return True
