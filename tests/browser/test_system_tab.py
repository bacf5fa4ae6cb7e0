"""The System tab, as a reader meets it."""

import pytest
from playwright.sync_api import expect

from runhooks.site.run_page import render_run
from runhooks.site.series import SeriesSet
from tests.browser.conftest import Open, drawn
from tests.browser.made import MadeStore, curve, run_of, sampled

pytestmark = pytest.mark.browser

GB = 10**9


def page_of(made: MadeStore, system: dict[str, SeriesSet], **facts):
    view, series = run_of({"loss": curve(50)}, **facts)
    made.add_view(view, series)
    folder = made.root / view.entity / view.project / "runs" / view.id
    made._write(folder, render_run(view, series, made.assets, system=system))
    return folder / "index.html"


def test_charts_have_units_sections_and_time(made: MadeStore, open_page: Open) -> None:
    system = sampled(
        process__memory_bytes=[1.5 * GB, 2.5 * GB, 2 * GB],
        gpu0__temperature_celsius=[50.0, 60.0, 61.0],
        network__sent_bytes_per_s=[2e6, 3e6, 4e6],
    )
    page = open_page(page_of(made, {"node1": system}), "#tab=system")
    assert drawn(page, "process/memory_bytes")["value"] == [1.5 * GB, 2.5 * GB, 2 * GB]
    assert page.locator(".section-name").all_inner_texts() == ["gpu0", "process", "network"]
    memory = page.locator('.card[aria-label^="process/memory"]')
    expect(memory.locator(".card-name")).to_have_text("process/memory")
    expect(memory.locator(".card-value")).to_have_text("2\u00a0GB")
    expect(page.locator('.card[aria-label^="gpu0/temperature"] .card-value')).to_have_text("61°C")
    expect(page.get_by_role("group", name="X axis").get_by_role("button")).to_have_text(["Time", "Clock"])
    memory.locator(".over").hover()
    expect(memory.locator(".card-value")).to_have_text("2.5\u00a0GB")
    expect(memory.locator(".tip")).to_have_text("10 s")


def test_its_view_is_its_own(made: MadeStore, open_page: Open) -> None:
    system = {"node1": sampled(process__threads=[1.0, 2.0])}
    page = open_page(page_of(made, system), "#tab=system&x=wall&zoom=1_2")
    expect(page.locator(".segmented button", has_text="Time")).to_have_attribute("aria-pressed", "true")
    page.locator(".segmented button", has_text="Clock").click()
    page.wait_for_function("() => location.hash.includes('s-x=wall')")


def test_each_node_is_a_line(made: MadeStore, open_page: Open) -> None:
    nodes = {f"node{n}": sampled(machine__cpu_percent=[n, n + 1.0]) for n in (1, 2)}
    page = open_page(page_of(made, nodes), "#tab=system")
    assert drawn(page, "machine/cpu_percent", "node1")["value"] == [1.0, 2.0]
    assert drawn(page, "machine/cpu_percent", "node2")["value"] == [2.0, 3.0]


def test_a_run_that_was_not_sampled_has_no_such_tab(made: MadeStore, open_page: Open) -> None:
    page = open_page(page_of(made, {}))
    expect(page.get_by_role("tab")).to_have_text(["Workspace", "Overview"])
