"""`runhooks sync` that is killed in the middle, and called again."""

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from runhooks.storage import open_store
from tests.cli.terminal import PROGRAM
from tests.faults.check import FOLDER, whole
from tests.faults.ledger import Ledger
from tests.faults.rehearsal import ROWS, begin, finish, log
from tests.programs import environment
from tests.servers.faulty import FaultyProxy
from tests.servers.s3 import S3Server

pytestmark = [pytest.mark.faults, pytest.mark.slow]


def left(spool: Path, store: str) -> Path:
    """Leave a run in a spool as a machine does that never reached its store."""
    root = spool / "part"
    journal = begin(root)
    log(journal, 0, ROWS)
    finish(journal)
    (root / "store.json").write_text(json.dumps({"store": store}))
    return root / FOLDER


@pytest.mark.case("Process", "runhooks sync is killed at request k, and called again")
def test_a_sync_that_is_killed_is_completed_by_the_next(
    moto: S3Server, proxy: FaultyProxy, ledger: Ledger, tmp_path: Path
) -> None:
    options = {**moto.storage_options, "endpoint_url": proxy.endpoint}
    texts = {key: x if isinstance(x, str) else json.dumps(x) for key, x in options.items()}
    words = [word for key, text in texts.items() for word in ("--storage-option", f"{key}={text}")]
    ks = ledger.random.sample(range(30), len(ledger.tries(3, 30)))
    for k in ks:
        with ledger.attempt(k):
            store, spool = f"s3://{moto.new_bucket()}/runs", tmp_path / str(k)
            kept = left(spool, store)
            command = [*PROGRAM, "sync", str(spool), *words]
            proxy.fail()
            first = subprocess.Popen(
                command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
            proxy.plan = lambda number, *_, k=k, pid=first.pid: _killed(pid) if number == k else ""
            first.communicate(timeout=120)
            assert first.returncode == -signal.SIGKILL
            assert kept.exists()
            proxy.fail()
            done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=120)
            assert done.returncode == 0, done.stderr
            whole(open_store(store, moto.storage_options), ROWS)
            assert not kept.exists()
    ledger.figure = "kept by the first, sent whole by the second"


def _killed(pid: int) -> str:
    os.kill(pid, signal.SIGKILL)
    return "reset"
