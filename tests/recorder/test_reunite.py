"""A run that was resumed on another machine, while a part of its first session waits in the first spool."""

import os
from pathlib import Path

import pytest

from runhooks.journal import Journal
from runhooks.recorder.mirror import fetch
from runhooks.recorder.orders import Order
from runhooks.recorder.recording import Busy, Recording
from runhooks.recorder.reunite import reunite
from runhooks.storage import open_store
from tests.faults.check import FOLDER, rows, whole
from tests.faults.rehearsal import START, WRITER, begin, log, order, sync

SECOND = "20261123T070102123456-r0-000000"


@pytest.fixture
def store(tmp_path: Path) -> str:
    return str(tmp_path / "elsewhere")


def left(spool: Path, store: str) -> Order:
    """Leave a first session of 40 rows in a spool, of which the store has 20."""
    journal = begin(spool)
    journal.event("config", data={"first": 1})
    log(journal, 0, 20)
    mine = order(spool, store, {})
    recording = Recording(mine)
    recording.begin()
    journal.event("config", data={"unsent": 1})
    journal.event("alert", title="late", text="", level="info")
    log(journal, 20, 40)
    recording.save()
    journal.close()
    return mine


def resumed(spool: Path, store: str) -> tuple[Order, Journal]:
    """Go on with 20 rows on another machine."""
    mine = order(spool, store, {})
    assert fetch(mine, download=True)
    journal = Journal(spool / FOLDER / "journal", SECOND)
    journal.event("start", writer=SECOND, primary=True, pid=os.getpid())
    journal.event("config", data={"second": 2})
    journal.event("alert", title="hello", text="", level="info")
    log(journal, 40, 60)
    return mine, journal


def test_two_spools_of_one_run_give_one_record(tmp_path: Path, store: str) -> None:
    first = left(tmp_path / "a", store)
    second, journal = resumed(tmp_path / "b", store)
    journal.event("finish", writer=SECOND, state="finished", reason=None, exit={"exit_code": 0})
    journal.close()
    assert Recording(second).finish()["error"] is None
    assert reunite(first) is True
    assert sync(tmp_path / "a", store, {})["error"] is None
    view = whole(open_store(store), 60)
    assert view.config == {"first": 1, "unsent": 1, "second": 2}
    assert [alert["title"] for alert in view.alerts] == ["late", "hello"]
    assert [session.writer for session in view.sessions] == [WRITER, SECOND]
    assert (view.summary, view.last_step) == ({"loss": 29.5}, 59)
    assert not (tmp_path / "a" / FOLDER).exists()


def test_a_session_that_another_machine_lost_is_put_together_too(
    tmp_path: Path, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second machine went with its disk: what it had sent is the journal of its last seconds."""
    first = left(tmp_path / "a", store)
    second, journal = resumed(tmp_path / "b", store)
    recording = Recording(second)
    recording.begin()
    recording.close()
    journal.close()
    with pytest.raises(Busy, match="it goes on on"):
        reunite(first)
    assert len(rows(open_store(store))["loss"]) == 40, "nothing was sent into a run that goes on"
    monkeypatch.setattr("runhooks.recorder.reunite.store_time", lambda _store: START / 1e6 + 10**9)
    assert reunite(first) is True
    assert sync(tmp_path / "a", store, {})["error"] is None
    view = whole(open_store(store), 60, states=("crashed",))
    assert view.config == {"first": 1, "unsent": 1, "second": 2}
    assert [alert["title"] for alert in view.alerts] == ["late", "hello"]
    assert [session.writer for session in view.sessions] == [WRITER, SECOND]


def test_a_run_that_nobody_resumed_is_left_as_it_is(tmp_path: Path, store: str) -> None:
    first = left(tmp_path / "a", store)
    before = (tmp_path / "a" / FOLDER / "run.json").read_bytes()
    assert reunite(first) is False
    assert (tmp_path / "a" / FOLDER / "run.json").read_bytes() == before
