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
    assert list((here / "out/assets").glob("*/app.js"))


def test_what_cannot_be_written_leaves_nothing(command: Command, api: Api, here: Path) -> None:
    assert command("export", "digits/one").code == 2
    assert command("export", "digits/one", "--csv", "a.csv", "--zip", "a.zip").code == 2
    assert command("export", "digits/one", "--csv", "no/a.csv").code == 2
    assert command("export", "digits/none", "--csv", "a.csv").code == 2
    assert sorted(path.name for path in here.iterdir()) == ["runs"]
