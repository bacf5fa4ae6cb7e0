"""Stores that cannot be used: what the user sees, and that the command which it names sends the run later."""

import json
import os
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import runhooks
from runhooks.errors import (
    MissingExtraError,
    RunhooksError,
    StoreNotFoundError,
    StorePermissionError,
    StoreUnreachableError,
    StoreUrlError,
)
from runhooks.storage import open_store
from tests.cli.terminal import piped
from tests.faults.check import whole
from tests.faults.ledger import Ledger
from tests.programs import start
from tests.servers.faulty import FaultyProxy
from tests.servers.process import free_port
from tests.servers.s3 import S3Server

pytestmark = [pytest.mark.faults, pytest.mark.slow]

CANARY = "canary-5f3a9c1e7b2d4860"
ROWS = 40
PROGRAM = """
import json, time
from pathlib import Path
import runhooks
from runhooks.training import connection
given = json.loads(Path("given.json").read_text())
run = runhooks.init(project="p", **given)
for n in range(40):
    run.log({"loss": n / 2})
    time.sleep(0.1)
recorder = Path(f"/proc/{connection._shared[False].pid}/cmdline").read_text()
print(json.dumps({"path": run.path, "trained": n + 1, "recorder": recorder}))
"""


@dataclass
class Bad:
    """A store that cannot be used, what is said of it, and what makes it usable."""

    store: str
    options: dict[str, Any]
    error: type[RunhooksError]
    says: str
    mend: Callable[[], dict[str, Any]]
    environ: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def bad(moto: S3Server, proxy: FaultyProxy, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Bad]:
    folder = tmp_path_factory.mktemp("bad")
    keys = {**moto.storage_options, "secret": CANARY}
    short = {"config_kwargs": {"connect_timeout": 2, "read_timeout": 1}}
    proxy.fail()

    def with_bucket(name: str) -> dict[str, Any]:
        moto.raw.create_bucket(Bucket=name)
        return keys

    (folder / "s3fs.py").write_text("raise ImportError(\"No module named 's3fs'\")")
    nobody = {"HOME": str(folder), "AWS_EC2_METADATA_DISABLED": "true"}
    nobody |= {name: "" for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY") if name in os.environ}
    missing = {"PYTHONPATH": os.pathsep.join([str(folder), str(Path(__file__).parents[2])])}
    nowhere = f"http://127.0.0.1:{free_port()}"
    buckets = [moto.new_bucket() for _ in range(4)]
    return {
        "unknown protocol": Bad(
            "nosuch://team/runs", {}, StoreUrlError, "no store has the protocol nosuch://", dict
        ),
        "missing extra": Bad(
            f"s3://{buckets[0]}/runs",
            keys,
            MissingExtraError,
            "pip install 'runhooks[s3]'",
            lambda: keys,
            missing,
        ),
        "missing bucket": Bad(
            "s3://not-made-yet/runs",
            keys,
            StoreNotFoundError,
            "there is no such bucket",
            lambda: with_bucket("not-made-yet"),
        ),
        "no credentials": Bad(
            f"s3://{buckets[1]}/runs",
            {"endpoint_url": moto.endpoint},
            StorePermissionError,
            "refused the credentials, or none were found",
            lambda: keys,
            nobody,
        ),
        "nobody answers": Bad(
            f"s3://{buckets[2]}/runs",
            {**keys, "endpoint_url": nowhere},
            StoreUnreachableError,
            "the store did not answer",
            lambda: keys,
        ),
        "silence": Bad(
            f"s3://{buckets[3]}/runs",
            {**keys, **short, "endpoint_url": proxy.endpoint},
            StoreUnreachableError,
            "the store did not answer",
            lambda: keys,
        ),
    }


@dataclass
class Seen:
    """What a program that logged to a bad store left."""

    out: dict[str, Any]
    terminal: str
    folder: Path


@pytest.fixture(scope="module")
def seen(
    bad: dict[str, Bad], proxy: FaultyProxy, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Seen]:
    """Run all programs side by side: most of their time they wait."""
    proxy.plan = lambda *_: "silence"
    root, programs = tmp_path_factory.mktemp("programs"), {}
    for name, case in bad.items():
        folder = root / name.replace(" ", "-")
        folder.mkdir()
        (folder / "given.json").write_text(json.dumps({"store": case.store, "storage_options": case.options}))
        variables = {"RUNHOOKS_SPOOL": str(folder / "spool"), "RUNHOOKS_SILENT": "", **case.environ}
        programs[name] = (folder, start(PROGRAM, folder, **variables))
    found = {}
    for name, (folder, process) in programs.items():
        out, err = process.communicate(timeout=200)
        assert process.returncode == 0, err
        found[name] = Seen(json.loads(out), err, folder)
    proxy.fail()
    return found


@pytest.mark.case(
    "Network", "a store that cannot be used: unknown, not installed, no bucket, no leave, no answer"
)
def test_training_goes_on_and_the_told_command_sends_the_run(
    bad: dict[str, Bad], seen: dict[str, Seen], ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, case in bad.items():
        with ledger.attempt(name):
            told = seen[name].terminal
            assert seen[name].out["trained"] == ROWS
            assert case.says in told
            assert told.count(case.says) <= 2, "once when it happened, once at the end"
            assert case.store in told
            (command,) = {
                line.split("to send it: ")[1] for line in told.splitlines() if "to send it: " in line
            }
            if name == "unknown protocol":
                continue  # nothing mends that
            monkeypatch.setenv("RUNHOOKS_SPOOL", str(seen[name].folder / "spool"))
            options = case.mend()
            done = piped(*_filled(command, case.options, options))
            assert done.returncode == 0, done.stderr
            path = seen[name].out["path"].split("/")
            whole(open_store(case.store, options), ROWS, folder="/".join([*path[:2], "runs", path[2]]))
            assert not list((seen[name].folder / "spool").glob("*/*/*/runs/*"))
    ledger.figure = "said once with the command; training went on; after mending, that command sent every row"


def _filled(command: str, given: dict[str, Any], mended: dict[str, Any]) -> Iterator[str]:
    """Fill the values into the told command, as its reader does."""
    told = re.findall(r"--storage-option (\w+)=\.\.\.", command)
    assert told == sorted(given)
    folder = shlex.split(command.partition(" --storage-option")[0])[2]
    yield from ("sync", folder)
    for name, value in mended.items():
        yield from ("--storage-option", f"{name}={value if isinstance(value, str) else json.dumps(value)}")


def test_no_secret_is_in_a_message_the_record_or_a_command_line(seen: dict[str, Seen]) -> None:
    for name, found in seen.items():
        assert CANARY not in found.terminal, name
        assert CANARY not in found.out["recorder"], name
        for file in found.folder.rglob("*"):
            if file.is_file() and file.name != "given.json":
                assert CANARY.encode() not in file.read_bytes(), file


def test_a_store_that_is_required_is_an_error_of_init_that_leaves_nothing(
    bad: dict[str, Bad], proxy: FaultyProxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy.plan = lambda *_: "silence"
    for name in ("unknown protocol", "nobody answers", "silence"):
        case = bad[name]
        with pytest.raises(case.error, match=re.escape(case.says)) as caught:
            runhooks.init(store=case.store, storage_options=case.options, require_store=True)
        assert CANARY not in str(caught.value)
        assert runhooks.run is None
    proxy.fail()
    options = bad["missing bucket"].options
    with pytest.raises(StoreNotFoundError, match="there is no such bucket"):
        runhooks.init(store="s3://never-made/runs", storage_options=options, require_store=True)
    assert not list((tmp_path / "spool").glob("**/run.json"))


def test_a_secret_in_the_address_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(StoreUrlError, match="has credentials in it") as caught:
        runhooks.init(store=f"s3://key:{CANARY}@bucket/runs")
    assert CANARY not in str(caught.value)
    assert list(tmp_path.iterdir()) == []
