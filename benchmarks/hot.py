"""The hot path: a call of log(), a training step with it, and a long run as a whole."""

import gc
import json
import os
import random
import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from struct import pack, unpack
from time import perf_counter

import runhooks
from benchmarks.figures import Figure
from runhooks.training import connection

CALLS = 100_000
SCALARS = 10
_TURNS = 25


def _rows(count: int) -> list[dict[str, float]]:
    random.seed(0)
    return [{f"train/metric_{n}": random.gauss(1, 0.1) for n in range(SCALARS)} for _ in range(count)]


def _timed(call: Callable[[dict[str, float]], object], rows: list[dict[str, float]]) -> tuple[float, float]:
    """Return the median and the 99.9th percentile of a call's time in microseconds."""
    clock, found = perf_counter, []
    for row in rows:
        began = clock()
        call(row)
        found.append(clock() - began)
    found.sort()
    return found[len(found) // 2] * 1e6, found[int(len(found) * 0.999)] * 1e6


def log(work: Path) -> Iterator[Figure]:
    """Time log() of ten scalars beside json.dumps and a buffered write of the same row, in turns."""
    rows = _rows(CALLS // 5)
    ours: list[tuple[float, float]] = []
    theirs: list[tuple[float, float]] = []
    with runhooks.init() as run, (work / "baseline.jsonl").open("w") as file:
        step = iter(range(CALLS * 2)).__next__
        for _ in range(5):
            ours.append(_timed(run.log, rows))
            theirs.append(
                _timed(
                    lambda row: file.write(json.dumps({"step": step(), "time": time.time(), **row}) + "\n"),
                    rows,
                )
            )
    p50, base50 = sorted(p for p, _ in ours)[2], sorted(p for p, _ in theirs)[2]
    p999, base999 = sorted(p for _, p in ours)[2], sorted(p for _, p in theirs)[2]
    yield Figure("log() of 10 scalars, p50", p50, "us", base50, "<= 0.5 x", p50 > 0.5 * base50)
    yield Figure("log() of 10 scalars, p99.9", p999, "us", base999, "<= 2 x", p999 > 2 * base999)


def training_step(_: Path) -> Iterator[Figure]:
    """Time a loop of 5 ms steps of arithmetic, with and without a log() of ten scalars a step, in turns.

    The baseline is the same comparison of two loops that both log nothing: what is noise here.
    """
    rows = _rows(100)

    def loop(call: Callable[[dict[str, float]], object]) -> float:
        began = perf_counter()
        for row in rows:
            total = 0
            for value in range(200_000):
                total += value
            call(row)
        return (perf_counter() - began) / len(rows) * 1e3

    with runhooks.init() as run:
        found = [(loop(len), loop(run.log), loop(len)) for _ in range(_TURNS)]
    bare = median(min(before, after) for before, _, after in found)
    slower = median(100 * (logged / (before + after) * 2 - 1) for before, logged, after in found)
    noise = median(abs(100 * (after / before - 1)) for before, _, after in found)
    what = f"a training step of {bare:.1f} ms with log() is slower by"
    yield Figure(what, slower, "%", noise, "<= 1 %", slower > 1)


def volume(work: Path) -> Iterator[Figure]:
    """Log 100,000 steps of ten scalars and finish: time, CPU of all processes, bytes in the store."""
    rows = _rows(CALLS)
    began, base_cpu = perf_counter(), time.process_time()
    with (work / "baseline.jsonl").open("w") as file:
        for step, row in enumerate(rows):
            file.write(json.dumps({"step": step, "time": time.time(), **row}) + "\n")
    base, base_cpu = perf_counter() - began, time.process_time() - base_cpu
    gc.collect()
    run = runhooks.init(project="volume", reinit="create_new")
    before = _cpu()
    began = perf_counter()
    for row in rows:
        run.log(row)
    run.finish()
    taken = perf_counter() - began
    used = _cpu() - before
    folder = work / "runs" / run.entity / run.project / "runs" / run.id
    record, stored = _bytes(folder / "history") / CALLS, _bytes(folder) / CALLS
    yield Figure("100,000 steps x 10: first log to finish()", taken, "s", base, "<= 2 s", taken > 2)
    yield Figure("the same: CPU of all processes", used, "s", base_cpu, "<= 2.5 s", used > 2.5)
    yield Figure("the same: bytes of history when finished", record, "B/row", None, "<= 85 B", record > 85)
    yield Figure("the same: with the pages, zoom included", stored, "B/row", None, "<= 85 B", stored > 85)


def stored(work: Path) -> Iterator[Figure]:
    """Count the bytes of 100,000 steps of ten scalars that come from float32, as what torch computes does.

    In `volume` all 52 bits of a fraction are chance, which nothing can shorten: 10 values take 67 bytes as
    Parquet, and as much again as the scripts that a page from a folder loads its every point from.
    """
    run = runhooks.init(project="stored", reinit="create_new")
    for row in _rows(CALLS):
        run.log({key: _single(value) for key, value in row.items()})
    run.finish()
    folder = work / "runs" / run.entity / run.project / "runs" / run.id
    record, whole = _bytes(folder / "history") / CALLS, _bytes(folder) / CALLS
    yield Figure("100,000 steps x 10 from float32: bytes of history", record, "B/row", None, "", False)
    yield Figure("the same: with the pages, zoom included", whole, "B/row", None, "<= 85 B", whole > 85)


def _single(value: float) -> float:
    """Round to what a float32 holds."""
    (found,) = unpack("f", pack("f", value))
    return float(found)


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _cpu() -> float:
    """Return CPU seconds of this process and of its recorder."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    total = own.ru_utime + own.ru_stime
    recorder = connection._shared.get(False)  # noqa: SLF001  (whose CPU time is measured)
    if recorder is not None and recorder.alive:
        fields = Path(f"/proc/{recorder.pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total
