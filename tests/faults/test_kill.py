"""SIGKILL at random moments: what `log()` returned for is there, and the record says crashed within seconds.

RUNHOOKS_KILLS sets how often (200). Each child counts the rows that `log()` returned for in a byte of shared
memory, so that the count survives it exactly.
"""

import mmap
import os
import random
import signal
import struct
import sys
import time
from pathlib import Path

import pytest

from tests.programs import documents, is_free, only, rows, start, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.slow]

KILLS = int(os.environ.get("RUNHOOKS_KILLS", "200"))
SEED = int(os.environ.get("RUNHOOKS_SEED", "20261123"))

CHILD = """
import mmap, os, struct, sys
import runhooks
count = mmap.mmap(os.open("count", os.O_RDWR), 8)
run = runhooks.init(id="mine")
n = 0
while True:
    run.log({"loss": n * 0.5, "acc": n})
    n += 1
    struct.pack_into("q", count, 0, n)
"""


def counter(folder: Path) -> mmap.mmap:
    (folder / "count").write_bytes(b"\0" * 8)
    with (folder / "count").open("r+b") as file:
        return mmap.mmap(file.fileno(), 8)


def kill_once(folder: Path, after: float, also: bool) -> tuple[int, int, float]:
    """Return rows that `log()` returned for, rows lost, and seconds until the record says crashed."""
    folder.mkdir()
    count = counter(folder)
    with start(CHILD, folder) as process:
        wait_until(lambda: struct.unpack_from("q", count)[0] > 0)
        time.sleep(after)
        if also:
            for child in recorders(process.pid):
                os.kill(child, signal.SIGKILL)
        process.kill()
        process.wait()
        killed = time.monotonic()
        (acknowledged,) = struct.unpack_from("q", count)
    if also:  # nobody is left: what the next `runhooks sync` does
        from runhooks.recorder.orders import Order
        from runhooks.recorder.recording import Recording

        (document,) = documents(folder)
        wait_until(lambda: is_free(document.parent))
        path = "default/Uncategorized/mine"
        recording = Recording(
            Order.of({"run": path, "folder": str(document.parent), "store": str(folder / "runs")})
        )
        recording.begin()
        recording.finish()
    wait_until(lambda: only(folder).state == "crashed")
    took = time.monotonic() - killed
    wait_until(lambda: not list((folder / "runs").glob("*/*/runs/*/journal/*/*.jsonl")))
    found = rows(folder, only(folder))
    steps = [step for step, _ in found["loss"]]
    assert steps == list(range(len(steps)))  # a prefix, no row twice
    assert [value for _, value in found["loss"]] == [step * 0.5 for step in steps]
    return acknowledged, max(0, acknowledged - len(steps)), took


def recorders(pid: int) -> list[int]:
    """Return the child processes of a process."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(word) for word in text.split()]


@pytest.mark.parametrize("also", [False, True], ids=["trainer", "trainer-and-recorder"])
@pytest.mark.timeout(1200)
def test_no_row_is_lost_by_sigkill(tmp_path, also):
    moments = random.Random(SEED)
    kills = KILLS if not also else max(1, KILLS // 4)
    results = [kill_once(tmp_path / str(n), moments.uniform(0.0, 0.4), also) for n in range(kills)]
    logged, lost = sum(r[0] for r in results), sum(r[1] for r in results)
    times = sorted(r[2] for r in results)
    sys.stderr.write(
        f"\nSIGKILL of {'trainer and recorder' if also else 'the trainer'}: n={kills} seed={SEED} "
        f"rows logged={logged} rows lost={lost} "
        f"seconds until crashed: median {times[len(times) // 2]:.2f}, most {times[-1]:.2f}\n"
    )
    assert lost == 0
