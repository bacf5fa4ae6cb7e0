"""How many requests and bytes a run costs in an hour: counted, with a clock that the test drives.

The figures in docs/reliability.md are what these tests print.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from runhooks.journal import Journal
from runhooks.record.document import from_bytes, to_bytes
from runhooks.recorder.orders import Order
from runhooks.recorder.secondary import recording_of
from runhooks.storage import Traffic, open_store
from tests.faults.rehearsal import START, begin, order

TICK_S = 4
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
        "control": ("monotonic",),
        "others": ("monotonic",),
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


class Writer:
    """A recorded run, or a secondary writer's share of one, and what it costs."""

    def __init__(self, root: Path, store: str, **more: Any) -> None:
        self.journal = begin(root)
        whole = order(root, store, {})
        facts: dict[str, Any] = {name: getattr(whole, name) for name in ("store", "writer", "mirrored")}
        facts |= {"pid": os.getpid(), "system_interval_s": 10.0, **more}
        if "secondary" in more:
            view = from_bytes((whole.folder / "run.json").read_bytes())
            view.environment = {"secondary": {"writer": more["secondary"]}, "host": "another"}
            (whole.folder / "run.json").write_bytes(to_bytes(view))
            self.journal.close()
            shutil.rmtree(self.journal.folder)
            self.journal = Journal(whole.folder / "journal", more["secondary"])
            self.journal.event("start", writer=more["secondary"], primary=False, pid=1)
            facts["writer"] = more["secondary"]
        self.recording = recording_of(Order(whole.path, whole.folder, **facts))
        self.recording.begin()
        self.before = Traffic()

    def count(self) -> None:
        """Count from now on."""
        spent = self.recording._sending.traffic
        self.before = Traffic(requests=spent.requests, sent=spent.sent, received=spent.received)

    def log(self, steps: range, line_of: Callable[[int], bytes]) -> None:
        for step in steps:
            if line := line_of(step):
                event = b'{"type":"log","step":%d,"time":%d,"data":{%b}' % (step, START + step, line)
                self.journal.append(event)

    def close(self) -> Traffic:
        """Return what an hour of it would be."""
        assert self.recording.trouble is None
        self.recording.close()
        self.journal.close()
        spent, before, share = self.recording._sending.traffic, self.before, 60 // MINUTES
        return Traffic(
            requests=(spent.requests - before.requests) * share,
            sent=(spent.sent - before.sent) * share,
            received=(spent.received - before.received) * share,
        )


def hour(writers: Sequence[Writer], clock: Clock, line_of: Callable[[int], bytes]) -> list[Traffic]:
    """Record for some minutes after the first one; return what an hour of that would be, of each writer."""
    for tick in range((MINUTES + 1) * 60 // TICK_S):
        for writer in writers:
            if tick == 60 // TICK_S:
                writer.count()
            writer.log(range(tick * 100 * TICK_S, (tick + 1) * 100 * TICK_S), line_of)
        clock.gone += TICK_S
        for writer in writers:
            writer.recording.tick()
    return [writer.close() for writer in writers]


def idle(_step: int) -> bytes:
    return b""


def busy(step: int) -> bytes:
    """100 steps a second with ten metrics."""
    return b",".join(b'"m%d":%d.5' % (n, step) for n in range(10))


def told(what: str, spent: Traffic) -> None:
    sent, received = spent.sent / 1e6, spent.received / 1e6
    print(f"{what}: {spent.requests:,} requests, {sent:.0f} MB sent and {received:.0f} MB read an hour")


@pytest.mark.slow
def test_an_idle_run_costs_few_requests(tmp_path: Path, store: str, clock: Clock) -> None:
    """Every 30 s a sign of life and the machine's samples, and the pages that show them."""
    (spent,) = hour([Writer(tmp_path, store)], clock, idle)
    told("idle", spent)
    assert spent.requests <= 1800


@pytest.mark.slow
def test_a_busy_run_costs_a_bounded_number_of_requests(tmp_path: Path, store: str, clock: Clock) -> None:
    (spent,) = hour([Writer(tmp_path, store)], clock, busy)
    told("busy", spent)
    assert spent.requests <= 3660
    assert spent.sent <= 3600 * 2**18 + 8 * 2**20


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line_of", "most_primary", "most_secondary"), [(idle, 2300, 700), (busy, 4000, 1900)]
)
def test_secondary_writers_cost_a_bounded_number_of_requests(
    tmp_path: Path,
    store: str,
    clock: Clock,
    line_of: Callable[[int], bytes],
    most_primary: int,
    most_secondary: int,
) -> None:
    """A primary with one secondary writer, each as busy as the other."""
    primary = Writer(tmp_path / "a", store, shared=True)
    secondary = Writer(tmp_path / "b", store, shared=True, secondary="20261123T070102123456-s1-000000")
    spent = hour([primary, secondary], clock, line_of)
    told(f"{line_of.__name__} primary", spent[0])
    told(f"{line_of.__name__} secondary", spent[1])
    assert spent[0].requests <= most_primary
    assert spent[1].requests <= most_secondary
    assert primary.recording.view.others
