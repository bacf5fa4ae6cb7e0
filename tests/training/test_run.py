import copy
import math
import os
import pickle
import threading
from importlib.util import find_spec

import numpy as np
import pytest

import runhooks
from runhooks.errors import ArgumentError, RunFinishedError
from tests.programs import ended, only, rows
from tests.programs import run as program


def test_what_is_logged_is_in_the_record(tmp_path):
    with runhooks.init(project="digits", config={"lr": 0.1}) as run:
        for step in range(3):
            run.log({"loss": 1.0 / (step + 1), "train/acc": step})
    view = ended(tmp_path)
    assert (view.state, view.project, view.entity, view.config) == (
        "finished",
        "digits",
        "default",
        {"lr": 0.1},
    )
    assert view.summary == {"loss": 1 / 3, "train/acc": 2}
    assert rows(tmp_path, view) == {
        "loss": [(0, 1.0), (1, 0.5), (2, 1 / 3)],
        "train/acc": [(0, 0.0), (1, 1.0), (2, 2.0)],
    }


def test_values_of_every_kind_come_back(tmp_path):
    values = {
        "nan": math.nan,
        "inf": math.inf,
        "minus": -math.inf,
        "big": 2**70,
        "wide": 2**53 + 1,
        "yes": True,
        "none": None,
        "text": "Zürich \ud800",
        "list": [1, 2.5],
        "int64": np.int64(7),
        "float32": np.float32(0.1),
        "array": np.array([3.5]),
        "nested": {"deep": {"er": 1}},
    }
    with runhooks.init() as run:
        run.log(values)
    found = {key: pairs[0][1] for key, pairs in rows(tmp_path, ended(tmp_path)).items()}
    assert math.isnan(found.pop("nan"))
    assert found == {
        "inf": math.inf,
        "minus": -math.inf,
        "big": 2**70,
        "wide": 2**53 + 1,
        "yes": True,
        "none": None,
        "text": "Zürich \\ud800",
        "list": [1, 2.5],
        "int64": 7,
        "float32": float(np.float32(0.1)),
        "array": 3.5,
        "nested.deep.er": 1,
    }


@pytest.mark.parametrize("data", [["loss"], 3, None, "loss", {1: 2.0}, {None: 1}])
def test_what_is_no_mapping_with_string_keys_is_a_type_error(data):
    with runhooks.init() as run, pytest.raises(TypeError, match=r"log\(\) takes"):
        run.log(data)


def test_a_value_that_cannot_be_stored_is_named_once_and_kept_as_text(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("RUNHOOKS_SILENT", "0")
    with runhooks.init(quiet=True) as run:
        for _ in range(3):
            run.log({"loss": 0.5, "thing": object()})
    assert capsys.readouterr().err.count("'thing' cannot be stored") == 1
    found = rows(tmp_path, ended(tmp_path))
    assert found["thing"] == [(step, "<object object>") for step in range(3)]
    assert len(found["loss"]) == 3


class Hostile:
    def __repr__(self):
        raise RuntimeError("no")

    def __float__(self):
        raise RuntimeError("no")


def test_an_object_that_raises_whatever_is_done_with_it_does_not_raise_into_training(tmp_path):
    with runhooks.init(config={"thing": Hostile(), "lr": 1}) as run:
        run.log({"thing": Hostile(), "loss": 1.0})
    view = ended(tmp_path)
    assert view.config == {"thing": "<Hostile>", "lr": 1}
    assert rows(tmp_path, view)["thing"] == [(0, "<Hostile>")]


def test_steps_count_calls_and_may_be_given_in_any_order(tmp_path):
    with runhooks.init() as run:
        run.log({"a": 1})
        run.log({"a": 2}, commit=False)
        run.log({"b": 3})
        run.log({"a": 4}, step=100)
        run.log({"a": 5}, step=50)
        assert run.step == 101
        run.log({"a": 6})
        run.log({"a": 7}, step=np.int64(50))
        with pytest.raises(TypeError, match="step must be an integer"):
            run.log({"a": 1}, step=1.5)
    assert rows(tmp_path, ended(tmp_path)) == {
        "a": [(0, 1), (1, 2), (50, 7), (100, 4), (101, 6)],
        "b": [(1, 3)],
    }


def test_many_threads_log_at_once_and_nothing_is_lost(tmp_path):
    def work(name):
        for value in range(500):
            run.log({name: value})

    with runhooks.init() as run:
        threads = [threading.Thread(target=work, args=(f"t{n}",)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    found = rows(tmp_path, ended(tmp_path))
    assert {key: [value for _, value in pairs] for key, pairs in found.items()} == {
        f"t{n}": list(range(500)) for n in range(8)
    }
    steps = sorted(step for pairs in found.values() for step, _ in pairs)
    assert steps == list(range(4000))


def test_rows_are_whole_across_many_segments(tmp_path, monkeypatch):
    monkeypatch.setattr("runhooks.journal.SEGMENT_BYTES", 1000)
    with runhooks.init() as run:
        for value in range(2000):
            run.log({"loss": value, "pad": "x" * 20})
    view = ended(tmp_path)
    assert rows(tmp_path, view)["loss"] == [(step, step) for step in range(2000)]
    assert view.metrics["loss"].count == 2000


def test_after_the_end_logging_is_an_error_that_says_how_to_go_on():
    run = runhooks.init(id="mine")
    run.finish()
    run.finish()
    for call in (lambda: run.log({"a": 1}), lambda: run.alert("x"), lambda: run.config.update(a=1)):
        with pytest.raises(RunFinishedError, match=r"init\(id='mine', resume='must'\)"):
            call()


def test_an_exception_in_the_context_fails_the_run_and_goes_on(tmp_path):
    def work():
        with runhooks.init() as run:
            run.log({"a": 1})
            _ = 1 / 0

    with pytest.raises(ZeroDivisionError):
        work()
    view = ended(tmp_path)
    assert (view.state, view.reason) == ("failed", "ZeroDivisionError: division by zero")
    assert "in work" in view.exit["error"]["traceback"]


@pytest.mark.parametrize(
    ("arguments", "state", "reason"),
    [
        ({}, "finished", None),
        ({"exit_code": 0}, "finished", None),
        ({"exit_code": 3}, "failed", "exit code 3"),
        ({"error": ValueError("bad\nlines")}, "failed", "ValueError: bad"),
        ({"error": KeyboardInterrupt()}, "killed", "KeyboardInterrupt"),
        ({"error": SystemExit(0)}, "finished", None),
        ({"error": SystemExit("text")}, "failed", "exit code 1"),
        ({"signal": "SIGTERM"}, "killed", "SIGTERM"),
    ],
)
def test_how_a_run_ends(tmp_path, arguments, state, reason):
    run = runhooks.init()
    run.finish(**arguments)
    view = ended(tmp_path)
    assert (view.state, view.reason) == (state, reason)


def test_the_summary_is_the_last_value_until_it_is_set_and_logged_again(tmp_path):
    with runhooks.init() as run:
        run.log({"loss": 1.0, "acc": 0.5})
        run.summary["loss"] = "set"
        assert run.summary["loss"] == "set"
        assert dict(run.summary) == {"loss": "set", "acc": 0.5}
        run.log({"loss": 2.0})
        assert run.summary["loss"] == 2.0
        run.summary.update(best=3)
        del run.summary["acc"]
        with pytest.raises(KeyError):
            del run.summary["never"]
    assert ended(tmp_path).summary == {"loss": 2.0, "best": 3}


def test_define_metric_says_what_the_summary_holds(tmp_path):
    with runhooks.init() as run:
        run.define_metric("loss", summary="min,max,mean,first,last")
        run.define_metric("val/*", summary=["best"], goal="maximize")
        run.define_metric("noise", summary="none", hidden=True)
        for value in (4.0, 1.0, math.nan, 3.0):
            run.log({"loss": value, "val/acc": value, "noise": value})
        with pytest.raises(ArgumentError, match="summary 'median' is unknown"):
            run.define_metric("loss", summary="median")
        with pytest.raises(ArgumentError, match="goal must be"):
            run.define_metric("loss", goal="up")
    assert ended(tmp_path).summary == {
        "loss": {"min": 1.0, "max": 4.0, "mean": 8 / 3, "first": 4.0, "last": 3.0},
        "val/acc": {"best": 4.0},
    }


def test_an_alert_is_in_the_record_and_in_the_terminal(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("RUNHOOKS_SILENT", "0")
    with runhooks.init() as run:
        run.alert("loss is nan", "at step 3", level="WARN")
        with pytest.raises(ArgumentError, match="level must be one of"):
            run.alert("x", level="loud")
    (alert,) = ended(tmp_path).alerts
    assert (alert["title"], alert["text"], alert["level"]) == ("loss is nan", "at step 3", "warning")
    assert "runhooks: warning: loss is nan: at step 3" in capsys.readouterr().err


def test_a_disabled_run_does_nothing(tmp_path):
    with runhooks.init(mode="disabled", config={"a": 1}) as run:
        run.log({"loss": 1.0})
        run.alert("x")
        run.summary["a"] = 1
        assert run.config.a == 1
        assert dict(run.summary) == {}
        with pytest.raises(TypeError):
            run.log(3)
    assert list(tmp_path.iterdir()) == []


def test_a_copy_is_the_same_run_and_a_pickle_a_further_writer_of_it(tmp_path):
    with runhooks.init() as run:
        run.log({"a": 1})
        assert copy.deepcopy({"run": run})["run"] is run
        other = pickle.loads(pickle.dumps(run))
        other.log({"b": 2}, step=7)
        other.finish()
        run.log({"a": 3})
    view = ended(tmp_path)
    assert rows(tmp_path, view) == {"a": [(0, 1), (1, 3)], "b": [(7, 2)]}
    assert len(view.sessions) == 2


def test_a_forked_child_that_logs_is_a_further_writer(tmp_path):
    with runhooks.init() as run:
        run.log({"a": 1})
        child = os.fork()
        if child == 0:
            run.log({"child": 5}, step=3)
            run.finish()
            os._exit(0)
        os.waitpid(child, 0)
        run.log({"a": 2})
    view = ended(tmp_path)
    assert view.state == "finished"
    assert rows(tmp_path, view) == {"a": [(0, 1), (1, 2)], "child": [(3, 5)]}


def test_config_is_a_mapping_with_attributes(tmp_path):
    with runhooks.init(config={"lr": 0.1, "opt": {"name": "adam"}}) as run:
        run.config.batch = 32
        run.config["api_key"] = "do-not-tell"
        run.config.setdefaults({"lr": 5, "seed": 1})
        assert (run.config.lr, run.config["batch"], run.config.opt) == (0.1, 32, {"name": "adam"})
        with pytest.raises(ArgumentError, match=r"config 'lr' is 0\.1 and would become 0\.2"):
            run.config.update(lr=0.2)
        run.config.update({"lr": 0.2}, allow_val_change=True)
        with pytest.raises(AttributeError, match="config has no 'nothing'"):
            _ = run.config.nothing
    assert ended(tmp_path).config == {
        "lr": 0.2,
        "opt": {"name": "adam"},
        "batch": 32,
        "api_key": "[redacted]",
        "seed": 1,
    }


def test_the_state_of_a_run_that_goes_on_is_running():
    with runhooks.init() as run:
        assert run.state == "running"
    assert run.state == "finished"


def test_the_record_of_a_run_that_goes_on_can_be_read(tmp_path):
    with runhooks.init() as run:
        run.log({"loss": 2.5})
        view = only(tmp_path)
        assert (view.state, view.summary, rows(tmp_path, view)) == (
            "running",
            {"loss": 2.5},
            {"loss": [(0, 2.5)]},
        )


def test_a_huge_number_or_a_name_that_looks_packed_harms_nothing(tmp_path):
    with runhooks.init(config={"x": {"$int": "zz"}, "y": {"$float": 1}, "$dict": {"a": 1}}) as run:
        run.log({"a": 1, "huge": 10**300, "vast": 10**5000, "$float": 2, "nested": {"$int": 3}})
        run.summary["s"] = {"$float": "nan"}
    view = ended(tmp_path)
    assert view.config == {"x": {"$int": "zz"}, "y": {"$float": 1}, "$dict": {"a": 1}}
    assert view.summary == {
        "a": 1,
        "huge": 10**300,
        "vast": "<int>",
        "$float": 2,
        "nested.$int": 3,
        "s": {"$float": "nan"},
    }
    assert rows(tmp_path, view)["huge"] == [(0, 10**300)]


def test_a_step_that_no_reader_could_hold_is_an_error_at_once(tmp_path):
    with runhooks.init() as run:
        run.log({"a": 1}, step=-5)
        for step in (2**62, -(2**62), 2**63):
            with pytest.raises(ArgumentError, match="within"):
                run.log({"a": 1}, step=step)
        run.log({"a": 2})
    assert rows(tmp_path, ended(tmp_path))["a"] == [(-5, 1), (0, 2)]


def test_a_mapping_that_contains_itself_or_raises_does_not_raise_into_training(tmp_path):
    class Broken(dict):
        def keys(self):
            raise RuntimeError("no")

        def __iter__(self):
            raise RuntimeError("no")

        def items(self):
            raise RuntimeError("no")

    loop, endless = {}, []
    loop["a"] = loop
    endless.append(endless)
    with runhooks.init() as run:
        run.log(loop)
        run.log({"endless": endless})
        run.log({"outer": Broken(x=1)})
        run.log({"good": 1})
    assert rows(tmp_path, ended(tmp_path))["good"] == [(3, 1)]


class Failing:
    """Stands for a device that failed: torch on CUDA cannot be had here."""

    def ready(self):
        raise RuntimeError("device-side assert")

    def value(self):
        raise RuntimeError("device-side assert")


class Slow:
    """Stands for a scalar that a device is still computing."""

    def __init__(self, result):
        self.result, self.done = result, False

    def ready(self):
        return self.done

    def value(self):
        return self.result


def test_a_value_of_a_device_is_read_when_it_is_ready_and_a_failed_device_harms_nothing(
    tmp_path, monkeypatch
):
    slow, failing = Slow(2.5), Failing()
    monkeypatch.setattr(
        "runhooks.training.rows.defer", lambda value: value if isinstance(value, Slow | Failing) else None
    )
    with runhooks.init() as run:
        run.log({"loss": slow, "lr": 0.1})
        run.log({"lr": 0.2, "bad": failing})
        run._service(0)
        assert "loss" not in run.summary
        slow.done = True
        run._service(0)
        assert run.summary["loss"] == 2.5
    found = rows(tmp_path, ended(tmp_path))
    assert found["loss"] == [(0, 2.5)]
    assert found["bad"] == [(1, "RuntimeError: device-side assert")]


def test_a_jax_array_is_logged_whether_or_not_it_is_computed(tmp_path):
    if find_spec("jax") is None:
        pytest.skip("jax is not installed")
    # In a process of its own: jax warns at every later fork of a process that imported it.
    done = program(
        """
import jax, runhooks
with runhooks.init() as run:
    x = jax.numpy.ones((300, 300))
    for _ in range(5):
        x = x @ x / 300
        run.log({"mean": x.mean()})
""",
        tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert [value for _, value in rows(tmp_path, ended(tmp_path))["mean"]] == [1.0] * 5


def test_what_is_shown_in_the_terminal_cannot_command_it(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("RUNHOOKS_SILENT", "0")
    with runhooks.init(name="\x1b]0;owned\x07name\nrunhooks: forged") as run:
        run.log({"key\x1b[2J": "value\r\x1b[1A\u202e", "long" * 500: "x" * 5000})
        run.alert("title\nforged")
    told = capsys.readouterr().err
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert all(line.startswith("runhooks:") for line in told.splitlines())
    assert max(map(len, told.splitlines())) < 600


def test_after_the_end_the_summary_and_the_state_can_still_be_read():
    with runhooks.init(store="memory://here/runs") as run:
        run.log({"a": 1})
    assert (dict(run.summary), run.state) == ({"a": 1}, "finished")
