"""The page of a project that goes on, as a reader meets it who leaves it open."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from runhooks.record.view import Heartbeat, Session
from tests.browser.conftest import Open, drawn
from tests.browser.made import MadeStore, curve
from tests.browser.sweeps import TOTAL, make_sweep
from tests.browser.test_run_page import now_us

pytestmark = pytest.mark.browser

COLUMNS = "#cols=state,step,summary.train/loss&sort=-created"


def going(made: MadeStore, steps: int, state: str = "running") -> Path:
    """Write the page of a project, of which one run has come to so many steps."""
    views = made.views["team", "digits"]
    views[:] = [view for view in views if view.id != "going"]
    beat = now_us()
    made.add_run(
        {"train/loss": curve(steps)},
        id="going",
        name="going",
        state=state,
        ended_at=None if state == "running" else beat,
        created_at=beat - 10_000_000,
        heartbeat=Heartbeat(beat, steps),
        sessions=[Session("w0", beat - 10_000_000)],
    )
    return made.add_project()


def look(page: Page) -> list[str]:
    """Have the page look, as it does for a reader who comes back to it; return which files it loads."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path.rpartition("/")[2]))
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    return asked


def row(page: Page) -> Locator:
    return page.locator(".runs tr", has=page.get_by_role("link", name="going", exact=True))


@pytest.fixture
def opened(made: MadeStore, open_page: Open) -> Page:
    make_sweep(made)
    with_it = going(made, 20)
    page = open_page(with_it, COLUMNS)
    drawn(page, "train/loss", "going")
    page.wait_for_load_state("networkidle")
    expect(row(page)).to_contain_text("running")
    return page


def test_a_look_at_a_project_where_nothing_is_new_loads_a_few_hundred_bytes(
    made: MadeStore, opened: Page
) -> None:
    with opened.expect_response(lambda answer: "pulse.js" in answer.url):
        asked = look(opened)
    opened.wait_for_load_state("networkidle")
    assert asked == ["pulse.js"]
    assert (made.root / "team" / "digits" / "data" / "pulse.js").stat().st_size < 300


def test_a_run_that_goes_on_is_followed_without_the_table(made: MadeStore, opened: Page) -> None:
    going(made, 45)
    asked = look(opened)
    expect(row(opened)).to_contain_text("44")
    opened.wait_for_function("() => window.runhooks.series('train/loss', 'going').step.length === 45")
    assert asked[:2] == ["pulse.js", "running.js"]
    assert "project.js" not in asked
    assert drawn(opened, "train/loss", "going")["value"] == list(curve(45)[1])


def test_a_new_run_and_one_that_ended_are_shown(made: MadeStore, opened: Page) -> None:
    expect(opened.locator(TOTAL)).to_have_text("25 runs")
    made.add_run({"train/loss": curve(5)}, id="late", name="late", created_at=now_us())
    going(made, 50, "finished")
    asked = look(opened)
    expect(opened.locator(TOTAL)).to_have_text("26 runs")
    expect(row(opened)).to_contain_text("finished")
    assert asked[:2] == ["pulse.js", "project.js"]
    assert "running.js" not in asked


def test_a_run_that_falls_silent_turns_to_crashed_on_an_open_page(opened: Page) -> None:
    opened.evaluate("{ const real = Date.now; Date.now = () => real() + 600_000; }")
    look(opened)
    expect(row(opened)).to_contain_text("crashed")


def test_a_page_without_its_pulse_goes_on_as_it_is(
    made: MadeStore, opened: Page, problems: list[str]
) -> None:
    (made.root / "team" / "digits" / "data" / "pulse.js").unlink()
    asked = look(opened)
    opened.wait_for_function("() => !document.querySelector('script[src*=\"pulse.js\"]')")
    expect(row(opened)).to_contain_text("running")
    assert asked == ["pulse.js"]
    problems.clear()
