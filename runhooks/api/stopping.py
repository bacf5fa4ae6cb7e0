"""Asking a run that goes on to stop."""

import getpass
import socket
from time import time_ns
from typing import Any

from ..errors import RunFinishedError
from ..record.control import parse_request, request_bytes, stop_path
from ..record.view import RunView
from ..storage import Store

__all__ = ["request_stop"]


def request_stop(store: Store, folder: str, view: RunView) -> dict[str, Any]:
    """Put a request to stop into a run's folder. See :meth:`runhooks.api.ApiRun.stop`."""
    writer = next((session.writer for session in reversed(view.sessions) if session.primary), None)
    if view.state != "running" or writer is None:
        raise RunFinishedError(f"run {view.path} is {view.state}, so there is nothing to stop")
    path, now = stop_path(folder, writer), time_ns() // 1000
    if store.create(path, request_bytes(now, _who())):
        return {"time": now, "by": _who(), "is_new": True}
    return {**parse_request(store.read(path)), "is_new": False}


def _who() -> str:
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # a container's number without a name
        user = "somebody"
    return f"{user}@{socket.gethostname()}"
