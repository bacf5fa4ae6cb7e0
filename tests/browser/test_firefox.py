"""Every page in every state opens from a folder in Firefox as in Chromium, and complains of nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser.conftest import watch
from tests.browser.states import STATES

pytestmark = pytest.mark.browser


@pytest.fixture
def context(firefox: Browser) -> Iterator[BrowserContext]:
    found = firefox.new_context(viewport={"width": 1440, "height": 900})
    yield found
    found.close()


@pytest.mark.parametrize("name", STATES)
def test_a_page_is_shown_in_firefox(
    every_page: Path, context: BrowserContext, problems: list[str], name: str
) -> None:
    state, page = STATES[name], context.new_page()
    watch(page, problems, every_page.as_uri())
    page.goto(state.page_in(every_page).as_uri() + state.view)
    state.show(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert problems == []
