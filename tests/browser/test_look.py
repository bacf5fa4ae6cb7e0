"""What holds for the look of every page, in light and in dark."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from runhooks.record.console import ConsoleFacts
from runhooks.site.files import file_pages
from runhooks.site.log_data import log_files
from runhooks.site.run_page import render_run
from runhooks.storage import LocalStore
from tests.browser.conftest import Open, drawn
from tests.browser.made import START, MadeStore, curve, run_of, twenty
from tests.browser.test_system_tab import sampled

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
VIOLATIONS = """async () => {
  const found = await axe.run({preload: false})
  return found.violations.map((v) => [v.id, v.nodes.map((n) => n.html)])
}"""

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


needs_axe = pytest.mark.skipif(
    not AXE.exists(), reason="axe-core is not here: run `npm ci` in frontend/ (`make test` does it)"
)


@needs_axe
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(made: MadeStore, project: Path, open_page: Open, scheme: str) -> None:
    def check(page: Page) -> None:
        page.evaluate(AXE.read_text())
        assert page.evaluate(VIOLATIONS) == []

    page = open_page(project.parent / "runs" / "failed" / "index.html", color_scheme=scheme)
    drawn(page, "train/loss")
    check(page)
    page.get_by_role("tab", name="Overview").click()
    check(page)
    page = open_page(project, color_scheme=scheme)
    drawn(page, "train/loss")
    check(page)
    page.get_by_role("button", name="Columns").click()
    check(page)
    page = open_page(project, "#tab=compare&sel=finished,failed&base=failed&group=state", color_scheme=scheme)
    expect(page.locator(".diff-curves")).to_contain_text("step")
    check(page)
    for tab in ("Scatter", "Parallel"):
        page.get_by_role("tab", name=tab).click()
        check(page)
    page = open_page(made.root / "index.html", color_scheme=scheme)
    expect(page.get_by_role("listitem").first).to_be_visible()
    check(page)


@pytest.fixture
def whole(made: MadeStore) -> Path:
    """A run with something on each of its tabs."""
    artifact = {"direction": "output", "name": "model", "type": "model", "version": "v0", "size": 9}
    artifact |= {"path": "team/digits/artifacts/model:v0", "files": 1, "time": START, "aliases": ["best"]}
    view, series = run_of(twenty(50), artifacts=[artifact], config={"lr": 1})
    folder = f"{view.entity}/{view.project}/runs/{view.id}"
    store = LocalStore(made.root)
    store.write(f"{folder}/files/notes.txt", b"some words")
    store.write(f"{folder}/files.json", b'{"files":[["notes.txt",10,0]],"total":1,"skipped":{}}')
    log = log_files(view.id, [("one", START), ("\x1b[31mERROR\x1b[0m: two", START)], ConsoleFacts())
    system = sampled(process__memory_bytes=[1e9, 2e9], gpu0__power_watts=[90.0, 80.0])
    saved = dict(file_pages(store, folder))
    files = render_run(view, series, made.assets, system={"node1": system}, log=log, saved=saved)
    made._write(made.root / folder, files)
    return made.root / folder / "index.html"


@needs_axe
@pytest.mark.parametrize(
    ("scheme", "width"), [("light", 1440), ("dark", 1440), ("light", 390)], ids=["light", "dark", "phone"]
)
def test_axe_finds_nothing_on_any_tab(whole: Path, open_page: Open, scheme: str, width: int) -> None:
    page = open_page(whole, color_scheme=scheme, viewport={"width": width, "height": 844})
    drawn(page, "train/loss")
    page.evaluate(AXE.read_text())
    for tab in ("Workspace", "Overview", "System", "Logs", "Files", "Artifacts"):
        page.get_by_role("tab", name=tab).click()
        expect(page.get_by_role("tabpanel", name=tab)).not_to_be_empty()
        if tab == "Files":
            page.locator(".files-row").first.click()
            expect(page.locator(".file-text")).to_contain_text("some words")
        assert page.evaluate(VIOLATIONS) == [], tab
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), tab
    page.get_by_role("tab", name="Workspace").click()
    page.locator(".card").first.press("f")
    expect(page.locator(".card.large canvas")).to_be_visible()
    assert page.evaluate(VIOLATIONS) == []


def test_paper_has_the_charts_and_none_of_the_controls(whole: Path, open_page: Open) -> None:
    page = open_page(whole, color_scheme="dark")
    drawn(page, "train/loss")
    page.emulate_media(media="print")
    expect(page.locator(".card canvas").first).to_be_visible()
    expect(page.locator(".headline")).to_be_visible()
    expect(page.locator(".toolbar").first).to_be_hidden()
    expect(page.locator(".actions")).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
