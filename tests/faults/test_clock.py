"""Clocks that are wrong, that jump, and machines that sleep: the program runs under Debian's faketime."""

import os
import signal
import time
from pathlib import Path

import pytest

from runhooks.record.read import settle
from tests.faults.ledger import Ledger
from tests.faults.program import Program
from tests.programs import only, wait_until

FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)

pytestmark = [
    pytest.mark.faults,
    pytest.mark.slow,
    pytest.mark.skipif(FAKETIME is None, reason="faketime is not here: apt-get install faketime"),
]

AN_HOUR, TWO_HOURS = 3600, 7200
LOGS = """
import select
from pathlib import Path
for _ in range(100): log()
Path("half").touch()
while not Path("over").exists():
    log()
    select.select([], [], [], 0.01)  # under faketime time.sleep() fails
"""


def under(folder: Path, offset: str) -> Program:
    """Start a program, and its recorder, whose clock is what the file `offset` says; only the wall clock."""
    folder.mkdir()
    (folder / "offset").write_text(f"{offset}\n")
    clock = {
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(folder / "offset"),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }
    return Program(
        folder, "import select\nfrom pathlib import Path\n" + LOGS, RUNHOOKS_HEARTBEAT_S="0.2", **clock
    )


def begun(program: Program) -> None:
    program.wait_for_rows(100)
    wait_until(lambda: only(program.folder).heartbeat is not None)


def end(program: Program) -> None:
    (program.folder / "over").touch()
    done = program.end()
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("sign", "name"),
    [
        pytest.param(sign, name, marks=pytest.mark.case("Clock", name))
        for sign, name in {
            "-": "a writer's clock is an hour late",
            "+": "a writer's clock is an hour early",
        }.items()
    ],
)
def test_a_wrong_clock_costs_no_row(tmp_path: Path, ledger: Ledger, sign: str, name: str) -> None:
    def work(n: int) -> None:
        with under(tmp_path / str(n), f"{sign}{AN_HOUR}") as program:
            begun(program)
            end(program)
            view = program.left("finished")
            off = view.created_at / 1e6 - time.time()
            assert abs(off - float(f"{sign}{AN_HOUR}")) < AN_HOUR / 6, "the clock was not off"
            assert view.duration_s is not None
            assert 0 < view.duration_s < AN_HOUR / 6

    ledger.each(ledger.tries(1, 20), work)
    ledger.figure = "all rows there, the duration is right"


@pytest.mark.parametrize(
    ("to", "name"),
    [
        pytest.param(to, name, marks=pytest.mark.case("Clock", name))
        for to, name in {
            f"+{TWO_HOURS}": "the clock jumps two hours ahead in mid-run",
            f"-{TWO_HOURS}": "the clock jumps two hours back in mid-run",
        }.items()
    ],
)
def test_a_clock_that_jumps_costs_no_row(tmp_path: Path, ledger: Ledger, to: str, name: str) -> None:
    def work(n: int) -> None:
        with under(tmp_path / str(n), "+0") as program:
            begun(program)
            before = only(program.folder).heartbeat
            assert before is not None
            (program.folder / "offset").write_text(f"{to}\n")
            wait_until(lambda: abs(_beat(program) - before.own / 1e6) > AN_HOUR)
            end(program)
            view = program.left("finished")
            assert view.duration_s is not None
            assert view.duration_s >= 0

    ledger.each(ledger.tries(1, 20), work)
    ledger.figure = "all rows there; heartbeats went on"


def _beat(program: Program) -> float:
    heartbeat = only(program.folder).heartbeat
    return heartbeat.own / 1e6 if heartbeat else 0.0


@pytest.mark.case("Clock", "the machine sleeps for two hours in mid-run")
def test_a_machine_that_slept_goes_on(tmp_path: Path, ledger: Ledger) -> None:
    """Asleep, a machine's processes stand still, and so does its monotonic clock; the wall clock does not."""

    def work(n: int) -> None:
        with under(tmp_path / str(n), "+0") as program:
            begun(program)
            processes = [program.process.pid, *program.recorders()]
            for process in processes:
                os.kill(process, signal.SIGSTOP)
            asleep = only(program.folder)
            settle(asleep, time.time() + TWO_HOURS)  # as who reads then: the store's own clock cannot be set
            assert (asleep.state, asleep.reason is not None) == ("crashed", True), "its heartbeat is old"
            (program.folder / "offset").write_text(f"+{TWO_HOURS}\n")
            for process in processes:
                os.kill(process, signal.SIGCONT)
            wait_until(lambda: _beat(program) - time.time() > AN_HOUR)
            assert only(program.folder).state == "running"
            end(program)
            view = program.left("finished")
            assert view.duration_s is not None
            assert view.duration_s > TWO_HOURS

    ledger.each(ledger.tries(1, 20), work)
    ledger.figure = "crashed while it slept, running when it woke, finished; all rows there"
