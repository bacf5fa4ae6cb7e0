"""A run's page with all that belongs to it in one HTML file, which opens from an e-mail. Pure."""

import re
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from html import unescape
from typing import Final

from .html import Html, h

__all__ = ["single_file"]

_POLICY: Final = re.compile(r'(http-equiv="Content-Security-Policy" content=")([^"]*)')
_STYLE: Final = re.compile(r'<link rel="stylesheet" href="[^"]*/app\.css">')
_SCRIPT: Final = re.compile(r'<script defer src="([^"]*)"></script>\n')
_UP: Final = re.compile(r'<a href="(?:\.\./)+index\.html">(.*?)</a>', re.DOTALL)
_DATA: Final = re.compile(rb'runhooks\.put\("([a-z]+)",(.*)\);\n', re.DOTALL)


def single_file(files: Mapping[str, bytes], script: bytes, style: bytes, known_until: int) -> bytes:
    """Return a page that needs nothing beside itself.

    Its policy lets exactly this script and this style run, by their hashes, and no request go out. Data files
    are JSON in elements that no browser runs.

    Parameters
    ----------
    files : mapping
        The page's ``index.html`` and data files, by their path in the run's folder.
    script, style : bytes
        The front end, which must not hold the end of the element that it goes into.
    known_until : int
        When the record was like this, in microseconds since the epoch: a run that goes on is shown as it was.
    """
    page = files["index.html"].decode()
    first = {unescape(source) for source in _SCRIPT.findall(page)}
    hashes = {"script-src": _hash(script), "style-src": _hash(style)}
    page = _POLICY.sub(lambda found: found[1] + _policy(found[2], hashes), page, count=1)
    page = _STYLE.sub(lambda _: f"<style>{style.decode()}</style>", page, count=1)
    page = _SCRIPT.sub("", page).replace("</head>", f"<script>{script.decode()}</script>\n</head>", 1)
    page = re.sub(r'(<body data-page="run") data-root="[^"]*"', rf'\1 data-single="{known_until}"', page)
    data = [_embedded(name, found, first) for name, found in sorted(files.items()) if name.endswith(".js")]
    return _UP.sub(r"\1", page).replace("</body>", "".join(data) + "</body>", 1).encode()


def _policy(policy: str, hashes: Mapping[str, str]) -> str:
    """Return a policy of the same reach for one file: what lay beside the page is in it."""
    rules = [rule.split() for rule in policy.split(";")]
    allowed = [
        [name, hashes[name]]
        if name in hashes
        else [name, *(source for source in sources if source != "'self'")]
        for name, *sources in rules
    ]
    return "; ".join(" ".join(rule) for rule in allowed if len(rule) > 1)


def _hash(content: bytes) -> str:
    return f"'sha256-{b64encode(sha256(content).digest()).decode()}'"


def _embedded(name: str, data: bytes, first: set[str]) -> str:
    """Return a data file as an element; those that the page loads at once say so."""
    found = _DATA.fullmatch(data)
    if found is None:
        raise ValueError(f"{name} is no data file")
    attributes = {"data-file": name, "data-kind": found[1].decode(), "data-first": name in first}
    # It is markup already: a data file has no `<`.
    return h("script", {"type": "application/json", **attributes}, Html(found[2].decode())) + "\n"
