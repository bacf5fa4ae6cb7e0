"""The media of a run by name and step, as its page shows them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from runhooks.record.media import MEDIA_KINDS, media_items
from runhooks.values import unpack

if TYPE_CHECKING:
    from runhooks.record.parts import Rows

__all__ = ["MOST_STEPS", "MediaSet", "Shelf"]

MOST_STEPS: Final = 512
"""Steps of one name that a page shows; of more, the last in every 2, 4, 8, …"""

_HEADS: Final = tuple(f'{opened}"kind":"{kind}"' for kind in sorted(MEDIA_KINDS) for opened in ("{", "[{"))


@dataclass(slots=True)
class Shelf:
    """The media of one name.

    Attributes
    ----------
    shift : int
        Base-2 logarithm of the number of steps that share a place.
    places : dict
        ``step >> shift`` to step, time (microseconds since the epoch) and JSON text.
    """

    shift: int
    places: dict[int, tuple[int, int, str]]

    def put(self, step: int, time: int, text: str) -> None:
        """Add a value. Of one step the last that was written counts, of one place the greatest step."""
        place = step >> self.shift
        if place not in self.places or self.places[place][0] <= step:
            self.places[place] = (step, time, text)
        while len(self.places) > MOST_STEPS:
            self.shift += 1
            old, self.places = sorted(self.places.values()), {}
            for entry in old:
                self.places[entry[0] >> self.shift] = entry

    def __iter__(self) -> Iterator[tuple[int, int, list[dict[str, Any]]]]:
        """Yield step, time and items, by step."""
        for step, time, text in sorted(self.places.values()):
            yield step, time, media_items(unpack(orjson.loads(text)))


class MediaSet:
    """The media of all names of a run, fed while it goes on.

    Attributes
    ----------
    kinds : set of str
        The kinds that there are.
    """

    def __init__(self) -> None:
        self.kinds: set[str] = set()
        self._shelves: dict[str, Shelf] = {}

    def add(self, key: str, rows: "Rows") -> None:
        """Take the media among rows of one name, in the order in which they were written."""
        for index, text in rows.objects.items():
            if text.startswith(_HEADS):
                self.kinds.add(text.split('"', 4)[3])
                shelf = self._shelves.get(key)
                if shelf is None:
                    shelf = self._shelves[key] = Shelf(0, {})
                shelf.put(int(rows.steps[index]), int(rows.times[index]), text)

    def __getitem__(self, key: str) -> Shelf:
        return self._shelves[key]

    def __contains__(self, key: object) -> bool:
        return key in self._shelves

    def __iter__(self) -> Iterator[str]:
        return iter(self._shelves)
