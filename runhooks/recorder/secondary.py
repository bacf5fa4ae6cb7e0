"""Recording the share of a run that a process on another node writes, under its own name."""

from contextlib import suppress
from time import monotonic
from typing import Any

from ..errors import ObjectNotFoundError, RunhooksError, StoreNotFoundError
from ..record.clock import store_time
from ..record.deleted import read_deleted
from ..record.document import from_bytes
from ..record.read import settle
from ..storage import Store
from .orders import Order
from .recording import Recording
from .tail import are_left

__all__ = ["SecondaryRecording", "recording_of"]

_PATIENCE_S = 25.0
"""The primary may begin a little later."""


def recording_of(order: Order) -> Recording:
    """Return the recording of what a folder on this machine holds: a run, or a share of one.

    Raises
    ------
    Busy, RecordError
        As :class:`.recording.Recording` does.
    """
    return Recording(order) if order.secondary is None else SecondaryRecording(order)


class SecondaryRecording(Recording):
    """Keeps a share of a run up to date until its process ends."""

    _owner_seen = _is_told = False
    _absent: str | None = None

    def _load(self, order: Order) -> None:
        self._begun_at = monotonic()
        super()._load(order)

    def begin(self, *, ended: bool = False) -> None:
        """Send what there is, and look whether the run is there."""
        self._read()
        if not ended:
            self._beat()
        self._look()
        if not ended:
            self._send()

    def remarks(self) -> list[str]:
        """Return what the user should be told once: also that nobody owns the run."""
        found = super().remarks()
        if self._absent is not None:
            found.append(self._absent)
            self._absent = None
        return found

    def _hear(self) -> None:
        """Learn whether the run was deleted, and, until it was seen, whether it is there."""
        if self.trouble is not None or self._sending.remote is None:
            return
        with suppress(RunhooksError):
            marker = read_deleted(self._sending.remote, self.order.path)
            self._purged = marker is not None and marker.purged_at is not None
            if not self._owner_seen:
                self._look_for_owner(self._sending.remote)

    def _look_for_owner(self, remote: Store) -> None:
        path = self.order.path
        try:
            view = from_bytes(remote.read(f"{self._folder}/run.json"))
        except (ObjectNotFoundError, StoreNotFoundError):
            why = f"there is no run {path} in {self.order.store} yet"
        else:
            settle(view, store_time(remote))
            self._owner_seen = view.state == "running"
            why = f"run {path} has no process that owns it: it is {view.state}"
            if self._owner_seen:
                self._sample_for(view.environment.get("host"))
        is_late = self.view.state != "running" or monotonic() - self._begun_at >= _PATIENCE_S
        if is_late and not self._owner_seen and not self._is_told:
            self._is_told = True
            self._absent = (
                f"{why}; what is logged here is stored beside it, and is part of it once a primary process "
                f"opens it: init(id={path.id!r}, mode='shared', primary=True)"
            )

    def _sample_for(self, host: Any) -> None:
        """Leave the samples of a node to the run's owner where that is on it."""
        if host == self.view.environment.get("host"):
            self._system.close()

    def _is_waiting(self) -> bool:
        return self.artifacts.waiting or not are_left(self.order.folder)

    def _render(self, *, last: bool = False) -> None:  # noqa: ARG002  (pages are the owner's)
        self._dirty = False
