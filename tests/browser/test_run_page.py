"""The run page, as a reader meets it."""

import math
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from runhooks.record.view import Heartbeat, Session
from tests.browser.conftest import Open, drawn
from tests.browser.made import START, STEP_US, MadeStore, curve, twenty

pytestmark = pytest.mark.browser


def now_us() -> int:
    return time.time_ns() // 1000


def card(page: Page, key: str) -> Locator:
    return page.locator(f'.card[aria-label^="{key}"]').first


@pytest.fixture
def long_run(made: MadeStore) -> Path:
    """A run of 10,000 steps and 20 metrics."""
    return made.add_run(twenty(10_000))


def test_charts_hold_the_logged_values_number_by_number(made: MadeStore, open_page: Open) -> None:
    steps, values = curve(400)
    odd = [0.1 + 0.2, 1e-300, -1e300, math.pi, 0.0]
    page = open_page(made.add_run({"loss": (steps, values), "odd": (range(0, 10, 2), odd)}))
    loss = drawn(page, "loss")
    assert loss["width"] == 1
    assert loss["step"] == list(steps)
    assert loss["value"] == list(values)
    assert loss["time"] == [START + int(s) * STEP_US for s in steps]
    assert drawn(page, "odd")["value"] == odd


def test_a_spike_of_one_step_is_seen_in_a_long_run(made: MadeStore, open_page: Open) -> None:
    steps, values = curve(100_000)
    values = np.array(values)
    values[54_321] = 99.0
    page = open_page(made.add_run({"loss": (steps, values)}))
    loss = drawn(page, "loss")
    assert loss["width"] > 1
    assert max(loss["max"]) == 99.0
    at = int(np.argmax(loss["max"]))
    assert loss["step"][at] <= 54_321 < loss["step"][at] + loss["width"]
    assert "highest 99" in (card(page, "loss").get_attribute("aria-label") or "")


def test_dragging_zooms_to_finer_data_and_a_double_click_goes_back(long_run: Path, open_page: Open) -> None:
    page = open_page(long_run)
    coarse = drawn(page, "train/loss")
    box = card(page, "train/loss").locator(".over").bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.4, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, middle, steps=4)
    page.mouse.up()
    page.wait_for_function("() => window.runhooks.series('train/loss').width < 32")
    assert drawn(page, "train/loss")["width"] < coarse["width"]
    # All charts went along, and the address has it.
    page.wait_for_function("() => window.runhooks.series('val/loss').width < 32")
    assert "zoom=" in page.url
    expect(page.locator(".zoom-reset")).to_be_visible()
    page.mouse.dblclick(box["x"] + box["width"] * 0.5, middle)
    expect(page.locator(".zoom-reset")).to_be_hidden()
    assert drawn(page, "train/loss")["width"] == coarse["width"]


def test_twelve_charts_and_more_are_in_view_at_once(long_run: Path, open_page: Open) -> None:
    page = open_page(long_run)
    drawn(page, "train/loss")
    whole = page.evaluate(
        """() => [...document.querySelectorAll('.card canvas')].filter(c => {
             const box = c.getBoundingClientRect()
             return box.top >= 0 && box.bottom <= innerHeight
           }).length"""
    )
    assert whole >= 12


def test_one_crosshair_goes_through_all_charts(long_run: Path, open_page: Open) -> None:
    page = open_page(long_run)
    drawn(page, "train/loss")
    before = card(page, "val/loss").locator(".card-value").inner_text()
    card(page, "train/loss").locator(".over").hover()
    page.wait_for_function("() => document.querySelectorAll('.cross:not([hidden])').length >= 12")
    assert card(page, "val/loss").locator(".card-value").inner_text() != before
    expect(card(page, "train/loss").locator(".tip")).to_contain_text("step ")
    page.mouse.move(2, 2)
    expect(page.locator(".cross:visible")).to_have_count(0)
    assert card(page, "val/loss").locator(".card-value").inner_text() == before


def test_keys_move_the_crosshair_zoom_and_enlarge(long_run: Path, open_page: Open) -> None:
    page = open_page(long_run)
    drawn(page, "train/loss")
    chart = card(page, "train/loss")
    chart.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(chart.locator(".tip")).to_have_text("step 32 \u2013 63")
    page.keyboard.press("+")
    expect(page.locator(".zoom-reset")).to_be_visible()
    page.keyboard.press("0")
    expect(page.locator(".zoom-reset")).to_be_hidden()
    page.keyboard.press("l")
    expect(chart.locator(".card-scale")).to_be_visible()
    page.keyboard.press("f")
    expect(page.locator("dialog .card")).to_be_visible()
    expect(page.locator("dialog")).to_contain_text("10,000 points")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    assert "full=" not in page.url


def test_the_wheel_zooms_with_ctrl_and_scrolls_without(long_run: Path, open_page: Open) -> None:
    page = open_page(long_run)
    drawn(page, "train/loss")
    card(page, "train/loss").locator(".over").hover()
    page.mouse.wheel(0, 200)
    page.wait_for_function("() => scrollY > 0")
    assert "zoom=" not in page.url
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    expect(page.locator(".zoom-reset")).to_be_visible()


def test_the_view_lives_in_the_address(long_run: Path, open_page: Open) -> None:
    page = open_page(long_run)
    page.get_by_role("button", name="Time", exact=True).click()
    page.get_by_role("button", name="Log y").click()
    page.get_by_label("Amount of smoothing").fill("50")
    page.get_by_label("Search charts by name").fill("loss$")
    expect(page.locator(".card")).to_have_count(3)
    page.get_by_role("button", name="val 1", exact=True).click()
    expect(page.locator(".card")).to_have_count(2)
    again = open_page(long_run, page.url[page.url.index("#") :])
    expect(again.locator(".card")).to_have_count(2)
    expect(again.get_by_role("button", name="Time", exact=True)).to_have_attribute("aria-pressed", "true")
    expect(again.get_by_role("button", name="Log y")).to_have_attribute("aria-pressed", "true")
    expect(again.get_by_label("Amount of smoothing")).to_have_value("50")
    expect(again.get_by_label("Search charts by name")).to_have_value("loss$")


def test_sections_fold_those_without_a_prefix_too(made: MadeStore, open_page: Open) -> None:
    page = open_page(made.add_run({"loss": curve(5), "train/a": curve(5), "train/b": curve(5)}))
    expect(page.locator(".card")).to_have_count(3)
    page.get_by_role("button", name="charts 1").click()
    expect(page.locator(".card")).to_have_count(2)
    page.reload()
    expect(page.locator(".card")).to_have_count(2)
    page.get_by_role("button", name="charts 1").click()
    expect(page.locator(".card")).to_have_count(3)


def test_a_search_that_is_no_regular_expression_is_taken_as_text(made: MadeStore, open_page: Open) -> None:
    page = open_page(made.add_run({"a(b": curve(5), "ab": curve(5)}))
    page.get_by_label("Search charts by name").fill("(b")
    expect(page.locator(".card")).to_have_count(1)
    page.get_by_label("Search charts by name").fill("nothing like it")
    expect(page.locator(".workspace")).to_contain_text("No chart's name matches “nothing like it”.")


def test_a_chart_alone_can_have_a_log_scale_and_says_what_it_leaves_out(
    made: MadeStore, open_page: Open
) -> None:
    page = open_page(made.add_run({"loss": ([0, 1, 2], [-1.0, 0.0, 5.0]), "other": curve(5)}))
    drawn(page, "loss")
    card(page, "loss").hover()
    card(page, "loss").get_by_role("button", name="log").click()
    expect(card(page, "loss").locator(".plot-note")).to_have_text("2 points ≤ 0: not on a log scale")
    expect(card(page, "other").locator(".card-scale")).to_be_hidden()


def test_values_that_are_not_finite_are_marked(made: MadeStore, open_page: Open) -> None:
    page = open_page(made.add_run({"loss": (range(5), [1, math.nan, math.inf, -math.inf, 2])}))
    loss = drawn(page, "loss")["value"]
    assert [str(v) for v in loss] == ["1.0", "nan", "inf", "-inf", "2.0"]
    expect(page.get_by_label("3 values are NaN or infinite")).to_be_visible()


def test_the_head_says_how_it_ended_and_the_overview_why(made: MadeStore, open_page: Open) -> None:
    error = {
        "type": "ValueError",
        "message": "loss is NaN",
        "traceback": 'Traceback:\n  File "train.py"\nValueError',
    }
    run = made.add_run(
        {"loss": curve(10)},
        state="failed",
        reason="ValueError: loss is NaN",
        exit={"exit_code": 1, "error": error, "signal": None},
        alerts=[{"time": START, "title": "Odd", "text": "look", "level": "warning"}],
        config={"lr": 0.1, "model": {"name": "mlp", "width": 8}},
        environment={
            "host": "node1",
            "git": {"remote": "https://example.org/r", "commit": "abc", "dirty": True},
        },
        tags=["one", "two"],
    )
    page = open_page(run)
    head = page.locator("header")
    for text in ("brisk-meadow-7", "failed", "ValueError: loss is NaN", "node1", "one", "two"):
        expect(head).to_contain_text(text)
    page.get_by_role("tab", name="Overview").click()
    expect(page.get_by_role("tab", name="Overview")).to_have_attribute("aria-selected", "true")
    panel = page.get_by_role("tabpanel")
    for text in ('File "train.py"', "Odd", "width", "with changes", "team/digits/run1"):
        expect(panel).to_contain_text(text)
    expect(panel.get_by_role("link", name="https://example.org/r").first).to_be_visible()
    config = page.get_by_role("region", name="Config")
    config.get_by_role("searchbox").fill("^model")
    expect(config.locator(".leaf")).to_have_count(2)
    expect(config).not_to_contain_text("lr")


def test_tabs_are_moved_through_with_arrow_keys(made: MadeStore, open_page: Open) -> None:
    page = open_page(made.add_run({"loss": curve(10)}))
    page.get_by_role("tab", name="Workspace").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Overview")).to_be_focused()
    expect(page.get_by_role("tabpanel", name="Overview")).to_be_visible()
    assert "tab=overview" in page.url
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("tabpanel", name="Workspace")).to_be_visible()


def test_the_headline_has_last_and_best_values(made: MadeStore, open_page: Open) -> None:
    page = open_page(
        made.add_run({"val/loss": (range(3), [3.0, 0.5, 0.75]), "val/acc": (range(3), [0.1, 0.9, 0.8])})
    )
    strip = page.get_by_role("region", name="Headline metrics")
    expect(strip.get_by_role("button", name="val/loss")).to_contain_text("0.75")
    expect(strip.get_by_role("button", name="val/loss")).to_contain_text("lowest 0.5")
    expect(strip.get_by_role("button", name="val/acc")).to_contain_text("highest 0.9")
    expect(strip.locator("svg.spark path")).to_have_count(2)


def test_a_running_run_whose_heartbeat_stopped_is_shown_as_crashed(made: MadeStore, open_page: Open) -> None:
    old = now_us() - 3600_000_000
    facts: dict[str, Any] = {"state": "running", "ended_at": None, "heartbeat": Heartbeat(old, 3)}
    page = open_page(made.add_run({"loss": curve(10)}, **facts))
    expect(page.locator("header")).to_contain_text("crashed")
    expect(page.locator("header")).to_contain_text("no heartbeat since")


def test_the_page_follows_a_running_run_until_it_ends(made: MadeStore, open_page: Open) -> None:
    def write(n: int, state: str = "running") -> Path:
        beat = now_us()
        facts: dict[str, Any] = {
            "ended_at": None if state == "running" else beat,
            "heartbeat": Heartbeat(beat, n),
        }
        return made.add_run(
            {"loss": curve(n)}, state=state, sessions=[Session("w0", beat - 10_000_000)], **facts
        )

    page = open_page(write(10))
    assert len(drawn(page, "loss")["step"]) == 10
    expect(page.locator("header")).to_contain_text("running")
    page.get_by_role("button", name="Log y").click()
    write(30)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # the reader comes back to the tab
    page.wait_for_function("() => window.runhooks.series('loss').step.length === 30")
    assert "log=1" in page.url
    write(40, state="finished")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("header")).to_contain_text("finished")
    page.wait_for_function("() => window.runhooks.series('loss').step.length === 40")


def test_of_a_run_that_went_on_only_the_charts_that_changed_are_loaded_again(
    made: MadeStore, open_page: Open
) -> None:
    def write(trained: int) -> Path:
        metrics = {f"train/m{n:02d}": curve(trained, n) for n in range(24)}
        metrics |= {f"val/m{n:02d}": curve(20, n) for n in range(24)}
        beat = Heartbeat(now_us(), trained)
        return made.add_run(metrics, state="running", ended_at=None, heartbeat=beat)

    page = open_page(write(50), viewport={"width": 1440, "height": 3000})
    drawn(page, "val/m23")
    drawn(page, "train/m23")
    page.wait_for_load_state("networkidle")
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url.rpartition("/")[2].partition("?")[0]))
    write(60)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_function("() => window.runhooks.series('train/m23').step.length === 60")
    assert sorted(set(loaded)) == ["charts-0.js", "live.js", "run.js"]
    assert len(drawn(page, "val/m23")["step"]) == 20


def test_a_running_run_without_numbers_says_what_will_come(made: MadeStore, open_page: Open) -> None:
    beat = Heartbeat(now_us(), 1)
    page = open_page(made.add_run({}, state="running", ended_at=None, heartbeat=beat, last_step=None))
    expect(page.get_by_role("tabpanel")).to_contain_text("Nothing is logged yet")
    beat = Heartbeat(now_us(), 2)
    made.add_run({"loss": curve(3)}, state="running", ended_at=None, heartbeat=beat)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert len(drawn(page, "loss")["step"]) == 3


def test_a_missing_charts_file_is_named_and_the_rest_is_shown(
    made: MadeStore, open_page: Open, problems: list[str]
) -> None:
    run = made.add_run({f"m{i:02d}": curve(5, i) for i in range(30)})
    (run.parent / "data" / "charts-1.js").unlink()
    page = open_page(run)
    assert len(drawn(page, "m00")["step"]) == 5
    last = page.locator(".card").last
    last.scroll_into_view_if_needed()
    expect(last).to_contain_text("This chart cannot be shown: data/charts-1.js is missing.")
    problems.clear()


def test_a_charts_file_that_was_cut_short_is_named(
    made: MadeStore, open_page: Open, problems: list[str]
) -> None:
    run = made.add_run({f"m{i:02d}": curve(5, i) for i in range(30)})
    file = run.parent / "data" / "charts-1.js"
    file.write_bytes(file.read_bytes()[:200])
    page = open_page(run)
    last = page.locator(".card").last
    last.scroll_into_view_if_needed()
    expect(last).to_contain_text("This chart cannot be shown: data/charts-1.js cannot be read.")
    problems.clear()


def test_data_of_a_newer_format_is_said_so_and_shown_as_far_as_it_goes(
    made: MadeStore, open_page: Open
) -> None:
    run = made.add_run({"loss": curve(5)})
    file = run.parent / "data" / "run.js"
    file.write_bytes(file.read_bytes().replace(b'"format":1,', b'"format":2,'))
    page = open_page(run)
    expect(page.get_by_role("alert")).to_contain_text("format 2, of a newer runhooks")
    assert len(drawn(page, "loss")["step"]) == 5


def test_a_zoom_without_finer_data_shows_what_there_is(
    made: MadeStore, open_page: Open, problems: list[str]
) -> None:
    run = made.add_run({"loss": curve(5_000)})
    (run.parent / "data" / "detail-0.js").unlink()
    page = open_page(run, "#zoom=1000_2000")
    expect(card(page, "loss").locator(".plot-note")).to_have_text("Finer data is missing")
    assert drawn(page, "loss")["width"] == 16
    problems.clear()


def test_a_page_without_its_data_keeps_what_the_html_says(
    made: MadeStore, open_page: Open, problems: list[str]
) -> None:
    run = made.add_run({"loss": curve(5)}, config={"lr": 0.1})
    (run.parent / "data" / "run.js").unlink()
    page = open_page(run)
    expect(page.get_by_role("alert")).to_contain_text("data/run.js is missing or cannot be read")
    expect(page.get_by_role("heading", name="brisk-meadow-7")).to_be_visible()
    expect(page.locator("body")).to_contain_text("lr")
    problems.clear()


def test_a_page_without_its_script_shows_what_the_html_says(
    made: MadeStore, open_page: Open, problems: list[str]
) -> None:
    run = made.add_run({"loss": curve(5)}, config={"lr": 0.125})
    (made.root / "assets" / "test" / "run.js").unlink()
    page = open_page(run)
    expect(page.get_by_role("heading", name="brisk-meadow-7")).to_be_visible()
    expect(page.locator("body")).to_contain_text("0.125")
    problems.clear()


def test_a_chart_without_points_in_the_zoomed_range_says_so(made: MadeStore, open_page: Open) -> None:
    page = open_page(made.add_run({"short": curve(10), "long": curve(400)}), "#zoom=100_200")
    expect(card(page, "short").locator(".plot-note")).to_have_text("No points in this range")
    expect(card(page, "long").locator(".plot-note")).to_be_hidden()


@pytest.mark.parametrize("values", [[1e308, -1e308, 5e-324], [1.7e308], [0.0], [5e-324, 5e-324]])
def test_values_at_the_edge_of_what_a_number_can_be_are_drawn(
    made: MadeStore, open_page: Open, values: list[float]
) -> None:
    page = open_page(made.add_run({"m": (range(len(values)), values)}))
    assert drawn(page, "m")["value"] == values
    page.get_by_role("button", name="Log y").click()
    expect(card(page, "m").locator("canvas")).to_be_visible()


def test_without_scripts_facts_and_sparklines_are_there(made: MadeStore, open_page: Open) -> None:
    page = open_page(made.add_run({"loss": curve(5)}, config={"lr": 0.125}), java_script_enabled=False)
    expect(page.get_by_role("heading", name="brisk-meadow-7")).to_be_visible()
    expect(page.locator("body")).to_contain_text("0.125")
    assert page.locator("svg").count() >= 1


HOSTILE = {
    "<img src=x onerror=alert(1)>": curve(5),
    "__proto__": curve(5, 1),
    "constructor": curve(5, 2),
    "</script><script>alert(2)</script>": curve(5, 3),
    "x" * 2000: curve(5, 4),
    "a,b%2C": curve(5, 5),
    "": curve(5, 6),
    '"]:*': curve(5, 7),
}


def test_markup_in_any_name_is_text(made: MadeStore, open_page: Open) -> None:
    run = made.add_run(
        HOSTILE,
        name='<b>"bold"</b>',
        config={"__proto__": {"polluted": 1}, "<s>": "javascript:alert(3)", "u": "https://example.org/<b>"},
        tags=["<i>tag</i>"],
        notes="<h1>no</h1>",
        reason="<u>",
    )
    page = open_page(run)
    for key in HOSTILE:
        assert len(drawn(page, key)["step"]) == 5, key
    expect(page.get_by_role("heading", level=1)).to_have_text('<b>"bold"</b>')
    page.get_by_role("tab", name="Overview").click()
    config = page.get_by_role("region", name="Config")
    for text in ("__proto__", "polluted", "<s>", "javascript:alert(3)"):
        expect(config).to_contain_text(text)
    assert page.evaluate("({}).polluted") is None
    assert page.locator("main b, main i, main s, main img").count() == page.locator("main i.swatch").count()
    assert page.evaluate("[...document.links].every(a => /^(https?|file):/.test(a.protocol))")


def test_of_ten_thousand_metrics_only_those_in_view_are_drawn(made: MadeStore, open_page: Open) -> None:
    page = open_page(made.add_run({f"layer{i // 100}/w{i}": ([0, 1], [i, i + 1]) for i in range(10_000)}))
    drawn(page, "layer0/w0")
    assert page.locator("canvas").count() < 80
    page.get_by_label("Search charts by name").fill("w9999$")
    assert drawn(page, "layer99/w9999")["value"] == [9999.0, 10000.0]
    assert page.locator("canvas").count() == 1


def test_a_page_of_twenty_metrics_is_small(made: MadeStore, long_run: Path) -> None:
    files = [long_run, *(long_run.parent / "data" / name for name in ("run.js", "charts-0.js", "live.js"))]
    assets = [made.root / "assets" / "test" / name for name in ("run.js", "run.css")]
    assert sum(f.stat().st_size for f in [*files, *assets]) <= 400_000


@pytest.mark.parametrize("width", [360, 768, 2560])
def test_nothing_sticks_out_sideways_from_phone_to_wide(long_run: Path, open_page: Open, width: int) -> None:
    page = open_page(long_run, viewport={"width": width, "height": 800})
    drawn(page, "train/loss")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("tab", name="Overview").click()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
