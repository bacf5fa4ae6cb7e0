"""Markup of the user's own, shown in a frame that can reach nothing."""

import os
from pathlib import Path
from typing import Any, ClassVar

from ...values import Unstorable, text
from .base import Media, Place, caption_of

__all__ = ["Html"]

_HEAD = (
    '<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="'
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; "
    "font-src data:; media-src data: blob:; form-action 'none'; base-uri 'none'\">\n"
)
"""What is put before the markup: whoever opens the file, it asks no other host for anything."""

_LONGEST_PATH = 1024


class Html(Media):
    """Markup, shown in a sandboxed frame: its scripts run, and reach neither the page nor another host.

    Parameters
    ----------
    data : str, path or file
        Markup; or a path to a file of it, or an open file.
    caption : str, optional
    """

    kind: ClassVar[str] = "html"

    def __init__(self, data: Any, caption: str | None = None, **_: object) -> None:
        self.data = data
        self.caption = caption

    def encode(self, place: Place) -> dict[str, Any]:
        """Write the markup; see :class:`Media`."""
        markup = _markup(self.data)
        return place.put(self.kind, (_HEAD + text(markup)).encode(), ".html") | caption_of(self.caption)


def _markup(data: Any) -> str:
    if hasattr(data, "read"):
        data = data.read()
    if isinstance(data, bytes):
        data = data.decode("utf-8", "replace")
    if isinstance(data, os.PathLike) or (isinstance(data, str) and _is_file(data)):
        return Path(data).read_text("utf-8", "replace")
    if not isinstance(data, str):
        raise Unstorable("markup is a text, a path or an open file")
    return data


def _is_file(data: str) -> bool:
    if "<" in data or len(data) > _LONGEST_PATH or not data.lower().endswith((".html", ".htm")):
        return False
    if not Path(data).is_file():
        raise Unstorable(f"there is no file {data}")
    return True
