"""Real studies of Optuna, and what the record says of their trials."""

import math
import threading
from pathlib import Path
from typing import Any

import pytest

import runhooks
from runhooks.errors import ArgumentError

optuna = pytest.importorskip("optuna")

from runhooks.integrations.optuna import RunCallback  # noqa: E402

optuna.logging.set_verbosity(optuna.logging.ERROR)


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUNHOOKS_SILENT", "1")
    monkeypatch.setenv("RUNHOOKS_STORE", str(tmp_path / "runs"))
    monkeypatch.setenv("RUNHOOKS_PROJECT", "digits")
    return tmp_path / "runs"


def study_of(**options: Any) -> Any:
    return optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1), **options)


def runs(store: Path) -> list[Any]:
    found = runhooks.Api(store).runs("default/digits") if store.exists() else []
    return sorted(found, key=lambda run: run.name)


def test_each_trial_is_a_run_of_the_studys_group_with_its_parameters_and_value(store: Path) -> None:
    def objective(trial: Any) -> float:
        lr = trial.suggest_float("lr", 1e-4, 1e-1, log=True)
        return lr * trial.suggest_int("layers", 1, 3) + len(trial.suggest_categorical("kind", ["a", "b"]))

    study = study_of(study_name="sweep", direction="maximize")
    study.optimize(RunCallback(tags=["mine"]).track(objective), n_trials=2)

    assert [run.name for run in runs(store)] == ["trial-0", "trial-1"]
    for run, trial in zip(runs(store), study.trials, strict=True):
        assert (run.state, run.group, run.tags) == ("finished", "sweep", ["mine"])
        assert {name: run.config[name] for name in trial.params} == trial.params
        assert run.config["optuna"] == {"study": "sweep", "trial": trial.number}
        assert run.summary["objective"] == trial.value
        assert run.summary["trial_state"] == "complete"
        assert run.view.definitions["objective"] == {"goal": "maximize"}
        assert trial.user_attrs["runhooks"] == run.path


def test_the_ends_of_trials_are_told_apart(store: Path) -> None:
    def objective(trial: Any) -> Any:
        for step in range(3):
            trial.report(step / 10, step)
            if trial.number == 1 and step == 1:
                raise optuna.TrialPruned("no better than the others")
        if trial.number == 2:
            raise ValueError("no such digit")
        return math.nan if trial.number == 3 else 1.0

    study = study_of()
    study.optimize(RunCallback().track(objective), n_trials=4, catch=(ValueError,))

    complete, pruned, failed, unusable = runs(store)
    assert [run.state for run in runs(store)] == ["finished", "finished", "failed", "failed"]
    states = ["complete", "pruned", "failed", "failed"]
    assert [run.summary["trial_state"] for run in runs(store)] == states
    assert complete.history()["objective"].tolist() == [0.0, 0.1, 0.2]
    assert complete.summary["objective"] == 1.0
    assert pruned.history()["objective"].tolist() == [0.0, 0.1]
    assert [(alert["title"], alert["text"]) for alert in pruned.alerts] == [
        ("Trial pruned", "no better than the others")
    ]
    assert failed.exit["error"]["message"] == "no such digit"
    assert "Optuna does not take the value" in [alert["title"] for alert in unusable.alerts]


def test_an_error_that_ends_the_study_fails_the_trial_and_ctrl_c_kills_it(store: Path) -> None:
    def objective(trial: Any) -> float:
        raise KeyboardInterrupt if trial.number else ValueError("no such digit")

    study = study_of()
    with pytest.raises(ValueError, match="no such digit"):
        study.optimize(RunCallback().track(objective), n_trials=1)
    with pytest.raises(KeyboardInterrupt):
        study.optimize(RunCallback().track(objective), n_trials=1)
    assert [run.state for run in runs(store)] == ["failed", "killed"]


def test_trials_in_threads_do_not_mix(store: Path) -> None:
    together = threading.Barrier(3, timeout=60)
    callback = RunCallback()

    @callback.track
    def objective(trial: Any) -> float:
        together.wait()  # all three are open now
        assert callback.run is not None
        callback.run.log({"number": trial.number})
        together.wait()
        return float(trial.number)

    study_of().optimize(objective, n_trials=3, n_jobs=3)
    assert [run.history()["number"].tolist() for run in runs(store)] == [[0], [1], [2]]
    assert [run.summary["objective"] for run in runs(store)] == [0.0, 1.0, 2.0]
    assert callback.run is None


def test_callbacks_of_other_frameworks_record_into_the_trial_that_they_are_in(store: Path) -> None:
    driver = pytest.importorskip("tests.frameworks.drivers.lightgbm")

    def objective(trial: Any) -> float:
        return float(driver.fit(driver.callback()).reported["held_out/binary_logloss"][5])

    study = study_of()
    study.optimize(RunCallback().track(objective), n_trials=2, n_jobs=2)
    for run, trial in zip(runs(store), study.trials, strict=True):
        assert run.state == "finished"
        assert run.history()["held_out/binary_logloss"].iloc[5] == trial.value
        assert run.config["lightgbm"]["num_boost_round"] == 6


@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
def test_several_values_are_named_and_have_their_directions(store: Path) -> None:
    study = study_of(directions=["minimize", "maximize"])
    study.optimize(RunCallback().track(lambda trial: (0.25, 0.75)), n_trials=1)
    study = study_of(directions=["minimize", "maximize"])
    study.set_metric_names(["loss", "accuracy"])
    study.optimize(RunCallback().track(lambda trial: (0.25, 0.75)), n_trials=1)
    numbered, named = sorted(runs(store), key=lambda run: run.created_at)
    assert (numbered.summary["objective/0"], numbered.summary["objective/1"]) == (0.25, 0.75)
    assert (named.summary["loss"], named.summary["accuracy"]) == (0.25, 0.75)
    assert named.view.definitions == {"loss": {"goal": "minimize"}, "accuracy": {"goal": "maximize"}}


def test_a_study_that_asks_and_tells_is_recorded(store: Path) -> None:
    callback, study = RunCallback(), study_of()
    trial = study.ask()
    with callback.trial(trial) as recorded:
        value = trial.suggest_float("lr", 0, 1)
        recorded.take(value)
    study.tell(trial, value)
    (run,) = runs(store)
    assert (run.state, run.config["lr"], run.summary["objective"]) == ("finished", value, value)


def test_as_a_callback_of_optunas_it_records_trials_after_their_end(store: Path) -> None:
    callback, study = RunCallback(), study_of()

    def objective(trial: Any) -> float:
        trial.report(0.5, 3)
        return trial.suggest_float("lr", 0, 1) if trial.number else math.nan

    study.optimize(objective, n_trials=2, callbacks=[callback])
    study.optimize(callback.track(objective), n_trials=1, callbacks=[callback])  # once, not twice
    _, complete, _ = runs(store)
    assert [run.state for run in runs(store)] == ["failed", "finished", "finished"]
    assert complete.history()["objective"].to_dict() == {3: 0.5}
    assert complete.summary["objective"] == complete.config["lr"] == study.trials[1].value
    assert [run.config["optuna"]["trial"] for run in runs(store)] == [0, 1, 2]


def test_a_request_to_stop_a_trial_prunes_it(store: Path) -> None:
    callback = RunCallback()

    def objective(trial: Any) -> float:
        assert callback.run is not None
        runhooks.Api().run(callback.run.path).stop()
        step = 0
        while not trial.should_prune():
            trial.report(0.0, step)
            step += 1
        raise optuna.TrialPruned

    study_of().optimize(callback.track(objective), n_trials=1)
    (run,) = runs(store)
    assert run.state == "killed"
    assert run.reason.startswith("stop requested by ")
    assert run.view.stop["signals"] == []


def test_a_tracker_that_fails_ends_no_study(tmp_path: Path) -> None:
    runhooks.init(id="taken").finish()
    study = study_of()
    with pytest.warns(RuntimeWarning, match="taken") as said:
        study.optimize(RunCallback(id="taken").track(lambda trial: 1.0), n_trials=2)
    assert [trial.value for trial in study.trials] == [1.0, 1.0]
    assert len([one for one in said if one.category is RuntimeWarning]) == 1


def test_a_wrong_argument_is_refused_at_once() -> None:
    with pytest.raises(ArgumentError, match="projet"):
        RunCallback(projet="digits")
