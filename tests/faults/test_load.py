"""Much at once: rows a second, steps, metrics."""

import time
from pathlib import Path

import pytest

from runhooks import Api
from runhooks.record.document import to_bytes
from runhooks.record.view import RunView
from runhooks.site.build import build_project
from runhooks.storage import LocalStore, open_store
from tests.faults.check import rows
from tests.faults.ledger import LONG, Ledger
from tests.faults.program import Program
from tests.faults.rehearsal import START

pytestmark = [pytest.mark.faults, pytest.mark.slow]

SECONDS = 60 if LONG else 2
STEPS = 1_000_000 if LONG else 50_000
METRICS = 10_000 if LONG else 1_000
RUNS = 10_000 if LONG else 300

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


@pytest.mark.case("Load", "a project of 10,000 runs (in short: 300)")
def test_a_project_of_many_runs_is_listed_whole(tmp_path: Path, ledger: Ledger) -> None:
    store = LocalStore(tmp_path, durable=False)
    ids = [f"run{n}" for n in range(RUNS)]
    for n, id in enumerate(ids):
        view = RunView(id=id, entity="default", project="p", name=f"n-{n}", created_at=START + n)
        view.state, view.ended_at, view.summary = "finished", START + n + 1, {"loss": n / 2}
        store.write(f"default/p/runs/{id}/run.json", to_bytes(view))
    with ledger.attempt():
        began = time.perf_counter()
        assert build_project(store, "default", "p").runs == RUNS
        built = time.perf_counter() - began
        assert sorted(run.id for run in Api(tmp_path).runs("p")) == sorted(ids)
        ledger.figure = f"{RUNS:,} runs, all listed; the page was made in {built:.1f} s"
