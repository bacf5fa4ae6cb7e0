"""`runhooks sync`: what a crash or an outage left is completed by the recorder's own code."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

import runhooks
from runhooks import Api
from runhooks.journal import Journal
from tests.cli.conftest import Command
from tests.programs import is_free, start, wait_until

GOES_ON = """
import time
import runhooks
run = runhooks.init(project="digits", id="k3f9")
for step in range(100):
    run.log({"loss": 1 / (step + 1)})
print("logged", flush=True)
time.sleep(60)
"""


@pytest.fixture
def training(here: Path) -> Iterator["subprocess.Popen[str]"]:
    """Return a process that has logged 100 steps to digits/k3f9 and goes on."""
    with start(GOES_ON, here) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "logged\n"
        yield process
        process.kill()


def recorder_of(process: "subprocess.Popen[str]") -> psutil.Process:
    (recorder,) = psutil.Process(process.pid).children()
    return recorder


def kill_both(process: "subprocess.Popen[str]") -> None:
    """Lose the machine, as far as one can: the process and its recorder are gone at once."""
    recorder = recorder_of(process)
    wait_until(lambda: Api().run("digits/k3f9").view.heartbeat is not None)
    os.kill(recorder.pid, signal.SIGKILL)
    process.kill()
    process.wait()
    wait_until(lambda: not recorder.is_running() or recorder.status() == psutil.STATUS_ZOMBIE)
    # A zombie's last threads may still hold its files, and with them the run's lock.
    wait_until(lambda: is_free(Path("runs/default/digits/runs/k3f9")))


def test_a_run_whose_process_and_recorder_are_gone_is_completed_as_crashed(
    command: Command, training: "subprocess.Popen[str]", here: Path
) -> None:
    kill_both(training)
    before = Api().run("digits/k3f9")
    assert before.state == "running"

    done = command("sync")

    run = Api().run("digits/k3f9")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("synced default/digits/k3f9 (crashed), ")
    assert done.out.endswith(f", in {here}/runs\n")
    assert (run.state, len(run.history())) == ("crashed", 100)
    assert not list((here / "runs/default/digits/runs/k3f9/journal").glob("*/*"))
    assert (here / "runs/default/digits/runs/k3f9/index.html").is_file()


def test_completing_a_run_later_leaves_its_facts_and_its_last_sign_of_life(
    command: Command, training: "subprocess.Popen[str]"
) -> None:
    kill_both(training)
    before = Api().run("digits/k3f9")
    heartbeat = before.view.heartbeat
    assert heartbeat is not None

    command("sync")

    run = Api().run("digits/k3f9")
    assert run.environment == before.environment
    assert run.view.ended_at == max(heartbeat.at, before.view.last_log_at or 0)


def test_a_run_that_goes_on_is_skipped_and_said_so(
    command: Command, training: "subprocess.Popen[str]"
) -> None:
    done = command("sync")

    assert done.code == 0
    assert done.out.startswith("skipped default/digits/k3f9: still being recorded")
    assert Api().run("digits/k3f9").state == "running"


def test_a_run_that_goes_on_without_its_recorder_is_not_declared_crashed(
    command: Command, training: "subprocess.Popen[str]"
) -> None:
    recorder_of(training).kill()

    done = command("sync", "--json")

    (run,) = done.json["runs"]
    assert (run["result"], run["path"]) == ("busy", "default/digits/k3f9")
    assert str(training.pid) in run["error"]
    assert Api().run("digits/k3f9").state == "running"


def test_a_run_that_another_recorder_completes_is_skipped(
    command: Command, training: "subprocess.Popen[str]", here: Path
) -> None:
    from runhooks.recorder.orders import Order
    from runhooks.recorder.recording import Recording

    kill_both(training)
    folder = here / "runs/default/digits/runs/k3f9"
    other = Recording(Order.of({"run": "default/digits/k3f9", "folder": str(folder), "store": "runs"}))

    assert command("sync", "--json").json["runs"][0]["result"] == "busy"
    other.close()
    assert command("sync", "--json").json["runs"][0]["result"] == "synced"


def test_a_finished_run_that_another_writer_still_logs_to_is_skipped(command: Command, here: Path) -> None:
    runhooks.init(project="digits", id="k3f9").finish()
    journal = Journal(here / "runs/default/digits/runs/k3f9/journal", "20261123T000000-r1-abcdef")
    journal.event("start", writer=journal.writer, primary=False, pid=os.getpid())

    done = command("sync", "--json")

    assert [run["result"] for run in done.json["runs"]] == ["busy"]
    assert list(journal.folder.iterdir()) != []
    journal.close()


def test_an_offline_run_is_sent_to_its_store(command: Command, here: Path) -> None:
    with runhooks.init(project="digits", id="k3f9", mode="offline", store="team-runs") as run:
        run.log({"loss": 0.5})
    assert not (here / "team-runs").exists()

    done = command("sync", "--json")

    (synced,) = done.json["runs"]
    assert (done.code, synced["result"], synced["state"]) == (0, "synced", "finished")
    assert synced["store"] == f"{here}/team-runs"
    assert Api("team-runs").run("digits/k3f9").history()["loss"].tolist() == [0.5]
    assert [run.id for run in Api("team-runs").runs("digits")] == ["k3f9"]
    assert (here / "team-runs/index.html").is_file()
    assert not list((here / "spool").glob("*/*/*/runs/*"))
    assert command("sync", "--json").json["runs"] == []


@pytest.mark.parametrize("place", ["spool", "spool/{part}", "spool/{part}/default/digits/runs/k3f9"])
def test_a_folder_names_a_spool_a_part_of_it_or_one_run(command: Command, here: Path, place: str) -> None:
    runhooks.init(project="digits", id="k3f9", mode="offline", store="team-runs").finish()
    (part,) = (here / "spool").iterdir()

    done = command("sync", place.format(part=part.name), "--json")

    assert [run["result"] for run in done.json["runs"]] == ["synced"]


def test_a_store_that_cannot_be_written_keeps_the_run_and_fails(command: Command, here: Path) -> None:
    (here / "blocked").write_text("a file where the store should be")
    runhooks.init(project="digits", id="k3f9", mode="offline", store="blocked").finish()
    (kept,) = (here / "spool").glob("*/default/digits/runs/k3f9")

    done = command("sync")

    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("runhooks: default/digits/k3f9 could not be completed: ")
    assert done.err.endswith(f"it is kept in {kept}\n")
    assert (kept / "run.json").is_file()
    (here / "blocked").unlink()
    assert command("sync").code == 0
    assert Api("blocked").run("digits/k3f9").state == "finished"


def test_a_broken_run_fails_and_the_others_are_completed(command: Command, here: Path) -> None:
    for id in ("broken", "whole"):
        runhooks.init(project="digits", id=id, mode="offline", store="team-runs").finish()
    (document,) = (here / "spool").glob("*/default/digits/runs/broken/run.json")
    document.write_text("{")

    done = command("sync")

    assert done.code == 1
    assert done.out.startswith("synced default/digits/whole (finished), ")
    assert "default/digits/broken could not be completed: " in done.err
    assert document.is_file()


def test_where_all_is_complete_it_says_so_and_where_it_looked(command: Command, here: Path) -> None:
    runhooks.init(project="digits").finish()

    done = command("sync")

    assert (done.code, done.err) == (0, "")
    assert done.out == f"nothing to sync: every run is complete ({here}/runs)\n"
    assert command("sync", "--json").json == {"places": [f"{here}/runs"], "runs": []}


def test_where_nothing_was_ever_recorded_there_is_nothing_to_sync(command: Command) -> None:
    assert command("sync").out.startswith("nothing to sync")


def test_a_folder_that_is_not_there_is_wrong_use(command: Command, here: Path) -> None:
    done = command("sync", "nowhere")

    assert (done.code, done.err) == (2, f"runhooks: there is no folder {here}/nowhere\n")
