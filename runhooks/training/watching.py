"""Histograms of a torch model's gradients and parameters, taken by hooks while it is trained."""

import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from ..errors import ArgumentError

__all__ = ["WATCHED", "Watch", "watch_models"]

WATCHED = ("gradients", "parameters", "all")
BINS = 64

Log = Callable[[Mapping[str, Any]], None]
Warn = Callable[[str], None]


def watch_models(
    models: Any, what: str | None, log_freq: int, log: Log, warn: Warn, first: int
) -> list["Watch"]:
    """Put hooks on one module or several.

    Parameters
    ----------
    first : int
        How many are watched already: the second model's names begin with ``1/``, and so on.

    Raises
    ------
    ArgumentError
        For what is no torch module, and for an unknown `what`.
    """
    what = what or "gradients"
    if what not in WATCHED:
        raise ArgumentError(f"log must be one of {', '.join(WATCHED)}, not {what!r}")
    if not isinstance(log_freq, int) or log_freq < 1:
        raise ArgumentError(f"log_freq must be a whole number from 1 on, not {log_freq!r}")
    each = list(models) if isinstance(models, list | tuple) else [models]
    for model in each:
        if not (hasattr(model, "named_parameters") and hasattr(model, "register_forward_hook")):
            raise ArgumentError(f"watch() takes torch modules, not {type(model).__name__}")
    return [
        Watch(model, what, log_freq, log, warn, f"{n}/" if n else "") for n, model in enumerate(each, first)
    ]


class _Copied:
    """What stands for a hook in a copy of a model, and in a file of it: nothing."""

    def __call__(self, *_: object) -> None:
        """Do nothing."""


class Watch:
    """The hooks on one model. Called after each forward pass.

    Parameters
    ----------
    model : torch.nn.Module
    what : {"gradients", "parameters", "all"}
    every : int
        Of the forward passes, one in so many is looked at, and the backward pass after it.
    log, warn : callable
        Take what was found, and what went wrong.
    prefix : str
    """

    def __init__(self, model: Any, what: str, every: int, log: Log, warn: Warn, prefix: str) -> None:
        self._model, self._every, self._log, self._warn, self._prefix = model, every, log, warn, prefix
        self._parameters = what != "gradients"
        self._passes = 0
        self._looking = False
        self._handles = [model.register_forward_hook(self)]
        if what != "parameters":
            named = [(name, value) for name, value in model.named_parameters() if value.requires_grad]
            self._handles += [value.register_hook(partial(self._gradient, name)) for name, value in named]

    def remove(self) -> None:
        """Take the hooks away."""
        for handle in self._handles:
            handle.remove()
        self._handles = []

    def __call__(self, module: Any, *_: object) -> None:
        """Count a forward pass in training; look at the parameters when it is time."""
        if not module.training:
            return
        self._passes += 1
        self._looking = self._passes % self._every == 0
        if self._looking and self._parameters:
            self._take(f"parameters/{self._prefix}", module.named_parameters())

    def __deepcopy__(self, memo: dict[int, Any]) -> _Copied:
        return _Copied()

    def __reduce__(self) -> tuple[Any, ...]:
        return _Copied, ()

    def _gradient(self, name: str, gradient: Any) -> None:
        if self._looking:
            self._take(f"gradients/{self._prefix}", [(name, gradient)])

    def _take(self, prefix: str, tensors: "Iterator[tuple[str, Any]] | list[tuple[str, Any]]") -> None:
        from .media import Histogram

        try:
            self._log({prefix + name: Histogram(np_histogram=_spread(value)) for name, value in tensors})
        except Exception as error:  # noqa: BLE001  (a device that failed, a run that ended: training goes on)
            self.remove()
            self._warn(f"a model is no longer watched: {type(error).__name__}: {error}")


def _spread(tensor: Any) -> tuple[list[float], list[float]]:
    """Count values on their device; counts and ends are copied from there, which waits for the tensor."""
    torch = sys.modules["torch"]
    values = tensor.detach().flatten().float()
    values = values[torch.isfinite(values)]
    low, high = (float(end) for end in values.aminmax()) if values.numel() else (0.0, 1.0)
    if low == high:
        low, high = low - 0.5, high + 0.5
    counts = torch.histc(values, BINS, low, high).tolist()
    return counts, [low + (high - low) * n / BINS for n in range(BINS)] + [high]
