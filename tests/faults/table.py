"""Write the tables of fault cases into docs/reliability.md: `python -m tests.faults.table ROWS`.

A case that was not run this time keeps its row; one that never was is said not to have been.
"""

import importlib
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
COLUMNS = ("group", "case", "n", "failures", "seed", "on", "figure")

Case = tuple[str, str]


def cases() -> Iterator[Case]:
    """Yield group and name of each case in this folder."""
    for file in sorted(Path(__file__).parent.glob("test_*.py")):
        module = importlib.import_module(f"tests.faults.{file.stem}")
        for found in vars(module).values():
            for mark in getattr(found, "pytestmark", ()):
                yield from _named(mark)


def _named(mark: Any) -> Iterator[Case]:
    if mark.name == "case":
        yield mark.args
    elif mark.name == "parametrize":
        for parameter in mark.args[1]:
            for inner in getattr(parameter, "marks", ()):
                yield from _named(inner)


def render(all_cases: Iterable[Case], rows: dict[Case, list[str]]) -> str:
    """Return the table, sorted by group, with a row for each case."""
    lines = ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    for case in sorted(set(all_cases)):
        cells = [*case, *rows.get(case, ["", "", "", "", "not run in this form yet"])]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def parse(table: str) -> dict[Case, list[str]]:
    """Return the cells of the rows that were run, by case."""
    found = {}
    for line in table.strip().splitlines()[2:]:
        group, case, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        if cells[0]:
            found[group, case] = cells
    return found


def split(page: str, form: str) -> tuple[str, str, str]:
    """Return what is before a form's table, the table, and what comes after it."""
    begin, end = f"<!-- {form} -->\n", f"<!-- end of {form} -->"
    head, _, rest = page.partition(begin)
    table, _, tail = rest.partition(end)
    return head + begin, table, end + tail


def updated(page: str, all_cases: Iterable[Case], told: Iterable[dict[str, Any]]) -> str:
    """Put rows, as ledgers tell them, into the page's tables."""
    rows, known = list(told), list(all_cases)
    for form in ("short", "long"):
        head, table, tail = split(page, form)
        new = {
            (row["group"], row["case"]): [str(row[column]) for column in COLUMNS[2:]]
            for row in rows
            if row["form"] == form
        }
        page = head + render(known, {**parse(table), **new}) + tail
    return page


def main(path: str) -> None:
    """Write the rows of a file into the page."""
    rows = [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]
    PAGE.write_text(updated(PAGE.read_text(encoding="utf-8"), cases(), rows), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
