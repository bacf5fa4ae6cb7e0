"""The page about reliability names every case that the tests have, and no other."""

import pytest

from tests.faults.table import PAGE, cases, parse, split, updated


def test_every_case_was_run_in_its_short_form() -> None:
    found = parse(split(PAGE.read_text(encoding="utf-8"), "short")[1])
    assert set(found) == set(cases())


def test_a_long_form_that_was_not_run_says_so() -> None:
    table = split(PAGE.read_text(encoding="utf-8"), "long")[1]
    named = {tuple(cell.strip() for cell in line.split("|")[1:3]) for line in table.splitlines()[2:]}
    assert named == set(cases())
    assert table.count("not run in this form yet") == len(named) - len(parse(table))


@pytest.mark.parametrize("form", ["short", "long"])
def test_no_row_has_a_failure(form: str) -> None:
    for case, (n, failures, *_) in parse(split(PAGE.read_text(encoding="utf-8"), form)[1]).items():
        assert int(n) > 0, case
        assert failures == "0", case


def test_a_row_takes_the_place_of_the_one_before_and_leaves_the_others() -> None:
    page = "a\n<!-- short -->\n<!-- end of short -->\nb\n<!-- long -->\n<!-- end of long -->\n"
    known = [("Disk", "full"), ("Clock", "off")]
    row = {"group": "Disk", "case": "full", "n": 1, "failures": 0, "seed": 2, "on": "2026-11-26"}
    old = updated(page, known, [{**row, "form": "short", "figure": "old"}])
    other = {**row, "group": "Clock", "case": "off"}
    new = updated(old, known, [{**other, "form": "short", "figure": "new"}])
    assert parse(split(new, "short")[1]) == {
        ("Clock", "off"): ["1", "0", "2", "2026-11-26", "new"],
        ("Disk", "full"): ["1", "0", "2", "2026-11-26", "old"],
    }
    assert parse(split(new, "long")[1]) == {}
    assert new.count("not run in this form yet") == 2
    gone = updated(new, known[:1], [])
    assert list(parse(split(gone, "short")[1])) == [("Disk", "full")]
