"""A disk that is full, or fails, or a machine that stops in the middle of a write."""

import ctypes
import ctypes.util
import errno
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
from tests.faults.check import whole
from tests.faults.ledger import Ledger
from tests.faults.rehearsal import ROWS, play, sync
from tests.programs import run

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


PROGRAM = """
import runhooks
run = runhooks.init(project="p", id="mine", store="disk/runs")
for n in range(30000):
    run.log({"loss": n / 2})
"""


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """Mount a file system of 2 MB; where that is not allowed, the program's files are limited instead."""
    libc = ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True)
    folder.mkdir()
    mounted = libc.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", 0, b"size=2m") == 0
    try:
        yield
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
        folder.mkdir()
        with ledger.attempt(n), small_disk(folder / "disk"):
            is_mount = (folder / "disk").is_mount()
            (folder / "disk" / "ballast").write_bytes(bytes(10**6))
            done = run(PROGRAM if is_mount else limit + PROGRAM, folder, RUNHOOKS_SILENT="", timeout=120)
            assert done.returncode == 0, done.stderr
            assert "rows were lost" in done.stderr
            (folder / "disk" / "ballast").unlink()
            os.environ["RUNHOOKS_SPOOL"] = str(folder / "spool")
            assert piped("sync", str(folder / "disk" / "runs")).returncode == 0
            view = whole(open_store(folder / "disk" / "runs"), 0, lost=True)
            kept = view.metrics["loss"].count
            said = int(done.stderr.split(" rows were lost")[0].rpartition(" ")[2].replace(",", ""))
            assert kept + said == 30000
            lost = max(lost, said)
            shutil.rmtree(folder / "disk" / "runs")
    ledger.figure = f"of 30,000 rows {lost:,} had no room and were counted; the others are a prefix"
