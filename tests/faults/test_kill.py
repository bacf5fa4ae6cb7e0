"""SIGKILL at random moments: what `log()` returned for is there, and the record says crashed within seconds.

Each child counts the rows that `log()` returned for in shared memory, so that the count survives it exactly.
"""

import mmap
import os
import signal
import struct
import time
from pathlib import Path

import pytest

from tests.faults.ledger import Ledger
from tests.programs import documents, is_free, only, rows, start, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.slow]

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


@pytest.mark.parametrize(
    "also",
    [
        pytest.param(also, marks=pytest.mark.case("Process", name))
        for also, name in {
            False: "SIGKILL of the trainer at a random moment",
            True: "SIGKILL of trainer and recorder at once, then runhooks sync",
        }.items()
    ],
)
@pytest.mark.timeout(7200)
def test_no_row_is_lost_by_sigkill(tmp_path: Path, ledger: Ledger, also: bool) -> None:
    moments, results = ledger.random, []
    for n in ledger.tries(3, 100 if also else 200):
        with ledger.attempt(n):
            results.append(kill_once(tmp_path / str(n), moments.uniform(0.0, 0.4), also))
            assert results[-1][1] == 0, f"{results[-1][1]} rows lost"
    times = sorted(took for _, _, took in results)
    logged, lost = (sum(result[n] for result in results) for n in (0, 1))
    ledger.figure = (
        f"{logged:,} rows logged, {lost} lost; "
        f"crashed is said after {times[len(times) // 2]:.1f} s (median), {times[-1]:.1f} s (most)"
    )
