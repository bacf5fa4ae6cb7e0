"""A program that logs, whose acknowledged rows survive whatever happens to it: they are in shared memory."""

import mmap
import struct
import subprocess
from pathlib import Path
from typing import Self

from runhooks.record.view import RunView
from runhooks.recorder.orders import Order
from runhooks.recorder.recording import Recording
from runhooks.storage import open_store
from tests.faults.check import FOLDER, whole
from tests.programs import is_free, start, wait_until

BEGIN = """
import mmap, os, signal, struct, sys, threading, time
import runhooks
shared = mmap.mmap(os.open("shared", os.O_RDWR), 16)
run = runhooks.init(project="p", id="mine")
rows = longest = 0
def log(more=1):
    global rows, longest
    for _ in range(more):
        began = time.perf_counter()
        run.log({"loss": rows / 2})
        longest = max(longest, time.perf_counter() - began)
        rows += 1
        struct.pack_into("qd", shared, 0, rows, longest)
def recorder():
    from runhooks.training import connection
    return connection._shared[False].pid
"""


class Program:
    """The program in a folder of its own; its store is ./runs there.

    Parameters
    ----------
    code : str
        What it does after `begin`; there `log()` logs the next row, whose value is half its step.
    """

    def __init__(self, folder: Path, code: str, *, begin: str = BEGIN, **variables: str) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        (folder / "shared").write_bytes(bytes(16))
        with (folder / "shared").open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), 16)
        self._mark = f"RUNHOOKS_SPOOL={folder / 'spool'}"
        self.process = start(begin + code, folder, RUNHOOKS_SPOOL=str(folder / "spool"), **variables)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self.process:  # closes its pipes
            if self.process.poll() is None:
                self.process.kill()

    @property
    def acknowledged(self) -> int:
        """How many rows `log()` returned for."""
        return int(struct.unpack_from("q", self._shared)[0])

    @property
    def longest(self) -> float:
        """How many seconds the longest call of `log()` took."""
        return float(struct.unpack_from("d", self._shared, 8)[0])

    def wait_for_rows(self, many: int = 1) -> None:
        wait_until(lambda: self.acknowledged >= many or self.process.poll() is not None, 60)
        assert self.acknowledged >= many, self.process.communicate()[1]

    def recorders(self) -> list[int]:
        """Return its child processes."""
        text = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(word) for word in text.split()]

    def end(self, timeout: float = 90) -> "subprocess.CompletedProcess[str]":
        """Wait for its end; return what it said and its exit code."""
        out, err = self.process.communicate(timeout=timeout)
        return subprocess.CompletedProcess(self.process.args, self.process.returncode, out, err)

    def sync(self) -> None:
        """Do what `runhooks sync` does with a run whose processes are all gone."""
        folder = self.folder / "runs" / FOLDER
        wait_until(lambda: is_free(folder))
        facts = {"run": "default/p/mine", "folder": str(folder), "store": str(self.folder / "runs")}
        recording = Recording(Order.of(facts))
        recording.begin()
        recording.finish()

    def left(self, *states: str, lost: bool = False) -> RunView:
        """See, once no process of it is left, that its record is whole and says one of these states."""
        wait_until(lambda: not self.alive(), 60)
        view = whole(open_store(self.folder / "runs"), self.acknowledged, states=states, lost=lost)
        assert not [*(self.folder / "runs").glob("*/*/runs/*/journal/*/*.jsonl")], "not all was compacted"
        return view

    def alive(self) -> list[int]:
        """Return the processes that it started, and it: they all have its spool in their environment."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if self._mark.encode() in (process / "environ").read_bytes().split(b"\0"):
                    found.append(int(process.name))
            except OSError:  # gone meanwhile
                continue
        return found
