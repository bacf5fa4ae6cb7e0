"""What the training process and its children use."""

import os
from typing import Any

import psutil

from .rates import Rates

__all__ = ["ProcessTree"]


class ProcessTree:
    """A process with all that it started, but for the recorder.

    Parameters
    ----------
    pid : int

    Attributes
    ----------
    pids : set of int
        The processes of the last reading.
    """

    def __init__(self, pid: int) -> None:
        self.pids: set[int] = set()
        self._pid = pid
        self._rates = Rates()
        self._cpu_s: dict[tuple[int, float], float] = {}
        self._read_at: float | None = None

    def read(self, now: float) -> dict[str, float]:
        """Return the tree's metrics; nothing when the process is gone.

        Parameters
        ----------
        now : float
            Seconds of a clock that only goes forward.
        """
        facts = [found for process in self._processes() if (found := _facts(process))]
        self.pids = {found["pid"] for found in facts}
        if not facts:
            return {}
        memory = sum(found["memory_info"].rss for found in facts)
        metrics = {
            "process/memory_bytes": float(memory),
            "process/memory_percent": 100 * memory / psutil.virtual_memory().total,
            "process/threads": float(sum(found["num_threads"] or 0 for found in facts)),
            "process/processes": float(len(facts)),
        }
        return metrics | self._cpu(facts, now) | self._io(facts, now)

    def _processes(self) -> list[psutil.Process]:
        try:
            root = psutil.Process(self._pid)
            found = [root, *root.children(recursive=True)]
        except psutil.Error:
            return []
        own = os.getpid()
        return [process for process in found if process.pid != own or own == self._pid]

    def _cpu(self, facts: list[dict[str, Any]], now: float) -> dict[str, float]:
        """Return the share of a core. A process that came since the last reading counts from its start."""
        spent = {(f["pid"], f["create_time"]): f["cpu_times"].user + f["cpu_times"].system for f in facts}
        before, then = self._cpu_s, self._read_at
        self._cpu_s, self._read_at = spent, now
        if then is None or now <= then:
            return {}
        used = sum(max(0.0, seconds - before.get(who, 0.0)) for who, seconds in spent.items())
        return {"process/cpu_percent": 100 * used / (now - then)}

    def _io(self, facts: list[dict[str, Any]], now: float) -> dict[str, float]:
        counts = [found["io_counters"] for found in facts if found.get("io_counters")]
        if len(counts) < len(facts):
            return {}  # of some processes unknown: the sum would be wrong
        names = {"read": "process/disk_read_bytes_per_s", "write": "process/disk_write_bytes_per_s"}
        totals = {
            names[kind]: float(sum(getattr(count, f"{kind}_bytes") for count in counts)) for kind in names
        }
        return self._rates.per_second(totals, now)


_WANTED = ["pid", "create_time", "cpu_times", "memory_info", "num_threads"]
_WITH_IO = [*_WANTED, "io_counters"] if hasattr(psutil.Process, "io_counters") else _WANTED


def _facts(process: psutil.Process) -> dict[str, Any]:
    """Return what is known of a process; nothing when it ended meanwhile or is a zombie."""
    try:
        facts: dict[str, Any] = process.as_dict(_WITH_IO)
    except psutil.Error:
        return {}
    needed = ("cpu_times", "memory_info")
    return facts if all(facts.get(name) is not None for name in needed) else {}
