"""RunCallback in real training loops of transformers: a tiny GPT-2 reads the Python library's sources."""

import copy
import importlib
import inspect
import json
import logging
import math
import pickle
import signal
import subprocess
import sys
import sysconfig
import textwrap
import warnings
from pathlib import Path
from typing import Any

import pytest

import runhooks
from runhooks.errors import MissingExtraError

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
integration = importlib.import_module("runhooks.integrations.transformers")

RunCallback = integration.RunCallback
Trainer, TrainerCallback = transformers.Trainer, transformers.TrainerCallback

BLOCK = 32


@pytest.fixture(autouse=True)
def _silent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RUNHOOKS_SILENT", "1")
    monkeypatch.setenv("RUNHOOKS_SPOOL", str(tmp_path / "spool"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def callback(store: Path) -> RunCallback:
    return RunCallback(project="lm", store=store)


def sources(blocks: int) -> list[dict[str, Any]]:
    text = (Path(sysconfig.get_path("stdlib")) / "argparse.py").read_bytes()[: blocks * BLOCK]
    return [{"input_ids": block, "labels": block} for block in torch.tensor(list(text)).view(blocks, BLOCK)]


def tiny_gpt2() -> Any:
    torch.set_num_threads(1)  # more would only wait for one another
    torch.manual_seed(0)
    sizes = {"vocab_size": 256, "n_positions": BLOCK, "n_embd": 16, "n_layer": 1, "n_head": 2}
    config = transformers.GPT2Config(**sizes, bos_token_id=0, eos_token_id=0, loss_type="ForCausalLMLoss")
    return transformers.GPT2LMHeadModel(config)


def trainer_of(*callbacks: Any, kind: Any = None, model_init: Any = None, **arguments: Any) -> Any:
    defaults = {
        "output_dir": "out",
        "max_steps": 6,
        "logging_steps": 2,
        "eval_strategy": "steps",
        "eval_steps": 3,
        "save_strategy": "no",
        "per_device_train_batch_size": 4,
        "disable_tqdm": True,
        "use_cpu": True,
        "log_level": "error",
    }
    args = transformers.TrainingArguments(**(defaults | arguments))
    return (kind or Trainer)(
        model=None if model_init else tiny_gpt2(),
        model_init=model_init,
        args=args,
        train_dataset=sources(64),
        eval_dataset=sources(8),
        callbacks=list(callbacks),
    )


def record(store: Path, callback: RunCallback) -> Any:
    return runhooks.Api(store).run(f"default/lm/{callback.run_id}")


def records(store: Path) -> list[Any]:
    return list(runhooks.Api(store).runs("default/lm"))


def reported(trainer: Any) -> dict[tuple[str, int], float]:
    """Return what the Trainer says it reported, under the names that the record should have."""
    found = {}
    for row in trainer.state.log_history:
        for key, value in row.items():
            if key.startswith("eval_"):
                found["eval/" + key[5:], row["step"]] = value
            elif key == "epoch":
                found[key, row["step"]] = value
            elif key != "step":
                found["train/" + key, row["step"]] = value
    return found


def stored(run: Any) -> dict[tuple[str, int], float]:
    frame = run.history()
    ours = {f"train/{key}_per_second" for key in ("steps", "samples", "tokens")} | {"train/eta_seconds"}
    return {
        (key, step): value
        for key in frame.columns
        if key not in ours
        for step, value in frame[key].dropna().items()
    }


class At(TrainerCallback):
    """Does something in the training, after a step."""

    def __init__(self, step: int, action: Any) -> None:
        self.step, self.action = step, action

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> Any:
        return self.action(control) if state.global_step == self.step else None


def raising(error: BaseException) -> Any:
    def action(control: Any) -> None:
        raise error

    return action


# What is recorded


def test_the_record_holds_what_the_trainer_reported_number_by_number(store, callback):
    trainer = trainer_of(callback)
    trainer.train()
    assert stored(record(store, callback)) == reported(trainer)
    assert ("train/loss", 6) in reported(trainer)
    assert ("eval/loss", 3) in reported(trainer)


def test_a_run_that_ended_well_is_finished_and_says_what_was_trained(store, callback):
    trainer = trainer_of(callback, learning_rate=0.01, gradient_accumulation_steps=2)
    trainer.train()
    run = record(store, callback)
    assert run.state == "finished"
    assert run.config["args"]["learning_rate"] == 0.01
    assert run.config["total_train_batch_size"] == 8
    assert run.config["max_steps"] == 6
    assert run.config["optimizer"]["class"] == "AdamW"
    assert run.config["optimizer"]["lr"] == 0.01
    assert run.config["model"]["class"] == "GPT2LMHeadModel"
    assert run.config["model"]["config"]["n_embd"] == 16
    assert run.config["model"]["parameters"] == trainer.model.num_parameters()
    assert "transformer.wte: Embedding, 4,096" in run.config["model"]["summary"]


def test_the_metric_for_the_best_model_is_the_goal(store, callback):
    trainer_of(callback, metric_for_best_model="loss").train()
    assert record(store, callback).view.definitions["eval/loss"] == {"goal": "minimize"}


def test_speed_and_time_left_are_recorded_with_each_report(store, callback):
    trainer_of(callback, include_num_input_tokens_seen="all").train()
    history = record(store, callback).history()
    speeds = history[
        ["train/steps_per_second", "train/samples_per_second", "train/tokens_per_second"]
    ].dropna()
    assert list(speeds.index) == [2, 4, 6]
    assert (speeds > 0).all(axis=None)
    ratio = speeds["train/tokens_per_second"] / speeds["train/samples_per_second"]
    assert list(ratio) == pytest.approx([BLOCK] * 3)
    assert history["train/eta_seconds"][6] == 0


@pytest.mark.parametrize(
    ("row", "names"),
    [
        ({"loss": 1, "learning_rate": 1}, ["train/loss", "train/learning_rate"]),
        ({"epoch": 1}, ["epoch"]),
        ({"eval_loss": 1, "eval_runtime": 1, "epoch": 1}, ["eval/loss", "eval/runtime", "epoch"]),
        ({"eval/loss": 1, "train/x": 1, "test/x": 1}, ["eval/loss", "train/x", "test/x"]),
        ({"eval_code_loss": 1, "eval_code_runtime": 1}, ["eval/code_loss", "eval/code_runtime"]),
        ({"test_loss": 1, "test_runtime": 1}, ["test/loss", "test/runtime"]),
        ({"holdout_loss": 1, "holdout_runtime": 1}, ["holdout/loss", "holdout/runtime"]),
        ({"train_loss": 1, "train_runtime": 1}, ["train/train_loss", "train/train_runtime"]),
        ({"rewards/chosen": 1, "loss": 1}, ["train/rewards/chosen", "train/loss"]),
        ({"eval_rewards/chosen": 1}, ["eval/rewards/chosen"]),
    ],
)
def test_metrics_are_filed_under_the_data_they_are_about(row, names):
    assert list(integration._named(row)) == names


def test_metrics_of_several_evaluation_sets_and_of_predict_are_filed_apart(store, callback):
    trainer = trainer_of(callback, eval_strategy="no")
    trainer.train()
    trainer.evaluate({"code": sources(4), "text": sources(8)})
    trainer.evaluate(metric_key_prefix="holdout")
    predicted = trainer.predict(sources(4)).metrics
    last = record(store, callback).history().loc[6]
    by_name = {name: value for row in trainer.state.log_history for name, value in row.items()}
    assert last["eval/code_loss"] == by_name["eval_code_loss"]
    assert last["eval/text_loss"] == by_name["eval_text_loss"]
    assert last["holdout/loss"] == by_name["holdout_loss"]
    assert last["test/loss"] == predicted["test_loss"]


def test_a_loss_that_is_hidden_as_zero_is_told_by_the_gradient_norm(store, callback):
    trainer = trainer_of(callback, logging_steps=1)
    with torch.no_grad():
        trainer.model.transformer.wpe.weight.fill_(math.nan)
    trainer.train()
    run = record(store, callback)
    assert run.history()["train/loss"][1] == 0.0
    assert [alert["title"] for alert in run.alerts].count("train/grad_norm is nan") == 1
    assert "logging_nan_inf_filter" in run.alerts[0]["text"]


def test_a_callback_that_takes_from_the_shared_report_takes_nothing_from_the_record(store, callback):
    trainer = trainer_of()  # its PrinterCallback comes first and takes total_flos
    trainer.add_callback(callback)
    trainer.train()
    assert stored(record(store, callback)) == reported(trainer)


# How a run ends


def test_a_failed_evaluation_within_the_training_makes_the_run_failed(store, callback):
    trainer = trainer_of(callback)
    trainer.eval_dataset = [{"input_ids": torch.tensor([999]), "labels": torch.tensor([999])}]
    with pytest.raises(IndexError):
        trainer.train()
    assert record(store, callback).state == "failed"


def test_early_stopping_is_a_good_end(store, callback):
    def stop(control: Any) -> Any:
        control.should_training_stop = True
        return control

    trainer = trainer_of(callback, At(4, stop))
    trainer.train()
    run = record(store, callback)
    assert run.state == "finished"
    assert run.history().index.max() == 4


def script_of(store: Path, after: str = "None", **arguments: Any) -> str:
    """Return a script that trains in a process of its own and does something after its fifth step."""
    return textwrap.dedent(f"""
        import signal, sys
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        from test_transformers import At, RunCallback, trainer_of

        callback = RunCallback(project="lm", store={str(store)!r}, **{arguments!r})
        trainer_of(callback, At(5, lambda control: {after})).train()
    """)


def test_a_signal_makes_the_run_killed(store):
    started = {}
    for number in (signal.SIGINT, signal.SIGTERM):
        script = script_of(store, "print('training', flush=True) or signal.pause()", id=number.name)
        command = [sys.executable, "-c", script]
        started[number] = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
    for number, process in started.items():
        with process:
            lines = iter(process.stdout.readline, "")
            assert "training\n" in lines
            process.send_signal(number)
            said, _ = process.communicate(timeout=60)
        assert process.returncode in (-number, 128 + number), said
        run = runhooks.Api(store).run(f"default/lm/{number.name}")
        assert run.state == "killed"
        assert run.exit["signal"] == number.name


# Which run


def test_the_run_is_open_during_the_training_and_only_then(callback):
    seen = []
    trainer_of(callback, At(1, lambda control: seen.append(callback.run.id))).train()
    assert seen == [callback.run_id]
    assert callback.run is None


def test_evaluations_after_the_training_go_to_its_run(store, callback):
    trainer = trainer_of(callback, eval_strategy="no")
    trainer.train()
    trainer.evaluate()
    trainer.predict(sources(4))
    (run,) = records(store)
    assert run.state == "finished"
    assert {"eval/loss", "test/loss", "train/loss"} <= set(run.history().columns)
    assert stored(run).items() >= reported(trainer).items()


def test_an_evaluation_before_the_training_goes_to_its_run(store, callback):
    trainer = trainer_of(callback)
    before = trainer.evaluate()["eval_loss"]
    trainer.train()
    (run,) = records(store)
    assert run.history()["eval/loss"][0] == before
    assert run.config["args"]["max_steps"] == 6


def test_an_evaluation_after_a_failed_training_leaves_it_failed(store, callback):
    trainer = trainer_of(callback, At(3, raising(ValueError("no such token"))))
    with pytest.raises(ValueError, match="no such token"):
        trainer.train()
    trainer.evaluate()
    (run,) = records(store)
    assert run.state == "failed"
    assert run.exit["error"]["message"] == "no such token"


def test_folds_that_share_a_callback_do_not_mix(store, callback):
    for _ in range(2):
        trainer = trainer_of(callback, eval_strategy="no")
        trainer.evaluate()
        trainer.train()
    assert len(records(store)) == 2
    assert all(set(run.history()["eval/loss"].dropna().index) == {0} for run in records(store))


def test_a_smaller_batch_after_out_of_memory_is_the_same_run(store, callback):
    class Greedy(Trainer):
        def training_step(self, model: Any, inputs: Any, *rest: Any) -> Any:
            if len(inputs["input_ids"]) > 4 and self.state.global_step == 2:
                raise torch.OutOfMemoryError("CUDA out of memory.")
            return super().training_step(model, inputs, *rest)

    trainer_of(callback, kind=Greedy, auto_find_batch_size=True, per_device_train_batch_size=6).train()
    (run,) = records(store)
    assert run.state == "finished"
    assert run.config["total_train_batch_size"] == 4
    assert {alert["title"] for alert in run.alerts} == {"Training began again"}
    assert "batch size is 4 now" in run.alerts[-1]["text"]
    assert run.history().index.max() == 6


@pytest.mark.parametrize("restore", [False, True])
def test_training_from_a_checkpoint_goes_on_with_its_run(store, callback, restore):
    saving = {"save_strategy": "steps", "save_steps": 4}
    with pytest.raises(ValueError, match="power cut"):
        trainer_of(callback, At(5, raising(ValueError("power cut"))), **saving).train()
    saved = json.loads(Path("out/checkpoint-4/trainer_state.json").read_text())
    assert saved["stateful_callbacks"]["RunCallback"]["attributes"] == {"run_id": callback.run_id}

    again = RunCallback(project="lm", store=store)
    trainer = trainer_of(again, restore_callback_states_from_checkpoint=restore, **saving)
    trainer.train(resume_from_checkpoint=True)
    assert again.run_id == callback.run_id
    (run,) = records(store)
    assert run.state == "finished"
    assert stored(run) == reported(trainer)
    trainer.evaluate()
    assert len(records(store)) == 1


def test_each_trial_of_a_search_is_a_run_and_a_pruned_one_has_not_failed(store, callback):
    optuna = pytest.importorskip("optuna")
    optuna.logging.set_verbosity(optuna.logging.ERROR)

    class PruneSecond(optuna.pruners.BasePruner):
        def prune(self, study: Any, trial: Any) -> bool:
            return trial.number == 1

    trainer = trainer_of(callback, model_init=tiny_gpt2)
    trainer.hyperparameter_search(
        hp_space=lambda trial: {"learning_rate": trial.suggest_float("learning_rate", 1e-4, 1e-2)},
        hp_name=lambda trial: f"trial-{trial.number}",
        n_trials=3,
        backend="optuna",
        pruner=PruneSecond(),
    )
    runs = sorted(records(store), key=lambda run: run.name)
    assert [run.name for run in runs] == ["trial-0", "trial-1", "trial-2"]
    assert [run.state for run in runs] == ["finished"] * 3
    assert [[alert["title"] for alert in run.alerts] for run in runs] == [[], ["Trial pruned"], []]
    rates = [run.config["trial"]["learning_rate"] for run in runs]
    assert len(set(rates)) == 3
    assert rates == [run.config["args"]["learning_rate"] for run in runs]


def test_report_to_runhooks_is_enough(store, monkeypatch):
    monkeypatch.setenv("RUNHOOKS_STORE", str(store))
    monkeypatch.setenv("RUNHOOKS_PROJECT", "lm")
    monkeypatch.setenv("RUNHOOKS_ID", "by-variable")
    trainer = trainer_of(report_to="runhooks", run_name="first try")
    trainer.train()
    (run,) = records(store)
    assert (run.id, run.name, run.state) == ("by-variable", "first try", "finished")
    assert stored(run) == reported(trainer)


def test_a_bare_callback_joins_the_run_of_the_script_and_leaves_it_open(store):
    with runhooks.init(project="lm", store=store) as run:
        trainer = trainer_of(report_to="runhooks")
        trainer.train()
        assert not run.finished
    (kept,) = records(store)
    assert kept.id == run.id
    assert stored(kept) == reported(trainer)


def test_a_given_run_takes_all_trainings_and_stays_open(store):
    with runhooks.init(project="lm", store=store) as run:
        callback = RunCallback(run=run)
        for _ in range(2):
            trainer_of(callback).train()
        with pytest.raises(ValueError, match="no such token"):
            trainer_of(callback, At(1, raising(ValueError("no such token")))).train()
        assert not run.finished
        run.log({"after": 1.0})
    (kept,) = records(store)
    assert kept.state == "finished"


def test_a_run_of_the_user_beside_the_callbacks_own_stays_open(store, callback):
    with runhooks.init(project="other", store=store) as run:
        trainer_of(callback).train()
        assert not run.finished
    assert [kept.id for kept in records(store)] == [callback.run_id]


@pytest.mark.slow
def test_two_ranks_are_one_run_and_stop_at_the_same_step_when_it_is_asked_to(store, tmp_path):
    script = tmp_path / "train.py"
    script.write_text(
        textwrap.dedent(f"""
            import sys, time
            sys.path.insert(0, {str(Path(__file__).parent)!r})
            import runhooks
            from test_transformers import At, RunCallback, trainer_of

            def ask(control):
                if callback.run is not None:
                    runhooks.Api({str(store)!r}).run(callback.run.path).stop()

            callback = RunCallback(project="lm", store={str(store)!r}, id="both")
            trainer = trainer_of(callback, At(5, ask), max_steps=100_000, eval_strategy="no")
            trainer.train()
            print("ended at", trainer.state.global_step, flush=True)
        """)
    )
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    done = subprocess.run([*launcher, str(script)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    ends = [line for line in done.stdout.splitlines() if line.startswith("ended at")]
    assert len(ends) == 2
    assert len(set(ends)) == 1
    (run,) = records(store)
    assert (run.id, run.state, run.view.stop["signals"]) == ("both", "killed", [])
    assert run.config["total_train_batch_size"] == 8
    assert run.history()["train/loss"].dropna().index[0] == 2


# Faults of the tracker


def test_a_run_that_cannot_be_opened_does_not_end_the_training(store):
    runhooks.init(project="lm", store=store, id="taken").finish()
    callback = RunCallback(project="lm", store=store, id="taken")
    with pytest.warns(RuntimeWarning, match="exists already") as said:
        assert trainer_of(callback).train().global_step == 6
    assert len([one for one in said if one.category is RuntimeWarning]) == 1
    assert len(records(store)) == 1


def test_a_store_that_cannot_be_written_does_not_end_the_training(tmp_path):
    (tmp_path / "file").write_text("no folder")
    callback = RunCallback(project="lm", store=tmp_path / "file" / "store")
    assert trainer_of(callback).train().global_step == 6


def test_a_model_that_cannot_be_described_is_trained_and_recorded(store, callback):
    trainer = trainer_of(callback)

    def to_dict() -> None:
        raise RecursionError("config of config of config")

    trainer.model.config.to_dict = to_dict
    with pytest.warns(RuntimeWarning, match="config of config"):
        trainer.train()
    run = record(store, callback)
    assert run.state == "finished"
    assert "optimizer" in run.config
    assert stored(run) == reported(trainer)


# The framework stays as it was


def test_the_trainers_methods_keep_their_signature_and_are_wrapped_once():
    for name in ("train", "evaluate", "predict"):
        method = getattr(Trainer, name)
        assert inspect.signature(method) == inspect.signature(method.__wrapped__)
        assert method.__doc__ == method.__wrapped__.__doc__
        assert not hasattr(method.__wrapped__, "__wrapped__")


def test_importing_the_module_again_wraps_nothing_twice(monkeypatch):
    monkeypatch.setitem(integration.INTEGRATION_TO_CALLBACK, "runhooks", RunCallback)
    for name in ("train", "evaluate", "predict"):
        monkeypatch.setattr(Trainer, name, getattr(Trainer, name))
    before = Trainer.train
    integration.__spec__.loader.exec_module(importlib.util.module_from_spec(integration.__spec__))
    assert Trainer.train is not before
    assert Trainer.train.__wrapped__ is before.__wrapped__


def test_without_transformers_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers.trainer_callback", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'runhooks\[transformers\]'"):
        integration.__spec__.loader.exec_module(importlib.util.module_from_spec(integration.__spec__))


def test_subclasses_that_override_train_and_evaluate_work_as_before(store, callback):
    class Twice(Trainer):
        def train(self, *args: Any, **kwargs: Any) -> Any:
            super().train(*args, **kwargs)
            return super().train(*args, **kwargs)

        def evaluate(self, *args: Any, **kwargs: Any) -> Any:
            return {**super().evaluate(*args, **kwargs), "eval_more": 1.0}

    trainer = trainer_of(callback, kind=Twice)
    assert trainer.train(None).global_step == 6
    assert trainer.evaluate()["eval_more"] == 1.0
    assert [run.state for run in records(store)] == ["finished", "finished"]


def test_a_trainer_whose_train_is_its_own_is_recorded_too(store, callback):
    class Own(Trainer):
        def train(self) -> Any:
            state, control = self.state, self.control
            state.is_world_process_zero, state.max_steps = True, 1
            self.callback_handler.on_train_begin(self.args, state, control)
            state.global_step = 1
            self.log({"loss": 1.5})
            self.callback_handler.on_train_end(self.args, state, control)

        def evaluate(self) -> None:
            self.log({"eval_loss": 2.5})

    trainer = trainer_of(callback, kind=Own)
    trainer.train()
    trainer.evaluate()
    run = record(store, callback)
    assert run.state == "finished"
    assert run.history().loc[1, ["train/loss", "eval/loss"]].tolist() == [1.5, 2.5]


def test_a_tracked_training_adds_no_warning(callback, caplog):
    with warnings.catch_warnings(record=True) as tracked:
        warnings.simplefilter("always")
        trainer_of(callback).train()
    with warnings.catch_warnings(record=True) as plain:
        warnings.simplefilter("always")
        trainer_of().train()
    assert [str(one.message) for one in tracked] == [str(one.message) for one in plain]
    assert not [one for one in caplog.records if one.levelno >= logging.WARNING]


# Copies


def test_a_pickled_callback_keeps_its_id_and_a_copied_one_gets_its_own(store, callback):
    sent = pickle.loads(pickle.dumps(callback))
    copied = copy.deepcopy(callback)
    assert sent.run_id == callback.run_id
    assert copied.run_id != callback.run_id
    for one in (sent, copied):
        trainer_of(one).train()
        assert record(store, one).state == "finished"


def test_a_callback_is_copied_and_pickled_in_mid_training(store, callback):
    seen: list[RunCallback] = []

    def duplicate(control: Any) -> None:
        seen.extend([copy.deepcopy(callback), pickle.loads(pickle.dumps(callback))])

    trainer_of(callback, At(3, duplicate)).train()
    assert [one.run for one in seen] == [None, None]
    assert record(store, callback).state == "finished"


def test_a_given_run_is_shared_by_copies(store):
    with runhooks.init(project="lm", store=store) as run:
        callback = RunCallback(run=run)
        assert copy.deepcopy(callback).run is run
        trainer_of(pickle.loads(pickle.dumps(callback))).train()
        assert not run.finished
    (kept,) = records(store)
    assert kept.history()["train/loss"].dropna().index.tolist() == [2, 4, 6]
