"""What all pages have in common: the document around their content."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from .data import shown
from .figures import quantity
from .html import Child, Html, h

__all__ = ["address", "crumbs", "document", "facts", "note", "state", "table", "tags", "tree"]

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "media-src 'self'; frame-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'"
)
_ICON: Final = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
    "%3Cpath d='M2 12.5V3.5M2 12.5h12M4.5 10l3-4 2.5 2.5L14 3.5' fill='none' stroke='%233b6fd4' "
    "stroke-width='1.8'/%3E%3C/svg%3E"
)
_MOST_LEAVES = 500
_LONGEST_LEAF = 2000


def document(
    kind: str,
    root: str,
    assets: str,
    title: str,
    scripts: Sequence[str],
    content: Sequence[Child],
    *,
    later: bool = False,
) -> bytes:
    """Return a whole page.

    Parameters
    ----------
    kind : {"run", "project", "root", "artifacts"}
        Which script and style sheet of the front end it has.
    root : str
        The way from this page to the store: ``../../``.
    assets : str
        Name of the folder that holds the front end (see :func:`runhooks.site.assets.publish_assets`).
    title : str
    scripts : sequence of str
        Data files to load with the page.
    content : sequence
        What a reader without scripts sees; the front end takes its place.
    later : bool
        Whether it needs at once what other pages of its kind load later.
    """
    folder = f"{root}assets/{assets}"
    own = [f"{kind}.js", f"{kind}-later.js"] if later else [f"{kind}.js"]
    sources = [*(f"{folder}/{name}" for name in own), *scripts]
    head = [
        h("meta", {"charset": "utf-8"}),
        h("meta", {"http-equiv": "Content-Security-Policy", "content": _POLICY}),
        h("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        h("meta", {"name": "color-scheme", "content": "light dark"}),
        h("meta", {"name": "referrer", "content": "no-referrer"}),
        h("title", None, title),
        h("link", {"rel": "icon", "href": _ICON}),
        h("link", {"rel": "stylesheet", "href": f"{folder}/{kind}.css"}),
        *(h("script", {"defer": True, "src": source}) for source in sources),
    ]
    main = h("main", {"id": "app"}, *_lines(content))
    body = h("body", {"data-page": kind, "data-root": root}, *_lines([main]))
    whole = h("html", {"lang": "en"}, *_lines([h("head", None, *_lines(head)), body]))
    return f"<!doctype html>\n{whole}\n".encode()


def _lines(parts: Sequence[Child]) -> list[Child]:
    """Put each part on its own line, so that two versions of a page can be compared."""
    return [Html("\n"), *(item for part in parts if part is not None for item in (part, Html("\n")))]


def address(*parts: str) -> str:
    """Return a relative address made of names; a name cannot become a scheme or leave its folder.

    >>> address("..", "my project", "index.html")
    '../my%20project/index.html'
    """
    return "/".join(part if part == ".." else quote(part, safe="") for part in parts)


def state(name: str, reason: str | None = None) -> Child:
    """Return a run's state as a word, with its reason."""
    word = h("span", {"class": f"state state-{name}" if name.isalpha() else "state"}, name)
    return [word, ": ", h("span", {"class": "reason"}, _cut(reason))] if reason else word


def facts(pairs: Sequence[tuple[str, Child]]) -> Html | None:
    """Return names and values side by side, without those that are empty."""
    rows = [_pair(name, value) for name, value in pairs if value not in (None, "")]
    return h("dl", {"class": "facts"}, *rows) if rows else None


def table(names: Sequence[str], rows: Iterable[Sequence[Child]]) -> Html:
    """Return a table with these columns."""
    head = h("tr", None, [h("th", {"scope": "col"}, name) for name in names])
    body = [h("tr", None, [h("td", None, cell) for cell in row]) for row in rows]
    return h("table", {"class": "runs"}, h("thead", None, head), h("tbody", None, *_lines(body)))


def note(text: str) -> Html:
    """Return a remark of ours, as opposed to what a run holds."""
    return h("p", {"class": "muted"}, text)


def crumbs(*parts: Child) -> Html:
    """Return the way from the store's page to this one."""
    separated = [item for part in parts for item in (part, " / ")]
    return h("nav", {"class": "crumbs", "aria-label": "Path"}, separated[:-1])


def tags(names: Iterable[Any]) -> list[Html]:
    """Return a run's tags."""
    return [h("span", {"class": "tag"}, h("bdi", None, str(name))) for name in names]


def _pair(name: str, value: Child) -> Html:
    return h("div", None, h("dt", None, name), h("dd", None, value))


def tree(data: Mapping[str, Any]) -> Html:
    """Return nested data as nested lists, up to 500 values."""
    left = [_MOST_LEAVES]
    listing = _branch(shown(data), left)
    if left[0] < 0:
        return h("div", None, listing, note(f"{-left[0]:,} more values are on the page with scripts."))
    return listing


def _branch(data: Mapping[str, Any], left: list[int]) -> Html:
    rows: list[Child] = []
    for key, value in data.items():
        if isinstance(value, dict) and value:
            rows.append(_pair(key, _branch(value, left)))
            continue
        left[0] -= 1
        if left[0] >= 0:
            rows.append(_pair(key, _leaf(value)))
    return h("dl", {"class": "tree"}, *rows)


def _leaf(value: Any) -> Html:
    if isinstance(value, str):
        return h("span", None, _cut(value))
    if value is None or isinstance(value, bool):
        return h("code", None, {None: "null", True: "true", False: "false"}[value])
    if isinstance(value, list | dict):
        return h("code", None, _cut(str(value)))
    return quantity(value)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_LEAF else text[:_LONGEST_LEAF] + "…"
