"""Going on with a run: after its end, from an earlier step, as a fork, after a kill without being told."""

import json
import shutil

import pytest

import runhooks
from runhooks import Api
from runhooks.errors import ArgumentError, RunExistsError, RunNotFoundError, StepError
from tests.programs import ended, is_free, only, rows, run, start, views, wait_until

FOLDER = "runs/default/Uncategorized/runs/mine"


def logged(first, last, scale=1.0, **arguments):
    """Make run "mine", or go on with it, with a row a step."""
    with runhooks.init(**{"id": "mine", **arguments}) as run:
        for step in range(first, last):
            run.log({"a": step * scale, "count": step}, step=step)
        return run


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"fork_from": "mine"}, r"fork_from must be 'ID\?_step=N'"),
        ({"fork_from": "mine?_step=x"}, r"fork_from must be 'ID\?_step=N'"),
        ({"resume_from": "mine?_step=1.5"}, r"resume_from must be 'ID\?_step=N'"),
        ({"fork_from": "a/b/c/mine?_step=1"}, "fork_from names a run by ID, PROJECT/ID"),
        ({"fork_from": "mine?_step=1", "resume": "must", "id": "x"}, "fork_from begins a new run"),
        ({"fork_from": "mine?_step=1", "resume_step": 1, "id": "x"}, "fork_from begins a new run"),
        ({"fork_from": "mine?_step=1", "resume_from": "mine?_step=1"}, "fork_from begins a new run"),
        ({"fork_from": "mine?_step=1", "id": "mine"}, "a run cannot be forked from itself"),
        ({"resume_from": "mine?_step=1", "resume_step": 1}, "resume_from has a step of its own"),
        ({"resume_from": "mine?_step=1", "id": "x"}, "name two runs"),
        ({"resume_from": "other/mine?_step=1"}, "is a run of another project"),
        ({"resume_from": "mine?_step=1", "resume": "never"}, "contradict each other"),
        ({"resume_from": "mine?_step=1", "resume": "auto"}, "contradict each other"),
        ({"resume_step": 1}, "resume_step needs an id"),
        ({"resume_step": "x", "id": "mine"}, "resume_step must be the number of a step"),
        ({"resume_step": 1.5, "id": "mine"}, "resume_step must be the number of a step"),
    ],
)
def test_arguments_that_contradict_each_other_are_an_error_before_anything_is_written(
    arguments, message, tmp_path
):
    for call in (runhooks.init, runhooks.check_arguments):
        with pytest.raises(ArgumentError, match=message):
            call(**arguments)
    assert list(tmp_path.iterdir()) == []


def test_going_on_from_what_is_not_there_is_an_error_before_anything_is_written(tmp_path):
    with pytest.raises(RunNotFoundError, match="there is no run default/Uncategorized/mine in"):
        runhooks.init(fork_from="mine?_step=1")
    assert not (tmp_path / "runs").exists()
    logged(0, 3)
    before = (tmp_path / FOLDER / "run.json").read_bytes()
    with pytest.raises(RunNotFoundError):
        runhooks.init(resume_from="other?_step=1")
    with pytest.raises(StepError, match="has steps up to 2, so it cannot be resumed from step 3"):
        runhooks.init(id="mine", resume_step=3)
    with pytest.raises(StepError, match="run default/Uncategorized/mine has no step 3: its last step is 2"):
        runhooks.init(fork_from="mine?_step=3")
    with pytest.raises(StepError, match="has no rows up to step -1"):
        runhooks.init(fork_from="mine?_step=-1")
    runhooks.init(id="taken").finish()
    with pytest.raises(RunExistsError):
        runhooks.init(id="taken", fork_from="mine?_step=1")
    assert sorted(view.id for view in views(tmp_path)) == ["mine", "taken"]
    assert (tmp_path / FOLDER / "run.json").read_bytes() == before


@pytest.mark.parametrize("by", ["resume_step", "resume_from"])
def test_a_rewound_run_goes_on_from_the_step_and_keeps_what_it_had(by, tmp_path):
    logged(0, 10, config={"lr": 0.1}, tags=["kept"], notes="kept", name="kept")
    arguments = {"resume_step": 4} if by == "resume_step" else {"id": None, "resume_from": "mine?_step=4"}
    with runhooks.init(**{"id": "mine", **arguments}) as run:
        assert (run.step, run.config.lr, run.summary["a"]) == (5, 0.1, 4.0)
        run.log({"a": 50.0})
    view = ended(tmp_path)
    assert rows(tmp_path, view)["a"] == [*((step, float(step)) for step in range(5)), (5, 50.0)]
    assert rows(tmp_path, view)["count"] == [(step, float(step)) for step in range(5)]
    assert (view.summary, view.last_step) == ({"a": 50.0, "count": 4}, 5)
    assert (view.metrics["count"].count, view.metrics["count"].max) == (5, 4)
    assert (view.config, view.tags, view.notes, view.name) == ({"lr": 0.1}, ["kept"], "kept", "kept")
    found = Api().run("Uncategorized/mine")
    assert found.history()["a"].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 50.0]
    assert [row["_step"] for row in found.scan_history(["count"])] == [0, 1, 2, 3, 4]
    assert (found.resumed, [rewind["step"] for rewind in found.rewinds]) == (True, [4])


def test_what_a_rewind_supersedes_is_kept_in_the_record(tmp_path):
    import pyarrow.parquet as pq

    logged(0, 10)
    logged(5, 6, resume_step=4)
    ended(tmp_path)
    parts = [pq.ParquetFile(path).read() for path in sorted((tmp_path / FOLDER / "history").iterdir())]
    assert [len(part) for part in parts] == [20, 2]


def test_a_run_can_be_rewound_twice_and_what_the_user_summed_up_stays(tmp_path):
    with runhooks.init(id="mine") as run:
        run.define_metric("a", summary="max")
        for step in range(10):
            run.log({"a": step})
        run.summary["verdict"] = "good"
    logged(6, 20, resume_step=5)
    logged(9, 12, resume_step=8, scale=100)
    view = ended(tmp_path)
    assert [step for step, _ in rows(tmp_path, view)["a"]] == list(range(12))
    assert view.summary == {"a": {"max": 1100.0}, "count": 11, "verdict": "good"}
    assert [rewind["step"] for rewind in view.rewinds] == [5, 8]
    logged(0, 1, resume_step=-1)
    assert rows(tmp_path, ended(tmp_path)) == {"a": [(0, 0.0)], "count": [(0, 0.0)]}


def test_a_fork_begins_with_the_history_and_does_not_need_the_run_that_it_came_from(tmp_path):
    logged(0, 10, config={"lr": 0.1, "kept": 1}, tags=["kept"], notes="kept", name="old")
    source = only(tmp_path)
    with runhooks.init(fork_from="mine?_step=4", config={"lr": 0.2}, id="fork", notes="own") as run:
        assert (run.step, run.resumed_from, run.summary["a"]) == (5, None, 4.0)
        run.log({"a": 50.0})
    shutil.rmtree(tmp_path / FOLDER)
    view = ended(tmp_path)
    assert rows(tmp_path, view)["a"] == [*((step, float(step)) for step in range(5)), (5, 50.0)]
    assert (view.config, view.tags, view.notes) == ({"lr": 0.2, "kept": 1}, ["kept"], "own")
    assert (view.id, view.name == "old", len(view.sessions)) == ("fork", False, 1)
    assert view.created_at > source.ended_at
    assert Api().run("Uncategorized/fork").forked_from == {"run": "default/Uncategorized/mine", "step": 4}
    logged(3, 4, id="fork", resume_step=2, scale=10)
    assert rows(tmp_path, ended(tmp_path))["a"] == [(0, 0), (1, 1), (2, 2), (3, 30)]


def test_a_run_of_another_project_that_goes_on_can_be_forked(tmp_path):
    running = runhooks.init(id="mine", project="one")
    for step in range(5):
        running.log({"a": step})
    with runhooks.init(project="two", fork_from="one/mine?_step=2", reinit="create_new") as fork:
        assert fork.step == 3
    running.finish()
    assert rows(tmp_path, Api().run(f"two/{fork.id}").view)["a"] == [(0, 0), (1, 1), (2, 2)]


def test_an_open_run_is_not_rewound_under_its_own_feet():
    with runhooks.init(id="mine") as run:
        run.log({"a": 1})
        with pytest.raises(ArgumentError, match="is still open; finish it before it is rewound"):
            runhooks.init(id="mine", resume_step=0)


AUTO = """
import os, signal, sys, time
import runhooks
run = runhooks.init(resume="auto", config={"attempt": 1})
run.log({"step": run.step})
print(run.id, run.step, flush=True)
"""


def test_a_script_that_was_killed_goes_on_with_its_run_and_one_that_finished_gets_a_new_one(tmp_path):
    first = run(AUTO + "os.kill(os.getpid(), signal.SIGKILL)", tmp_path, RUNHOOKS_SILENT="")
    assert "this script has no unfinished run to resume, so this is a new one" in first.stderr
    second = run(AUTO + "sys.exit(3)", tmp_path, RUNHOOKS_SILENT="")
    assert "it is the last run of this script, which was not finished" in second.stderr
    third = run(AUTO, tmp_path)
    assert [done.stdout.split()[1] for done in (first, second, third)] == ["1", "2", "3"]
    assert len({done.stdout.split()[0] for done in (first, second, third)}) == 1
    view = ended(tmp_path)
    assert (view.state, len(view.sessions), view.metrics["step"].count) == ("finished", 3, 3)
    fourth = run(AUTO, tmp_path)
    assert fourth.stdout.split()[0] != third.stdout.split()[0]
    assert fourth.stdout.split()[1] == "1"


def test_two_processes_of_a_script_at_once_do_not_share_a_run(tmp_path):
    with start(AUTO + "time.sleep(60)", tmp_path) as process:
        mine = process.stdout.readline().split()[0]
        other = run(AUTO, tmp_path, RUNHOOKS_SILENT="")
        process.kill()
    assert "another process of this script is running, so this is a run of its own" in other.stderr
    assert other.stdout.split()[0] != mine
    assert run(AUTO, tmp_path).stdout.split()[0] == mine


def test_an_unfinished_run_that_was_deleted_does_not_come_back(tmp_path):
    first = run(AUTO + "os._exit(1)", tmp_path)
    wait_until(lambda: only(tmp_path).state == "crashed")
    folder = tmp_path / "runs/default/Uncategorized/runs" / first.stdout.split()[0]
    wait_until(lambda: is_free(folder))
    shutil.rmtree(folder)
    second = run(AUTO, tmp_path, RUNHOOKS_SILENT="")
    assert "cannot be resumed: there is no run" in second.stderr
    assert second.stdout.split()[0] != first.stdout.split()[0]


OLD = """
import sys, time
import runhooks
run = runhooks.init(id="mine", heartbeat_s=0.5)
for step in range(3):
    run.log({"a": step})
print("ready", flush=True)
deadline = time.monotonic() + 60
import pathlib
while not pathlib.Path("go").exists() and time.monotonic() < deadline:
    run._service(0)
    time.sleep(0.05)
for step in range(100, 103):
    run.log({"a": step}, step=step)
run.config["late"] = True
"""


@pytest.mark.parametrize("rewound", [False, True])
def test_a_resumed_run_whose_old_process_still_logs_is_not_mixed(tmp_path, rewound):
    with start(OLD, tmp_path, RUNHOOKS_SILENT="") as process:
        assert process.stdout.readline() == "ready\n"
        with runhooks.init(id="mine", **({"resume_step": 1} if rewound else {"resume": "must"})) as again:
            assert again.step == (2 if rewound else 3)
            again.log({"a": 33})
            (tmp_path / "go").touch()
            _, told = process.communicate(timeout=60)
            assert again.state == "running"  # the end of the old process is not the end of the run
    assert process.returncode == 0
    assert "was resumed by another process" in told
    view = ended(tmp_path)
    kept = [(0, 0), (1, 1), (2, 33)] if rewound else [(0, 0), (1, 1), (2, 2), (3, 33)]
    assert rows(tmp_path, view) == {"a": kept}
    assert (view.state, view.last_step, view.config) == ("finished", kept[-1][0], {})
    assert view.metrics["a"].count == len(kept)
    assert [session.ended_at is not None for session in view.sessions] == [True, True]
    old = next((tmp_path / FOLDER / "control").iterdir())
    assert json.loads(old.read_text())["pid"]
    assert [len(found) for found in _parts(tmp_path)] == [6, 1]


def _parts(folder):
    import pyarrow.parquet as pq

    return [pq.ParquetFile(path).read() for path in sorted((folder / FOLDER / "history").iterdir())]


def test_a_store_elsewhere_is_rewound_and_forked_too(tmp_path):
    from runhooks.record.read import history, read_view
    from runhooks.storage import open_store

    store = "memory://rewound/runs"
    logged(0, 10, store=store, config={"lr": 0.1})
    with pytest.raises(StepError):
        runhooks.init(store=store, id="mine", resume_step=10)
    with pytest.raises(RunNotFoundError):
        runhooks.init(store=store, fork_from="other?_step=2")
    with pytest.raises(StepError):
        runhooks.init(store=store, fork_from="mine?_step=10")
    assert not list((tmp_path / "spool").rglob("run.json"))
    logged(5, 6, store=store, resume_step=4)
    logged(3, 4, store=store, id="fork", fork_from="mine?_step=2")
    found = {}
    for id in ("mine", "fork"):
        folder = f"default/Uncategorized/runs/{id}"
        assert read_view(open_store(store), folder).config == {"lr": 0.1}
        found[id] = [step for key, rows in history(open_store(store), folder, ["a"]) for step in rows.steps]
    assert found == {"mine": [0, 1, 2, 3, 4, 5], "fork": [0, 1, 2, 3]}
    assert not list((tmp_path / "spool").rglob("run.json"))


def test_a_page_of_a_rewound_run_draws_what_counts(tmp_path):
    from tests.site.samples import decoded, payload

    logged(0, 10)
    logged(5, 6, resume_step=4)
    ended(tmp_path)
    folder = tmp_path / FOLDER
    files = {f"data/{path.name}": path.read_bytes() for path in (folder / "data").iterdir()}
    assert decoded(payload(files, "data/charts-0.js"))["a"]["step"].tolist() == [0, 1, 2, 3, 4, 5]
    facts = payload(files, "data/run.js")
    assert [rewind["step"] for rewind in facts["rewinds"]] == [4]
