"""The pages are what they were; see golden.py for how to change them."""

import pytest

from tests.site import golden

KEPT = golden.kept()


@pytest.mark.parametrize("name", sorted(KEPT))
def test_a_page_is_what_it_was(name: str) -> None:
    assert golden.pages()[name] == KEPT[name], "meant? then `python -m tests.site.golden`"


def test_there_are_no_other_pages() -> None:
    assert set(golden.pages()) == set(KEPT)
