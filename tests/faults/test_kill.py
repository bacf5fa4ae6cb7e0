"""Signals at random moments: what `log()` returned for is there, and the record says what happened."""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from tests.faults.ledger import Ledger
from tests.faults.program import Program
from tests.programs import only, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.slow]

FOR_EVER = "while True: log()\n"
UNTIL_TOLD = """
over = []
signal.signal(signal.SIGTERM, lambda *_: over.append(1))
while not over: log()
"""
A_WHILE = """
until = time.monotonic() + 2.5
while time.monotonic() < until: log(); time.sleep(0.001)
"""


@dataclass
class Blow:
    """What a program does, what is done to it, and what comes of it."""

    code: str
    strike: Callable[[Program, Random], None]
    returned: int
    states: tuple[str, ...]
    long: int = 200
    synced: bool = False


def to_trainer(*numbers: int) -> Callable[[Program, Random], None]:
    def strike(program: Program, random: Random) -> None:
        for number in numbers:
            program.process.send_signal(number)
            time.sleep(random.uniform(0, 0.3))

    return strike


def to_recorder(program: Program, _: Random) -> None:
    for child in program.recorders():
        os.kill(child, signal.SIGKILL)


def to_both(program: Program, random: Random) -> None:
    to_recorder(program, random)
    program.process.kill()


BLOWS = {
    "SIGKILL of the trainer": Blow(FOR_EVER, to_trainer(signal.SIGKILL), -signal.SIGKILL, ("crashed",)),
    "SIGKILL of the recorder": Blow(A_WHILE, to_recorder, 0, ("finished",), long=100),
    "SIGKILL of both, then runhooks sync": Blow(
        FOR_EVER, to_both, -signal.SIGKILL, ("crashed",), long=100, synced=True
    ),
    "SIGTERM": Blow(FOR_EVER, to_trainer(signal.SIGTERM), -signal.SIGTERM, ("killed",)),
    "SIGTERM, for which the program has a handler": Blow(
        UNTIL_TOLD, to_trainer(signal.SIGTERM), 0, ("finished",)
    ),
    "Ctrl-C": Blow(FOR_EVER, to_trainer(signal.SIGINT), -signal.SIGINT, ("killed",)),
    "Ctrl-C twice": Blow(FOR_EVER, to_trainer(signal.SIGINT, signal.SIGINT), -signal.SIGINT, ("killed",)),
}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.case("Process", f"{name}, at a random moment while it logs"))
        for name in BLOWS
    ],
)
def test_no_row_is_lost_by_a_signal(tmp_path: Path, ledger: Ledger, name: str) -> None:
    blow, results = BLOWS[name], []

    def strike(n: int) -> None:
        random = Random(f"{ledger.seed}-{name}-{n}")
        with Program(tmp_path / str(n), blow.code) as program:
            program.wait_for_rows()
            time.sleep(random.uniform(0.0, 0.4))
            blow.strike(program, random)
            done = program.end()
            assert done.returncode == blow.returned, done.stderr
            ended = time.monotonic()
            if blow.synced:  # nobody is left to do it
                program.sync()
            wait_until(lambda: only(program.folder).state in blow.states, 60)
            took = time.monotonic() - ended
            program.left(*blow.states)
            results.append((took, program.acknowledged, program.longest))

    ledger.each(ledger.tries(2, blow.long), strike, 4)
    times, counts, longest = (sorted(column) for column in zip(*results, strict=True))
    ledger.figure = (
        f"{sum(counts):,} rows, 0 lost; the record says {blow.states[0]} within "
        f"{times[len(times) // 2]:.1f} s (median), {times[-1]:.1f} s (most); "
        f"longest log() {longest[-1] * 1e3:.1f} ms"
    )
