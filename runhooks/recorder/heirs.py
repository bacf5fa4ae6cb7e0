"""Further processes of a run that log on when it has ended: a child, or a secondary writer on another node.

Their rows are in journals of their own. When the last of these processes is gone, what they logged is put
into the record, as ``runhooks sync`` would do.
"""

from contextlib import suppress
from dataclasses import replace
from time import monotonic

from ..errors import RunhooksError
from ..record.folder import writers
from ..storage import Retry, open_store
from .mirror import fetch
from .orders import Order
from .others import Watched
from .recording import Busy
from .secondary import recording_of
from .tail import are_left

__all__ = ["Heirs"]

_LOOK_S, _BEGIN_S = 10.0, 30.0
_RETRY = Retry(deadline=5.0)


class Heirs:
    """The runs whose own process is done, and that others still write to."""

    def __init__(self) -> None:
        self._orders: dict[str, Order] = {}
        self._elsewhere: dict[str, tuple[Watched, float]] = {}
        self._look_at = 0.0

    def add(self, order: Order, *, has_others: bool) -> None:
        """Look after a run that has ended, if it has other writers, here or on other nodes."""
        alone = replace(order, writer=None, pid=None)
        if has_others:
            with suppress(RunhooksError):
                store = open_store(order.store, order.storage_options, retry=_RETRY)
                self._elsewhere[str(order.path)] = (Watched(store, order.path.folder), monotonic())
        if writers(order.folder) or str(order.path) in self._elsewhere:
            self._orders[str(order.path)] = alone

    def tick(self) -> bool:
        """Complete the runs whose last writer is gone; return whether there are more."""
        for run, order in list(self._orders.items()):
            if self._go_on_elsewhere(run):
                continue
            if (found := self._elsewhere.pop(run, None)) is not None:
                # Nobody came; or it was resumed, by a process that takes in what they have stored.
                if not found[0].known or not self._complete(order):
                    del self._orders[run]
                continue
            is_done = not writers(order.folder)  # by another recorder, or the run was deleted
            if is_done or (are_left(order.folder) and self._complete(order)):
                del self._orders[run]
        return bool(self._orders)

    def _go_on_elsewhere(self, run: str) -> bool:
        """Tell whether writers on other nodes go on, by a look at their documents every few seconds.

        One whose program began when the run was about to end may say of itself only some seconds later.
        """
        if run not in self._elsewhere:
            return False
        watched, since = self._elsewhere[run]
        if monotonic() >= self._look_at:
            self._look_at = monotonic() + _LOOK_S
            with suppress(RunhooksError):  # no answer: who is not heard of for long is no longer waited for
                watched.look()
        return bool(watched.living()) or (not watched.known and monotonic() - since < _BEGIN_S)

    def _complete(self, order: Order) -> bool:
        try:
            if order.mirrored and order.secondary is None and not (order.folder / "run.json").exists():
                fetch(order, download=True)
            with suppress(FileNotFoundError):  # deleted meanwhile
                recording_of(order).finish()
        except Busy:
            return False  # somebody goes on with the run, and takes these rows as well
        except (RunhooksError, OSError):
            return True  # `runhooks sync` says what is wrong
        return True
