"""`runhooks export` of data: read back by other programs."""

import csv
import math
import zipfile
from pathlib import Path

import polars as pl
import pytest

from runhooks import Api
from runhooks.site.build import build_run
from tests.api.made import make
from tests.cli.conftest import Command

ROWS = [
    {"loss": 0.1, "word": "=1+1"}, {"loss": math.nan}, {"loss": 1 / 3, "big": 2**60 + 1}, {"+x": -1e-300},
]  # fmt: skip


@pytest.fixture
def api(here: Path) -> Api:
    api = Api()
    make(api.store, "one", ROWS)
    build_run(api.store, "default/digits/runs/one")
    return api


def test_parquet_has_every_value(command: Command, api: Api, here: Path) -> None:
    done = command("export", "digits/one", "--parquet", "one.parquet", "--json")

    frame = pl.read_parquet(here / "one.parquet")
    size = (here / "one.parquet").stat().st_size
    told = {"path": "default/digits/one", "file": "one.parquet", "bytes": size, "rows": 4}
    assert done.json == {"exported": [told]}
    assert frame["_step"].to_list() == [0, 1, 2, 3]
    assert frame["loss"].to_list()[2] == 1 / 3
    assert math.isnan(frame["loss"].to_list()[1])
    assert frame["+x"].to_list() == [None, None, None, -1e-300]


def test_csv_has_every_digit_and_no_formula(command: Command, api: Api, here: Path) -> None:
    command("export", "digits/one", "--csv", "one.csv")

    with (here / "one.csv").open(newline="") as file:
        titles, *rows = csv.reader(file)
    assert titles == ["_step", "loss", "word", "big", "'+x"]
    assert [row[1] for row in rows] == ["0.1", "nan", repr(1 / 3), ""]
    assert (rows[0][2], rows[2][3], rows[3][4]) == ("'=1+1", str(2**60 + 1), "-1e-300")


def test_a_zip_is_a_store_of_its_own(command: Command, api: Api, here: Path) -> None:
    command("export", "digits/one", "--zip", "one.zip")
    with zipfile.ZipFile(here / "one.zip") as packed:
        packed.extractall(here / "out")

    assert Api("out").run("digits/one").history()["loss"].tolist()[2] == 1 / 3
    assert (here / "out/default/digits/runs/one/index.html").exists()
    assert list((here / "out/assets").glob("*/run.js"))


def test_what_cannot_be_written_leaves_nothing(command: Command, api: Api, here: Path) -> None:
    assert command("export", "digits/one").code == 2
    assert command("export", "digits/one", "--csv", "a.csv", "--zip", "a.zip").code == 2
    assert command("export", "digits/one", "--csv", "no/a.csv").code == 2
    assert command("export", "digits/none", "--csv", "a.csv").code == 2
    assert sorted(path.name for path in here.iterdir()) == ["runs"]


def test_runs_are_picked_by_regex_and_filter_and_each_becomes_a_file(
    command: Command, api: Api, here: Path
) -> None:
    for number, loss in enumerate((0.1, 0.2, 0.3)):
        make(api.store, f"base-{number}", [{"loss": loss}], at=number)

    done = command(
        "export", "digits", "--regex", "^base", "--filter", "summary.loss<0.25", "--csv", "out", "--json"
    )
    named = command("export", "digits/base-2", "digits/one", "--parquet", "named")

    assert [one["path"] for one in done.json["exported"]] == [
        "default/digits/base-1",
        "default/digits/base-0",
    ]
    assert sorted(path.name for path in (here / "out").iterdir()) == ["base-0.csv", "base-1.csv"]
    assert (here / "out/base-1.csv").read_text() == "_step,loss\n0,0.2\n"
    assert (named.code, sorted(path.name for path in (here / "named").iterdir())) == (
        0,
        ["base-2.parquet", "one.parquet"],
    )
    assert command("export", "digits", "--regex", "zz", "--csv", "none").out == "no runs to export\n"
    (here / "file").touch()
    assert "and file is a file" in command("export", "digits", "--regex", "b", "--csv", "file").err
    assert command("export", "digits", "--regex", "[", "--csv", "out").code == 2
