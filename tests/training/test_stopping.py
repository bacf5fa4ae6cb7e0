"""Stopping a run from elsewhere: what its process gets, and what the record says of it. Real processes."""

import signal

import pytest

import runhooks
from runhooks import Api
from runhooks.errors import RunFinishedError, RunNotFoundError
from tests.programs import ended, only, start, wait_until

LOOP = """
import os, signal, sys, time
import runhooks
run = runhooks.init(id="mine", stop_grace_s=1)
print("ready", flush=True)
deadline = time.monotonic() + 120
"""
WORK = "run.log({'a': 1}); time.sleep(0.02)"


def stopped(tmp_path, code, **variables):
    """Start a program, ask its run to stop once it is ready, and wait for its end."""
    with start(LOOP + code, tmp_path, RUNHOOKS_SILENT="", **variables) as process:
        assert process.stdout.readline() == "ready\n"
        request = Api().run("Uncategorized/mine").stop()
        out, err = process.communicate(timeout=90)
    return process.returncode, out, err, request


@pytest.mark.parametrize(
    ("code", "status", "signals"),
    [
        (f"while time.monotonic() < deadline: {WORK}", -signal.SIGINT, ["SIGINT"]),
        ("time.sleep(120)", -signal.SIGINT, ["SIGINT"]),
        (f"while not run.stop_requested: {WORK}", 0, []),
        (f"with run:\n    while not run.stop_requested: {WORK}", 0, []),
        (
            f"try:\n    while time.monotonic() < deadline: {WORK}\nexcept KeyboardInterrupt:\n    pass",
            0,
            ["SIGINT"],
        ),
        (
            f"""
while time.monotonic() < deadline:
    try: {WORK}
    except KeyboardInterrupt: pass
""",
            -signal.SIGTERM,
            ["SIGINT", "SIGTERM"],
        ),
        (
            "signal.signal(signal.SIGINT, signal.SIG_IGN)\ntime.sleep(120)",
            -signal.SIGTERM,
            ["SIGINT", "SIGTERM"],
        ),
        (
            f"""
signal.signal(signal.SIGTERM, lambda *_: os._exit(7))
signal.signal(signal.SIGINT, lambda *_: None)
while time.monotonic() < deadline: {WORK}
""",
            7,
            ["SIGINT", "SIGTERM"],
        ),
    ],
)
def test_a_run_that_is_asked_to_stop_ends_as_killed_and_says_by_whom(tmp_path, code, status, signals):
    returned, _, err, request = stopped(tmp_path, code)
    assert returned == status, err
    view = ended(tmp_path)
    assert (view.state, view.reason) == ("killed", f"stop requested by {request['by']}")
    assert f"runhooks: stop requested by {request['by']}" in err.splitlines() or "SIGTERM, lambda" in code
    assert (view.stop["by"], view.stop["requested_at"]) == (request["by"], request["time"])
    assert view.stop["seen_at"] >= request["time"]
    assert view.stop["signals"] == signals
    assert (view.stop["heard_at"] is not None) == ("stop_requested" in code)


def test_a_failure_after_a_request_to_stop_is_a_failure(tmp_path):
    code = f"while not run.stop_requested: {WORK}\nraise ValueError('bad')"
    assert stopped(tmp_path, code)[0] == 1
    view = ended(tmp_path)
    assert (view.state, view.reason) == ("failed", "ValueError: bad")
    assert view.stop is not None


def test_asking_twice_says_when_it_was_asked_first_and_asking_after_the_end_is_an_error(tmp_path):
    with runhooks.init(id="mine") as run:
        assert not run.stop_requested  # else it would be interrupted
        asked = Api().run("Uncategorized/mine")
        first, second = asked.stop(), asked.stop()
        assert (first["is_new"], second["is_new"], second["time"]) == (True, False, first["time"])
        wait_until(lambda: run.stop_requested, 60)
    assert only(tmp_path).state == "killed"
    with pytest.raises(RunFinishedError, match="mine is killed, so there is nothing to stop"):
        asked.stop()
    with pytest.raises(RunNotFoundError):
        Api().run("Uncategorized/other").stop()


def test_a_request_for_one_session_is_none_for_the_next(tmp_path):
    with runhooks.init(id="mine") as first:
        assert not first.stop_requested
        Api().run("Uncategorized/mine").stop()
        wait_until(lambda: first.stop_requested, 60)
    with runhooks.init(id="mine", resume="must", heartbeat_s=0.1) as again:
        seen = only(tmp_path).heartbeat
        wait_until(lambda: only(tmp_path).heartbeat != seen)
        wait_until(lambda: (only(tmp_path).heartbeat or seen).seq > 5)
        assert not again.stop_requested
    view = ended(tmp_path)
    assert (view.state, view.stop) == ("finished", None)


def test_a_run_of_a_store_elsewhere_is_stopped_through_the_store():
    store = "memory://stopped/runs"
    with runhooks.init(id="mine", store=store) as run:
        assert not run.stop_requested
        found = Api(store).run("Uncategorized/mine")
        wait_until(lambda: _is_there(found), 60)
        request = found.stop()
        wait_until(lambda: run.stop_requested, 60)
    found.reload()
    assert (found.state, found.reason) == ("killed", f"stop requested by {request['by']}")


def _is_there(found):
    try:
        return bool(found.reload().view.sessions)
    except (RunNotFoundError, OSError):
        return False


def test_of_two_runs_of_a_process_only_that_which_is_asked_to_hears_it(tmp_path):
    store = str(tmp_path / "both")
    runs = [runhooks.init(id=id, store=store, project="p") for id in ("one", "two")]
    try:
        assert [run.stop_requested for run in runs] == [False, False]
        Api(store).run("p/two").stop()

        def heard():
            found = [run.stop_requested for run in runs]
            assert not found[0], "that was the other one"
            return found[1]

        wait_until(heard, 60)
    finally:
        for run in runs:
            run.finish()
    assert [Api(store).run(f"p/{id}").state for id in ("one", "two")] == ["finished", "killed"]
