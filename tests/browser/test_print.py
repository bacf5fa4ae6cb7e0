"""Pages on paper: light, without controls, no wider than a sheet, and with their charts."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, drawn
from tests.browser.made import MadeStore, curve, run_of, twenty
from tests.browser.states import STATES
from tests.browser.sweeps import facts_of
from tests.browser.test_look import CONTRASTS

pytestmark = pytest.mark.browser

SHEET = {"width": 718, "height": 1047}
"""A4 within margins of a centimetre, in pixels."""

PRINTED = [name for name in STATES if "being" not in name and "pointed" not in name]
CONTROLS = """() => [...document.querySelectorAll(
    'input, select, .button, .icon-button, .tool, .row-tool, .toggle'
  )].filter((e) => e.checkVisibility()).map((e) => e.outerHTML.slice(0, 200))"""
SCROLLED = """() => [...document.querySelectorAll('#app *')].filter((e) => e.checkVisibility()
    && ['auto', 'scroll'].includes(getComputedStyle(e).overflowY) && e.scrollHeight > e.clientHeight + 1)
  .map((e) => e.className)"""
# What the light theme draws the labels of axes in.
NOTE = """() => addEventListener('beforeprint', () => {
  const labels = (canvas) => {
    const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data
    const label = [0x59, 0x61, 0x6e, 255]
    for (let i = 0; i < pixels.length; i += 4) if (label.every((v, n) => pixels[i + n] === v)) return true
    return false
  }
  window.noted = {
    rows: document.querySelectorAll('.runs tbody tr[data-run]').length,
    said: document.querySelector('.runs tbody')?.lastElementChild?.textContent ?? '',
    light: [...document.querySelectorAll('.card canvas, .board canvas:first-child')].map(labels),
  }
})"""


def printed(page: Page) -> dict[str, Any]:
    """Print a page; return what it was when it was printed."""
    page.evaluate(NOTE)
    page.pdf(format="A4")
    noted: dict[str, Any] = page.evaluate("window.noted")
    return noted


def dark(page: Page) -> None:
    page.get_by_role("button", name="Switch to dark colours").click()


@pytest.mark.parametrize("name", PRINTED)
def test_a_page_fits_the_sheet_and_has_no_controls(
    every_page: Path, made: MadeStore, open_page: Open, name: str
) -> None:
    made.root = every_page
    state = STATES[name]
    page = open_page(state.page_in(every_page), state.view, color_scheme="dark")
    state.show(page)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.emulate_media(media="print")
    page.set_viewport_size(SHEET)
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(CONTROLS) == []
    assert page.evaluate(SCROLLED) == []
    assert page.evaluate(CONTRASTS) == []


def test_charts_out_of_view_are_printed_too_in_light_colours(made: MadeStore, open_page: Open) -> None:
    page = open_page(made.add_run(twenty(50)), color_scheme="light", viewport={"width": 700, "height": 200})
    drawn(page, "train/loss")
    dark(page)
    assert page.locator(".card canvas").count() < 20
    before = page.locator(".card canvas").first.evaluate("(c) => [c.width, c.height, c.style.width]")
    assert printed(page)["light"] == [True] * 20
    expect(page.get_by_role("button", name="Switch to light colours")).to_be_visible()
    after = page.locator(".card canvas").first.evaluate("(c) => [c.width, c.height, c.style.width]")
    assert after == before


@pytest.mark.parametrize("tab", ["parallel", "scatter"])
def test_the_boards_of_a_project_are_printed_in_light_colours(
    every_page: Path, made: MadeStore, open_page: Open, tab: str
) -> None:
    made.root = every_page
    page = open_page(every_page / "team/digits/index.html", f"#tab={tab}", color_scheme="light")
    expect(page.locator(".board-note")).to_contain_text("runs are left")
    dark(page)
    assert printed(page)["light"] == [True]


def test_all_rows_of_a_table_are_printed_up_to_a_thousand(made: MadeStore, open_page: Open) -> None:
    made.add_run({"loss": curve(5)}, **facts_of(0))
    for i in range(1, 1200):
        made.add_row(run_of({}, **facts_of(i))[0])
    page = open_page(made.add_project(), "#wide=1")
    expect(page.locator(".runs tbody tr[data-run]").first).to_be_visible()
    noted = printed(page)
    assert noted["rows"] == 1000
    assert noted["said"] == "200 more are not printed."
    assert page.locator(".runs tbody tr[data-run]").count() < 100
