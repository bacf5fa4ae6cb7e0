"""Keeping the tracker's faults out of the training."""

import functools
import logging
import warnings
from collections.abc import Callable
from typing import Any, ParamSpec

__all__ = ["Warner", "guarded"]

P = ParamSpec("P")


class Warner:
    """Says the first fault of a callback, as a RuntimeWarning that never raises."""

    def __init__(self) -> None:
        self._has_warned = False

    def warn(self, fault: Exception) -> None:
        """Say a fault, unless one was said before."""
        if self._has_warned:
            return
        self._has_warned = True
        what = f"{type(fault).__name__}: {fault}".rstrip(". ")
        message = f"runhooks: {what}. Training goes on; not all of it is recorded"
        try:
            warnings.warn(message, RuntimeWarning, stacklevel=4)
        except RuntimeWarning:  # where warnings are errors, this one still does not end the training
            logging.getLogger("runhooks").warning(message)


def guarded(method: Callable[P, None]) -> Callable[P, None]:
    """Keep the faults of a hook out of the training: the object's ``session`` warns of the first.

    The one place that catches Exception: anything may fail in a hook (a disk, a strange config, a later
    version of the framework), and none of it is worth the user's training.
    """

    @functools.wraps(method)
    def body(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            method(*args, **kwargs)
        except Exception as fault:  # noqa: BLE001
            callback: Any = args[0]
            callback.session.warn(fault)

    return body
