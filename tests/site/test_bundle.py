"""The scripts and style sheets of the pages, as the front end build leaves them: a pair a kind of page."""

import re

import pytest

from runhooks.site.assets import STATIC

KINDS = sorted(path.stem for path in STATIC.glob("*.css"))


def styled(kind: str) -> set[str]:
    return set(re.findall(r"\.([a-z][a-z0-9-]+)", (STATIC / f"{kind}.css").read_text()))


def given(kind: str) -> set[str]:
    scripts = "".join(path.read_text() for path in STATIC.glob(f"{kind}*.js"))
    return {word for words in re.findall(r'class:"([^"]+)"', scripts) for word in words.split()}


@pytest.mark.parametrize("kind", KINDS)
def test_what_any_page_has_a_style_for_is_styled_on_each_page_that_shows_it(kind: str) -> None:
    somewhere = set().union(*map(styled, KINDS))
    assert given(kind), "the script names classes"
    assert given(kind) & somewhere - styled(kind) == set()
