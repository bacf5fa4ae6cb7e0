"""Many at once: writers of one project, openers of one id, readers, renderers, those who stop or delete."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from random import Random
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import rule, run_state_machine_as_test

from runhooks import Api
from runhooks.errors import ObjectNotFoundError, RunFinishedError, RunNotFoundError
from runhooks.site.build import build_project, build_root
from runhooks.storage import Retry, RetryStore, Store, open_store
from runhooks.testing import FailingStore, Failure
from tests.faults.check import FOLDER, parse_object, rows, whole
from tests.faults.ledger import LONG, Ledger
from tests.faults.program import BEGIN, Program
from tests.faults.rehearsal import ROWS, play
from tests.programs import only, wait_until
from tests.servers.s3 import S3Server
from tests.storage.test_model import DATA, PATHS, StoreModel

pytestmark = [pytest.mark.faults, pytest.mark.slow]


@pytest.mark.case(
    "Concurrency", "50 runs (in short: 6) at once into one project in S3, while two render and a reader polls"
)
def test_runs_of_one_project_are_all_listed_and_whole(moto: S3Server, tmp_path: Path, ledger: Ledger) -> None:
    url, options = f"s3://{moto.new_bucket()}/runs", moto.storage_options
    ids, over = [f"run{n}" for n in range(50 if LONG else 6)], threading.Event()

    def again_and_again(work: Callable[[Store], int]) -> int:
        """Do something until all runs are there; return how much was done."""
        store, done = open_store(url, options), 0
        while not over.is_set():
            done += work(store)
        return done

    with ThreadPoolExecutor(3) as beside, ThreadPoolExecutor(10 if LONG else 6) as pool:
        reader = beside.submit(again_and_again, _read)
        renderers = [beside.submit(again_and_again, _render) for _ in range(2)]
        try:
            answers = list(pool.map(lambda id: play(tmp_path / id, url, options, id), ids))
        finally:
            over.set()
        read, rendered = reader.result(), sum(renderer.result() for renderer in renderers)
    store = open_store(url, options)
    for id, answer in zip(ids, answers, strict=True):
        with ledger.attempt(id):
            assert answer["error"] is None
            whole(store, ROWS, folder=FOLDER.replace("mine", id), alone=False)
    assert build_project(store, "default", "p").runs == len(ids)
    assert sorted(run.id for run in Api(url, options).runs("p")) == sorted(ids)
    ledger.figure = (
        f"all listed, all whole; the reader read {read:,} objects, none torn; "
        f"the project was rendered {rendered} times"
    )


def _read(store: Store) -> int:
    count = 0
    for entry in store.list():
        with suppress(ObjectNotFoundError):  # compacted between listing and reading
            parse_object(entry.path, store.read(entry.path))
            count += 1
    return count


def _render(store: Store) -> int:
    build_project(store, "default", "p")
    build_root(store)
    return 1


AT_ONCE = """
run.finish()
gate, opened = os.pipe()
children = []
for n in range(100):
    if (pid := os.fork()) == 0:
        os.close(opened)
        os.read(gate, 1)
        try: won = runhooks.init(project="p", id="wanted")
        except runhooks.errors.RunExistsError: os._exit(1)
        except BaseException: os._exit(2)
        for value in range(10): won.log({"loss": value / 2})
        won.finish()
        os._exit(0)
    children.append(pid)
os.close(opened)
print(*[os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children])
"""


@pytest.mark.case("Concurrency", "100 processes open the same id at once")
def test_of_many_that_open_one_id_one_gets_it(tmp_path: Path, ledger: Ledger) -> None:
    for n in ledger.tries(1, 20):
        with ledger.attempt(n), Program(tmp_path / str(n), AT_ONCE) as program:
            done = program.end(180)
            assert sorted(done.stdout.split()) == ["0", *["1"] * 99], done.stderr
            wait_until(lambda program=program: not program.alive(), 60)
            folder = FOLDER.replace("mine", "wanted")
            view = whole(open_store(program.folder / "runs"), 10, folder=folder, alone=False)
            assert len(view.sessions) == 1
    ledger.figure = "one winner each time, 99 times RunExistsError; the winner's record is whole"


GOES_ON = "while True: log(); time.sleep(0.005)\n"


@pytest.mark.case("Concurrency", "a run is resumed while its old process still logs and beats")
def test_a_resumed_run_is_not_mixed_with_its_old_process(tmp_path: Path, ledger: Ledger) -> None:
    """The new process goes on after the last row that it saw; what the old one logs from then on counts not.

    Rows that it logged in the milliseconds in which the other one began may count: both are in the record.
    """
    again = BEGIN.replace('id="mine"', 'id="mine", resume="must"').replace('"shared"', '"shared-again"')
    code = "at = run._last_step + 1\nfor n in range(50): run.log({'again': n / 2, 'at': at})\nrun.finish()\n"

    def resume(n: int) -> None:
        folder = tmp_path / str(n)
        with Program(folder, GOES_ON) as old:
            old.wait_for_rows(50)
            (folder / "shared-again").write_bytes(bytes(16))
            with Program(folder, code, begin=again) as new:
                done = new.end()
                assert done.returncode == 0, done.stderr
            wait_until(lambda: old.acknowledged > len(rows(open_store(folder / "runs"))["loss"]), 60)
            old.process.terminate()
            old.end()
            wait_until(lambda: not old.alive(), 60)
            acknowledged = old.acknowledged
        view = only(folder)
        assert (view.state, len(view.sessions)) == ("finished", 2)
        store = open_store(folder / "runs")
        found = {key: [*map(tuple, kept)] for key, kept in rows(store).items()}
        (first,) = {value for _, value in found["at"]}
        assert found["again"] == [(first + n, n / 2) for n in range(50)]
        assert found["loss"] == [(step, step / 2) for step in range(len(found["loss"]))]
        assert first <= len(found["loss"]) < acknowledged

    ledger.each(ledger.tries(1, 50), resume)
    ledger.figure = "the new process goes on after the last row that it saw; nothing is mixed"


@pytest.mark.case("Concurrency", "a run is deleted while it is written")
def test_a_run_that_is_deleted_does_not_come_back(tmp_path: Path, ledger: Ledger) -> None:
    def delete(n: int) -> None:
        with Program(tmp_path / str(n), GOES_ON.replace("True", "not os.path.exists('over')")) as program:
            program.wait_for_rows()
            wait_until(lambda: only(program.folder).heartbeat is not None)
            time.sleep(Random(f"{ledger.seed}-delete-{n}").uniform(0, 0.5))
            api = Api(program.folder / "runs")
            api.run("p/mine").delete()
            time.sleep(0.5)
            (program.folder / "over").touch()
            done = program.end()
            assert done.returncode == 0, done.stderr
            wait_until(lambda: not program.alive(), 60)
            for find in (lambda: [*api.runs("p")], lambda: api.run("p/mine").reload()):
                with pytest.raises(RunNotFoundError):
                    find()
            api.run("p/mine").restore()  # from the trash: all of it is there
            assert [run.id for run in api.runs("p")] == ["mine"]

    ledger.each(ledger.tries(1, 50), delete)
    ledger.figure = "training went on, no listing has it, restore brings it back"


@pytest.mark.case("Concurrency", "a stop is asked for before a run, during it, twice, and after it")
def test_a_stop_is_heard_once_and_only_by_what_runs(tmp_path: Path, ledger: Ledger) -> None:
    def stop(n: int) -> None:
        folder = tmp_path / str(n)
        (folder / "runs").mkdir(parents=True)
        api = Api(folder / "runs")
        with pytest.raises(RunNotFoundError):
            api.run("p/mine").stop()
        with Program(folder, "while not run.stop_requested: log(); time.sleep(0.001)\n") as program:
            program.wait_for_rows()
            time.sleep(Random(f"{ledger.seed}-stop-{n}").uniform(0, 0.5))
            first, second = api.run("p/mine").stop(), api.run("p/mine").stop()
            assert (first["is_new"], second["is_new"]) == (True, False)
            done = program.end()
            assert done.returncode == 0, done.stderr
            view = program.left("killed")
            assert view.reason == f"stop requested by {first['by']}"
        with pytest.raises(RunFinishedError):
            api.run("p/mine").stop()

    ledger.each(ledger.tries(1, 50), stop)
    ledger.figure = (
        "RunNotFoundError before, killed with who asked, the second is not new, RunFinishedError after"
    )


@pytest.mark.case(
    "Concurrency", "any sequence of calls on a store that fails 20 % of them, tried again (hypothesis)"
)
def test_a_store_that_fails_and_is_tried_again_is_a_dict(ledger: Ledger) -> None:
    calls = []

    class Model(StoreModel):
        def open(self) -> Store:
            self.behind, self.random = open_store(f"memory://{uuid4().hex}"), ledger.random
            failing = FailingStore(self.behind, lambda *_: self.plan())
            calls.append(failing.calls)
            ledger.n += 1
            return RetryStore(failing, Retry(deadline=60), sleep=lambda _: None)

        def plan(self) -> Failure | None:
            return Failure(done=self.random.random() < 0.5) if self.random.random() < 0.2 else None

        @rule(path=PATHS, data=DATA)
        def create(self, path: str, data: bytes) -> None:
            """Create, which when it is tried again takes the same bytes for its own."""
            made = self.store.create(path, data)
            assert made is (path not in self.objects) or data == self.objects[path]
            self.objects.setdefault(path, data)

        def teardown(self) -> None:
            for path in self.objects:
                self.behind.delete(path)

    run_state_machine_as_test(
        Model,
        settings=settings(
            max_examples=2000 if LONG else 30,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
    ledger.figure = f"{sum(map(len, calls)):,} calls; each had the effect that it has on a dict"
