"""What a process pays: opening a run, and a whole short one."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks.figures import Figure, middle

ROOT = str(Path(__file__).parents[1])
OPEN = """
from time import perf_counter
began = perf_counter()
import runhooks
run = runhooks.init(store={store!r}, spool="spool", finish_timeout_s=2)
print(perf_counter() - began)
run.finish()
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
    """Time import and init as the program sees them, with a store that answers and one that does not."""
    bare = middle(lambda: _run("pass"), 9) * 1e3
    for name, store in (("here", "./runs"), ("unreachable", "s3://no-such-bucket-here/runs")):
        code = OPEN.format(store=store)
        taken = median(float(_run(code)) for _ in range(9)) * 1e3
        yield Figure(
            f"import + init over bare Python, store {name}", taken, "ms", bare, "<= 60 ms", taken > 60
        )


def whole(_: Path) -> Iterator[Figure]:
    """Time a process that imports, opens, logs ten rows, finishes, and leaves a page."""
    bare = middle(lambda: _run("pass"), 5)
    taken = middle(lambda: _run(SHORT), 9)
    assert list(Path("runs").glob("*/*/runs/*/index.html"))
    yield Figure("whole process: 10 logs, finish, page rendered", taken, "s", bare, "<= 0.5 s", taken > 0.5)
