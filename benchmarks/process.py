"""What a process pays: opening a run, and a whole short one."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks.figures import Figure, middle

ROOT = str(Path(__file__).parents[1])
OPEN = """
from time import perf_counter, process_time
began, busy = perf_counter(), process_time()
import runhooks
run = runhooks.init(store={store!r}, spool="spool", finish_timeout_s=2)
print(perf_counter() - began, process_time() - busy)
run.finish()
"""
BARE = """
from time import perf_counter, process_time
began, busy = perf_counter(), process_time()
import orjson, pathlib
print(perf_counter() - began, process_time() - busy)
"""
SHORT = """
import runhooks
run = runhooks.init()
for step in range(10):
    run.log({"loss": 1 / (step + 1), "acc": step / 10})
run.finish()
"""


def _run(code: str) -> str:
    program = f"import sys; sys.path.append({ROOT!r})\n{code}"
    return subprocess.run(
        [sys.executable, "-c", program], check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def init(_: Path) -> Iterator[Figure]:
    """Time import and init as the program sees them, with a store that answers and one that does not.

    Beside it the processor time, which tells the same where other programs keep the machine busy. Of it
    orjson alone, with what it imports itself, is a half: the baseline.
    """
    bare = [[float(word) * 1e3 for word in _run(BARE).split()] for _ in range(9)]
    base = [median(times) for times in zip(*bare, strict=True)]
    for name, store in (("here", "./runs"), ("unreachable", "s3://no-such-bucket-here/runs")):
        code = OPEN.format(store=store)
        runs = [[float(word) * 1e3 for word in _run(code).split()] for _ in range(9)]
        taken, busy = (median(times) for times in zip(*runs, strict=True))
        what = f"import + init over bare Python, store {name}"
        yield Figure(what, taken, "ms", base[0], "<= 60 ms", taken > 60)
        yield Figure("the same: processor time", busy, "ms", base[1])


def whole(_: Path) -> Iterator[Figure]:
    """Time a process that imports, opens, logs ten rows, finishes, and leaves a page."""
    bare = middle(lambda: _run("pass"), 5)
    taken = middle(lambda: _run(SHORT), 9)
    assert list(Path("runs").glob("*/*/runs/*/index.html"))
    yield Figure("whole process: 10 logs, finish, page rendered", taken, "s", bare, "<= 0.5 s", taken > 0.5)
