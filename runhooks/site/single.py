"""A run's page with all that belongs to it in one HTML file, which opens from an e-mail. Pure."""

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from html import unescape
from typing import Final

from .html import Html, h

__all__ = ["single_file"]

_POLICY: Final = re.compile(r'(http-equiv="Content-Security-Policy" content=")([^"]*)')
_STYLE: Final = re.compile(r'<link rel="stylesheet" href="[^"]*\.css">')
_SCRIPT: Final = re.compile(r'<script defer src="([^"]*)"></script>\n')
_UP: Final = re.compile(r'<a href="(?:\.\./)+index\.html">(.*?)</a>', re.DOTALL)
_DATA: Final = re.compile(rb'runhooks\.put\("([a-z]+)",(.*)\);\n', re.DOTALL)


def single_file(
    files: Mapping[str, bytes],
    scripts: Sequence[bytes],
    style: bytes,
    known_until: int,
    *,
    media: Mapping[str, str] = {},
    left_out: Sequence[str] = (),
) -> bytes:
    """Return a page that needs nothing beside itself.

    Its policy lets exactly these scripts and this style run, by their hashes, and no request go out. Data
    files are JSON in elements that no browser runs.

    Parameters
    ----------
    files : mapping
        The page's ``index.html`` and data files, by their path in the run's folder.
    scripts : sequence of bytes
    style : bytes
        The front end, which must not hold the end of the element that it goes into.
    known_until : int
        When the record was like this, in microseconds since the epoch: a run that goes on is shown as it was.
    media : mapping
        Files that the page shows, as ``data:`` addresses (see :func:`.inline.inlined`).
    left_out : sequence of str
        What the page lacks, for it to say.
    """
    page = files["index.html"].decode()
    first = {unescape(source) for source in _SCRIPT.findall(page)}
    hashes = {"script-src": " ".join(map(_hash, scripts)), "style-src": _hash(style)}
    page = _POLICY.sub(lambda found: found[1] + _policy(found[2], hashes), page, count=1)
    page = _STYLE.sub(lambda _: f"<style>{style.decode()}</style>", page, count=1)
    own = "".join(f"<script>{script.decode()}</script>\n" for script in scripts)
    page = _SCRIPT.sub("", page).replace("</head>", f"{own}</head>", 1)
    body = h(
        "body", {"data-page": "run", "data-single": known_until, "data-lacks": "; ".join(left_out) or None}
    )
    page = re.sub(r'<body data-page="run" data-root="[^"]*">', lambda _: body.removesuffix("</body>"), page)
    data = [_embedded(name, found, first) for name, found in sorted(files.items()) if name.endswith(".js")]
    data += [_element(path, "file", f'{{"address":"{at}"}}') for path, at in sorted(media.items())]
    return _UP.sub(r"\1", page).replace("</body>", "".join(data) + "</body>", 1).encode()


def _policy(policy: str, hashes: Mapping[str, str]) -> str:
    """Return a policy of the same reach for one file: what lay beside the page is in it."""
    rules = [rule.split() for rule in policy.split(";")]
    more = {"media-src": ["data:"], **{name: [found] for name, found in hashes.items()}}
    allowed = [
        [name, *(source for source in sources if source != "'self'"), *more.get(name, ())]
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
    return _element(name, found[1].decode(), found[2].decode(), first=name in first)


def _element(name: str, kind: str, text: str, *, first: bool = False) -> str:
    attributes = {"data-file": name, "data-kind": kind, "data-first": first}
    # It is markup already: a data file has no `<`.
    return h("script", {"type": "application/json", **attributes}, Html(text)) + "\n"
