"""What a reader who zooms in all the way sees is what was logged, number by number."""

import random
import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from runhooks.site.build import Pages, build_run
from tests.browser.conftest import Open, drawn
from tests.browser.made import MadeStore
from tests.site.samples import START
from tests.site.test_points import FOLDER, record

pytestmark = pytest.mark.browser

STEPS = 100_000
Logged = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def logged() -> Logged:
    chance = np.random.default_rng(7)
    walk = np.cumsum(chance.normal(size=STEPS))
    return {
        "train/loss": chance.normal(size=STEPS),
        "train/single": np.float32(walk).astype(float),
        "val/tiny": chance.normal(size=STEPS) * 1e-300,
        "val/steep": np.exp(walk / 10),
    }


@pytest.fixture
def page_file(made: MadeStore, logged: Logged) -> Path:
    build_run(store := record(made.root, logged), FOLDER, Pages(store, made.assets))
    return made.root / FOLDER / "index.html"


def under_crosshair(page: Page, key: str) -> tuple[int, float]:
    """Return the step and the value that the page tells of the place that the pointer is at."""
    tip = page.locator(f'.card[aria-label^="{key}"] .tip').first
    expect(tip).to_be_visible()
    found = re.search(r"step ([\d,]+)$", tip.inner_text())
    assert found, tip.inner_text()
    title = page.locator(f'.card[aria-label^="{key}"] .card-value').first.get_attribute("title")
    return int(found[1].replace(",", "")), float(title or "")


def test_the_value_under_the_crosshair_is_the_record_s(
    page_file: Path, logged: Logged, open_page: Open
) -> None:
    chance = random.Random(3)
    page = open_page(page_file)
    for _ in range(6):
        key, step = chance.choice(list(logged)), chance.randrange(10, STEPS - 40)
        page.evaluate("(hash) => { location.hash = hash }", f"zoom={step - 8}_{step + 17}")
        page.wait_for_function(
            """([key, step]) => {
              const found = window.runhooks.series(key)
              return found?.width === 1 && found.step[0] <= step && step <= found.step.at(-1)
            }""",
            arg=[key, step],
        )
        box = page.locator(f'.card[aria-label^="{key}"] .over').first.bounding_box()
        assert box
        page.mouse.move(box["x"] + box["width"] * 8 / 25, box["y"] + box["height"] / 2)
        seen, value = under_crosshair(page, key)
        assert abs(seen - step) <= 1
        assert value == logged[key][seen]


def test_only_what_is_looked_at_is_loaded(page_file: Path, logged: Logged, open_page: Open) -> None:
    page = open_page(page_file, "#q=loss")
    drawn(page, "train/loss")
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url.rpartition("/")[2].partition("?")[0]))
    page.evaluate("() => { location.hash = 'zoom=40000_40100&q=loss' }")
    page.wait_for_function("() => window.runhooks.series('train/loss').width === 1")
    assert sorted(name for name in loaded if "detail" not in name) == [
        "axis-0-1.js", "exact.js", "points-0-1.js",
    ]  # fmt: skip
    found = drawn(page, "train/loss")
    at = slice(32_768, 65_536)
    assert found["step"] == list(range(at.start, at.stop))
    assert found["value"] == logged["train/loss"][at].tolist()
    assert found["time"][0] == START + at.start * 1_000_000


def test_too_long_a_stretch_is_drawn_from_the_finer_overview(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file, "#zoom=10000_90000&q=loss")
    page.wait_for_function("() => window.runhooks.series('train/loss')?.width === 32")
    page.evaluate("() => { location.hash = 'zoom=60000_70000&q=loss' }")
    page.wait_for_function("() => window.runhooks.series('train/loss').width === 1")
    assert drawn(page, "train/loss")["step"][0] == 32_768
    page.evaluate("() => { location.hash = 'q=loss' }")
    page.wait_for_function("() => window.runhooks.series('train/loss').width > 32")


def test_times_zoom_to_every_point_too(page_file: Path, logged: Logged, open_page: Open) -> None:
    page = open_page(page_file, "#x=relative&zoom=70000_70010&q=loss")
    page.wait_for_function("() => window.runhooks.series('train/loss')?.width === 1")
    assert drawn(page, "train/loss")["step"][0] == 65_536


def test_a_page_whose_chunk_is_missing_shows_what_it_has(
    page_file: Path, open_page: Open, problems: list[str]
) -> None:
    (page_file.parent / "data" / "points-0-1.js").unlink()
    page = open_page(page_file, "#zoom=40000_40100&q=loss")
    page.wait_for_function("() => window.runhooks.series('train/loss')?.width === 32")
    note = page.locator('.card[aria-label^="train/loss"] .plot-note')
    expect(note).to_contain_text("Finer data is missing")
    assert any("ERR_FILE_NOT_FOUND" in problem for problem in problems)
    problems.clear()
