"""Looking for what others ask of a run's process: see :mod:`runhooks.record.control`."""

from time import monotonic
from typing import Any

from ..errors import ObjectNotFoundError, RunhooksError
from ..record.control import parse_request, resumed_path, stop_path
from ..storage import Store
from .orders import Order

__all__ = ["Control"]

_STOP_S = 8.0
_RESUMED_S = 32.0
"""How often a store elsewhere is asked: 570 small requests an hour in all."""


class Control:
    """The requests for one writer of a run, on this machine and in a store elsewhere.

    Parameters
    ----------
    order : Order
    remote : Store or None
    """

    def __init__(self, order: Order, remote: Store | None) -> None:
        self._order = order
        self._remote = remote
        self._due = {"stop": 0.0, "resumed": 0.0}

    def stop_request(self) -> dict[str, Any] | None:
        """Return `time` and `by` of a request to stop, None while there is none."""
        return self._look("stop", stop_path, _STOP_S)

    @property
    def is_resumed(self) -> bool:
        """Whether another process goes on with the run."""
        return self._look("resumed", resumed_path, _RESUMED_S) is not None

    def _look(self, kind: str, path_of: Any, every_s: float) -> dict[str, Any] | None:
        if self._order.writer is None:
            return None
        path = path_of(self._order.path.folder, self._order.writer)
        try:
            return parse_request((self._order.root / path).read_bytes())
        except OSError:
            pass
        if self._remote is None or monotonic() < self._due[kind]:
            return None
        self._due[kind] = monotonic() + every_s
        try:
            return parse_request(self._remote.read(path))
        except (ObjectNotFoundError, RunhooksError):  # none, or a store that does not answer now
            return None
