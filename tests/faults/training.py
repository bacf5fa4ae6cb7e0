"""A program that logs at a steady rate until it is told to stop, and measures what that costs it."""

import json
import time
from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tests.cli.terminal import piped
from tests.programs import start

PROGRAM = """
import json, sys, time
from array import array
from pathlib import Path
import psutil
import runhooks
from runhooks.training import connection
given = json.loads(Path("given.json").read_text())
every, most = given.pop("every"), given.pop("most")
# Made at once, so that what is measured later is runhooks' own.
at, took, sizes = array("d", bytes(8 * most)), array("d", bytes(8 * most)), array("d", bytes(24 * 20_000))
run = runhooks.init(project="p", id="mine", **given)
recorder = psutil.Process(connection._shared[False].pid)
n = seen = 0
due = time.perf_counter()
while not Path("stop").exists():
    began = time.perf_counter()
    run.log({"loss": n / 2})
    at[n], took[n] = time.time(), time.perf_counter() - began
    n += 1
    if time.time() > sizes[3 * seen - 3] + 0.5:
        pair = psutil.Process().memory_info().rss, recorder.memory_info().rss
        sizes[3 * seen : 3 * seen + 3] = array("d", [time.time(), *pair])
        seen += 1
    due = max(due + every, began)
    time.sleep(max(0.0, due - time.perf_counter()))
for name, kept in {"at": at[:n], "took": took[:n], "sizes": sizes[: 3 * seen]}.items():
    Path(name).write_bytes(kept.tobytes())
"""


@dataclass
class Measured:
    """What a program measured of each of its rows, and what it said in the terminal.

    Attributes
    ----------
    at, took : array of float
        When each row was logged, and the seconds that `log()` took.
    sizes : list of (float, float, float)
        A time, and the bytes of memory that the program and its recorder had then.
    """

    at: "array[float]"
    took: "array[float]"
    sizes: list[tuple[float, float, float]]
    told: str

    @property
    def rows(self) -> int:
        return len(self.at)

    def p999(self, began: float, ended: float) -> float:
        """Return what at most one of a thousand calls between two times took longer than, in seconds."""
        took = sorted(took for at, took in zip(self.at, self.took, strict=True) if began <= at <= ended)
        return took[int(len(took) * 0.999)]

    def growth(self, began: float, ended: float) -> tuple[int, int]:
        """Return by how many KiB the memory of program and recorder grew between two times."""
        within = [size for size in self.sizes if began <= size[0] <= ended]
        return int(within[-1][1] - within[0][1]) >> 10, int(within[-1][2] - within[0][2]) >> 10


class Training:
    """The program, its folder and its spool.

    Parameters
    ----------
    every : float
        Seconds from one row to the next.
    most : int
        At least as many rows as it will log.
    """

    def __init__(
        self, folder: Path, store: str, options: dict[str, Any], *, every: float = 0.01, most: int = 50_000
    ) -> None:
        folder.mkdir()
        self.folder, self._options = folder, options
        given = {"store": store, "storage_options": options, "every": every, "most": most}
        (folder / "given.json").write_text(json.dumps(given))
        self.spool = folder / "spool"
        settings = {"RUNHOOKS_SILENT": "", "RUNHOOKS_FINISH_TIMEOUT_S": "90"}
        self.process = start(PROGRAM, folder, RUNHOOKS_SPOOL=str(self.spool), **settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self.process:  # closes its pipes
            if self.process.poll() is None:
                self.process.kill()

    def stop(self) -> Measured:
        """End it, and return what it measured and what it said."""
        (self.folder / "stop").touch()
        _, told = self.process.communicate(timeout=200)
        assert self.process.returncode == 0, told
        at, took, sizes = (self._floats(name) for name in ("at", "took", "sizes"))
        return Measured(at, took, list(zip(sizes[::3], sizes[1::3], sizes[2::3], strict=True)), told)

    def _floats(self, name: str) -> "array[float]":
        return array("d", (self.folder / name).read_bytes())

    def settle(self) -> None:
        """Send what is left, as the user is told to."""
        deadline = time.monotonic() + 120
        while list(self.spool.glob("*/*/*/runs/*")):
            assert time.monotonic() < deadline
            texts = {key: x if isinstance(x, str) else json.dumps(x) for key, x in self._options.items()}
            words = [word for key, text in texts.items() for word in ("--storage-option", f"{key}={text}")]
            done = piped("sync", *words, RUNHOOKS_SPOOL=str(self.spool))
            assert done.returncode == 0, done.stderr
