r"""HTML by construction: every string that is put into an element becomes text.

A template engine would do, but importing one costs as much as all the rest of rendering (measured:
jinja2 63 ms and 8 ms to compile a page, of a budget of 80). ``frontend/src/ui/dom.ts`` has the same
idea and the same name for it.

>>> h("p", {"class": "note"}, "a < b", h("br"), ["c", None, 3])
'<p class="note">a &lt; b<br>c3</p>'
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

from runhooks.plaintext import clean

__all__ = ["Child", "Html", "h", "link"]

_MARKS: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
_MARKED = re.compile('[&<>"]')
_VOID = frozenset({"br", "link", "meta"})
_WEB = re.compile(r"https?://[^\s/][^\s]*", re.IGNORECASE)


class Html(str):
    """A string that is markup already."""

    __slots__ = ()


Child: TypeAlias = "str | int | float | Iterable[Child] | None"
"""What an element may hold: text, markup, a number, nothing, or any of these in a row."""


def _escaped(text: str) -> str:
    return _MARKED.sub(lambda found: _MARKS[found.group()], clean(text))


def h(tag: str, attributes: Mapping[str, Any] | None = None, *children: Child) -> Html:
    """Return an element.

    Parameters
    ----------
    tag : str
    attributes : mapping, optional
        Values are text; True gives an attribute alone, None and False none.
    *children
        Text, or elements.
    """
    opened = f"<{tag}"
    for name, value in (attributes or {}).items():
        if value is True:
            opened += f" {name}"
        elif value is not None and value is not False:
            opened += f' {name}="{_escaped(str(value))}"'
    if tag in _VOID:
        return Html(opened + ">")
    return Html(f"{opened}>{''.join(map(_text, children))}</{tag}>")


def _text(child: Child) -> str:
    if isinstance(child, Html):
        return child
    if isinstance(child, str):
        return _escaped(child)
    if child is None:
        return ""
    if isinstance(child, int | float):
        return str(child)
    return "".join(map(_text, child))


def link(address: str, *children: Child) -> Html:
    """Return a link out of the site where the address is http(s); anything else stays text."""
    shown = children or (address,)
    if not _WEB.fullmatch(address):
        return h("span", None, *shown)
    return h("a", {"href": address, "rel": "noopener noreferrer"}, *shown)
