"""`history()` in other shapes, and the dataset of a whole project."""

import math
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pytest

import runhooks
from runhooks import Api
from runhooks.errors import ArgumentError, RunNotFoundError, WaitTimeoutError
from tests.api.made import make


def logged(rows: list[dict[str, Any]], id: str = "one") -> Any:
    with runhooks.init(project="digits", id=id) as run:
        for row in rows:
            run.log(row)
    return Api().run(f"digits/{id}")


def test_arrow_and_polars_tell_what_is_missing_from_what_is_nan() -> None:
    run = logged(
        [{"a": 1.5, "b": math.nan}, {"a": 2, "word": "x"}, {"flag": True, "mixed": "t"}, {"mixed": 1}]
    )

    table = run.history(format="pyarrow")
    frame = run.history(format="polars")

    assert table.column_names == ["_step", "a", "b", "word", "flag", "mixed"]
    assert table["_step"].to_pylist() == [0, 1, 2, 3]
    assert table["a"].to_pylist() == [1.5, 2.0, None, None]
    assert math.isnan(table["b"][0].as_py())
    assert table["b"].null_count == 3
    assert table.schema.types == [
        pa.int64(),
        pa.float64(),
        pa.float64(),
        pa.string(),
        pa.bool_(),
        pa.string(),
    ]
    assert table["mixed"].to_pylist() == [None, None, '"t"', "1.0"]
    assert frame["word"].to_list() == [None, "x", None, None]
    assert isinstance(frame, pl.DataFrame)


def test_rows_are_shown_against_a_metric_or_the_time() -> None:
    run = logged([{"epoch": 0, "loss": 3}, {"loss": 2}, {"epoch": 1, "loss": 1}])

    frame = run.history(x_axis="epoch")

    assert frame.index.name == "epoch"
    assert frame.index.tolist() == [0.0, 1.0]
    assert frame["loss"].tolist() == [3.0, 1.0]
    assert list(run.history(["loss"], x_axis="epoch").columns) == ["loss"]
    assert run.history(["loss"], x_axis="epoch", format="pyarrow").column_names == ["epoch", "loss"]
    assert str(run.history(x_axis="_timestamp").index.dtype) == "datetime64[us, UTC]"
    with pytest.raises(ArgumentError, match="x_axis 'no' was not logged"):
        run.history(x_axis="no")


def test_samples_are_evenly_spaced_with_the_first_and_the_last() -> None:
    run = logged([{"a": step, **({"b": step} if step % 2 else {})} for step in range(101)])

    frame = run.history(samples=11)

    assert frame.index.tolist() == list(range(0, 101, 10))
    assert frame["a"].tolist() == list(range(0, 101, 10))
    assert run.history(["b"], samples=2)["b"].tolist() == [1.0, 99.0]
    assert len(run.history(samples=1000)) == 101
    assert len(run.history(samples=1)) == 1


def test_without_pandas_rows_are_mappings_as_in_the_other_api() -> None:
    rows = logged([{"a": 1}, {"a": 2}]).history(pandas=False)

    assert [(row["_step"], row["a"]) for row in rows] == [(0, 1.0), (1, 2.0)]


@pytest.mark.parametrize("wrong", [{"format": "csv"}, {"samples": 0}, {"samples": "5"}])
def test_other_shapes_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError):
        logged([{"a": 1}]).history(**wrong)


def test_a_dataset_has_every_run_and_says_whose_each_row_is() -> None:
    logged([{"loss": 2}, {"loss": 1, "word": "x"}], "one")
    live = runhooks.init(project="digits", id="live")
    live.log({"loss": 0.25})
    dataset = Api().history_dataset("digits")

    rows = dataset.to_table().sort_by([("run", "ascending"), ("key", "ascending"), ("step", "ascending")])
    live.finish()

    assert rows.schema.names == ["step", "time", "key", "value", "object", "run"]
    assert list(
        zip(*(rows[n].to_pylist() for n in ("run", "key", "step", "value", "object")), strict=True)
    ) == [
        ("live", "loss", 0, 0.25, None),
        ("one", "loss", 0, 2.0, None),
        ("one", "loss", 1, 1.0, None),
        ("one", "word", 1, None, '"x"'),
    ]


def test_a_dataset_answers_questions_over_many_runs(here: Path) -> None:
    api = Api("memory://dataset-test")
    for number in range(20):
        make(api.store, f"r{number}", [{"loss": number + step / 10} for step in range(5)])

    dataset = api.history_dataset("digits")
    found = duckdb.sql(
        "select run, min(value) from dataset where key = 'loss' group by run order by 2 limit 2"
    )

    assert found.fetchall() == [("r0", 0.0), ("r1", 1.0)]
    assert pl.scan_pyarrow_dataset(dataset).filter(pl.col("run") == "r7").collect()["value"].max() == 7.4
    with pytest.raises(RunNotFoundError):
        api.history_dataset("no")


def test_a_dataset_leaves_out_what_a_rewind_superseded() -> None:
    for first, last, more in ((0, 6, {}), (3, 5, {"resume": "must", "resume_step": 2})):
        with runhooks.init(project="digits", id="one", **more) as run:
            for step in range(first, last):
                run.log({"loss": step + 10 * len(more)}, step=step)
    logged([{"loss": 7}], "other")
    runhooks.init(project="digits", id="one", resume="must", resume_step=3).finish()  # and logs nothing

    table = Api().history_dataset("digits").to_table().sort_by([("run", "ascending"), ("step", "ascending")])

    assert table["run"].to_pylist() == ["one"] * 4 + ["other"]
    assert table["value"].to_pylist() == [0.0, 1.0, 2.0, 23.0, 7.0]


def test_waiting_ends_when_the_run_does() -> None:
    run = runhooks.init(project="digits", id="one")
    found = Api().run("digits/one")
    with pytest.raises(WaitTimeoutError, match="still running after"):
        found.wait_until_finished(timeout=0.1, poll_s=0.05)
    run.finish()

    assert found.wait_until_finished(timeout=60).state == "finished"


def test_what_was_sampled_of_the_machine_is_a_stream_of_its_own() -> None:
    with runhooks.init(project="digits", id="one", system_interval_s=0.1) as run:
        run.log({"a": 1})
    found = Api().run("digits/one")

    frame, table = found.history(stream="system"), found.history(stream="system", format="pyarrow")

    assert frame.index.name == "_timestamp"
    assert list(frame.columns) == list(found.system_metrics().columns) == table.column_names[1:]
    assert table["_timestamp"].type == pa.timestamp("us", tz="UTC")
    with pytest.raises(ArgumentError, match="stream"):
        found.history(stream="gpu")  # type: ignore[call-overload]
