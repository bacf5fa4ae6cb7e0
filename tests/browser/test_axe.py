"""axe finds nothing on any page, in any state, in light, in dark and on a phone."""

from pathlib import Path

import pytest

from tests.browser.axe import needs_axe, violations
from tests.browser.conftest import Open
from tests.browser.made import MadeStore
from tests.browser.states import STATES

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}


@needs_axe
@pytest.mark.parametrize("name", STATES)
def test_axe_finds_nothing(every_page: Path, made: MadeStore, open_page: Open, name: str) -> None:
    made.root = every_page
    state = STATES[name]
    page = open_page(state.page_in(every_page), state.view, color_scheme="light", bypass_csp=True)
    state.show(page)
    found = {"light": violations(page)}
    page.emulate_media(color_scheme="dark")
    found["dark"] = violations(page)
    page.set_viewport_size(PHONE)
    found["phone"] = violations(page)
    assert found == {"light": [], "dark": [], "phone": []}
