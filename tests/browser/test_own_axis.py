"""Charts along the metric that ``define_metric`` named for them, while the reader chooses no axis."""

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from runhooks.site.build import Pages, build_run
from tests.browser.conftest import Open, drawn
from tests.browser.made import MadeStore, curve
from tests.site.test_points import FOLDER, record

pytestmark = pytest.mark.browser

DEFINED = {"val/*": {"step_metric": "epoch"}, "epoch": {"hidden": True}, "odd": {"step_metric": "never"}}


def metrics(steps: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    every = np.arange(0, steps, 10)
    return {
        "train/loss": curve(steps),
        "epoch": (np.arange(steps), np.arange(steps) / 10),
        "val/loss": (every, 1 / (1 + every)),
        "odd": curve(steps),
    }


@pytest.fixture
def page(made: MadeStore, open_page: Open) -> Page:
    page = open_page(made.add_run(metrics(100), definitions=DEFINED))
    drawn(page, "val/loss")
    return page


def card(page: Page, key: str) -> Locator:
    return page.locator(f'.card[aria-label^="{key}"]')


def pointed_at(page: Page, key: str, share: float) -> str:
    """Point at a share of a chart's width; return what it says of the place."""
    box = card(page, key).locator(".over").bounding_box()
    assert box
    page.mouse.move(box["x"] + share * (box["width"] - 1), box["y"] + box["height"] / 2)
    tip = card(page, key).locator(".tip")
    expect(tip).to_be_visible()
    return tip.inner_text()


def test_a_chart_has_its_own_axis_and_says_so(page: Page) -> None:
    expect(card(page, "val/loss").locator(".card-scale")).to_have_text("by epoch")
    expect(card(page, "train/loss").locator(".card-scale")).to_be_hidden()
    expect(page.get_by_role("button", name="Own")).to_have_attribute("aria-pressed", "true")
    assert pointed_at(page, "val/loss", 1) == "epoch 9 · step 90"
    assert pointed_at(page, "train/loss", 1) == "step 99"
    assert not card(page, "epoch").count(), "it is hidden, and serves as an axis none the less"


def test_an_axis_that_was_never_logged_is_no_axis(page: Page) -> None:
    assert pointed_at(page, "odd", 1) == "step 99"
    expect(card(page, "odd").locator(".card-scale")).to_be_hidden()


def test_the_reader_s_axis_is_that_of_all_charts_until_it_is_taken_back(page: Page) -> None:
    page.get_by_role("button", name="Step", exact=True).click()
    assert "x=step" in page.url
    assert pointed_at(page, "val/loss", 1) == "step 90"
    page.get_by_role("button", name="Time", exact=True).click()
    assert pointed_at(page, "val/loss", 1).endswith("step 90")
    page.get_by_role("button", name="Own").click()
    assert "x=" not in page.url
    assert pointed_at(page, "val/loss", 1) == "epoch 9 · step 90"


def test_one_crosshair_goes_through_charts_of_different_axes(page: Page) -> None:
    assert pointed_at(page, "val/loss", 0.5).endswith("step 40")
    expect(card(page, "train/loss").locator(".cross")).to_be_visible()
    value = drawn(page, "train/loss")["value"][40]
    title = card(page, "train/loss").locator(".card-value").get_attribute("title")
    assert float(title or "") == value


def test_a_zoom_is_of_the_charts_that_have_its_axis(page: Page) -> None:
    box = card(page, "val/loss").locator(".over").bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 3, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 2 / 3, middle)
    page.mouse.up()
    assert "_:epoch" in page.url
    expect(page.locator(".zoom-reset")).to_have_text("epoch 3 \N{EN DASH} epoch 6")
    assert pointed_at(page, "val/loss", 1) == "epoch 6 · step 60"
    assert pointed_at(page, "train/loss", 1) == "step 99"
    page.reload()
    drawn(page, "val/loss")
    assert pointed_at(page, "val/loss", 1) == "epoch 6 · step 60"
    page.get_by_role("button", name="Step", exact=True).click()
    assert "zoom=" not in page.url


def test_a_run_without_such_metrics_is_not_asked(made: MadeStore, open_page: Open) -> None:
    page = open_page(made.add_run({"loss": curve(9)}))
    drawn(page, "loss")
    expect(page.get_by_role("button", name="Own")).to_be_hidden()
    expect(page.get_by_role("button", name="Step", exact=True)).to_have_attribute("aria-pressed", "true")


def test_a_close_look_along_a_metric_has_every_point(made: MadeStore, open_page: Open) -> None:
    steps = 100_000
    logged = {"loss": np.random.default_rng(1).normal(size=steps), "tokens": np.arange(steps) * 512.0}
    build_run(store := record(made.root, logged), FOLDER, Pages(store, made.assets))
    page = open_page(
        Path(made.root / FOLDER / "index.html"), f"#x=:tokens&zoom={40_000 * 512}_{40_020 * 512}"
    )
    page.wait_for_function("() => window.runhooks.series('loss')?.width === 1")
    found = drawn(page, "loss")
    assert found["step"][0] == 32_768
    assert found["value"] == logged["loss"][32_768:65_536].tolist()
    assert pointed_at(page, "loss", 1).endswith("step 40,020")


def test_runs_of_a_project_share_the_axis_that_one_of_them_names(made: MadeStore, open_page: Open) -> None:
    made.add_run(metrics(100), id="a", definitions=DEFINED)
    made.add_run(metrics(50), id="b")
    page = open_page(made.add_project())
    drawn(page, "val/loss", "a")
    expect(card(page, "val/loss").locator(".card-scale")).to_have_text("by epoch")
    assert pointed_at(page, "val/loss", 1).startswith("epoch 9")
    assert pointed_at(page, "train/loss", 1).startswith("step 99")
