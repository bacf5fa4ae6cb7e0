"""What the whole machine does: CPU, memory, disks, network."""

import os
from collections.abc import Callable
from typing import TypeVar

import psutil

from .rates import Rates

__all__ = ["Machine"]

T = TypeVar("T")


class Machine:
    """The machine that the recorder runs on.

    Parameters
    ----------
    folder : str
        Whose disk is looked at: the run's.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._disk_rates, self._network_rates = Rates(), Rates()
        self._cpu_known = False

    def read(self, now: float) -> dict[str, float]:
        """Return the machine's metrics; what this system does not tell is absent.

        Parameters
        ----------
        now : float
            Seconds of a clock that only goes forward.
        """
        return self._cpu() | _memory() | self._disk(now) | self._network(now)

    def _cpu(self) -> dict[str, float]:
        metrics = {}
        used = psutil.cpu_percent(None)
        if self._cpu_known:  # the first reading has nothing to compare with
            metrics["machine/cpu_percent"] = used
        self._cpu_known = True
        load = _or_none(os.getloadavg)
        if load is not None:
            metrics["machine/load"] = load[0]
        return metrics

    def _disk(self, now: float) -> dict[str, float]:
        metrics = {}
        usage = _or_none(lambda: psutil.disk_usage(self._folder))
        if usage is not None:
            metrics = {"disk/used_bytes": float(usage.used), "disk/used_percent": usage.percent}
        io = _or_none(psutil.disk_io_counters)
        if io is not None:
            counts = {"disk/read_bytes_per_s": io.read_bytes, "disk/write_bytes_per_s": io.write_bytes}
            metrics |= self._disk_rates.per_second({name: float(n) for name, n in counts.items()}, now)
        return metrics

    def _network(self, now: float) -> dict[str, float]:
        io = _or_none(psutil.net_io_counters)
        if io is None:
            return {}
        counts = {"network/sent_bytes_per_s": io.bytes_sent, "network/received_bytes_per_s": io.bytes_recv}
        return self._network_rates.per_second({name: float(n) for name, n in counts.items()}, now)


def _memory() -> dict[str, float]:
    memory = psutil.virtual_memory()
    metrics = {
        "machine/memory_used_bytes": float(memory.total - memory.available),
        "machine/memory_percent": memory.percent,
    }
    swap = _or_none(psutil.swap_memory)
    if swap is not None and swap.total:
        metrics["machine/swap_used_bytes"] = float(swap.used)
    return metrics


def _or_none(read: Callable[[], T]) -> T | None:
    try:
        return read()
    except (OSError, RuntimeError, psutil.Error):  # RuntimeError: psutil on a /proc that is not all there
        return None
