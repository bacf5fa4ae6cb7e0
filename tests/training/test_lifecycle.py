"""How a process ends, and what the record says of it. Each case is a real process."""

import signal
import sys
import time

from tests.programs import ended, only, rows, run, start, views, wait_until

BEGIN = """
import os, signal, sys, threading, time
import runhooks
run = runhooks.init(id="mine")
run.log({"loss": 0.5})
"""


def test_hooks_that_were_there_are_called_and_hooks_are_taken_out_again(tmp_path):
    done = run(
        """
import signal, sys
import runhooks
calls = []
def hook(*args): print("hook called")
sys.excepthook = hook
before = (sys.excepthook, sys.exit, signal.getsignal(signal.SIGTERM))
run = runhooks.init()
during = (sys.excepthook, sys.exit, signal.getsignal(signal.SIGTERM))
assert all(a is not b for a, b in zip(before, during))
run.finish()
assert (sys.excepthook, sys.exit, signal.getsignal(signal.SIGTERM)) == before
run = runhooks.init()
raise ValueError
""",
        tmp_path,
    )
    assert done.stdout == "hook called\n"
    assert sorted(view.state for view in views(tmp_path)) == ["failed", "finished"]


def test_a_handler_that_wraps_ours_decides_when_the_process_ends(tmp_path):
    done = run(
        """
import os, signal
import runhooks
run = runhooks.init()
ours = signal.getsignal(signal.SIGTERM)
signal.signal(signal.SIGTERM, lambda *a: ours(*a))
os.kill(os.getpid(), signal.SIGTERM)
run.log({"after": 1})
""",
        tmp_path,
    )
    assert done.returncode == 0
    view = ended(tmp_path)
    assert (view.state, view.reason, view.summary) == ("killed", "SIGTERM", {"after": 1})


def test_ctrl_c_that_becomes_an_exit_code_is_still_ctrl_c(tmp_path):
    run(BEGIN + "try:\n    raise KeyboardInterrupt\nexcept KeyboardInterrupt:\n    sys.exit(1)\n", tmp_path)
    assert ended(tmp_path).state == "killed"


def test_a_killed_process_is_shown_as_crashed_within_seconds(tmp_path):
    process = start(BEGIN + "print('ready', flush=True)\ntime.sleep(60)\n", tmp_path)
    with process:
        assert process.stdout.readline() == "ready\n"
        assert only(tmp_path).state == "running"
        process.kill()
        process.wait()
        began = time.monotonic()
        view = ended(tmp_path)
        took = time.monotonic() - began
    assert view.state == "crashed"
    assert "without a word" in view.reason
    print(f"crashed is in the record {took:.2f} s after SIGKILL", file=sys.stderr)


def test_a_run_that_is_killed_with_its_recorder_is_completed_by_nobody_but_readable(tmp_path):
    """Both gone: the journal alone holds the rows, and the heartbeat goes stale."""
    process = start(
        BEGIN
        + "from runhooks.training import connection\n"
        + "print(connection._shared[False].pid, flush=True)\nrun.log({'loss': 0.25})\ntime.sleep(60)\n",
        tmp_path,
    )
    with process:
        recorder = int(process.stdout.readline())
        wait_until(lambda: only(tmp_path).heartbeat is not None)
        __import__("os").kill(recorder, signal.SIGKILL)
        wait_until(lambda: rows(tmp_path, only(tmp_path)) == {"loss": [(0, 0.5), (1, 0.25)]})
        process.kill()
    view = only(tmp_path)
    assert view.state == "running"  # until the heartbeat is stale
    assert rows(tmp_path, view) == {"loss": [(0, 0.5), (1, 0.25)]}
    assert view.summary == {"loss": 0.25}


def test_a_recorder_that_is_killed_is_started_again_and_nothing_is_lost_or_doubled(tmp_path):
    done = run(
        """
import os, signal, time
import runhooks
from runhooks.training import connection
run = runhooks.init(id="mine", heartbeat_s=0.2)
for value in range(300):
    run.log({"loss": value})
    if value in (100, 200):
        os.kill(connection._shared[False].pid, signal.SIGKILL)
        time.sleep(1.2)
""",
        tmp_path,
    )
    assert done.returncode == 0, done.stderr
    view = ended(tmp_path)
    assert (view.state, view.metrics["loss"].count, view.metrics["loss"].max) == ("finished", 300, 299)
    assert rows(tmp_path, view) == {"loss": [(step, float(step)) for step in range(300)]}


def test_a_forked_child_does_not_end_the_run_of_its_parent(tmp_path):
    done = run(BEGIN + "if os.fork() == 0:\n    sys.exit(5)\nos.wait()\nrun.log({'loss': 1})\n", tmp_path)
    view = ended(tmp_path)
    assert (done.returncode, view.state) == (0, "finished")
    assert rows(tmp_path, view) == {"loss": [(0, 0.5), (1, 1.0)]}


def test_a_child_that_outlives_a_killed_parent_does_not_keep_the_run_alive(tmp_path):
    forking = "if os.fork() == 0:\n    time.sleep(30)\n    os._exit(0)\n"
    process = start(BEGIN + forking + "print('ready', flush=True)\ntime.sleep(60)\n", tmp_path)
    process.stdout.readline()
    process.kill()
    process.wait()
    process.stdout.close()
    process.stderr.close()
    assert ended(tmp_path, seconds=15).state == "crashed"


def test_a_broken_terminal_stops_nothing(tmp_path):
    done = run("import sys\nsys.stderr.close()\nsys.stderr = None\n" + BEGIN + "print('done')", tmp_path)
    assert (done.returncode, done.stdout) == (0, "done\n")
    assert ended(tmp_path).state == "finished"


def test_the_terminal_shows_where_the_run_is_and_how_it_went(tmp_path):
    done = run(
        BEGIN + "run.log({'loss': 0.25, 'acc': 1})", tmp_path, RUNHOOKS_NAME="named", RUNHOOKS_SILENT=""
    )
    folder = tmp_path / "runs" / "default" / "Uncategorized" / "runs" / "mine"
    for line in (
        "runhooks: Syncing run named",
        f"runhooks: View run at file://{folder}/index.html",
        "runhooks: Run history:",
        "runhooks:   loss █▁",
        "runhooks: Run summary:",
        "runhooks:   loss 0.25",
        "runhooks: Run named finished",
    ):
        assert line in done.stderr.splitlines(), done.stderr
    assert done.stdout == ""
    ascii_only = run(BEGIN.replace("mine", "other"), tmp_path, PYTHONIOENCODING="ascii", RUNHOOKS_SILENT="")
    assert ascii_only.stderr.isascii()
    assert ascii_only.returncode == 0


def test_several_runs_that_are_open_at_the_end_all_end(tmp_path):
    run(
        BEGIN + "runhooks.init(id='b', reinit='create_new')\nrunhooks.init(id='c', reinit='create_new')",
        tmp_path,
    )
    wait_until(lambda: [view.state for view in views(tmp_path)] == ["finished"] * 3)


def test_a_run_that_a_forked_child_opens_is_its_own(tmp_path):
    done = run(
        """
import os, sys
import runhooks
runhooks.init(id="parent")
if os.fork() == 0:
    runhooks.init(id="child", reinit="create_new").log({"a": 1})
    sys.exit(0)
os.wait()
""",
        tmp_path,
    )
    assert done.returncode == 0, done.stderr
    wait_until(
        lambda: (
            {view.id: view.state for view in views(tmp_path)} == {"parent": "finished", "child": "finished"}
        )
    )


def test_a_process_with_thousands_of_open_files_can_open_a_run(tmp_path):
    done = run(
        """
import os, resource
resource.setrlimit(resource.RLIMIT_NOFILE, (3000, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
held = [os.open("/dev/null", os.O_RDONLY) for _ in range(1500)]
import runhooks
with runhooks.init() as run:
    run.log({"a": 1})
""",
        tmp_path,
    )
    assert (done.returncode, ended(tmp_path).state) == (0, "finished"), done.stderr


def test_arguments_that_are_no_text_are_recorded_all_the_same(tmp_path):
    odd = "sys.argv.append(b'\\xff'.decode('utf-8', 'surrogateescape'))\nrun.finish()\n"
    done = run(BEGIN + odd + "runhooks.init(group='\\udcff', id='two')", tmp_path)
    assert done.returncode == 0, done.stderr
    wait_until(lambda: [view.state for view in views(tmp_path)] == ["finished"] * 2)


def test_a_second_ctrl_c_while_the_record_is_completed_ends_the_wait_and_nothing_else(tmp_path):
    process = start(
        BEGIN
        + """
from runhooks.training import connection
os.kill(connection._shared[False].pid, signal.SIGSTOP)
print(connection._shared[False].pid, flush=True)
raise KeyboardInterrupt
""",
        tmp_path,
    )
    recorder = int(process.stdout.readline())
    wait_until(lambda: only(tmp_path).state == "killed")  # the event is in the journal: the wait has begun
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == -signal.SIGINT
    assert process.stderr.read().count("Traceback") == 1
    process.stdout.close()
    process.stderr.close()
    __import__("os").kill(recorder, signal.SIGCONT)
    assert ended(tmp_path).state == "killed"


def test_a_second_ctrl_c_before_the_end_is_written_down_does_not_make_it_a_crash(tmp_path):
    done = run(
        BEGIN
        + """
from runhooks.training.connection import Connection
ask = Connection.stopped_by
def interrupted(*args):
    Connection.stopped_by = ask
    raise KeyboardInterrupt
Connection.stopped_by = interrupted
raise KeyboardInterrupt
""",
        tmp_path,
    )
    assert done.returncode == -signal.SIGINT
    assert ended(tmp_path).state == "killed"


def test_a_recorder_that_is_frozen_delays_the_end_by_no_more_than_the_deadline(tmp_path):
    done = run(
        BEGIN
        + """
from runhooks.training import connection
os.kill(connection._shared[False].pid, signal.SIGSTOP)
print(connection._shared[False].pid)
""",
        tmp_path,
        RUNHOOKS_FINISH_TIMEOUT_S="2",
        RUNHOOKS_SILENT="",
    )
    assert "its record was not complete in time and is safe in" in done.stderr
    __import__("os").kill(int(done.stdout), signal.SIGCONT)
    assert ended(tmp_path).state == "finished"


def test_a_program_that_closes_every_file_keeps_its_rows_and_its_own_files(tmp_path):
    done = run(
        BEGIN
        + """
import pathlib
os.closerange(3, 1000)
mine = [open(f"mine{n}", "w") for n in range(12)]
run._service(0)
run.log({"loss": 0.25})
for file in mine: file.write("mine"); file.close()
assert all(pathlib.Path(f"mine{n}").read_text() == "mine" for n in range(12))
""",
        tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert rows(tmp_path, ended(tmp_path))["loss"] == [(0, 0.5), (1, 0.25)]


def test_a_run_that_is_deleted_while_it_runs_does_not_come_back(tmp_path):
    done = run(
        BEGIN
        + """
import os, shutil
shutil.rmtree(os.path.dirname(run.dir))
time.sleep(2.5)
run.log({"loss": 1})
run._service(0)
run.log({"loss": 1})
""",
        tmp_path,
        RUNHOOKS_SILENT="",
    )
    assert done.returncode == 0, done.stderr
    assert "deleted" in done.stderr
    assert views(tmp_path) == []
