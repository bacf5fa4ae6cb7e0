"""What a reader sees of an example's run: its page, in a real browser, from a file."""

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import NO_BROWSER

Charts = Callable[[Any], dict[str, dict[int, float]]]

SERIES = """
(keys) => Object.fromEntries(keys.map((key) => {
    const { step, value } = window.runhooks.series(key);
    return [key, [Array.from(step), Array.from(value)]];
}))
"""
READY = "(keys) => keys.every((key) => window.runhooks.series(key) !== null)"


@pytest.fixture
def charted() -> Charts:
    """Return the points that the charts of a run's page hold: metric to step to value, bit for bit."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip(NO_BROWSER)
    from playwright.sync_api import sync_playwright

    def read(run: Any) -> dict[str, dict[int, float]]:
        keys = list(run.history().columns)
        complaints: list[str] = []
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
            )
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.on("console", lambda message: complaints.append(message.text))
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.goto((Path(run.store.root) / run.folder / "index.html").as_uri())
            page.wait_for_function(READY, arg=keys)
            found = page.evaluate(SERIES, keys)
            browser.close()
        assert complaints == []
        return {
            key: dict(zip(map(int, steps), values, strict=True)) for key, (steps, values) in found.items()
        }

    def read_apart(run: Any) -> dict[str, dict[int, float]]:
        # Playwright keeps one loop a thread, and the browser tests' is this one's.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(read, run).result()

    return read_apart
