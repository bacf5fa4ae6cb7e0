"""Processes that a training process starts, and that log to its run: also when that has ended."""

from runhooks.journal import Journal
from runhooks.record.document import from_bytes, to_bytes
from runhooks.record.view import Session
from runhooks.recorder.mirror import Mirror
from runhooks.storage import open_store
from tests.programs import documents, is_free, only, rows, start, wait_until

FOLDER = "default/Uncategorized/runs/mine"

BEGIN = """
import os, pathlib, sys, time
import runhooks
run = runhooks.init(id="mine")
run.log({"parent": 1})
def wait_for(name):
    deadline = time.monotonic() + 90
    while not pathlib.Path(name).exists() and time.monotonic() < deadline:
        time.sleep(0.05)
"""
EARLY = """
if os.fork() == 0:
    run.log({"child": 0}, step=0)
    wait_for("go")
    for step in range(1, 5): run.log({"child": step}, step=step)
    os._exit(0)
time.sleep(0.3)
run.finish()
"""
LATE = """
if os.fork() == 0:
    wait_for("go")
    for step in range(5): run.log({"child": step}, step=step)
    os._exit(0)
run.finish()
"""


def kept(tmp_path, code):
    """Let a child log when its parent's run has ended; return the run when the child is gone."""
    with start(BEGIN + code, tmp_path) as process:
        wait_until(lambda: bool(documents(tmp_path)) and only(tmp_path).state == "finished", 60)
        assert process.wait(60) == 0
        (tmp_path / "go").touch()
        folder = tmp_path / "runs" / FOLDER
        wait_until(lambda: rows(tmp_path, only(tmp_path)).get("child", [])[-1:] == [(4, 4.0)], 60)
        wait_until(lambda: is_free(folder) and not (folder / "journal").exists(), 90)
    return only(tmp_path)


def test_rows_of_a_child_that_outlives_its_parents_run_are_kept(tmp_path):
    view = kept(tmp_path, EARLY)
    assert (view.state, view.metrics["child"].count) == ("finished", 5)
    assert rows(tmp_path, view) == {"child": [(n, float(n)) for n in range(5)], "parent": [(0, 1.0)]}


def test_rows_of_a_child_that_begins_to_log_when_its_parents_run_has_ended_are_kept(tmp_path):
    view = kept(tmp_path, LATE)
    assert (view.state, view.metrics["child"].count) == ("finished", 5)
    assert [session.primary for session in view.sessions] == [True, False]


def test_what_an_old_process_sends_late_does_not_undo_what_another_has_gone_on_with(tmp_path):
    from tests.recorder.test_recording import START, WRITER, begun

    journal: Journal = begun(tmp_path)
    journal.close()
    folder = "default/p/runs/mine"
    here = tmp_path / "runs" / folder
    ours = from_bytes((here / "run.json").read_bytes())
    ours.sessions = [Session(WRITER, START)]
    (here / "run.json").write_bytes(to_bytes(ours))
    (here / "history").mkdir()
    (here / "history" / f"{WRITER}-00000000.parquet").write_bytes(b"rows")
    (here / "index.html").write_text("old")
    there = open_store(tmp_path / "elsewhere")
    newer = from_bytes(to_bytes(ours))
    newer.sessions.append(Session("20991231T000000000000-r0-000000", START + 1))
    there.write(f"{folder}/run.json", to_bytes(newer))
    mirror = Mirror(tmp_path / "runs", folder, there)
    mirror.push()
    assert mirror.is_late
    assert there.read(f"{folder}/run.json") == to_bytes(newer)
    assert there.read(f"{folder}/history/{WRITER}-00000000.parquet") == b"rows"
    assert not list(there.list(f"{folder}/index.html"))
    mirror.release()
    assert not here.exists()
