"""A training that goes on while its bucket is silent, dead or slow: programs as users start them."""

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from runhooks.storage import open_store
from tests.cli.terminal import piped
from tests.faults.check import whole
from tests.faults.ledger import LONG, Ledger
from tests.programs import start, wait_until
from tests.servers.faulty import FaultyProxy
from tests.servers.s3 import S3Server

pytestmark = [pytest.mark.faults, pytest.mark.slow]

SECONDS = 60 if LONG else 4
PROGRAM = """
import json, os, resource, time
from pathlib import Path
import psutil
import runhooks
from runhooks.training import connection
given = json.loads(Path("given.json").read_text())
run = runhooks.init(project="p", **given)
recorder = psutil.Process(connection._shared[False].pid)
took, memory, n = [], [], 0
while not Path("stop").exists():
    began = time.perf_counter()
    run.log({"loss": n / 2})
    took.append((time.time(), time.perf_counter() - began))
    n += 1
    time.sleep(max(0.0, 0.01 - (time.perf_counter() - began)))
    if n % 100 == 0:
        memory.append((time.time(), psutil.Process().memory_info().rss, recorder.memory_info().rss))
Path("out.json").write_text(json.dumps({"path": run.path, "took": took, "memory": memory, "rows": n}))
"""


class Training:
    """A program that logs 100 rows a second until it is told to stop."""

    def __init__(self, folder: Path, store: str, options: dict[str, Any]) -> None:
        folder.mkdir()
        self.folder, self._store, self._options = folder, store, options
        (folder / "given.json").write_text(json.dumps({"store": store, "storage_options": options}))
        self._spool = str(folder / "spool")
        settings = {"RUNHOOKS_SPOOL": self._spool, "RUNHOOKS_SILENT": "", "RUNHOOKS_FINISH_TIMEOUT_S": "90"}
        self.process = start(PROGRAM, folder, **settings)

    def stop(self) -> dict[str, Any]:
        """End it, and return what it measured and what it said."""
        (self.folder / "stop").touch()
        _, told = self.process.communicate(timeout=200)
        assert self.process.returncode == 0, told
        found: dict[str, Any] = json.loads((self.folder / "out.json").read_text())
        return {**found, "told": told}

    def sync(self) -> str:
        """Send what is left, as the user is told to; return what that said."""
        os.environ["RUNHOOKS_SPOOL"] = self._spool
        texts = {key: x if isinstance(x, str) else json.dumps(x) for key, x in self._options.items()}
        words = [word for key, text in texts.items() for word in ("--storage-option", f"{key}={text}")]
        done = piped("sync", *words)
        assert done.returncode == 0, done.stderr
        return done.stdout.decode()


def p999(took: list[float]) -> float:
    return sorted(took)[int(len(took) * 0.999)]


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        pytest.param(fault, name, marks=pytest.mark.case("Network", name))
        for fault, name in {
            "silence": "a store that is silent for a minute in a loop of 100 steps/s",
            "reset": "a server that is dead for a minute in a loop of 100 steps/s",
        }.items()
    ],
)
def test_an_outage_costs_the_training_nothing(
    moto: S3Server, proxy: FaultyProxy, ledger: Ledger, tmp_path: Path, fault: str, name: str
) -> None:
    proxy.fail()
    bucket = moto.new_bucket()
    short = {"config_kwargs": {"connect_timeout": 5, "read_timeout": 15 if LONG else 2}}
    options = {**moto.storage_options, "endpoint_url": proxy.endpoint, **short}
    with ledger.attempt(name):
        training = Training(tmp_path / "training", f"s3://{bucket}/runs", options)
        wait_until(lambda: any("/history/" in path or "/journal/" in path for _, path in proxy.requests), 90)
        time.sleep(SECONDS / 4)
        began, proxy.plan = time.time(), lambda *_: fault
        time.sleep(SECONDS)
        ended, proxy.plan = time.time(), lambda *_: ""
        time.sleep(SECONDS / 4)
        found = training.stop()
        store = open_store(f"s3://{bucket}/runs", moto.storage_options)
        folder = "default/p/runs/" + found["path"].rpartition("/")[2]
        if list((training.folder / "spool").glob("*/*/*/runs/*")):
            training.sync()
        whole(store, found["rows"], folder=folder)
        calm = p999([took for at, took in found["took"] if not began <= at <= ended])
        stormy = p999([took for at, took in found["took"] if began <= at <= ended])
        _, *sizes = zip(*[row for row in found["memory"] if began <= row[0] <= ended], strict=True)
        grown = [(size[-1] - size[0]) >> 10 for size in sizes]
        ledger.figure = (
            f"{found['rows']:,} rows, 0 lost; outage {ended - began:.0f} s; p99.9 of log() "
            f"{calm * 1e6:.0f} us with the store, {stormy * 1e6:.0f} us without; in it memory grew by "
            f"{grown[0]:,} KiB in the trainer, {grown[1]:,} KiB in the recorder"
        )
