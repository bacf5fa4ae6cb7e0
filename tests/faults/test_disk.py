"""A disk that is full, or fails, or a machine that stops in the middle of a write."""

import ctypes
import ctypes.util
import errno
import json
import os
import shutil
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from runhooks.errors import RunhooksError
from runhooks.storage import LocalStore, open_store
from tests.cli.terminal import piped
from tests.faults.check import FOLDER, rows, whole
from tests.faults.ledger import LONG, Ledger
from tests.faults.program import BEGIN, Program
from tests.faults.rehearsal import ROWS, play, sync
from tests.programs import run, wait_until
from tests.servers.s3 import S3Server

pytestmark = [pytest.mark.faults, pytest.mark.slow]

OLD, NEW = b"old" * 1000, b"new and longer" * 1000
CALLS = [(os, "fsync"), (os, "link"), (Path, "open"), (Path, "replace"), (Path, "unlink")]


class Calls:
    """Counts calls to the system that write, and does something at the k-th."""

    def __init__(self, k: int, at: Callable[[], None], only: tuple[str, ...] = ()) -> None:
        self.count, self._k, self._at, self._only = 0, k, at, only

    @contextmanager
    def watched(self) -> Iterator["Calls"]:
        with pytest.MonkeyPatch.context() as patch:
            for place, name in CALLS:
                if not self._only or name in self._only:
                    patch.setattr(place, name, self._wrapped(getattr(place, name)))
            yield self

    def _wrapped(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            self.count += 1
            if self.count == self._k:
                self._at()
            return real(*args, **kwargs)

        return call


def dies_in(work: Callable[[], object], k: int) -> bool:
    """Do `work` in a child that is gone at its k-th call; return whether it got so far."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forking with threads
        pid = os.fork()
    if pid == 0:
        try:
            with Calls(k, lambda: os._exit(9)).watched():
                work()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 9


@pytest.mark.case("Disk", "the process is gone at each call to the system of a write and a create")
def test_a_write_that_is_broken_off_leaves_the_old_or_the_new(tmp_path: Path, ledger: Ledger) -> None:
    store, k, died = LocalStore(tmp_path / "store"), 0, True
    while died:
        k += 1
        store.write("kept", OLD)
        store.delete("made")
        with ledger.attempt(k):
            died = dies_in(lambda: (store.write("kept", NEW), store.create("made", NEW)), k)
            assert store.read("kept") in (OLD, NEW)
            found = {entry.path: store.read(entry.path) for entry in store.list()}
            assert found.get("made", NEW) == NEW
            assert set(found) <= {"kept", "made"}
    ledger.figure = f"{k - 1} calls; always all of the old bytes or all of the new"


@pytest.mark.parametrize(
    ("name", "only"),
    [
        pytest.param(name, only, marks=pytest.mark.case("Disk", name))
        for name, only in {
            "EIO at the k-th fsync, for every k of a run": ("fsync",),
            "EIO at the k-th rename, for every k of a run": ("replace",),
        }.items()
    ],
)
def test_a_disk_that_fails_once_costs_nothing(
    tmp_path: Path, ledger: Ledger, name: str, only: tuple[str, ...]
) -> None:
    def fail() -> None:
        raise OSError(errno.EIO, "Input/output error")

    def guard(work: Callable[[], Any]) -> Any:
        try:
            return work()
        except (RunhooksError, OSError):
            return None  # as the recorder's loop does: tell, and go on

    k, reached = 0, True
    while reached:
        k += 1
        root = tmp_path / str(k)
        with ledger.attempt(k), Calls(k, fail, only).watched() as calls:
            answer = play(root, str(root), {}, guard=guard)
            reached = calls.count >= k
            if answer["error"]:
                sync(root, str(root), {})
            whole(open_store(root), ROWS)
    ledger.figure = f"{k - 1} calls, all rows there"


FILLS = """
import runhooks
run = runhooks.init(project="p", id="mine", store="disk/runs")
for n in range(30000):
    run.log({"loss": n / 2})
"""


libc = ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True)


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """Mount a file system of 2 MB; tell whether that is allowed here."""
    folder.mkdir(parents=True)
    mounted = libc.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", 0, b"size=2m") == 0
    try:
        yield mounted
    finally:
        if mounted:
            libc.umount2(os.fsencode(folder), 2)


@pytest.mark.case("Disk", "the disk is full, then it is not")
def test_a_full_disk_loses_rows_that_it_counts_and_nothing_else(tmp_path: Path, ledger: Ledger) -> None:
    limit = "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    limit += "resource.setrlimit(resource.RLIMIT_FSIZE, (10**6, resource.RLIM_INFINITY))\n"
    lost = 0
    for n in ledger.tries(1, 20):
        folder = tmp_path / str(n)
        with ledger.attempt(n), small_disk(folder / "disk") as is_mount:
            (folder / "disk" / "ballast").write_bytes(bytes(10**6))
            done = run(FILLS if is_mount else limit + FILLS, folder, RUNHOOKS_SILENT="", timeout=120)
            assert done.returncode == 0, done.stderr
            (folder / "disk" / "ballast").unlink()
            assert piped("sync", str(folder / "disk" / "runs")).returncode == 0
            view = whole(open_store(folder / "disk" / "runs"), 0, lost=True)
            assert view.metrics["loss"].count + rows_lost(done.stderr) == 30000
            lost = max(lost, rows_lost(done.stderr))
            shutil.rmtree(folder / "disk" / "runs")
    ledger.figure = f"of 30,000 rows {lost:,} had no room and were counted; the others are a prefix"


def rows_lost(told: str) -> int:
    """Return how many rows the terminal says were lost."""
    assert " rows were lost" in told
    return int(told.split(" rows were lost", maxsplit=1)[0].rpartition(" ")[2].replace(",", ""))


@pytest.mark.case("Disk", "the journal's file grows no more (EFBIG)")
def test_rows_for_which_a_file_has_no_room_are_counted(tmp_path: Path, ledger: Ledger) -> None:
    code = """
import resource
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (MOST, resource.RLIM_INFINITY))
log(500)
"""

    def fill(n: int) -> None:
        limited = code.replace("MOST", str(limits.randrange(4_000, 20_000)))
        with Program(tmp_path / str(n), limited, RUNHOOKS_SILENT="") as program:
            done = program.end()
            assert done.returncode == 0, done.stderr
            view = program.left("finished", lost=True)
            assert view.metrics["loss"].count + rows_lost(done.stderr) == 500

    limits = ledger.random
    ledger.each(ledger.tries(1), fill)
    ledger.figure = "what is not there was counted, the others are a prefix"


@pytest.mark.case("Disk", "the store is read-only when the run begins, then it is not")
def test_a_store_that_cannot_be_written_gets_the_run_later(tmp_path: Path, ledger: Ledger) -> None:
    for n in ledger.tries(1, 20):
        folder = tmp_path / str(n)
        with ledger.attempt(n), small_disk(folder / "disk") as is_mount:
            read_only(folder / "disk", is_mount, True)
            with Program(folder, "log(100)", RUNHOOKS_STORE=str(folder / "disk" / "runs")) as program:
                done = program.end()
                assert done.returncode == 0, done.stderr
                assert program.acknowledged == 100
            wait_until(lambda program=program: not program.alive())
            read_only(folder / "disk", is_mount, False)
            assert piped("sync", RUNHOOKS_SPOOL=str(folder / "spool")).returncode == 0
            whole(open_store(folder / "disk" / "runs"), 100)
            assert not list((folder / "spool").glob("*/*/*/runs/*"))
    ledger.figure = "kept in the spool, then sent by sync; all rows there"


def read_only(folder: Path, is_mount: bool, so: bool) -> None:
    if is_mount:
        remount, ro = 32, 1  # of mount(2)
        assert libc.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", remount | (ro if so else 0), None) == 0
    else:
        folder.chmod(0o555 if so else 0o755)


@pytest.mark.case("Disk", "the store's folder is removed while a run is written")
def test_a_store_that_is_removed_stops_nothing_and_stays_away(tmp_path: Path, ledger: Ledger) -> None:
    code = "while not os.path.exists('over'): log(); time.sleep(0.005)\n"

    def remove(n: int) -> None:
        with Program(tmp_path / str(n), code, RUNHOOKS_SILENT="") as program:
            program.wait_for_rows(20)
            wait_until((program.folder / "runs" / FOLDER / "index.html").exists)
            (program.folder / "runs").rename(program.folder / "gone")  # at once: the recorder writes there
            shutil.rmtree(program.folder / "gone")
            before = program.acknowledged
            wait_until(lambda: program.acknowledged > before + 300)
            (program.folder / "over").touch()
            done = program.end()
            assert done.returncode == 0, done.stderr
            assert "deleted" in done.stderr
            wait_until(lambda: not program.alive())
            assert not (program.folder / "runs" / FOLDER / "run.json").exists()

    ledger.each(ledger.tries(1, 20), remove)
    ledger.figure = "training went on, the terminal says so, the run does not come back"


TAKES_ALL = """
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (256, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
held = []
try:
    while True: held.append(os.open("/dev/null", os.O_RDONLY))
except OSError: pass
for fd in held[:FREE]: os.close(fd)
"""


ODD = """import runhooks
ODD = {"note": "a text", "odd": float("nan"), "picture": runhooks.Image([[0, 255]])}
"""


@pytest.mark.case("Disk", "no file number is free, or only a few: before init(), and after it")
def test_a_process_without_file_numbers_goes_on(tmp_path: Path, ledger: Ledger) -> None:
    recorded = []

    def take(chosen: tuple[int, bool]) -> None:
        free, before = chosen
        takes, folder = TAKES_ALL.replace("FREE", str(free)), tmp_path / f"{free}-{before}"
        # The interpreter itself needs one for each module that it loads.
        begin = BEGIN.replace("run = runhooks.init", f"opens = runhooks.init\n{takes}run = opens")
        code = ("" if before else takes) + "log(500)\nrun.log(ODD, step=0)"
        begin = (begin if before else BEGIN).replace("import runhooks", ODD)
        with Program(folder, code, begin=begin, RUNHOOKS_SILENT="", TMPDIR=str(tmp_path)) as program:
            done = program.end()
            assert done.returncode == 0, done.stderr
            assert program.acknowledged == 500
            wait_until(lambda: not program.alive())
            if "nothing of this run is recorded" in done.stderr:
                assert before
                return
            assert piped("sync", RUNHOOKS_SPOOL=str(folder / "spool")).returncode == 0
            assert piped("sync", str(folder / "runs")).returncode == 0
            program.left("finished")
            recorded.append(chosen)

    everything = [(free, before) for before in (True, False) for free in range(16)]
    ledger.each(everything if LONG else [(0, True), (6, True), (12, True), (0, False)], take)
    ledger.figure = (
        f"{len(recorded)} recorded whole; {ledger.n - len(recorded)} said that nothing is recorded"
    )


HEAVY = """
import psutil, resource
log()
with open("big", "wb") as file: file.truncate(300 * 2**20)
recording = psutil.Process(recorder())
while "pyarrow" not in "".join(found.path for found in recording.memory_maps()): time.sleep(0.1)
before = recording.memory_info()
resource.prlimit(recorder(), resource.RLIMIT_AS, (before.vms + 400 * 2**20,) * 2)
run.log_artifact("big", name="big", type="data")
log()
run.finish(timeout=120)
peak = next(line for line in open(f"/proc/{recorder()}/status") if line.startswith("VmHWM"))
print((int(peak.split()[1]) << 10) - before.rss)
"""


@pytest.mark.case("Disk", "an artifact of 300 MB, sent to S3 by a recorder that may have 400 MB more memory")
def test_a_large_artifact_needs_little_memory(tmp_path: Path, ledger: Ledger, moto: S3Server) -> None:
    grown = []
    for n in ledger.tries(1, 5):
        folder, url = tmp_path / str(n), f"s3://{moto.new_bucket()}/runs"
        folder.mkdir()
        given = json.dumps({"store": url, "storage_options": moto.storage_options})
        begin = BEGIN.replace('id="mine"', f'id="mine", **{given}')
        with ledger.attempt(n), Program(folder, HEAVY, begin=begin) as program:
            done = program.end(200)
            assert done.returncode == 0, done.stderr
            wait_until(lambda program=program: not program.alive())
            store = open_store(url, moto.storage_options)
            assert len(rows(store)["loss"]) == 2
            blobs = [entry.size for entry in store.list("default/p/blobs")]
            assert blobs == [300 * 2**20]
            grown.append(int(done.stdout))
    ledger.figure = f"stored; the recorder's memory grew by {max(grown, default=0) >> 20} MiB"
