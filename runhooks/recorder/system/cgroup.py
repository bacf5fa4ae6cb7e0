"""What a container or a batch system grants: the limits of the training process's control groups.

Linux tells them in files: version 2 in one tree, version 1 in a tree a controller. In a container the tree
that can be seen often begins at the container itself, whatever path ``/proc/<pid>/cgroup`` names: then the
root of the tree counts. Source: ``Documentation/admin-guide/cgroup-v1`` and ``cgroup-v2.rst`` of Linux.
"""

from pathlib import Path

from .rates import Rates

__all__ = ["Cgroup"]

_NO_LIMIT = 2**60
"""Version 1 says "no limit" by a number near 2**63."""


class Cgroup:
    """The control groups of a process.

    Parameters
    ----------
    pid : int
    tree : Path
        Where the control groups are mounted.
    proc : Path
    """

    def __init__(self, pid: int, tree: Path = Path("/sys/fs/cgroup"), proc: Path = Path("/proc")) -> None:
        self._rates = Rates()
        self._memory = self._cpu = self._account = None
        paths = _paths(proc / str(pid) / "cgroup")
        self._second = (tree / "cgroup.controllers").exists()
        if self._second:
            self._memory = self._cpu = self._account = _folder(tree, paths.get("", "/"))
        elif paths:
            self._memory = _folder(tree / "memory", paths.get("memory", "/"))
            self._cpu = _folder(tree / "cpu", paths.get("cpu", "/"))
            self._account = _folder(tree / "cpuacct", paths.get("cpuacct", "/"))

    def read(self, now: float) -> dict[str, float]:
        """Return limits and use; what has no limit is absent.

        Parameters
        ----------
        now : float
            Seconds of a clock that only goes forward.
        """
        return self._read_memory() | self._read_cpu(now)

    def _read_memory(self) -> dict[str, float]:
        names = (
            ("memory.max", "memory.current")
            if self._second
            else ("memory.limit_in_bytes", "memory.usage_in_bytes")
        )
        limit, used = (_number(self._memory, name) for name in names)
        if limit is None or used is None or not 0 < limit < _NO_LIMIT:
            return {}
        return {
            "container/memory_bytes": used,
            "container/memory_limit_bytes": limit,
            "container/memory_percent": 100 * used / limit,
        }

    def _read_cpu(self, now: float) -> dict[str, float]:
        cores = self._cores()
        if cores is None:
            return {}
        stat = _pairs(self._cpu, "cpu.stat")
        seconds: dict[str, float] = {}
        if (used := self._cpu_seconds(stat)) is not None:
            seconds["container/cpu_percent"] = 100 * used  # of a core, as the process's
        if "throttled_usec" in stat:
            seconds["container/throttled_percent"] = stat["throttled_usec"] / 1e4
        elif "throttled_time" in stat:
            seconds["container/throttled_percent"] = stat["throttled_time"] / 1e7
        return {"container/cpu_limit_cores": cores, **self._rates.per_second(seconds, now)}

    def _cores(self) -> float | None:
        if self._second:
            quota, _, period = _text(self._cpu, "cpu.max").partition(" ")
        else:
            quota, period = (_text(self._cpu, f"cpu.cfs_{name}_us") for name in ("quota", "period"))
        try:
            cores = float(quota) / float(period)
        except (ValueError, ZeroDivisionError):  # "max", or no such file
            return None
        return cores if cores > 0 else None  # -1 is version 1's "no limit"

    def _cpu_seconds(self, stat: dict[str, float]) -> float | None:
        if self._second:
            return stat["usage_usec"] / 1e6 if "usage_usec" in stat else None
        used = _number(self._account, "cpuacct.usage")
        return None if used is None else used / 1e9


def _paths(file: Path) -> dict[str, str]:
    """Return the process's path in each controller's tree; under the empty name that in version 2's."""
    try:
        lines = file.read_text().splitlines()
    except OSError:
        return {}
    found = {}
    for line in lines:
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        found.update(dict.fromkeys(controllers.split(","), path))
    return found


def _folder(tree: Path, path: str) -> Path:
    inside = tree / path.strip("/")
    return inside if ".." not in path and inside.is_dir() else tree


def _text(folder: Path | None, name: str) -> str:
    try:
        return "" if folder is None else (folder / name).read_text().strip()
    except OSError:
        return ""


def _number(folder: Path | None, name: str) -> float | None:
    try:
        return float(_text(folder, name))
    except ValueError:
        return None


def _pairs(folder: Path | None, name: str) -> dict[str, float]:
    rows = (line.split() for line in _text(folder, name).splitlines())
    return {row[0]: float(row[1]) for row in rows if len(row) == 2 and row[1].isdigit()}
