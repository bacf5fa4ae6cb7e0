"""What the recorder's own process takes beside a training: its share of a core, and its memory."""

import time
from collections.abc import Iterator
from pathlib import Path

import psutil

import runhooks
from benchmarks.figures import Figure

_S = 20.0


def overhead(_: Path) -> Iterator[Figure]:
    """Watch the recorder of a run that logs nothing, and of one that logs a thousand times a second."""
    for what, calls in (("idle", 0), ("at 1,000 log calls/s", 1000)):
        run = runhooks.init(project="p", reinit="create_new")
        time.sleep(3)  # what it does once, at the start, is counted in the line "whole"
        recorder = _recorder()
        before = recorder.cpu_times()
        took = _log(run, calls)
        after = recorder.cpu_times()
        share = (after.user + after.system - before.user - before.system) / took * 100
        memory = recorder.memory_info().rss / 1e6
        yield Figure(f"recorder, {what}: share of a core", share, "%")
        yield Figure(f"recorder, {what}: memory", memory, "MB")
        run.finish()


def _recorder() -> psutil.Process:
    children = psutil.Process().children()
    return next(child for child in children if "runhooks.recorder.main" in " ".join(child.cmdline()))


def _log(run: "runhooks.Run", calls: int) -> float:
    """Log for some seconds at a pace; return how long it took."""
    began = time.perf_counter()
    if not calls:
        time.sleep(_S)
    for n in range(round(_S * calls)):
        run.log({"loss": 1 / (n + 1), "accuracy": n / 1e5, "lr": 1e-3})
        ahead = began + n / calls - time.perf_counter()
        if ahead > 0.002:
            time.sleep(ahead)
    return time.perf_counter() - began
