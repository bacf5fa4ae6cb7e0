"""An NVIDIA GPU at work: what the record says beside `nvidia-smi`, and what logging its scalars costs."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import monotonic, perf_counter
from typing import Any

import runhooks
from benchmarks.figures import Figure

_S = 30.0
_COUNTERS = {
    "utilization_percent": "utilization.gpu",
    "memory_bytes": "memory.used",
    "temperature_celsius": "temperature.gpu",
    "power_watts": "power.draw.instant",
    "power_limit_watts": "enforced.power.limit",
    "sm_clock_mhz": "clocks.sm",
    "memory_clock_mhz": "clocks.mem",
}
"""A metric of ours, and the field of `nvidia-smi --help-query-gpu` that reads the same counter."""


def gpu(work: Path) -> Iterator[Figure]:
    """Multiply matrices for half a minute, logging each loss as the tensor that it is."""
    if shutil.which("nvidia-smi") is None:
        print("gpu: no NVIDIA driver here")
        return
    import torch

    side = 8192
    a = torch.randn(side, side, device="cuda", dtype=torch.bfloat16)
    torch.cuda.synchronize()
    settings = runhooks.Settings(system_interval_s=1.0)
    with (
        _smi(work / "gpu.csv", f"--query-gpu={','.join(_COUNTERS.values())}"),
        _smi(work / "apps.csv", "--query-compute-apps=pid,used_memory"),
        runhooks.init(project="gpu", settings=settings) as run,
    ):
        logged, read = _calls(run, a)
    store = runhooks.Api(str(work / "runs"))
    found = store.run(run.path)
    metrics = found.system_metrics()
    theirs = _columns(work / "gpu.csv")
    for name, field in _COUNTERS.items():
        scale = 2**20 if name == "memory_bytes" else 1
        ours = median(metrics[f"gpu0/{name}"].dropna())
        yield Figure(f"gpu0/{name}, nvidia-smi as baseline", ours, "", scale * median(theirs[field]))
    apps = [row.split(", ") for row in (work / "apps.csv").read_text().splitlines()]
    own = [2**20 * float(memory) for pid, memory in apps if int(pid) == os.getpid()]
    if own and "gpu0/process_memory_bytes" in metrics:
        ours = median(metrics["gpu0/process_memory_bytes"].dropna())
        yield Figure("gpu0/process_memory_bytes, nvidia-smi as baseline", ours, "", median(own))
    yield Figure("log() of a scalar still on the GPU, .item() as baseline", logged, "us", read)
    yield Figure("rows of the loop that the record holds", len(found.history(["product"])), "", run.step)


def _calls(run: "runhooks.Run", a: Any) -> tuple[float, float]:
    """Keep the GPU busy; return microseconds of a `log()` of its scalar, and of reading it at once."""

    def took(call: Callable[[Any], object]) -> float:
        scalar = (a @ a).float().mean()
        began = perf_counter()
        call(scalar)
        return 1e6 * (perf_counter() - began)

    logged, read = [], []
    ends = monotonic() + _S
    while monotonic() < ends:
        logged += [took(lambda scalar: run.log({"product": scalar})) for _ in range(20)]
        read.append(took(lambda scalar: scalar.item()))
    return median(logged), median(read)


@contextmanager
def _smi(path: Path, query: str) -> Iterator[None]:
    """Have `nvidia-smi` write what it reads to a file, five times a second, until the block ends."""
    command = ["nvidia-smi", query, "--format=csv,noheader,nounits", "-i", "0", "-lms", "200"]
    with path.open("w") as file, subprocess.Popen(command, stdout=file) as process:
        try:
            yield
        finally:
            process.terminate()


def _columns(path: Path) -> dict[str, list[float]]:
    """Return what `nvidia-smi` wrote, a list a field; a counter that the card has not is no number."""
    rows = [line.split(", ") for line in path.read_text().splitlines()]
    columns = zip(*(row for row in rows if len(row) == len(_COUNTERS)), strict=True)
    return {
        field: [float(cell) for cell in column if cell.replace(".", "", 1).isdigit()]
        for field, column in zip(_COUNTERS.values(), columns, strict=True)
    }
