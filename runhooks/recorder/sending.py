"""Copying a run to a store elsewhere, and keeping its project's pages, at a pace that the store bears."""

from collections.abc import Callable
from contextlib import suppress
from time import monotonic

from ..errors import RunhooksError
from ..record.view import RunView
from ..storage import LocalStore, MeteredStore, Retry, RetryStore, Traffic, open_store
from .mirror import Mirror
from .orders import Order
from .pace import Pace
from .pages import ProjectPages
from .share import SecondaryMirror

__all__ = ["Sending"]

_LAST, _USUAL, _ONCE = Retry(deadline=30.0), Retry(deadline=5.0, longest=1.0), Retry(deadline=0.0)
"""How long a store is tried: at the end of a run, while it answers, and after it did not."""
_IDLE_S = 30.0
"""A run that logs nothing is sent so often: a sign of life, and samples of its machine."""


class Sending:
    """What leaves this machine; for a store that is a folder here only the project's pages are kept.

    Parameters
    ----------
    order : Order
    here : LocalStore
        The store on this machine, for pages.

    Attributes
    ----------
    remote : RetryStore or None
        The store elsewhere.
    trouble : str or None
        Why the record is not where it belongs; None where all is well.
    traffic : Traffic
    due_at : float
        When to send next, by the monotonic clock.
    """

    def __init__(self, order: Order, here: LocalStore) -> None:
        self.trouble: str | None = None
        self.traffic = Traffic()
        self.due_at = 0.0
        self._order = order
        self.remote = self._open_remote()
        self._mirror: Mirror | None = None
        if self.remote is not None:
            self._mirror = self._make_mirror(self.remote)
        self._project = None if order.secondary else ProjectPages(self.remote or here)
        self._soon_at = 0.0
        self._pace = Pace(monotonic())

    def _open_remote(self) -> RetryStore | None:
        order = self._order
        if not (order.mirrored and order.online):
            return None
        try:
            metered = MeteredStore(open_store(order.store, order.storage_options, retry=None))
        except RunhooksError as error:  # a package that is not installed, a protocol that nobody knows
            self.trouble = str(error)
            return None
        self.traffic = metered.traffic
        return RetryStore(metered, _USUAL)

    def _make_mirror(self, remote: RetryStore) -> Mirror:
        order = self._order
        if order.secondary is None:
            return Mirror(order.root, order.path.folder, remote)
        return SecondaryMirror(order.root, order.path.folder, remote, order.secondary)

    def hasten(self) -> None:
        """Send as soon as the pace allows: there is news."""
        self.due_at = min(self.due_at, self._soon_at)

    def carry(self, idle: Callable[[], None]) -> None:
        """Send large files, with calls of `idle` meanwhile. A store that fails is told of by what follows."""
        if self._mirror is not None and self.trouble is None:
            with suppress(RunhooksError):
                self._mirror.carry(idle)

    def send(
        self,
        view: RunView,
        *,
        project_now: bool,
        last: bool,
        waiting: Callable[[], bool],
        fault: str | None,
    ) -> None:
        """Copy to the store elsewhere, if there is one, and keep the project's pages.

        A store that fails is told of once, and tried again at growing intervals: nothing is lost meanwhile.

        Parameters
        ----------
        view : RunView
            As it is shown.
        project_now : bool
            Whether the project's pages cannot wait.
        last : bool
            Whether the run has ended.
        waiting : callable
            Tells whether something of the run is still to come, so that its spool stays.
        fault : str or None
            The trouble that is left where the store takes everything.
        """
        if self._order.mirrored and self._mirror is None:
            return
        if self.remote is not None:
            fine = self.trouble is None
            self.remote.retry = (_LAST if fine else _USUAL) if last else (_USUAL if fine else _ONCE)
        try:
            if self._mirror is not None:
                self._mirror.push(last=last)
            due = last or self._mirror is None or self.trouble is not None or project_now
            is_late = self._mirror is not None and self._mirror.is_late
            if due and self._project is not None and not is_late:
                self._project.refresh(view, now=project_now)
            if last and self._mirror is not None and not waiting():
                self._mirror.release()  # else a further process still writes to the run
        except RunhooksError as error:
            self.trouble = str(error)
        else:
            self.trouble = fault
        self._soon_at = monotonic() + self._pace.pause(monotonic(), self.traffic)
        self.due_at = max(self._soon_at, monotonic() + _IDLE_S)
