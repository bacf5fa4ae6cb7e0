"""The Logs tab, as a reader meets it."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from runhooks.record.console import ConsoleFacts
from runhooks.record.view import Heartbeat
from runhooks.site.log_data import LogChunks, log_files
from runhooks.site.run_page import render_run
from tests.browser.conftest import Open
from tests.browser.made import START, MadeStore, curve, run_of
from tests.browser.test_run_page import now_us

pytestmark = pytest.mark.browser


def timed(lines: Sequence[str]) -> list[tuple[str, int]]:
    return [(line, START + n * 1_000_000) for n, line in enumerate(lines)]


def page_of(made: MadeStore, lines: Sequence[str], facts: ConsoleFacts | None = None) -> Path:
    view, series = run_of({"loss": curve(5)})
    folder = made.root / view.entity / view.project / "runs" / view.id
    log = log_files(view.id, timed(lines), facts or ConsoleFacts())
    made._write(folder, render_run(view, series, made.assets, log=log))
    return folder / "index.html"


def shown(page: Page) -> list[str]:
    """Return the lines that are elements now, without their numbers."""
    found: list[str] = page.eval_on_selector_all(
        ".log-line", "all => all.map((e) => e.textContent.slice(e.firstChild.textContent.length))"
    )
    return found


def test_lines_have_colours_and_nothing_acts(made: MadeStore, open_page: Open) -> None:
    lines = [
        "plain",
        "\x1b[31mred\x1b[0m",
        "<img src=x onerror=alert(1)>",
        "\x1b[2J\x1b]0;x\x07quiet \u202etxt",
    ]
    page = open_page(page_of(made, lines), "#tab=logs")
    expect(page.locator(".log-line")).to_have_count(4)
    assert shown(page) == ["plain", "red", "<img src=x onerror=alert(1)>", "quiet txt"]
    expect(page.locator(".sgr-ink-1")).to_have_text("red")
    assert page.locator(".log-number").all_inner_texts() == ["1", "2", "3", "4"]


@pytest.mark.slow
def test_a_log_of_a_million_lines_opens_at_its_end_loads_little_and_finds_a_line(
    made: MadeStore, open_page: Open
) -> None:
    lines = ["the same"] * 1_000_000
    lines[0], lines[123_456] = "the first", "another"
    page = open_page(page_of(made, lines), "#tab=logs")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    page.reload()
    page.wait_for_function("() => document.querySelector('.log-chunk:last-child .log-line')")
    assert page.locator(".log-number").last.inner_text() == "1000000"
    assert any(name.startswith("log-999.js") for name in asked)
    assert sum(name.startswith("log-") for name in asked) <= 3
    assert evenly_drawn(page)
    page.locator(".log-scroll").evaluate("(e) => { e.scrollTop = 0; }")
    page.wait_for_function("() => document.querySelector('.log-chunk:first-child .log-line')")
    assert shown(page)[0] == "the first"
    assert len(shown(page)) <= 4000
    page.get_by_label("Search the log").fill("anoth.r")
    expect(page.locator(".log-told")).to_have_text("1 line", timeout=60_000)
    page.get_by_label("Search the log").press("Enter")
    expect(page.locator(".log-marked .log-number")).to_have_text("123457")


def evenly_drawn(page: Page) -> bool:
    """Whether ten lines near the end, which say the same, look the same: pixels there are rounded to two."""
    box = page.locator(".log-line").last.bounding_box()
    assert box is not None
    clip = {"x": box["x"] + 72, "y": box["y"] - 10 * 18, "width": 100, "height": 180}
    with Image.open(BytesIO(page.screenshot(clip=clip))) as picture:
        rows = [picture.crop((0, 18 * n, 100, 18 * n + 18)).tobytes() for n in range(10)]
    assert len(set(rows[0])) > 2, "nothing was drawn"
    return len(set(rows)) == 1


def test_search_counts_in_the_whole_log_and_goes_from_one_to_the_next(
    made: MadeStore, open_page: Open
) -> None:
    lines = [f"needle {n}" if n % 700 == 0 else f"hay {n}" for n in range(5000)]
    page = open_page(page_of(made, lines), "#tab=logs")
    page.get_by_label("Search the log").fill("need.e")
    expect(page.locator(".log-told")).to_have_text("8 lines")
    page.get_by_label("Search the log").press("Enter")
    expect(page.locator(".log-told")).to_have_text("8 of 8 lines")
    expect(page.locator(".log-marked mark")).to_have_text("needle")
    page.get_by_label("The match before (Enter)").click()
    expect(page.locator(".log-told")).to_have_text("7 of 8 lines")
    expect(page.locator(".log-marked .log-number")).to_have_text("4201")
    page.wait_for_function("() => location.hash.includes('l-line=4201')")


def test_errors_are_jumped_to(made: MadeStore, open_page: Open) -> None:
    lines = [f"fine {n}" for n in range(3000)]
    lines[100] = "Traceback (most recent call last):"
    lines[2500] = "ERROR: out of memory"
    page = open_page(page_of(made, lines), "#tab=logs")
    button = page.get_by_role("button", name="2 errors")
    button.click()
    expect(page.locator(".log-marked")).to_contain_text("Traceback")
    button.click()
    expect(page.locator(".log-marked")).to_contain_text("out of memory")


def test_downloads_and_notes(made: MadeStore, open_page: Open) -> None:
    facts = ConsoleFacts(left_out=12_345, not_text=2, raw=["w-00000000.log"])
    page = open_page(page_of(made, ["a"], facts), "#tab=logs")
    expect(page.locator(".log-notes")).to_contain_text("12,345 lines in the middle were left out")
    expect(page.locator(".log-notes")).to_contain_text("no UTF-8")
    expect(page.get_by_role("link", name="output.log")).to_have_attribute("href", "logs/output.log")
    expect(page.get_by_role("link", name="raw.log")).to_have_attribute("href", "logs/raw/w-00000000.log")


def test_a_live_log_grows_and_is_followed(made: MadeStore, open_page: Open) -> None:
    facts = {"state": "running", "ended_at": None, "created_at": now_us()}
    view, series = run_of({"loss": curve(5)}, **facts, heartbeat=Heartbeat(now_us(), 1))
    folder = made.root / view.entity / view.project / "runs" / view.id
    chunks = LogChunks(view.id)

    def write(log):
        made._write(folder, render_run(view, series, made.assets, log=log))

    chunks.add(timed([f"line {n}" for n in range(1500)]))
    write(chunks.files(timed(["50%"]), **ConsoleFacts().shown()))
    page = open_page(folder / "index.html", "#tab=logs")
    page.wait_for_function("() => document.querySelector('.log-chunk:last-child .log-line')")
    assert shown(page)[-1] == "50%"
    expect(page.get_by_role("button", name="Follow")).to_have_attribute("aria-pressed", "true")
    chunks.add(timed([f"more {n}" for n in range(800)]))
    write(chunks.files(timed(["100%"]), **ConsoleFacts().shown()))
    expect(page.locator(".log-line").last).to_contain_text("100%", timeout=15_000)
    expect(page.locator(".log-line").last).to_be_in_viewport()


def test_a_run_that_wrote_nothing_has_no_such_tab(made: MadeStore, open_page: Open) -> None:
    page = open_page(made.add_run({"loss": curve(5)}))
    expect(page.get_by_role("tab")).to_have_text(["Workspace", "Overview"])


def test_paper_says_that_lines_are_missing_on_it(made: MadeStore, open_page: Open) -> None:
    note = "() => getComputedStyle(document.querySelector('.log-scroll'), '::after').content"
    for lines, says in ((20, False), (20_000, True)):
        page = open_page(page_of(made, ["a line"] * lines), "#tab=logs")
        expect(page.locator(".log-line").first).to_be_visible()
        page.emulate_media(media="print")
        assert ("are not printed" in page.evaluate(note)) is says
