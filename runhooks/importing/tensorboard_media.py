"""Histograms and pictures of TensorBoard, in its older messages and in tensors for its plugins."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from typing import Any

from .saved import Files, Span, facts_of, media_path
from .wire import Fields, number_of

__all__ = ["Picture", "histogram", "histogram_of_tensor", "keep_pictures", "picture", "pictures_of_tensor"]

_MOST_BINS = 512
_BEGINS = (
    (b"\x89PNG\r\n\x1a\n", ".png"),
    (b"\xff\xd8\xff", ".jpg"),
    (b"GIF87a", ".gif"),
    (b"GIF89a", ".gif"),
)


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded picture, and its width and height in pixels."""

    data: bytes
    ending: str
    width: int
    height: int


def histogram(fields: Fields) -> dict[str, Any] | None:
    """Return a histogram as a row has it: fields min 1, max 2, bucket_limit 6, bucket 7.

    The outermost edges are the least and the greatest value, as TensorBoard shows them; empty intervals
    beyond them are left out, and neighbours that are empty are one. None for one that is empty, has too
    many intervals even so, or an edge that cannot be one.
    """
    limits, counts = _doubles(fields, 6), _doubles(fields, 7)
    full = [n for n, count in enumerate(counts) if count > 0]
    if not full or len(limits) != len(counts):
        return None
    start, end = full[0], full[-1]
    low, high = (_doubles(fields, number)[-1] if number in fields else 0.0 for number in (1, 2))
    return _histogram([low, *limits[start:end], high], counts[start : end + 1])


def histogram_of_tensor(tensor: Fields) -> dict[str, Any] | None:
    """Return a histogram of rows of left edge, right edge and count; None as :func:`histogram` does."""
    data = tensor[4][-1] if 4 in tensor else b"".join(tensor.get(6, ()))
    rows = list(struct.iter_unpack("<ddd", data))
    if not rows or any(before[1] != after[0] for before, after in pairwise(rows)):
        return None
    return _histogram([rows[0][0], *(right for _, right, _ in rows)], [count for *_, count in rows])


def _histogram(edges: Sequence[float], counts: Sequence[float]) -> dict[str, Any] | None:
    kept, bounds = [counts[0]], [edges[0], edges[1]]
    for count, right in zip(counts[1:], edges[2:], strict=True):
        if count == 0 == kept[-1]:
            bounds[-1] = right
        else:
            kept.append(count)
            bounds.append(right)
    ascending = all(before <= after for before, after in pairwise(bounds))
    if len(kept) > _MOST_BINS or not ascending or not all(map(isfinite, [*kept, *bounds])):
        return None
    return {"kind": "histogram", "counts": kept, "edges": bounds}


def _doubles(fields: Fields, number: int) -> list[float]:
    return [value for (value,) in struct.iter_unpack("<d", b"".join(fields.get(number, ())))]


def picture(fields: Fields) -> list[Picture] | None:
    """Return the picture of a message: fields height 1, width 2, encoded_image_string 4."""
    data = bytes(fields[4][-1]) if 4 in fields else b""
    return _pictures([data], number_of(fields, 2), number_of(fields, 1))


def pictures_of_tensor(tensor: Fields) -> list[Picture] | None:
    """Return the pictures of a tensor of texts: width, height, and one or more encoded pictures."""
    width, height, *encoded = [bytes(text) for text in tensor.get(8, ())]
    return _pictures(encoded, int(width), int(height))


def _pictures(encoded: Sequence[bytes], width: int, height: int) -> list[Picture] | None:
    """Return pictures that a browser shows; None when there is another among them, or none."""
    endings = [next((end for begin, end in _BEGINS if data.startswith(begin)), None) for data in encoded]
    found = [Picture(data, end, width, height) for data, end in zip(encoded, endings, strict=True) if end]
    return found if found and len(found) == len(encoded) else None


def keep_pictures(
    pictures: Sequence[Picture], tag: str, step: int, record: Span, data: bytes, files: Files
) -> Any:
    """Put pictures among a run's files and return what the row says: an object, or a list of several.

    The files name the place in the event file, so that not all pictures of a run are in memory at once.

    Parameters
    ----------
    record : Span
        Where the event is in its file.
    data : bytes
        The event.
    """
    items = []
    for one in pictures:
        path = media_path("image", tag, step, one.data, one.ending)
        files.taken[path] = Span(record.file, record.start + data.find(one.data), len(one.data))
        size = {"width": one.width, "height": one.height}
        items.append({"kind": "image", "path": path, **facts_of(one.data), **size})
    return items if len(items) > 1 else items[0]
