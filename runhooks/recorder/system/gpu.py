"""NVIDIA GPUs, by NVIDIA's management library (NVML), where a driver is."""

from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Any

import pynvml

__all__ = ["Gpus"]


class Gpus:
    """All GPUs of this machine. Where there is no driver there are none."""

    def __init__(self) -> None:
        self._handles: list[Any] = []
        self._seen_us: list[int] = []
        try:
            pynvml.nvmlInit()
        except pynvml.NVMLError:
            self._open = False
            return
        self._open = True
        count = _or_none(pynvml.nvmlDeviceGetCount) or 0
        handles = (_or_none(pynvml.nvmlDeviceGetHandleByIndex, index) for index in range(count))
        self._handles = list(handles)  # a broken one keeps its place: the others keep their numbers
        self._seen_us = [0] * count

    def read(self, pids: Collection[int]) -> dict[str, float]:
        """Return the metrics of every GPU, and what the processes `pids` have of it."""
        metrics: dict[str, float] = {}
        for index, handle in enumerate(self._handles):
            if handle is not None:
                found = _device(handle) | self._share(index, handle, pids)
                metrics |= {f"gpu{index}/{name}": value for name, value in found.items() if value is not None}
        return metrics

    def close(self) -> None:
        """Let go of the library."""
        if self._open:
            self._open, self._handles = False, []
            with suppress(pynvml.NVMLError):
                pynvml.nvmlShutdown()

    def _share(self, index: int, handle: Any, pids: Collection[int]) -> dict[str, float | None]:
        """Return memory and time that the processes have of a GPU; absent where NVML names none of them.

        In a container NVML may name processes by numbers of the machine, which are not known here.
        """
        running = _or_none(pynvml.nvmlDeviceGetComputeRunningProcesses, handle) or []
        own = [process for process in running if process.pid in pids]
        memory = [process.usedGpuMemory for process in own if process.usedGpuMemory is not None]
        found: dict[str, float | None] = {"process_memory_bytes": float(sum(memory)) if memory else None}
        if own:
            samples = _or_none(pynvml.nvmlDeviceGetProcessUtilization, handle, self._seen_us[index]) or []
            mine = {sample.pid: sample for sample in samples if sample.pid in pids}  # the latest of each
            self._seen_us[index] = max([self._seen_us[index], *(s.timeStamp for s in samples)])
            if mine:
                busy = sum(sample.smUtil for sample in mine.values())
                found["process_utilization_percent"] = float(min(100, busy))
        return found


def _device(handle: Any) -> dict[str, float | None]:
    used = _or_none(pynvml.nvmlDeviceGetUtilizationRates, handle)
    memory = _memory(handle)
    found: dict[str, float | None] = {
        "temperature_celsius": _or_none(pynvml.nvmlDeviceGetTemperature, handle, pynvml.NVML_TEMPERATURE_GPU),
        "power_watts": _thousandth(_or_none(pynvml.nvmlDeviceGetPowerUsage, handle)),
        "power_limit_watts": _thousandth(_or_none(pynvml.nvmlDeviceGetEnforcedPowerLimit, handle)),
        "sm_clock_mhz": _or_none(pynvml.nvmlDeviceGetClockInfo, handle, pynvml.NVML_CLOCK_SM),
        "memory_clock_mhz": _or_none(pynvml.nvmlDeviceGetClockInfo, handle, pynvml.NVML_CLOCK_MEM),
    }
    if used is not None:
        found |= {"utilization_percent": used.gpu, "memory_activity_percent": used.memory}
    if memory is not None:
        found["memory_bytes"] = memory.used
        found["memory_percent"] = 100 * memory.used / memory.total if memory.total else None
    return {name: None if value is None else float(value) for name, value in found.items()}


def _memory(handle: Any) -> Any:
    """Return the memory of a GPU as nvidia-smi counts it: the first version adds what the driver reserves."""
    second = _or_none(pynvml.nvmlDeviceGetMemoryInfo, handle, pynvml.nvmlMemory_v2)
    return second or _or_none(pynvml.nvmlDeviceGetMemoryInfo, handle)


def _thousandth(value: float | None) -> float | None:
    return None if value is None else value / 1000


def _or_none(read: Callable[..., Any], *arguments: Any) -> Any:
    """Return what a call of NVML says; nothing where this GPU or driver does not know it."""
    try:
        return read(*arguments)
    except pynvml.NVMLError:
        return None
