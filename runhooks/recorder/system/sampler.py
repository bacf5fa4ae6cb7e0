"""One sampler a node: reads all gauges, and appends what they say to a journal of its own."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from time import monotonic, time_ns
from typing import TYPE_CHECKING, Any

import orjson

from ...journal import Journal
from ...record.system import system_writer
from .cgroup import Cgroup
from .driver import has_driver
from .machine import Machine
from .process import ProcessTree

if TYPE_CHECKING:
    from .gpu import Gpus

__all__ = ["Sampler"]

_SAMPLES = 4096
"""Samples in one part: at the default interval, those of eleven hours."""


class Sampler:
    """Samples this node for one run, where no other recorder of the run does so already.

    Parameters
    ----------
    folder : Path
        The run's folder.
    pid : int
        The training process.
    interval_s : float
        Seconds between two samples.
    lock : Path or None
        The folder in which a lock keeps other recorders of the run from sampling this node, too; by default
        the run's.

    Attributes
    ----------
    writer : str
        Name of the journal that is being written.
    """

    def __init__(self, folder: Path, pid: int, interval_s: float, lock: Path | None = None) -> None:
        self._folder = folder
        self._interval_s = interval_s
        self._host = os.uname().nodename
        self._lock = -1
        name = f".sampler-{self._host[:64].replace('/', '.')}"
        self._lock_path = folder / name if lock is None else lock / f"{name}-{folder.name}"
        self._process, self._machine, self._cgroup = ProcessTree(pid), Machine(str(folder)), Cgroup(pid)
        self._gpus: Gpus | None = None
        self._journal: Journal | None = None
        self._samples = 0
        self._due = 0.0
        self.writer = system_writer(self._host)

    def sample(self, *, now: bool = False) -> dict[str, Any] | None:
        """Take a sample when it is time, or `now`, and return it as an event.

        Returns
        -------
        dict or None
            None when it is not time, or another recorder samples this node.
        """
        at = monotonic()
        if (at < self._due and not now) or not self._is_ours():
            return None
        # Not a second sooner: at the pace that was asked for, however late this one is.
        self._due = max(self._due + self._interval_s, at + self._interval_s / 2)
        data = self._read(at)
        time = time_ns() // 1000
        event = {"type": "log", "step": time // 1000, "time": time, "data": data}
        self._open_journal().append(orjson.dumps(event)[:-1])
        self._samples += 1
        return event

    @property
    def full(self) -> bool:
        """Whether the journal has enough samples for a part."""
        return self._samples >= _SAMPLES

    def begin_anew(self) -> None:
        """End the journal; the next sample begins another, under another name."""
        if self._journal is not None:
            self._journal.close()
        self._journal, self._samples, self.writer = None, 0, system_writer(self._host)

    def close(self) -> None:
        """End sampling; another recorder may take this node."""
        self.begin_anew()
        if self._gpus is not None:
            self._gpus.close()
        if self._lock >= 0:
            with suppress(OSError):
                self._lock_path.unlink()
            os.close(self._lock)
            self._lock = -1

    def _read(self, at: float) -> dict[str, float]:
        if self._gpus is None and has_driver():
            from .gpu import Gpus  # with NVML's constants, 30 ms

            self._gpus = Gpus()
        found = self._process.read(at) | self._machine.read(at) | self._cgroup.read(at)
        if self._gpus is not None:
            found |= self._gpus.read(self._process.pids)
        return {key: round(value, 3) for key, value in found.items()}

    def _open_journal(self) -> Journal:
        if self._journal is None:
            self._journal = Journal(self._folder / "system", self.writer)
        return self._journal

    def _is_ours(self) -> bool:
        """Take this node for this recorder; the kernel gives it back when the process is gone."""
        if self._lock >= 0:
            return True
        try:
            fd = os.open(self._lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError:
            return False
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            taken = os.fstat(fd).st_nlink > 0  # else its owner let it go, and it is no lock any more
        except BlockingIOError:
            taken = False
        except OSError:  # a file system without locks
            taken = True
        if taken:
            self._lock = fd
        else:
            os.close(fd)
        return taken
