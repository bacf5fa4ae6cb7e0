"""Runs that several nodes write to: processes with hosts, spools and stores' connections of their own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import runhooks
from runhooks import Api
from runhooks.errors import ArgumentError, ObjectNotFoundError, StoreNotFoundError
from runhooks.record.document import from_bytes
from runhooks.record.view import RunView
from runhooks.storage import Store, open_store
from tests.faults.check import FOLDER, parse_object, rows
from tests.programs import environment, wait_until
from tests.servers.s3 import ceph_server, why_no_ceph

PROGRAM = """
import json, os, pathlib, signal, sys, time
import runhooks

who, facts = sys.argv[1], json.loads(sys.argv[2])
run = runhooks.init(
    project="p", id="mine", mode="shared",
    settings=runhooks.Settings(x_primary=who == "primary", x_label=who),
    config={who: 1}, system_interval_s=1, spool=f"spool-{who}", **facts,
)

def log(first, last):
    for step in range(first, last):
        run.log({who: step / 2}, step=step)
    print("line of", who, flush=True)

def reached(name):
    pathlib.Path(name).touch()

def wait_for(name):
    deadline = time.monotonic() + 120
    while not pathlib.Path(name).exists() and time.monotonic() < deadline:
        time.sleep(0.02)

"""

Stores = tuple[str, dict[str, Any]]
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(params=["local", "ceph"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stores]:
    if request.param == "local":
        yield str(tmp_path / "store"), {}
        return
    if why_no_ceph():
        pytest.skip(why_no_ceph())
    (tmp_path / "ceph").mkdir()
    with ceph_server(tmp_path / "ceph") as server:
        yield f"s3://{server.new_bucket()}/runs", server.storage_options


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Start]:
    """Start a program on a host of its own name."""
    if os.geteuid() != 0:
        pytest.skip("hosts of other names on this machine need root")
    started: list[subprocess.Popen[str]] = []

    def start(who: str, place: Stores, code: str) -> "subprocess.Popen[str]":
        (tmp_path / f"{who}.py").write_text(PROGRAM + code)
        facts = json.dumps({"store": place[0], "storage_options": place[1]})
        named = ["unshare", "--uts", "sh", "-c", f'hostname node-{who} && exec "$@"', "sh"]
        process = subprocess.Popen(
            [*named, sys.executable, str(tmp_path / f"{who}.py"), who, facts],
            cwd=tmp_path,
            env=environment(RUNHOOKS_SILENT="0", RUNHOOKS_QUIET="1"),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def document(store: Store) -> RunView:
    """Return the run document as it is stored: with nothing of the journals after it."""
    return from_bytes(store.read(f"{FOLDER}/run.json"))


def complete(place: Stores, counts: dict[str, int]) -> RunView:
    """Wait until a run's document has what its writers logged, and see that all of it is whole."""
    store = open_store(*place)

    def is_there() -> bool:
        try:
            view = document(store)
        except (ObjectNotFoundError, StoreNotFoundError):
            return False
        return {key: view.metrics[key].count for key in view.metrics} == counts

    wait_until(is_there, 90)
    wait_until(lambda: not [e for e in store.list(FOLDER) if e.path.endswith(".jsonl")], 60)
    for entry in store.list():
        parse_object(entry.path, store.read(entry.path))
    for key, count in counts.items():
        assert rows(store)[key] == [(step, step / 2) for step in range(count)]
    assert {key: Api(*place).run("default/p/mine").summary[key] for key in counts} == {
        key: (count - 1) / 2 for key, count in counts.items()
    }
    page = store.read(f"{FOLDER}/data/run.js").decode()
    assert all(f'"key":"{key}","count":{count}' in page for key, count in counts.items())
    return document(store)


def others(view: RunView) -> list[tuple[Any, ...]]:
    return [(other["host"], other["label"], other["state"]) for other in view.others.values()]


def test_a_primary_that_ends_first_completes_the_run_when_the_secondary_has_ended(
    place: Stores, begin: Start, tmp_path: Path
) -> None:
    begin("primary", place, "log(0, 20); reached('a'); wait_for('b'); run.finish(); reached('c')")
    begin(
        "second", place, "wait_for('a'); log(0, 20); reached('b'); wait_for('c'); log(20, 50); run.finish()"
    )

    wait_until((tmp_path / "c").exists, 60)
    view = complete(place, {"primary": 20, "second": 50})

    assert (view.state, view.config) == ("finished", {"primary": 1, "second": 1})
    assert others(view) == [("node-second", "second", "finished")]
    assert [(each.primary, each.ended_at is None) for each in view.sessions] == [
        (True, False),
        (False, False),
    ]
    sampled = Api(*place).run("default/p/mine").system_metrics().columns
    assert {column.partition(":")[0] for column in sampled} == {"node.primary", "node.second"}
    store, writer = open_store(*place), next(iter(view.others))
    assert store.read(f"{FOLDER}/logs/output.log") == b"line of primary\n"
    assert store.read(f"{FOLDER}/logs/{writer}/output.log") == b"line of second\nline of second\n"
    wait_until(lambda: not list(tmp_path.glob("spool-*/*/default/p/runs/mine")), 60)


def test_a_secondary_that_ends_first_is_in_the_run_that_its_primary_goes_on_with(
    place: Stores, begin: Start
) -> None:
    begin("second", place, "log(0, 30); run.finish(); reached('a')")
    begin("primary", place, "wait_for('a'); log(0, 20); run.finish()")

    view = complete(place, {"primary": 20, "second": 30})

    assert view.state == "finished"
    assert others(view) == [("node-second", "second", "finished")]


def test_a_secondary_that_is_killed_is_said_to_have_crashed_and_the_run_goes_on(
    tmp_path: Path, begin: Start
) -> None:
    place = str(tmp_path / "store"), dict[str, Any]()
    begin("primary", place, "log(0, 20); wait_for('a'); time.sleep(0.5); run.finish()")
    second = begin("second", place, "log(0, 30); os.kill(os.getpid(), signal.SIGKILL)")
    assert second.wait(60) == -9
    store = open_store(*place)
    wait_until(
        lambda: b'"crashed"' in b"".join(store.read(e.path) for e in store.list(f"{FOLDER}/writers")), 60
    )
    (tmp_path / "a").touch()

    view = complete(place, {"primary": 20, "second": 30})

    assert (view.state, others(view)) == ("finished", [("node-second", "second", "crashed")])


def test_a_secondary_without_a_primary_says_so_and_is_taken_in_by_the_one_that_comes(
    tmp_path: Path, begin: Start
) -> None:
    place = str(tmp_path / "store"), dict[str, Any]()
    second = begin("second", place, "log(0, 30); run.finish()")
    said = second.communicate(timeout=60)[0]
    assert "there is no run default/p/mine in" in said
    assert "init(id='mine', mode='shared', primary=True)" in said
    assert not (tmp_path / "store" / FOLDER / "run.json").exists()

    begin("primary", place, "log(0, 20); run.finish()")

    complete(place, {"primary": 20, "second": 30})


def test_who_is_primary_follows_from_the_rank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNHOOKS_ID", "mine")
    first = runhooks.init(mode="shared")
    monkeypatch.setenv("RANK", "3")
    second = runhooks.init(mode="shared", reinit="create_new", label="third")
    second.log({"a": 1})
    second.save("x.txt")  # says that it is the primary's to do
    assert (tmp_path / "runs/default/Uncategorized/runs/mine/run.json").exists()
    (share,) = (tmp_path / "spool").glob("*-s3-*/default/Uncategorized/runs/mine/run.json")
    assert json.loads(share.read_bytes())["environment"]["secondary"]["label"] == "third"
    second.finish()
    first.finish()
    assert Api().run("Uncategorized/mine").summary["a"] == 1


def test_a_secondary_needs_the_runs_id() -> None:
    with pytest.raises(ArgumentError, match="needs the run's id"):
        runhooks.init(mode="shared", primary=False)


def test_a_primary_goes_on_with_the_run_that_its_script_left_unfinished() -> None:
    first = runhooks.init(mode="shared", primary=True, resume="auto")
    first.finish(1)
    second = runhooks.init(mode="shared", primary=True, resume="auto")
    assert second.id == first.id
    second.finish()
