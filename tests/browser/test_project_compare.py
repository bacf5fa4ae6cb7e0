"""Comparing the selected runs of a project."""

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open, drawn
from tests.browser.made import MadeStore, curve

pytestmark = pytest.mark.browser


def test_settings_results_and_code_of_two_runs_are_laid_side_by_side(
    made: MadeStore, open_page: Open
) -> None:
    for i in range(2):
        git = {"git": {"commit": "abc" * (i + 1)}, "python": "3.11.2"}
        config = {"lr": 0.1 * (i + 1), "same": "x", "<i>": "<b>markup</b>"}
        made.add_run({"loss": ([0], [1.0 - i])}, id=f"r{i}", name=f"run-{i}", config=config, environment=git)
    page = open_page(made.add_project())
    page.get_by_label("Select run-0").click()
    page.get_by_label("Select run-1").click()
    page.get_by_role("button", name="Compare", exact=True).click()
    table = page.locator(".diff-table")
    for text in ("1 of 3 differ", "lr", "0.1", "0.2", "git.commit", "abcabc"):
        expect(table).to_contain_text(text)
    expect(table).not_to_contain_text("same")
    expect(table.locator(".delta")).to_have_class("delta better")
    page.get_by_role("button", name="Only differences").click()
    expect(table).to_contain_text("<b>markup</b>")
    assert "tab=compare" in page.url


def test_the_first_step_where_curves_differ_is_told(made: MadeStore, open_page: Open) -> None:
    steps, values = curve(100)
    other = np.where(steps < 37, values, values + 0.5)
    made.add_run({"loss": (steps, values), "lr": (steps, values)}, id="r0")
    made.add_run({"loss": (steps, other), "lr": (steps, values)}, id="r1")
    page = open_page(made.add_project(), "#tab=compare&sel=r0,r1")
    expect(page.locator(".diff-curves")).to_contain_text("The first difference is at step 37, in loss.")
    page.locator(".diff-curves summary").click()
    expect(page.locator(".diff-curves")).to_contain_text("lr the same at all 100 common points")
    assert drawn(page, "loss", "r1")["value"] == list(other)


def test_one_selected_run_says_what_to_do_and_a_lost_one_is_named(
    made: MadeStore, open_page: Open, problems: list[str]
) -> None:
    made.add_run({"loss": curve(5)}, id="kept", name="kept-run")
    lost = made.add_run({"loss": curve(5)}, id="lost", name="lost-run")
    (lost.parent / "data" / "run.js").unlink()
    page = open_page(made.add_project(), "#tab=compare&sel=kept")
    expect(page.locator(".compare")).to_contain_text("Select two runs or more")
    page.get_by_label("Select lost-run").click()
    expect(page.locator(".diff-table .wrong")).to_contain_text("lost-run: runs/lost/data/run.js is missing")
    page.get_by_role("button", name="Compare without lost-run").click()
    expect(page.locator(".compare")).to_contain_text("Select two runs or more")
    problems.clear()
