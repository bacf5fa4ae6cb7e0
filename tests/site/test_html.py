"""Whatever a string holds, a page shows it as text."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runhooks.plaintext import clean
from runhooks.site.html import Html, h, link


class Seen(HTMLParser):
    """What a browser would make of markup: elements, attributes, and text."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@given(st.text())
def test_any_text_is_text_inside_an_element(text: str) -> None:
    seen = Seen(h("p", None, text))
    assert [tag for tag, _ in seen.elements] == ["p"]
    assert seen.text == clean(text)


@given(st.text())
def test_any_text_is_one_attribute(text: str) -> None:
    seen = Seen(h("p", {"title": text}, "x"))
    assert seen.elements == [("p", {"title": clean(text)})]


def test_elements_nest_and_numbers_and_nothing_are_children() -> None:
    assert h(
        "p", {"class": "a", "hidden": True, "id": None}, "1 < 2", h("br"), [3, None, ["x", Html("&amp;")]]
    ) == ('<p class="a" hidden>1 &lt; 2<br>3x&amp;</p>')


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31;1mred\x1b[0m", "red"),
        ("\x1b]8;;https://evil.example\x07click\x1b]8;;\x07", "click"),
        ("\x1b]0;title\x1b\\text", "text"),
        ("gpj\u202eexe.", "gpjexe."),
        ("a\u2066b\u2069c", "abc"),
        ("nul\x00 bell\x07 del\x7f c1\x9b", "nul bell del c1"),
        ("line\r\nnext\ttab", "line\nnext\ttab"),
        ("lone \udc80 surrogate", "lone \\udc80 surrogate"),
        ("שלום \u200fعربي 😀", "שלום \u200fعربي 😀"),
        ("", ""),
    ],
)
def test_what_acts_instead_of_being_read_is_taken_out(hostile: str, shown: str) -> None:
    assert clean(hostile) == shown


@pytest.mark.parametrize("address", ["https://github.com/a/b", "HTTP://host/x?y=1&z=2"])
def test_web_addresses_are_links(address: str) -> None:
    assert Seen(link(address)).elements[0][1]["href"] == address


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "git@github.com:a/b.git",
        "https://",
        " https://a b",
        "//host/x",
        "\thttp:x",
    ],
)
def test_other_addresses_stay_text(address: str) -> None:
    assert [tag for tag, _ in Seen(link(address)).elements] == ["span"]
