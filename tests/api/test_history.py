"""What `history()` and `scan_history()` give: every value as it was logged, whatever became of the run."""

import math
import os
import random
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
import pytest

import runhooks
from runhooks import Api
from runhooks.errors import ArgumentError, MissingExtraError, RecordError, RunNotFoundError
from tests.programs import environment, start, wait_until

EXTREME = [0.1, -0.0, 5e-324, 1.7976931348623157e308, math.pi, 1 / 3, 2.0**53, math.nan, math.inf, -math.inf]


def logged(rows: list[dict[str, Any]], **arguments: Any) -> runhooks.Run:
    """Log rows; a row's ``step`` is its step."""
    with runhooks.init(project="digits", **arguments) as run:
        for row in rows:
            step = row.pop("step", None)
            run.log(row, step=step)
    return run


def read(id: str, keys: list[str] | None = None) -> pd.DataFrame:
    return Api().run(f"digits/{id}").history(keys)


def bits(column: Any) -> list[int]:
    return np.asarray(column, np.float64).view(np.int64).tolist()


def test_numbers_come_back_bit_by_bit() -> None:
    random.seed(7)
    values = [*EXTREME, *(random.uniform(-1, 1) * 10.0 ** random.randint(-300, 300) for _ in range(500))]
    run = logged([{"loss": value} for value in values])

    assert bits(read(run.id)["loss"]) == bits(values)


def test_the_frame_has_a_row_a_step_and_a_float_column_a_metric_in_the_order_of_first_logging() -> None:
    run = logged([{"zeta": 1, "alpha": 2.5}, {"alpha": 3.5, "beta/x": 4}])

    frame = read(run.id)

    assert list(frame.columns) == ["zeta", "alpha", "beta/x"]
    assert frame.index.name == "step"
    assert frame.index.dtype == np.int64
    assert frame.index.tolist() == [0, 1]
    assert set(frame.dtypes) == {np.dtype(np.float64)}
    assert frame["zeta"].isna().tolist() == [False, True]
    assert frame["beta/x"].tolist()[1] == 4.0


def test_steps_in_any_order_are_ascending_and_the_last_value_of_a_step_counts() -> None:
    run = logged([{"step": 5, "x": 1}, {"step": 2, "x": 2}, {"step": 5, "x": 3}, {"step": 2, "y": 9}])

    frame = read(run.id)

    assert frame.index.tolist() == [2, 5]
    assert frame["x"].tolist() == [2.0, 3.0]
    assert frame["y"].tolist()[0] == 9.0


def test_texts_bools_none_lists_and_large_integers_are_python_objects() -> None:
    values = ["a", True, None, [1, 2], 2**60 + 1, 2**200, 0.5]
    run = logged([{"mixed": value, "x": 1.0} for value in values] + [{"x": 2.0}])

    frame = read(run.id)

    assert list(frame.columns) == ["mixed", "x"]
    assert frame["mixed"].dtype == object
    assert frame["mixed"].tolist()[:-1] == values
    assert [type(value) for value in frame["mixed"].tolist()[:-1]] == [type(value) for value in values]
    assert math.isnan(frame["mixed"].tolist()[-1])
    assert frame["x"].dtype == np.float64


def test_a_metric_of_texts_only_stays_a_column_of_objects() -> None:
    run = logged([{"phase": "warm"}, {"phase": "hot"}])

    frame = read(run.id)

    assert frame["phase"].dtype == object
    assert frame["phase"].tolist() == ["warm", "hot"]


def test_asked_for_keys_come_in_their_order_with_only_their_steps() -> None:
    run = logged([{"a": 1, "b": 2}, {"c": 3}, {"b": 4}])

    frame = read(run.id, ["b", "a", "b"])

    assert list(frame.columns) == ["b", "a"]
    assert frame.index.tolist() == [0, 2]


def test_a_metric_that_was_not_logged_is_an_empty_column() -> None:
    run = logged([{"a": 1}])

    assert read(run.id, ["a", "no"])["no"].isna().tolist() == [True]
    assert read(run.id, ["no"]).shape == (0, 1)
    assert read(run.id, []).shape == (0, 0)


def test_a_run_without_metrics_has_an_empty_frame() -> None:
    frame = read(logged([]).id)

    assert frame.shape == (0, 0)
    assert frame.index.name == "step"
    assert frame.index.dtype == np.int64


@pytest.mark.parametrize("keys", ["loss", [1], [b"loss"]])
def test_keys_that_are_no_list_of_texts_are_refused_at_once(keys: Any) -> None:
    run = logged([{"loss": 1}])

    with pytest.raises(ArgumentError, match="keys must be a list of metrics"):
        Api().run(f"digits/{run.id}").history(keys)


def test_a_running_run_reads_like_the_same_run_when_it_has_finished() -> None:
    run = runhooks.init(project="digits", id="live")
    for step in range(300):
        run.log({"loss": 1 / (step + 1), "word": "x"} if step % 7 else {"loss": step})
    during = Api().run("digits/live")
    frame, state = during.history(), during.state
    run.finish()

    assert state == "running"
    assert len(frame) == 300
    pd.testing.assert_frame_equal(read("live"), frame, check_exact=True)


CRASHING = """
import os, sys, time
import runhooks
run = runhooks.init(project="digits", id="gone")
for step in range(500):
    run.log({"loss": 1 / (step + 1), "odd": step % 2 == 1})
print("logged", flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("recorder_too", [False, True], ids=["process", "process-and-recorder"])
def test_a_killed_process_leaves_its_whole_history(here: Path, recorder_too: bool) -> None:
    with start(CRASHING, here) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "logged\n"
        recorders = psutil.Process(process.pid).children()
        for recorder in recorders if recorder_too else ():
            os.kill(recorder.pid, signal.SIGKILL)
        process.kill()
    run = Api().run("digits/gone")
    if not recorder_too:
        wait_until(lambda: run.reload().state == "crashed")

    assert bits(run.history(["loss"])["loss"]) == bits([1 / (step + 1) for step in range(500)])
    assert run.history()["odd"].tolist() == [step % 2 == 1 for step in range(500)]


def test_a_resumed_run_has_the_steps_of_all_its_sessions() -> None:
    logged([{"x": 1}, {"x": 2}], id="again")
    logged([{"x": 3, "y": 1}], id="again", resume="must")

    frame = read("again")

    assert frame.index.tolist() == [0, 1, 2]
    assert frame["x"].tolist() == [1, 2, 3]
    assert list(frame.columns) == ["x", "y"]


def test_scan_history_yields_a_mapping_a_step_with_what_was_logged_at_it() -> None:
    before = datetime.now(UTC)
    run = logged([{"step": 3, "a": 1.5, "b": "x"}, {"step": 1, "a": math.nan}, {"step": 9, "c": None}])
    after = datetime.now(UTC)

    rows = list(Api().run(f"digits/{run.id}").scan_history())

    assert [row["_step"] for row in rows] == [1, 3, 9]
    assert all(before <= row.pop("_time") <= after for row in rows)
    assert math.isnan(rows[0].pop("a"))
    assert rows == [{"_step": 1}, {"_step": 3, "a": 1.5, "b": "x"}, {"_step": 9, "c": None}]


def test_scan_history_agrees_with_history_over_many_steps() -> None:
    run = logged([{"a": step} if step % 3 else {"b": step} for step in range(10_000)])

    rows = list(Api().run(f"digits/{run.id}").scan_history(["b"]))
    frame = read(run.id, ["b"])

    assert [(row["_step"], row["b"]) for row in rows] == list(zip(frame.index, frame["b"], strict=True))


WITHOUT_PANDAS = """
import sys

class NoPandas:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "pandas":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, NoPandas())
import runhooks
run = runhooks.Api().run("digits/one")
print([row["x"] for row in run.scan_history()], run.summary)
try:
    run.history()
except ImportError as error:
    print(type(error).__name__, error)
"""


def test_without_pandas_everything_but_history_works_and_history_names_the_extra(here: Path) -> None:
    logged([{"x": 1}, {"x": 2}], id="one")

    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_PANDAS], cwd=here, env=environment(), capture_output=True, text=True
    )

    assert done.stdout.splitlines()[0] == "[1.0, 2.0] {'x': 2}", done.stderr
    assert done.stdout.splitlines()[1].startswith(MissingExtraError.__name__)
    assert "pip install 'runhooks[pandas]'" in done.stdout


def test_a_damaged_part_is_an_error_that_names_it(here: Path) -> None:
    logged([{"x": 1}], id="one")
    (part,) = (here / "runs/default/digits/runs/one/history").glob("*.parquet")
    part.write_bytes(b"PAR1 no more")

    with pytest.raises(RecordError, match=part.name):
        read("one")


def test_the_history_of_no_run_is_an_error_and_not_an_empty_frame() -> None:
    logged([{"x": 1}], id="one")

    with pytest.raises(RunNotFoundError, match="default/digits/one"):
        Api().run("digits/onne").history()
    with pytest.raises(RunNotFoundError):
        Api().run("digits/onne").scan_history()
