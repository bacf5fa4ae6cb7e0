"""Write the table of fault cases into docs/reliability.md: `python -m tests.faults.table ROWS`."""

import json
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"


def render(rows: list[dict[str, object]]) -> str:
    """Return the table of rows, as the ledgers wrote them, in the order of their first use."""
    lines = ["| group | case | n | failures | seed | figure |", "|---|---|---|---|---|---|"]
    lines += ["| {group} | {case} | {n} | {failures} | {seed} | {figure} |".format(**row) for row in rows]
    return "\n".join(lines) + "\n"


def between(page: str, form: str, table: str) -> str:
    """Put a table between the marks of its form."""
    begin, end = f"<!-- {form} -->\n", f"<!-- end of {form} -->"
    head, _, rest = page.partition(begin)
    _, _, tail = rest.partition(end)
    return head + begin + table + end + tail


def main(path: str) -> None:
    """Write a table for each form of which there are rows."""
    found: dict[str, dict[tuple[object, object], dict[str, object]]] = {"short": {}, "long": {}}
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        found[row["form"]][row["group"], row["case"]] = row
    page = PAGE.read_text(encoding="utf-8")
    for form, rows in found.items():
        if rows:
            page = between(page, form, render([*rows.values()]))
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
