"""The page about reliability names every case that the tests have."""

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.faults.table import PAGE, between, render


def cases() -> Iterator[tuple[str, str]]:
    """Yield group and name of each case in this folder."""
    for file in sorted(Path(__file__).parent.glob("test_*.py")):
        module = importlib.import_module(f"tests.faults.{file.stem}")
        for found in vars(module).values():
            for mark in getattr(found, "pytestmark", ()):
                yield from _named(mark)


def _named(mark: Any) -> Iterator[tuple[str, str]]:
    if mark.name == "case":
        yield mark.args
    elif mark.name == "parametrize":
        for parameter in mark.args[1]:
            for inner in getattr(parameter, "marks", ()):
                yield from _named(inner)


def test_every_case_has_its_row() -> None:
    table = (
        PAGE.read_text(encoding="utf-8").partition("<!-- short -->")[2].partition("<!-- end of short -->")[0]
    )
    rows = [tuple(cell.strip() for cell in line.split("|")[1:3]) for line in table.strip().splitlines()[2:]]
    assert len(set(rows)) == len(rows)
    assert set(rows) == set(cases())


def test_no_row_has_a_failure() -> None:
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) == 8 and cells[3].isdigit():
            assert int(cells[3]) > 0
            assert cells[4] == "0", line


def test_a_table_takes_the_place_of_the_one_before() -> None:
    row = {"group": "Disk", "case": "full", "n": 1, "failures": 0, "seed": 2, "figure": "f"}
    page = "a\n<!-- short -->\nold\n<!-- end of short -->\nb\n"
    assert between(page, "short", render([row])).splitlines()[2:4] == [
        "| group | case | n | failures | seed | figure |",
        "|---|---|---|---|---|---|",
    ]
    assert "old" not in between(page, "short", render([row]))
