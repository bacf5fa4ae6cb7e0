"""Much at once: rows a second, steps, metrics."""

from pathlib import Path

import pytest

from runhooks.storage import open_store
from tests.faults.check import rows
from tests.faults.ledger import LONG, Ledger
from tests.faults.program import Program

pytestmark = [pytest.mark.faults, pytest.mark.slow]

SECONDS = 60 if LONG else 2
STEPS = 1_000_000 if LONG else 50_000
METRICS = 10_000 if LONG else 1_000

PACED = f"""
began = time.perf_counter()
for n in range({SECONDS} * 100):
    log(100)
    time.sleep(max(0.0, began + (n + 1) / 100 - time.perf_counter()))
print(time.perf_counter() - began)
"""


@pytest.mark.case("Load", "10,000 rows a second for a minute (in short: 2 s)")
def test_ten_thousand_rows_a_second_are_all_kept(tmp_path: Path, ledger: Ledger) -> None:
    with ledger.attempt(), Program(tmp_path / "run", PACED) as program:
        done = program.end(SECONDS * 10 + 60)
        assert done.returncode == 0, done.stderr
        assert program.acknowledged == SECONDS * 10_000
        program.left("finished")
        ledger.figure = (
            f"{program.acknowledged:,} rows in {float(done.stdout):.1f} s, 0 lost; "
            f"longest log() {program.longest * 1e3:.1f} ms"
        )


@pytest.mark.case("Load", "a run of 1,000,000 steps (in short: 50,000)")
def test_a_long_run_is_kept(tmp_path: Path, ledger: Ledger) -> None:
    code = f"""
began = time.perf_counter()
log({STEPS})
run.finish(timeout=120)
print(time.perf_counter() - began)
"""
    with ledger.attempt(), Program(tmp_path / "run", code) as program:
        done = program.end(400)
        assert done.returncode == 0, done.stderr
        program.left("finished")
        seconds = float(done.stdout)
        ledger.figure = f"{STEPS:,} rows, 0 lost; from the first log() to the end of finish() {seconds:.1f} s"


@pytest.mark.case("Load", "10,000 metrics (in short: 1,000), three rows")
def test_a_wide_run_is_kept(tmp_path: Path, ledger: Ledger) -> None:
    code = f"""
log(3)
for step in range(3): run.log({{f"m{{n}}": n + step / 2 for n in range({METRICS})}}, step=step)
began = time.perf_counter()
run.finish(timeout=120)
print(time.perf_counter() - began)
"""
    with ledger.attempt(), Program(tmp_path / "run", code) as program:
        done = program.end(400)
        assert done.returncode == 0, done.stderr
        program.left("finished")
        found = rows(open_store(program.folder / "runs"))
        assert {key: found[key] for key in found if key != "loss"} == {
            f"m{n}": [(step, n + step / 2) for step in range(3)] for n in range(METRICS)
        }
        ledger.figure = f"{METRICS:,} metrics, each value there; finish() took {float(done.stdout):.1f} s"
