"""From a logged value to what its row says: which values are media, and their encoding."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...errors import RunhooksError
from ...values import Unstorable
from .base import Media, Place
from .image import Image, figure_of, is_picture
from .plotly import Plotly, is_plotly
from .table import Table, is_frame

__all__ = ["Keeper", "encoded", "media_of"]

MOST_ITEMS = 100
"""Of a list of media, so many are kept."""

_PLAIN = frozenset({int, float, bool, str, type(None), list, tuple})


class Keeper:
    """Encodes the media that one run logs.

    Parameters
    ----------
    files : Path
        The run's ``files`` folder.
    warn : callable
        Called with what a warning is about and its text.
    """

    def __init__(self, files: Path, warn: Callable[[str, str], None]) -> None:
        self._files = files
        self._warn = warn

    def keep(self, key: str, value: Any, step: int) -> Any:
        """Encode a value, or the media of a list, and return what the row says; None when it is no media.

        Raises
        ------
        Unstorable
            When it cannot be encoded, or its file not be written.
        """
        items = value if isinstance(value, list | tuple) else [value]
        if not items or (not isinstance(value, list | tuple) and type(value) in _PLAIN):
            return None
        first = media_of(items[0])
        if first is None:
            return None
        found = [first, *map(media_of, items[1:MOST_ITEMS])]
        if len(items) > MOST_ITEMS:
            self._warn(
                f"{key} list", f"{key!r}: of {len(items)} media in a list the first {MOST_ITEMS} are kept"
            )
        place = Place(self._files, key, step, lambda what: self._warn(f"{key} cut", f"{key!r}: {what}"))
        values = [encoded(media, place) for media in found]
        return values if isinstance(value, list | tuple) else values[0]


def media_of(value: Any) -> Media | None:
    """Return a value as media, if it is some or is drawn as some: figures and images of other libraries."""
    if isinstance(value, Media):
        return value
    if type(value) in _PLAIN:
        return None
    if is_picture(value) or figure_of(value) is not None:
        return Image(value)
    if is_plotly(value):
        return Plotly(value)
    if is_frame(value):
        return Table(dataframe=value)
    return None


def encoded(media: Media | None, place: Place) -> dict[str, Any]:
    """Encode one and return what its row says.

    Raises
    ------
    Unstorable
        When it cannot be encoded, or its file not be written.
    """
    if media is None:
        raise Unstorable("a list of media with something else in it")
    try:
        return {"kind": media.kind, **media.encode(place)}
    except Unstorable:
        raise
    except RunhooksError as error:
        raise Unstorable(str(error)) from error
    except Exception as error:
        raise Unstorable(f"{type(error).__name__}: {error}") from error
