"""How many requests and bytes a run costs in an hour: counted, with a clock that the test drives.

The figures in docs/reliability.md are what these tests print.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runhooks.recorder.orders import Order
from runhooks.recorder.recording import Recording
from runhooks.storage import Traffic, open_store
from tests.faults.rehearsal import START, begin, order

TICK_S = 5
MINUTES = 20


class Clock:
    """The time of the recorder's modules; only :meth:`wait` moves it."""

    def __init__(self) -> None:
        self.gone = 0.0

    def monotonic(self) -> float:
        return self.gone

    def time_ns(self) -> int:
        return START * 1000 + int(self.gone * 1e9)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for module, names in {
        "recording": ("monotonic", "time_ns"),
        "pages": ("monotonic",),
        "sending": ("monotonic",),
        "system.sampler": ("monotonic", "time_ns"),
    }.items():
        for name in names:
            monkeypatch.setattr(f"runhooks.recorder.{module}.{name}", getattr(clock, name))
    return clock


@pytest.fixture
def store() -> Iterator[str]:
    url = "memory://requests/runs"
    yield url
    behind = open_store(url)
    for entry in [*behind.list()]:
        behind.delete(entry.path)


def hour(root: Path, store: str, clock: Clock, log: Callable[[int], bytes]) -> Traffic:
    """Record for some minutes after the first one; return what an hour of that would be."""
    journal = begin(root)
    whole = order(root, store, {})
    facts = {name: getattr(whole, name) for name in ("store", "writer", "mirrored")}
    recording = Recording(Order(whole.path, whole.folder, **facts, pid=os.getpid(), system_interval_s=10.0))
    recording.begin()
    before = Traffic()
    for tick in range((MINUTES + 1) * 60 // TICK_S):
        if tick == 60 // TICK_S:
            before = Traffic(
                requests=recording._sending.traffic.requests, sent=recording._sending.traffic.sent
            )
        for step in range(tick * 500, (tick + 1) * 500):
            if line := log(step):
                journal.append(b'{"type":"log","step":%d,"time":%d,"data":{%b}' % (step, START + step, line))
        clock.gone += TICK_S
        recording.tick()
    assert recording.trouble is None
    spent, share = recording._sending.traffic, 60 // MINUTES
    recording.close()
    journal.close()
    return Traffic(
        requests=(spent.requests - before.requests) * share, sent=(spent.sent - before.sent) * share
    )


@pytest.mark.slow
def test_an_idle_run_costs_few_requests(tmp_path: Path, store: str, clock: Clock) -> None:
    """Every 30 s a sign of life and the machine's samples, and the pages that show them."""
    spent = hour(tmp_path, store, clock, lambda _step: b"")
    print(f"idle: {spent.requests:,} requests and {spent.sent / 1e6:.0f} MB an hour")
    assert spent.requests <= 1200


@pytest.mark.slow
def test_a_busy_run_costs_a_bounded_number_of_requests(tmp_path: Path, store: str, clock: Clock) -> None:
    """100 steps a second with ten metrics."""
    row = b",".join(b'"m%d":%%d.5' % n for n in range(10))
    spent = hour(tmp_path, store, clock, lambda step: row % ((step,) * 10))
    print(f"busy: {spent.requests:,} requests and {spent.sent / 1e6:.0f} MB an hour")
    assert spent.requests <= 3660
    assert spent.sent <= 3600 * 2**18 + 8 * 2**20
