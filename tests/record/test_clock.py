"""Heartbeats by the store's clock: a writer and a reader whose own clocks are an hour off."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from runhooks.record.clock import StoreClock, store_time
from runhooks.record.document import from_bytes, to_bytes
from runhooks.record.read import read_view
from runhooks.record.view import Heartbeat
from runhooks.recorder.recording import Recording
from runhooks.storage import Store, open_store
from tests.faults.check import FOLDER
from tests.faults.rehearsal import begin, order

HOUR = 3600
SetClock = Callable[[float], None]


@pytest.fixture(params=[HOUR, -HOUR], ids=["ahead", "behind"])
def off(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """Set this machine's clock, as the recorder and readers see it; stores keep theirs."""

    def set_by(seconds: float) -> None:
        monkeypatch.setattr("runhooks.record.clock.time", lambda: time.time() + seconds)
        monkeypatch.setattr(
            "runhooks.recorder.recording.time_ns", lambda: time.time_ns() + int(seconds * 1e9)
        )

    return set_by


@pytest.fixture(params=["elsewhere", "here"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "here":
        return str(tmp_path / "spool")
    return f"memory://clock-{tmp_path.name}/runs"


def begun(root: Path, place: str) -> Store:
    """Begin to record a run, and give one sign of life."""
    begin(root).close()
    recording = Recording(order(root, place, {}))
    recording.begin()
    recording.close()
    return open_store(place)


def test_a_run_whose_writers_clock_is_an_hour_off_is_running(
    tmp_path: Path, place: str, off: int, set_clock: SetClock
) -> None:
    set_clock(off)
    store = begun(tmp_path / "spool", place)
    set_clock(0)
    view = read_view(store, FOLDER)
    assert view.state == "running"
    assert view.heartbeat is not None
    assert view.heartbeat.at / 1e6 == pytest.approx(time.time(), abs=30)
    assert view.heartbeat.own / 1e6 == pytest.approx(time.time() + off, abs=30)


def test_a_reader_whose_clock_is_an_hour_off_tells_who_lives_from_who_was_lost(
    tmp_path: Path, off: int, set_clock: SetClock
) -> None:
    place = f"memory://clock-{tmp_path.name}/runs"
    store = begun(tmp_path / "spool", place)
    set_clock(off)
    assert read_view(store, FOLDER).state == "running"
    view = from_bytes(store.read(f"{FOLDER}/run.json"))
    view.heartbeat = Heartbeat(int((time.time() - 200) * 1e6), 7)
    store.write(f"{FOLDER}/run.json", to_bytes(view))
    lost = read_view(store, FOLDER)
    assert (lost.state, lost.ended_at) == ("crashed", view.heartbeat.at)


def test_a_store_is_asked_for_its_time_once_an_hour_and_when_the_own_clock_was_set(
    set_clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, asked = open_store("memory://clock-asked"), []
    monkeypatch.setattr(type(store), "now", lambda self: asked.append(1) or time.time())
    for _ in range(3):
        store_time(store)
    assert len(asked) == 1
    set_clock(HOUR)
    assert store_time(store) == pytest.approx(time.time(), abs=30)
    assert len(asked) == 2


def test_less_than_a_few_seconds_are_no_difference() -> None:
    clock = StoreClock()
    clock.note(-1.5)
    assert clock.ahead_s == 0
    clock.note(-90)
    assert clock.ahead_s == -90
