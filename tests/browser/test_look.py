"""What holds for the look of every page, in light and in dark; see also test_axe."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, drawn
from tests.browser.made import MadeStore, curve, twenty

pytestmark = pytest.mark.browser

CONTRASTS = """() => {
  const canvas = Object.assign(document.createElement('canvas'), {width: 1, height: 1})
  const pen = canvas.getContext('2d', {willReadFrequently: true})
  const rgba = (colour) => {
    pen.clearRect(0, 0, 1, 1); pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1)
    return [...pen.getImageData(0, 0, 1, 1).data].map((v) => v / 255)
  }
  const light = (c) => {
    const [r, g, b] = c.slice(0, 3).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05
  }
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const c = rgba(getComputedStyle(e).backgroundColor)
      if (c[3] > 0.99) return c
    }
    return [1, 1, 1, 1]
  }
  const found = new Map()
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement
    if (!walker.currentNode.data.trim() || !element.checkVisibility({opacityProperty: true})) continue
    const [a, b] = [light(rgba(getComputedStyle(element).color)), light(behind(element))]
    const ratio = Math.max(a, b) / Math.min(a, b)
    if (ratio < 4.5) found.set(element.className || element.tagName, ratio)
  }
  return [...found]
}"""


@pytest.fixture
def project(made: MadeStore) -> Path:
    error = {"type": "E", "message": "m", "traceback": "t"}
    for state in ("finished", "failed", "killed", "crashed"):
        facts = {"state": state, "reason": "why", "exit": {"exit_code": 1, "error": error, "signal": None}}
        made.add_run(
            twenty(50), id=state, tags=["tag"], config={"lr": 1, "u": "https://example.org"}, **facts
        )
    made.add_root()
    return made.add_project()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_can_be_read(made: MadeStore, project: Path, open_page: Open, scheme: str) -> None:
    def check(page: Page) -> None:
        assert page.evaluate(CONTRASTS) == []

    for state in ("finished", "failed", "killed", "crashed"):
        page = open_page(project.parent / "runs" / state / "index.html", color_scheme=scheme)
        drawn(page, "train/loss")
        check(page)
        page.get_by_role("tab", name="Overview").click()
        check(page)
    page = open_page(project, "#f=nothing < &sort=-name", color_scheme=scheme)
    drawn(page, "train/loss")
    check(page)
    page = open_page(made.root / "index.html", color_scheme=scheme)
    expect(page.get_by_role("listitem").first).to_be_visible()
    check(page)


def test_the_reader_can_switch_between_light_and_dark(made: MadeStore, open_page: Open) -> None:
    page = open_page(made.add_run({"loss": curve(5)}), color_scheme="light")
    background = "() => getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(background)
    page.get_by_role("button", name="Switch to dark colours").click()
    assert page.evaluate(background) != light
    page.reload()
    assert page.evaluate(background) != light
    page.get_by_role("button", name="Switch to light colours").click()
    assert page.evaluate(background) == light


def test_controls_have_names(project: Path, open_page: Open) -> None:
    page = open_page(project)
    drawn(page, "train/loss")
    nameless = """() => [...document.querySelectorAll('button, input, select, a')].filter((e) =>
        !(e.textContent.trim() || e.ariaLabel || e.title || e.labels?.length)).map((e) => e.outerHTML)"""
    assert page.evaluate(nameless) == []
