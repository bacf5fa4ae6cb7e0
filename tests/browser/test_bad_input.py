"""Damaged data and odd values: the page says what it cannot show, and shows the rest."""

import math
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, drawn
from tests.browser.made import MadeStore, curve
from tests.browser.test_run_page import card

pytestmark = pytest.mark.browser

DAMAGES = {
    "missing": None,
    "cut": lambda data: data[: len(data) // 2],
    "empty": lambda data: b"",
    "another kind": lambda data: b'runhooks.put("live",{"run":"run1"});\n',
    "no data": lambda data: b"<!doctype html><title>404</title>",
    "emptied": lambda data: data.partition(b",")[0] + b",{});\n",
}


def damage(file: Path, how: str) -> None:
    change = DAMAGES[how]
    if change is None:
        file.unlink()
    else:
        file.write_bytes(change(file.read_bytes()))


@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_charts_file_costs_its_charts_only(
    made: MadeStore, open_page: Open, problems: list[str], how: str
) -> None:
    file = made.add_run({f"m{i:02}": curve(5, i) for i in range(30)})
    damage(file.parent / "data" / "charts-1.js", how)
    page = open_page(file)
    drawn(page, "m00")
    page.get_by_label("Search charts by name").fill("m(01|29)")
    drawn(page, "m01")
    expect(card(page, "m29")).to_contain_text("This chart cannot be shown")
    problems.clear()


@pytest.mark.parametrize("how", DAMAGES)
def test_a_page_with_damaged_facts_keeps_what_the_html_says(
    made: MadeStore, open_page: Open, problems: list[str], how: str
) -> None:
    file = made.add_run({"loss": curve(20)}, config={"lr": 0.5})
    damage(file.parent / "data" / "run.js", how)
    page = open_page(file)
    expect(page.get_by_text("This page cannot show everything")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text("brisk-meadow-7")
    expect(page.locator("body")).to_contain_text("0.5")
    problems.clear()


@pytest.mark.parametrize("how", DAMAGES)
def test_a_project_with_damaged_rows_keeps_what_the_html_says(
    made: MadeStore, open_page: Open, problems: list[str], how: str
) -> None:
    made.add_run({"loss": curve(20)})
    file = made.add_project()
    damage(file.parent / "data" / "project.js", how)
    page = open_page(file)
    expect(page.get_by_text("This page cannot show everything")).to_be_visible()
    expect(page.get_by_role("link", name="brisk-meadow-7")).to_be_visible()
    problems.clear()


@pytest.mark.parametrize("how", DAMAGES)
def test_a_store_page_with_damaged_data_keeps_what_the_html_says(
    made: MadeStore, open_page: Open, problems: list[str], how: str
) -> None:
    made.add_run({"loss": curve(20)})
    file = made.add_root()
    damage(file.parent / "data" / "root.js", how)
    page = open_page(file)
    expect(page.get_by_text("This page cannot show everything")).to_be_visible()
    expect(page.get_by_role("link", name="team/digits")).to_be_visible()
    problems.clear()


def test_odd_values_have_charts_that_say_what_they_are(made: MadeStore, open_page: Open) -> None:
    nan, inf = math.nan, math.inf
    odd = {
        "huge": [1e308, -1e308, 1e308],
        "nans": [nan, nan],
        "infinities": [inf, -inf],
        "one point": [3.0],
        "tiny": [5e-324, 0.0],
        "flat": [7.0] * 9,
        "both": [1e-300, 1e300],
    }
    page = open_page(made.add_run({key: (range(len(values)), values) for key, values in odd.items()}))
    for key, values in odd.items():
        assert list(map(str, drawn(page, key)["value"])) == list(map(str, values)), key
        page.locator(f'.card[aria-label^="{key}"]').first.hover()
    expect(card(page, "nans").locator(".card-warning")).to_have_attribute(
        "title", "2 values are NaN or infinite"
    )
    page.get_by_role("button", name="Log y").click()
    expect(card(page, "huge")).to_contain_text("not on a log scale")


def sideways(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


@pytest.mark.parametrize("width", [360, 1440])
def test_names_of_two_thousand_characters_fit(made: MadeStore, open_page: Open, width: int) -> None:
    long = "x" * 2000
    spaced = " ".join(["word"] * 400)
    facts = {
        "name": long,
        "notes": spaced,
        "reason": long,
        "group": long,
        "tags": [long, spaced],
        "config": {long: long, spaced: [long]},
        "environment": {"host": long, "command": spaced, "git": {"branch": long, "commit": long}},
    }
    run = made.add_run({long: curve(5), f"{long}/{long}": curve(5)}, state="failed", **facts)
    view = {"viewport": {"width": width, "height": 800}}
    page = open_page(run, **view)
    drawn(page, long)
    assert not sideways(page)
    for tab in page.get_by_role("tab").all():
        tab.click()
        assert not sideways(page)
    page = open_page(run, java_script_enabled=False, **view)
    assert not sideways(page)
    page = open_page(made.add_project(), **view)
    expect(page.locator(".run-name").first).to_be_visible()
    assert not sideways(page)
    page = open_page(made.add_root(), **view)
    assert not sideways(page)
