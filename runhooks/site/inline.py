"""Pictures, films and sound of a run, as addresses that hold them: for a page that is one file."""

from base64 import b64encode
from collections.abc import Iterator
from itertools import chain, zip_longest
from mimetypes import guess_type
from typing import Any, Final

from runhooks.errors import RunhooksError
from runhooks.storage import Store

from .mediaset import MediaSet

__all__ = ["MOST_MEDIA", "inlined"]

MOST_MEDIA: Final = 12_000_000
"""Bytes of media in an exported page, before base64 makes them a third longer: mail takes 25 MB at most."""

_KINDS: Final = frozenset({"audio", "image", "video"})


def inlined(store: Store, folder: str, media: MediaSet, most: int = MOST_MEDIA) -> tuple[dict[str, str], int]:
    """Return media files as ``data:`` addresses, those of the last steps first, as far as there is room.

    Returns
    -------
    found : dict
        Path in the run's folder to address.
    left_out : int
        Files that found no room.
    """
    found: dict[str, str] = {}
    left_out, room = 0, most
    for path in dict.fromkeys(_paths(media)):
        kind = guess_type(path)[0] or ""
        if kind.partition("/")[0] not in _KINDS:
            continue
        try:
            data = store.read(f"{folder}/files/{path}")
        except RunhooksError:
            continue  # the page says that it is missing
        if len(data) > room:
            left_out += 1
            continue
        room -= len(data)
        found[f"files/{path}"] = f"data:{kind};base64,{b64encode(data).decode()}"
    return found, left_out


def _paths(media: MediaSet) -> Iterator[str]:
    """Yield the files that media are shown from: of all names the last step, then the one before."""
    shelves = [[items for _, _, items in media[key]][::-1] for key in media]
    for items in zip_longest(*shelves, fillvalue=[]):
        for item in chain.from_iterable(items):
            if item["kind"] in _KINDS:
                yield from _files(item)


def _files(item: dict[str, Any]) -> Iterator[str]:
    masks = item.get("masks")
    for part in (item, *(masks.values() if isinstance(masks, dict) else ())):
        if isinstance(part, dict) and isinstance(part.get("path"), str):
            yield part["path"]
