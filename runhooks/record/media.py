"""What a row says of media: a small JSON object, or a list of them, each with its kind."""

from typing import Any, Final

__all__ = ["HANDED_OVER", "MEDIA_KINDS", "is_media", "media_items"]

MEDIA_KINDS: Final = frozenset(
    {"audio", "histogram", "html", "image", "object3d", "plot", "plotly", "table", "video"}
)

HANDED_OVER: Final = ".handed-over"
"""Ending of a file that the training process leaves for the recorder; its name begins with a dot."""


def media_items(value: Any) -> list[dict[str, Any]]:
    """Return the media that a logged value is; none for numbers, texts and their like."""
    items = value if isinstance(value, list) else [value]
    if items and all(isinstance(item, dict) and item.get("kind") in MEDIA_KINDS for item in items):
        return items
    return []


def is_media(value: Any) -> bool:
    """Tell whether a logged value is media."""
    return isinstance(value, dict | list) and bool(media_items(value))
