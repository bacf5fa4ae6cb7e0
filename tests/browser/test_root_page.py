"""The page of a whole store."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.made import START, MadeStore, curve

pytestmark = pytest.mark.browser


def test_projects_are_listed_latest_first_with_their_states(made: MadeStore, open_page: Open) -> None:
    for i, state in enumerate(("finished", "finished", "failed")):
        made.add_run({"loss": curve(5)}, id=f"r{i}", state=state)
    made.add_run({"loss": curve(5)}, project="newer", created_at=START + 10**12, ended_at=START + 10**12)
    made.add_project()
    made.add_project("team", "newer")
    page = open_page(made.add_root())
    rows = page.get_by_role("listitem")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("newer")
    for text in ("3 runs", "2 finished", "1 failed"):
        expect(rows.nth(1)).to_contain_text(text)
    page.get_by_label("Search projects").fill("^team/dig")
    expect(rows).to_have_count(1)
    page.get_by_role("link", name="digits").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("digits")
    page.get_by_role("link", name="All projects").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Projects")


def test_a_store_without_projects_says_so(made: MadeStore, open_page: Open) -> None:
    expect(open_page(made.add_root()).locator("body")).to_contain_text("No runs yet")
