"""Scalars that a device is still computing, read later so that logging never waits for it.

A CUDA tensor's ``.item()`` and a jax array's ``float()`` block until every kernel queued before has
run. :func:`defer` starts the copy instead, and the value is read in a later call, when it is there.
"""

import sys
from collections.abc import Callable, Iterator
from typing import Any

__all__ = ["Deferred", "DeferredRows", "defer"]


class Deferred:
    """A value on its way from a device.

    Attributes
    ----------
    ready : callable
        Whether :attr:`value` would return at once.
    value : callable
        The scalar; waits when it is not ready.
    """

    __slots__ = ("ready", "value")

    def __init__(self, ready: Callable[[], bool], value: Callable[[], Any]) -> None:
        self.ready = ready
        self.value = value


class DeferredRows:
    """Rows whose values a device is still computing, in the order in which they were logged."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, int, dict[str, Deferred]]] = []

    def add(self, step: int, time: int, values: dict[str, Deferred]) -> None:
        """Keep a row's values for later."""
        self._waiting.append((step, time, values))

    def read(self, *, wait: bool) -> Iterator[tuple[int, int, dict[str, Any]]]:
        """Take out the rows that are ready, or all of them.

        A value that cannot be read (the device failed) comes as the text of what went wrong.
        """
        waiting, self._waiting = self._waiting, []
        for step, time, values in waiting:
            if wait or all(_is_ready(value) for value in values.values()):
                yield step, time, {key: _value(value) for key, value in values.items()}
            else:
                self._waiting.append((step, time, values))


def _is_ready(value: Deferred) -> bool:
    try:
        return value.ready()
    except Exception:  # noqa: BLE001  (a device that failed raises whatever it likes: reading tells)
        return True


def _value(value: Deferred) -> Any:
    try:
        return value.value()
    except Exception as error:  # noqa: BLE001  (as above; training goes on)
        return f"{type(error).__name__}: {error}"


def defer(value: Any) -> Deferred | None:
    """Return a :class:`Deferred` for a scalar that a device is still computing, else None."""
    module = type(value).__module__.partition(".")[0]
    if module == "torch":
        return _defer_torch(value)
    if module in ("jax", "jaxlib") and hasattr(value, "is_ready") and not value.is_ready():
        value.copy_to_host_async()
        return Deferred(value.is_ready, value.item)
    return None


def _defer_torch(tensor: Any) -> Deferred | None:
    if not getattr(tensor, "is_cuda", False) or tensor.numel() != 1:
        return None
    torch = sys.modules["torch"]
    # non_blocking to the host lands in pinned memory; the event tells when the copy is done.
    host = tensor.detach().to("cpu", non_blocking=True)
    event = torch.cuda.Event()
    event.record()

    def value() -> Any:
        event.synchronize()
        return host.item()

    return Deferred(event.query, value)
