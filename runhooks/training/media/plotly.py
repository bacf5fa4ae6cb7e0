"""Figures of plotly, as the JSON that its script draws."""

from collections.abc import Mapping
from typing import Any, ClassVar

import orjson

from ...values import Unstorable, plain, text
from .base import Media, Place, caption_of

__all__ = ["Plotly", "is_plotly"]


class Plotly(Media):
    """A figure of plotly. The page draws it with the script that the installed ``plotly`` brings.

    Parameters
    ----------
    data : plotly figure, or mapping with ``data`` and ``layout``
    caption : str, optional
    """

    kind: ClassVar[str] = "plotly"

    def __init__(self, data: Any, caption: str | None = None) -> None:
        self.data = data
        self.caption = caption

    def encode(self, place: Place) -> dict[str, Any]:
        """Write the figure; see :class:`Media`."""
        if is_plotly(self.data):
            written = text(self.data.to_json()).encode()
        elif isinstance(self.data, Mapping) and "data" in self.data:
            written = orjson.dumps(plain(self.data))
        else:
            raise Unstorable("it is no figure of plotly")
        return place.put(self.kind, written, ".plotly.json") | caption_of(self.caption)


def is_plotly(value: Any) -> bool:
    """Tell whether `value` is a figure of plotly."""
    return hasattr(value, "to_json") and any(k.__module__.startswith("plotly.") for k in type(value).__mro__)
