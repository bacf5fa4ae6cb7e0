"""The contract of every integration, point by point, in real trainings of each framework.

The points are those of "The contract of every integration" in CONTRIBUTING.md. An integration is found by
its file, and has a driver of the same name in tests/frameworks/drivers.
"""

import copy
import functools
import pickle
import time
import warnings
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import runhooks
from runhooks.errors import ArgumentError

torch = pytest.importorskip("torch")
HERE = Path(__file__).parent
FOUND = sorted(path.stem for path in (HERE.parents[1] / "runhooks/integrations").glob("[!_]*.py"))
WITHOUT_LOOP = {
    "accelerate": "the loop is the user's; test_accelerate.py",
    "fabric": "the loop is the user's; test_lightning.py",
    "loop": "the loop is the user's; test_loop.py",
    "optuna": "a loop of loops; test_optuna.py",
}
LOOPS = [name for name in FOUND if name not in WITHOUT_LOOP]

pytestmark = [
    pytest.mark.filterwarnings("ignore::lightning.pytorch.utilities.warnings.PossibleUserWarning"),
    pytest.mark.filterwarnings("ignore:.*LeafSpec"),
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
    pytest.mark.filterwarnings("ignore:Checkpoint directory .* exists"),
    # Keras 3.15 reads its own variables in a way that NumPy 2 deprecates.
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"),
]


@functools.cache
def driver_of(name: str) -> ModuleType:
    if find_spec(name) is None:
        pytest.skip(f"{name} is not installed")
    return import_module(f"tests.frameworks.drivers.{name}")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUNHOOKS_SILENT", "1")
    monkeypatch.setenv("RUNHOOKS_STORE", str(tmp_path / "runs"))
    monkeypatch.setenv("RUNHOOKS_SPOOL", str(tmp_path / "spool"))
    monkeypatch.setenv("RUNHOOKS_PROJECT", "digits")
    return tmp_path / "runs"


@pytest.fixture(params=LOOPS)
def driver(request: pytest.FixtureRequest, store: Path) -> ModuleType:
    return driver_of(request.param)


def keepers_of(point: str) -> list[str]:
    """Return the integrations that can keep a point, as their drivers say in their first lines."""
    texts = {name: (HERE / "drivers" / f"{name}.py").read_text(encoding="utf-8") for name in LOOPS}
    return [name for name, text in texts.items() if f'"{point}": "' not in text]


def runs(store: Path) -> list[Any]:
    found = runhooks.Api(store).runs("default/digits") if store.exists() else []
    return sorted(found, key=lambda run: run.created_at)


def only_run(store: Path) -> Any:
    (run,) = runs(store)
    return run


def recorded(run: Any) -> dict[str, dict[int, float]]:
    history = run.history()
    return {key: dict(history[key].dropna().items()) for key in history.columns}


def at(batch: int, action: Callable[[], Any]) -> Callable[[int], None]:
    def each_batch(number: int) -> None:
        if number == batch:
            action()

    return each_batch


def raising(error: BaseException) -> Callable[[], None]:
    def action() -> None:
        raise error

    return action


class Broken:
    """A run that fails whatever it is asked."""

    id = "broken"

    def _fail(self, *_: Any, **__: Any) -> Any:
        raise OSError("the disk is gone")

    config = summary = stop_requested = property(_fail)
    log = alert = define_metric = log_model = finish = _fail


def test_each_integration_with_loops_has_a_driver() -> None:
    assert {path.stem for path in (HERE / "drivers").glob("[!_]*.py")} == set(LOOPS)
    assert set(WITHOUT_LOOP) < set(FOUND)


def test_point_1_a_wrong_argument_is_refused_and_nothing_is_opened_before_a_loop(
    driver: ModuleType, store: Path
) -> None:
    driver.callback(project="digits")
    for wrong in ({"projet": "digits"}, {"mode": "of"}, {"id": "a/b"}, {"run": Broken(), "project": "x"}):
        with pytest.raises(ArgumentError):
            driver.callback(**wrong)
    assert runs(store) == []


def test_point_1_a_run_that_was_given_stays_open(driver: ModuleType, store: Path) -> None:
    with runhooks.init() as run:
        driver.fit(driver.callback(run=run))
        with pytest.raises(ZeroDivisionError):
            driver.fit(driver.callback(), each_batch=at(1, raising(ZeroDivisionError())))  # joins it
        assert not run.finished
    assert only_run(store).state == "finished"


def test_point_2_the_id_is_allotted_by_the_constructor(driver: ModuleType, store: Path) -> None:
    callback = driver.callback()
    allotted = callback.session.id
    driver.fit(callback)
    assert only_run(store).id == allotted


def test_point_3_an_error_fails_the_run_and_a_further_fit_is_another(driver: ModuleType, store: Path) -> None:
    callback = driver.callback()
    error = ValueError("no such digit")
    with pytest.raises(ValueError, match="no such digit") as caught:
        driver.fit(callback, each_batch=at(3, raising(error)))
    assert caught.value is error
    driver.fit(callback)
    failed, finished = runs(store)
    assert (failed.state, finished.state) == ("failed", "finished")
    assert (failed.exit["error"]["type"], failed.exit["error"]["message"]) == ("ValueError", "no such digit")
    assert "in action" in failed.exit["error"]["traceback"]


def test_point_3_ctrl_c_kills_the_run(driver: ModuleType, store: Path) -> None:
    with pytest.raises((KeyboardInterrupt, SystemExit)):
        driver.fit(driver.callback(), each_batch=at(3, raising(KeyboardInterrupt())))
    assert only_run(store).state == "killed"


def test_point_3_an_evaluation_after_the_fit_goes_to_its_run(driver: ModuleType, store: Path) -> None:
    fitted = driver.fit(driver.callback())
    before = set(recorded(only_run(store)))
    if fitted.evaluate is not None:
        fitted.evaluate()
        assert {name.partition("/")[0] for name in recorded(only_run(store))} & {"test", "eval"}
    assert set(recorded(only_run(store))) >= before
    assert only_run(store).state == "finished"


@pytest.mark.parametrize("name", keepers_of("4"))
def test_point_4_a_training_from_a_checkpoint_goes_on_with_its_run(
    name: str, store: Path, tmp_path: Path
) -> None:
    driver_of(name).resume(tmp_path / "kept")
    run = only_run(store)
    assert run.state == "finished"
    assert len(run.view.sessions) == 2


def test_point_5_metrics_are_those_that_the_framework_reports(driver: ModuleType, store: Path) -> None:
    reported = driver.fit(driver.callback()).reported
    found = recorded(only_run(store))
    assert {name: found[name] for name in reported} == reported
    assert min(found["train/steps_per_second"].values()) > 0
    assert list(found["train/eta_seconds"].values())[-1] == 0


class Strange:
    """A value of a config that cannot even be shown."""

    def __repr__(self) -> str:
        raise RuntimeError("not to be shown")

    __str__ = __repr__


def test_point_6_the_config_says_what_was_trained_and_takes_anything(driver: ModuleType, store: Path) -> None:
    driver.fit(driver.callback(config={"mine": Strange(), "note": "kept"}))
    config = only_run(store).config
    assert config["note"] == "kept"
    for path, value in driver.CONFIG.items():
        found: Any = config
        for key in path.split("."):
            found = found[key]
        assert found == value, path


@pytest.mark.parametrize("log_model", ["all", "best", False])
@pytest.mark.parametrize("name", keepers_of("7"))
def test_point_7_checkpoints_are_kept_by_reference_or_uploaded(
    name: str, log_model: Any, store: Path, tmp_path: Path
) -> None:
    driver, folder = driver_of(name), tmp_path / "kept"
    best, last = driver.save(driver.callback(log_model=log_model), folder)

    before = sorted(folder.rglob("*"))
    artifact = f"digits/run-{only_run(store).id}-model"
    stored = {}
    for alias, path in (("best", best), ("last", last)):
        found = runhooks.Api(store).artifact(f"{artifact}:{alias}")
        entry = max(found.manifest.entries.values(), key=lambda entry: entry.size or 0)
        stored[alias] = entry.stored
        if entry.stored:
            got = Path(found.download(tmp_path / alias))
            wanted = [each for each in (path.rglob("*") if path.is_dir() else [path]) if each.is_file()]
            sizes = sorted(each.stat().st_size for each in got.rglob("*") if each.is_file())
            assert sizes == sorted(each.stat().st_size for each in wanted)
        else:
            assert entry.ref.startswith(path.as_uri())
    assert stored == {
        "best": bool(log_model),
        "last": log_model == "all" or (bool(log_model) and best == last),
    }
    assert sorted(folder.rglob("*")) == before


def test_point_7_a_wrong_log_model_is_said_at_once() -> None:
    for name in keepers_of("7"):
        with pytest.raises(ArgumentError, match="log_model is 'all', 'best' or False"):
            driver_of(name).callback(log_model="some")


def test_point_8_a_tracker_that_fails_is_said_once_and_changes_nothing(driver: ModuleType) -> None:
    alone = driver.fit()
    with pytest.warns(RuntimeWarning, match="the disk is gone.*Training goes on") as said:
        beside = driver.fit(driver.callback(run=Broken()))
    assert beside.weights == alone.weights
    assert len([one for one in said if one.category is RuntimeWarning]) == 1


def test_point_8_faults_do_not_end_the_training_where_warnings_are_errors(driver: ModuleType) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        assert driver.fit(driver.callback(run=Broken())).reported


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda callback: pickle.loads(pickle.dumps(callback))])
def test_point_8_a_copy_of_the_callback_makes_runs_of_its_own(
    driver: ModuleType, store: Path, copied: Callable[[Any], Any]
) -> None:
    callback = driver.callback()
    before = copied(callback)
    driver.fit(callback)
    after = copied(callback)
    for each in (before, after):
        driver.fit(each)
    assert [run.state for run in runs(store)] == ["finished"] * 3


READS = ("item", "__float__", "__int__", "__bool__", "tolist", "cpu", "numpy", "__array__")


def test_point_9_no_batch_waits_for_a_device_on_the_trackers_account(
    driver: ModuleType, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts: dict[str, int] = {}
    is_in_mid_epoch = False

    def counted(name: str) -> Callable[..., Any]:
        method = getattr(torch.Tensor, name)

        def reads(self: Any, *args: Any, **kwargs: Any) -> Any:
            if is_in_mid_epoch:
                counts[name] = counts.get(name, 0) + 1
            return method(self, *args, **kwargs)

        return reads

    def each_batch(number: int) -> None:
        nonlocal is_in_mid_epoch
        is_in_mid_epoch = 1 <= number < 5

    for name in READS:
        monkeypatch.setattr(torch.Tensor, name, counted(name))
    # A read of ours comes with each batch, each time. Keras fetches batches in threads of its own, so that
    # some of its own reads fall now among the counted ones and now not: that passes.
    for _ in range(4):
        counts.clear()
        driver.fit(each_batch=each_batch)
        without = dict(counts)
        counts.clear()
        driver.fit(driver.callback(), each_batch=each_batch)
        more = {name: number for name, number in counts.items() if number > without.get(name, 0)}
        if not more:
            break
    assert more == {}


def test_point_9_a_request_to_stop_ends_the_loop(driver: ModuleType, store: Path) -> None:
    callback, batches = driver.callback(), []

    def each_batch(number: int) -> None:
        batches.append(number)
        if number == 3:
            only_run(store).stop()
        time.sleep(0.01)

    driver.fit(callback, each_batch=each_batch, long=True)
    run = only_run(store)
    assert len(batches) < 2900
    assert (run.state, run.view.stop["signals"]) == ("killed", [])
    assert run.reason.startswith("stop requested by ")


TIMES = ("runtime", "per_second")


def test_point_10_nothing_changes_beside_the_frameworks_own_callbacks(
    driver: ModuleType, store: Path, tmp_path: Path
) -> None:
    found = []
    for folder, callbacks in (("without", []), ("beside", [driver.callback()])):
        kept = tmp_path / folder
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            fitted = driver.fit(*callbacks, usual=kept)
        timeless = {key: rows for key, rows in fitted.reported.items() if not key.endswith(TIMES)}
        files = sorted(str(path.relative_to(kept)) for path in kept.rglob("*") if "events" not in path.name)
        said = [str(each.message) for each in caught if str(tmp_path) not in str(each.message)]
        found.append((timeless, fitted.weights, files, said))
    assert found[0] == found[1]
    assert only_run(store).state == "finished"
