"""What becomes of a request to stop: the training process is told, and interrupted where it does not hear.

A program that reads ``run.stop_requested``, as the callbacks do, ends by itself. Any other gets SIGINT, as
by Ctrl-C, and SIGTERM after a while.
"""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from time import monotonic

from .orders import Order

__all__ = ["Stopping"]

_OWN_SHARE = 10
"""A program that stops by itself has so many times longer, before it is interrupted: for a long batch."""


class Stopping:
    """The signals that follow a request to stop.

    Parameters
    ----------
    order : Order
    told : callable
        Called with the name of each signal before it is sent: who gets it knows then why.
    """

    def __init__(self, order: Order, told: Callable[[str], None]) -> None:
        self._order = order
        self._told = told
        self._left = [signal.SIGINT, signal.SIGTERM]
        self._since = monotonic()

    def heard(self) -> None:
        """Take note that the program knows, and stops by itself."""
        self._left.clear()

    def tick(self, *, stops_itself: bool) -> None:
        """Send the signal that is due, to a program that does or does not read ``run.stop_requested``."""
        if not self._left:
            return
        grace = self._order.stop_grace_s
        if self._left[0] is signal.SIGINT:
            grace = grace * _OWN_SHARE if stops_itself else 0.0
        if monotonic() - self._since >= grace:
            self._since = monotonic()
            self._send(self._left.pop(0))

    def _send(self, number: signal.Signals) -> None:
        # No other process that has the number by now: it is this one, where the recorder is a thread, or the
        # one that started this, and a parent keeps its number as long as it is the parent.
        if (pid := self._order.pid) is not None and pid in (os.getpid(), os.getppid()):
            self._told(number.name)
            with suppress(OSError):
                os.kill(pid, number)
