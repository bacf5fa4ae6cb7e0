"""NVML's C interface, for machines without a GPU: functions by their C names, which fill C structures.

pynvml calls them as it calls libnvidia-ml.so.1; everything between runhooks and the library is real.
"""

# ruff: noqa: N802  (the names are NVML's)

from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import c_void_p
from dataclasses import dataclass, field
from typing import Any

import pynvml

GIB = 2**30
RESERVED = 644_939_776
"""Bytes of the driver's own, as on an H200; the first version of the call counts them as used."""


@dataclass
class FakeGpu:
    """One GPU. What is None, the driver does not know of it."""

    busy: int | None = 73
    memory: int | None = 20 * GIB
    temperature: int | None = 61
    milliwatts: int | None = 284_500
    clock: int | None = 1410
    processes: dict[int, int] = field(default_factory=dict)
    """Process id to bytes."""
    shares: dict[int, int] = field(default_factory=dict)
    """Process id to percent."""
    old: bool = False
    """Knows the first version of its calls only."""


class FakeNvml:
    def __init__(self, *gpus: FakeGpu) -> None:
        self.gpus = gpus
        self.opened = 0

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)  # as ctypes does for a function that an old driver lacks

    def nvmlInitWithFlags(self, flags):
        self.opened += 1
        return 0

    def nvmlShutdown(self):
        self.opened -= 1
        return 0

    def nvmlDeviceGetCount_v2(self, count):
        count._obj.value = len(self.gpus)
        return 0

    def nvmlDeviceGetHandleByIndex_v2(self, index, handle):
        c_void_p.from_buffer(handle._obj).value = index.value + 1
        return 0

    def nvmlDeviceGetName(self, handle, name, size):
        name.value = b"Fake GPU"
        return 0

    def nvmlDeviceGetUtilizationRates(self, handle, rates):
        gpu = self._gpu(handle)
        rates._obj.gpu, rates._obj.memory = gpu.busy or 0, 31
        return _answer(gpu.busy)

    def nvmlDeviceGetMemoryInfo(self, handle, info):
        gpu = self._gpu(handle)
        info._obj.total, info._obj.used = 80 * GIB, (gpu.memory or 0) + RESERVED
        return _answer(gpu.memory)

    def nvmlDeviceGetMemoryInfo_v2(self, handle, info):
        gpu = self._gpu(handle)
        if gpu.old:
            return pynvml.NVML_ERROR_NOT_SUPPORTED
        info._obj.total, info._obj.reserved, info._obj.used = 80 * GIB, RESERVED, gpu.memory or 0
        return _answer(gpu.memory)

    def nvmlDeviceGetTemperature(self, handle, sensor, value):
        return _fill(value, self._gpu(handle).temperature)

    def nvmlDeviceGetPowerUsage(self, handle, value):
        return _fill(value, self._gpu(handle).milliwatts)

    def nvmlDeviceGetEnforcedPowerLimit(self, handle, value):
        return _fill(value, None if self._gpu(handle).milliwatts is None else 400_000)

    def nvmlDeviceGetClockInfo(self, handle, kind, value):
        return _fill(value, self._gpu(handle).clock)

    def nvmlDeviceGetComputeRunningProcesses_v3(self, handle, count, found):
        processes = self._gpu(handle).processes
        count._obj.value = len(processes)
        if processes and found is None:
            return pynvml.NVML_ERROR_INSUFFICIENT_SIZE
        for at, (pid, memory) in enumerate(processes.items()):
            found[at].pid, found[at].usedGpuMemory = pid, memory
        return 0

    def nvmlDeviceGetProcessUtilization(self, handle, samples, count, since):
        shares = self._gpu(handle).shares
        count._obj.value = len(shares)
        if not shares:
            return pynvml.NVML_ERROR_NOT_FOUND
        if samples is None:
            return pynvml.NVML_ERROR_INSUFFICIENT_SIZE
        for at, (pid, share) in enumerate(shares.items()):
            samples[at].pid, samples[at].smUtil, samples[at].timeStamp = pid, share, since.value + 1
        return 0

    def _gpu(self, handle: Any) -> FakeGpu:
        return self.gpus[c_void_p.from_buffer(handle).value - 1]


def _answer(value: object) -> int:
    return 0 if value is not None else int(pynvml.NVML_ERROR_NOT_SUPPORTED)


def _fill(pointer: Any, value: int | None) -> int:
    pointer._obj.value = value or 0
    return _answer(value)


@contextmanager
def driver(*gpus: FakeGpu) -> Iterator[FakeNvml]:
    """Have a driver with these GPUs."""
    before = pynvml.nvmlLib, dict(pynvml._nvmlGetFunctionPointer_cache)
    pynvml._nvmlGetFunctionPointer_cache.clear()
    pynvml.nvmlLib = fake = FakeNvml(*gpus)
    try:
        yield fake
    finally:
        pynvml.nvmlLib = before[0]
        pynvml._nvmlGetFunctionPointer_cache.clear()
        pynvml._nvmlGetFunctionPointer_cache.update(before[1])
