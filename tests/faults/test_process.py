"""What becomes of a run whose process ends in any way, forks, has a frozen recorder, or none."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from runhooks.storage import open_store
from tests.cli.terminal import piped
from tests.faults.check import whole
from tests.faults.ledger import LONG, Ledger
from tests.faults.program import BEGIN, Program
from tests.programs import only, views, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.slow]

FROZEN_S = 60 if LONG else 3

ENDINGS = [
    ("", 0, "finished", None),
    ("sys.exit()", 0, "finished", None),
    ("sys.exit(0)", 0, "finished", None),
    ("sys.exit(3)", 3, "failed", "exit code 3"),
    ("sys.exit('told')", 1, "failed", "exit code 1"),
    ("sys.exit(2**70)", 255, "failed", "exit code 255"),
    ("sys.exit(-1)", 255, "failed", "exit code 255"),
    ("exit(3)", 3, "failed", "exit code 3"),
    ("quit()", 0, "finished", None),
    ("try:\n    sys.exit(2)\nexcept SystemExit:\n    pass", 0, "finished", None),
    (
        "def f():\n    try:\n        sys.exit(2)\n    except SystemExit:\n        pass\nf()",
        0,
        "finished",
        None,
    ),
    ("try:\n    sys.exit(2)\nfinally:\n    x = [n for n in range(9)]", 2, "failed", "exit code 2"),
    ("try:\n    sys.exit(2)\nexcept SystemExit:\n    raise", 2, "failed", "exit code 2"),
    (
        "def f():\n    try:\n        sys.exit(2)\n    finally:\n        run.log({})\nf()",
        2,
        "failed",
        "exit code 2",
    ),
    ("import contextlib\nwith contextlib.ExitStack():\n    sys.exit(2)", 2, "failed", "exit code 2"),
    ("sys.excepthook = lambda *a: None\nraise ValueError('bad')", 1, "failed", "ValueError: bad"),
    ("raise ValueError('bad')", 1, "failed", "ValueError: bad"),
    ("raise MemoryError", 1, "failed", "MemoryError"),
    ("def f(): f()\nf()", 1, "failed", "RecursionError: maximum recursion depth exceeded"),
    ("raise KeyboardInterrupt", -signal.SIGINT, "killed", "KeyboardInterrupt"),
    ("threading.Thread(target=lambda: 1 / 0).start()", 0, "finished", None),
    ("run.finish(); sys.exit(3)", 3, "finished", None),
    ("os._exit(0)", 0, "crashed", None),
    ("os.abort()", -signal.SIGABRT, "crashed", None),
    ("import ctypes; ctypes.string_at(0)", -signal.SIGSEGV, "crashed", None),
    ("os.kill(os.getpid(), signal.SIGHUP); time.sleep(60)", -signal.SIGHUP, "crashed", None),
]


@pytest.mark.case("Process", "exit matrix: 0, n, texts, exceptions, a thread's, os._exit, abort, segfault")
def test_the_state_says_how_the_process_ended(tmp_path: Path, ledger: Ledger) -> None:
    def end(chosen: tuple[int, int]) -> None:
        code, returned, state, reason = ENDINGS[chosen[0]]
        with Program(tmp_path / f"{chosen[0]}-{chosen[1]}", f"log(5)\n{code}\n") as program:
            done = program.end()
            assert done.returncode == returned, done.stderr
            assert program.acknowledged == 5
            view = program.left(state)
            assert view.reason == reason or state == "crashed"

    ledger.each([(which, n) for n in ledger.tries(1, 8) for which in range(len(ENDINGS))], end)
    ledger.figure = f"{len(ENDINGS)} endings, each in its state with its reason; all rows there"


@pytest.mark.case("Process", "10,000 rows, and no finish(): the end of the script, or os._exit")
def test_a_script_that_ends_at_once_after_many_rows_loses_none(tmp_path: Path, ledger: Ledger) -> None:
    longest = []

    def end(n: int) -> None:
        code = ("", "os._exit(0)")[n % 2]
        with Program(tmp_path / str(n), f"log(10_000)\n{code}\n") as program:
            done = program.end()
            assert done.returncode == 0, done.stderr
            assert program.acknowledged == 10_000
            program.left(("finished", "crashed")[n % 2])
            longest.append(program.longest)

    ledger.each(ledger.tries(2), end)
    ledger.figure = f"{ledger.n * 10_000:,} rows, 0 lost; longest log() {max(longest) * 1e3:.1f} ms"


@pytest.mark.case("Process", "the output of a program goes through a pipe to cat")
def test_a_pipe_ends_with_the_program(tmp_path: Path, ledger: Ledger) -> None:
    """A recorder that held the trainer's output would keep `cat` waiting."""

    def pipe(n: int) -> None:
        with Program(tmp_path / str(n), "log()\nprint('trained', flush=True)\nos._exit(0)\n") as program:
            done = subprocess.run(["cat"], stdin=program.process.stdout, capture_output=True, timeout=60)
            assert done.stdout == b"trained\n"
            program.left("crashed")

    ledger.each(ledger.tries(1), pipe)
    ledger.figure = "cat ends when the program does"


FORKS = """
def in_thread(name):
    for n in range(500):
        run.log({name: n / 2}, step=n)
        time.sleep(0.002)
threads = [threading.Thread(target=in_thread, args=[f"thread{t}"]) for t in range(4)]
for thread in threads: thread.start()
children = []
for child in range(50):
    if (pid := os.fork()) == 0:
        for n in range(20): run.log({f"child{child}": n / 2}, step=n)
        os._exit(0)
    children.append(pid)
    run.log({"loss": child / 2}, step=child)
    time.sleep(0.01)
codes = {os.waitpid(pid, 0)[1] for pid in children}
for thread in threads: thread.join()
assert codes == {0}, codes
"""


@pytest.mark.filterwarnings("ignore:This process")  # is multi-threaded, and forks: that is the case
@pytest.mark.case("Process", "50 forks while four threads log, and each child logs")
def test_forks_while_threads_log_lose_nothing(tmp_path: Path, ledger: Ledger) -> None:
    def fork(n: int) -> None:
        with Program(tmp_path / str(n), FORKS) as program:
            done = program.end(120)
            assert done.returncode == 0, done.stderr
            program.left("finished")
            store = open_store(program.folder / "runs")
            whole(store, 50)
            for name in range(50):
                whole(store, 20, key=f"child{name}")
            for name in range(4):
                whole(store, 500, key=f"thread{name}")

    ledger.each(ledger.tries(1, 20), fork)
    ledger.figure = "50 children and 4 threads a try, 3,050 rows, 0 lost"


LOADER = """
import torch
from torch.utils.data import DataLoader, Dataset, get_worker_info
class Items(Dataset):
    def __init__(self, run, way): self.run, self.way, self.n = run, way, 0
    def __len__(self): return 40
    def __getitem__(self, item):
        self.run.log({f"{self.way}{get_worker_info().id}": self.n / 2}, step=self.n)
        self.n += 1
        return item
if __name__ == "__main__":
    for way in ("fork", "forkserver", "spawn"):
        workers = 2 if way == "fork" else 1
        loader = DataLoader(Items(run, way), batch_size=5, num_workers=workers, multiprocessing_context=way)
        for batch in loader: log()
"""


@pytest.mark.case("Process", "workers of a DataLoader log: fork, forkserver and spawn")
def test_workers_of_a_loader_log_to_the_run(tmp_path: Path, ledger: Ledger) -> None:
    guarded = 'if __name__ == "__main__":\n' + "".join(f"    {line}\n" for line in BEGIN.splitlines()[1:])
    for n in ledger.tries(1, 50):
        with ledger.attempt(n), Program(tmp_path / str(n), LOADER, begin=guarded) as program:
            done = program.end(180)
            assert done.returncode == 0, done.stderr
            program.left("finished")
            store = open_store(program.folder / "runs")
            for worker, rows in {"fork0": 20, "fork1": 20, "forkserver0": 40, "spawn0": 40}.items():
                whole(store, rows, key=worker)
    ledger.figure = "4 workers, 120 rows of theirs a try, 0 lost"


@pytest.mark.case("Process", "the recorder is frozen for a minute (SIGSTOP), then goes on")
def test_a_frozen_recorder_costs_the_program_nothing(tmp_path: Path, ledger: Ledger) -> None:
    code = """
log()
os.kill(recorder(), signal.SIGSTOP)
until = time.monotonic() + SECONDS
while time.monotonic() < until: log(); time.sleep(0.02)
os.kill(recorder(), signal.SIGCONT)
"""
    longest, rows = [], []

    def freeze(n: int) -> None:
        with Program(tmp_path / str(n), code.replace("SECONDS", str(FROZEN_S))) as program:
            done = program.end(FROZEN_S + 90)
            assert done.returncode == 0, done.stderr
            program.left("finished")
            longest.append(program.longest)
            rows.append(program.acknowledged)

    ledger.each(ledger.tries(1), freeze, 40)
    ledger.figure = f"{FROZEN_S} s; {sum(rows):,} rows, 0 lost; longest log() {max(longest) * 1e3:.1f} ms"


WAITS = """
log(100)
os.kill(recorder(), signal.SIGSTOP)
print(recorder(), flush=True)
began = time.monotonic()
try:
    run.finish(timeout=TIMEOUT)
finally:
    print(time.monotonic() - began, flush=True)
"""


@pytest.mark.case("Process", "finish(timeout=1) with a recorder that does not answer")
def test_finish_waits_no_longer_than_it_is_told(tmp_path: Path, ledger: Ledger) -> None:
    took = []

    def finish(n: int) -> None:
        with Program(tmp_path / str(n), WAITS.replace("TIMEOUT", "1"), RUNHOOKS_SILENT="") as program:
            done = program.end()
            recorder, seconds = done.stdout.split()
            assert done.returncode == 0, done.stderr
            assert "its record was not complete in time and is safe in" in done.stderr
            os.kill(int(recorder), signal.SIGCONT)
            program.left("finished")
            took.append(float(seconds))

    ledger.each(ledger.tries(1), finish)
    ledger.figure = f"it took {max(took):.2f} s at most; the recorder completed the record later"


@pytest.mark.case("Process", "Ctrl-C in finish(), once and twice")
def test_ctrl_c_in_finish_ends_the_wait_and_nothing_else(tmp_path: Path, ledger: Ledger) -> None:
    def interrupt(n: int) -> None:
        with Program(tmp_path / str(n), WAITS.replace("TIMEOUT", "60")) as program:
            assert program.process.stdout is not None
            recorder = int(program.process.stdout.readline())
            wait_until(lambda: only(program.folder).state == "finished")  # its event is there: it waits
            time.sleep(0.2)
            for _ in range(n % 2 + 1):
                program.process.send_signal(signal.SIGINT)
                time.sleep(0.05)
            done = program.end(30)
            assert done.returncode == -signal.SIGINT, done.stderr
            assert n % 2 or done.stderr.count("Traceback") == 1  # a second one may come while that is printed
            os.kill(recorder, signal.SIGCONT)
            program.left("finished")

    ledger.each(ledger.tries(2), interrupt)
    ledger.figure = "the wait ended, the run is finished and whole"


LEAVES = """
def held():
    files = [len(os.listdir(f"/proc/{process}/fd")) for process in ("self", recorder())]
    children = open(f"/proc/self/task/{os.getpid()}/children").read().split()
    return *files, threading.active_count(), children
run.finish()
for n in range(20):
    with runhooks.init(project="q") as another: another.log({"loss": 0.5})
    if n == 0: first = held()
print(first, held())
assert held() == first
"""


@pytest.mark.case("Process", "20 runs one after another: files, threads and processes that are left open")
def test_a_run_that_has_ended_holds_nothing(tmp_path: Path, ledger: Ledger) -> None:
    def leave(n: int) -> None:
        with Program(tmp_path / str(n), LEAVES) as program:
            done = program.end()
            assert done.returncode == 0, done.stdout + done.stderr
            wait_until(lambda: not program.alive())
            assert len(views(program.folder)) == 21

    ledger.each(ledger.tries(1, 20), leave)
    ledger.figure = "as many as after the first, in the program and in its recorder"


NONE = {
    "no process can be started": "sys.executable = '/nonexistent'\n",
    "it ends at once": "sys.executable = '/bin/false'\n",
}


@pytest.mark.case("Process", "the recorder cannot start: no process, or one that ends at once")
def test_without_a_recorder_nothing_is_lost(tmp_path: Path, ledger: Ledger) -> None:
    def manage(chosen: tuple[int, str]) -> None:
        n, name = chosen
        folder = tmp_path / f"{n}-{name}"
        code = "for _ in range(40):\n    log()\n    run._service(0)\n    time.sleep(0.02)\n"
        begin = BEGIN.replace("import runhooks", f"import runhooks\n{NONE[name]}")
        with Program(folder, code, begin=begin, RUNHOOKS_SILENT="") as program:
            done = program.end()
            assert done.returncode == 0, done.stderr
            if name == "it ends at once":
                assert done.stderr.count("the recorder cannot run") == 1
                assert piped("sync", str(folder / "runs")).returncode == 0
            program.left("finished")

    ledger.each([(n, name) for n in ledger.tries(1, 100) for name in NONE], manage)
    ledger.figure = "a thread records, or the terminal says so once and runhooks sync completes it"
