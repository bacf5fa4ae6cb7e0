"""The time by a store's clock, by which heartbeats are dated and judged."""

from contextlib import suppress
from pathlib import Path
from time import monotonic, time
from weakref import WeakKeyDictionary

from ..errors import RunhooksError
from ..storage import Store

__all__ = ["StoreClock", "store_time"]

_EVERY_S, _AGAIN_S = 3600.0, 60.0
_LEAST_S = 5.0
"""Servers tell whole seconds, and an answer takes a while: what is less is no difference of clocks."""


class StoreClock:
    """How far a store's clock is ahead of this machine's.

    Attributes
    ----------
    ahead_s : float
        Seconds; 0 as long as the store has not told.
    """

    def __init__(self) -> None:
        self.ahead_s = 0.0
        self._due = 0.0
        self._skew = 0.0

    @property
    def is_due(self) -> bool:
        """Whether to ask: for the first time, once an hour, and when this machine's clock was set."""
        return monotonic() >= self._due or abs(time() - monotonic() - self._skew) > _LEAST_S

    def ask(self, store: Store) -> None:
        """Ask the store, if that is due; where it does not answer, the last that is known holds."""
        if not self.is_due:
            return
        self._skew, self._due = time() - monotonic(), monotonic() + _EVERY_S
        began = time()
        try:
            self.note(store.now() - (began + time()) / 2)
        except RunhooksError:
            self._due = monotonic() + _AGAIN_S

    def compare(self, written: Path) -> None:
        """Take the time of a file that was just written: a disk of another machine has its clock."""
        self._due = monotonic() + _EVERY_S
        self._skew = time() - monotonic()
        with suppress(OSError):
            self.note(written.stat().st_mtime - time())

    def note(self, ahead_s: float) -> None:
        """Take what was measured."""
        self.ahead_s = ahead_s if abs(ahead_s) > _LEAST_S else 0.0


_known: WeakKeyDictionary[Store, StoreClock] = WeakKeyDictionary()


def store_time(store: Store) -> float:
    """Return the time in seconds since the epoch by a store's clock, which is asked once an hour."""
    clock = _known.setdefault(store, StoreClock())
    clock.ask(store)
    return time() + clock.ahead_s
