"""What several runs of one process hear of the one recorder that they share."""

import os

import pytest

from runhooks.recorder.protocol import encode
from runhooks.recorder.spawn import Recorder


@pytest.fixture
def recorder():
    found = Recorder()
    yield found
    found.close()


def test_a_message_waits_for_the_run_that_it_is_about(recorder, monkeypatch):
    mine, theirs = os.pipe()
    os.set_blocking(mine, False)
    monkeypatch.setattr(recorder, "_from", mine)
    for run in ("first", "second"):
        os.write(theirs, encode({"run": run, "event": "problem", "text": run}))
        os.write(theirs, encode({"run": run, "event": "finished"}))
    for run in ("second", "first"):
        found, others = recorder.await_event(run, "finished", 5)
        assert found == {"run": run, "event": "finished"}
        assert [message["text"] for message in others] == [run]
    os.close(theirs)
    os.close(mine)
