"""Reading TensorBoard's event files: records of protocol buffers, of which a few fields are needed."""

import struct
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ..errors import RecordError
from .imported import Imported, Logged
from .saved import Files, Span
from .tensorboard_media import (
    histogram,
    histogram_of_tensor,
    keep_pictures,
    picture,
    pictures_of_tensor,
)
from .wire import Fields, message, number_of, text_of, texts_of

__all__ = ["find_tensorboard", "read_tensorboard"]

_HEAD = struct.Struct("<QI")
_TAIL = 4
_MOST_RECORD = 2**30
_FLOAT, _DOUBLE, _INT32, _STRING, _INT64 = 1, 2, 3, 7, 9
"""Kinds of tensors, as TensorFlow numbers them."""


def find_tensorboard(folder: Path, files: Sequence[Path]) -> dict[str, list[Path]]:
    """Return the event files among those of a folder by run: the folder they are in, as it names runs."""
    found: dict[str, list[Path]] = {}
    for file in files:
        if "tfevents" in file.name:
            name = file.parent.relative_to(folder).as_posix()
            found.setdefault(folder.resolve().name if name == "." else name, []).append(file)
    return found


def read_tensorboard(name: str, files: list[Path]) -> Imported:
    """Read a run from its event files. A file whose end is missing is read as far as it goes.

    Raises
    ------
    RecordError
        When a file is none of TensorBoard's.
    """
    run = Imported(name, f"TensorBoard: {files[0].parent}")
    left_out: Counter[str] = Counter()
    for file in files:
        for at, event in _events(file):
            try:
                row = _row(event, Span(file, at + _HEAD.size, len(event)), run.files, left_out)
            except (ArithmeticError, LookupError, TypeError, ValueError, struct.error) as error:
                raise RecordError(
                    f"{file} is no event file of TensorBoard, or is damaged at byte {at}"
                ) from error
            if row is not None:
                run.rows.append(row)
    run.left_out = dict(left_out)
    return run


def _events(file: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the place and the bytes of each record."""
    at, size = 0, file.stat().st_size
    with file.open("rb") as opened:
        while at + _HEAD.size <= size:
            length, _ = _HEAD.unpack(opened.read(_HEAD.size))
            if length > _MOST_RECORD:
                raise RecordError(f"{file} is no event file of TensorBoard, or is damaged at byte {at}")
            data = opened.read(length + _TAIL)
            if len(data) < length + _TAIL:
                return  # cut off, or still being written
            yield at, data[:length]
            at += _HEAD.size + length + _TAIL


def _row(data: bytes, place: Span, files: Files, left_out: Counter[str]) -> Logged | None:
    """Return what runhooks has a place for in an event: fields wall_time 1, step 2, summary 5."""
    event = message(data)
    found: dict[str, Any] = {}
    step = number_of(event, 2)
    for summary in event.get(5, ()):
        for value in message(summary).get(1, ()):
            fields = message(value)
            tag = text_of(fields, 1)
            kind, item = _value(fields)
            if isinstance(item, list):
                found[tag] = keep_pictures(item, tag, step, place, data, files)
            elif item is not None:
                found[tag] = item
            else:
                left_out[kind] += 1
    if not found:
        return None
    time = struct.unpack("<d", event[1][0])[0] if 1 in event else 0.0
    return Logged(step, round(time * 1e6), found)


def _value(fields: Fields) -> tuple[str, Any]:
    """Return what kind of thing a summary's value is, and the thing; None for what is left out."""
    if 2 in fields:
        return "scalars", struct.unpack("<f", fields[2][0])[0]
    if 4 in fields:
        return "images", picture(message(fields[4][0]))
    if 5 in fields:
        return "histograms", histogram(message(fields[5][0]))
    if 6 in fields:
        return "audio", None
    if 8 not in fields:
        return "values of other kinds", None
    tensor = message(fields[8][0])
    plugin = _plugin(fields)
    if plugin == "histograms":
        return plugin, histogram_of_tensor(tensor)
    if plugin == "images":
        return plugin, pictures_of_tensor(tensor)
    return "tensors", _scalar(tensor)


def _plugin(fields: Fields) -> str:
    """Return which of TensorBoard's plugins a value is for: fields metadata 9, plugin_data 1, its name 1."""
    metadata = message(fields[9][0]) if 9 in fields else {}
    return text_of(message(metadata[1][0]), 1) if 1 in metadata else ""


def _scalar(tensor: Fields) -> Any:
    """Return the one number or text of a tensor; None when it has several, or another kind."""
    kind = tensor.get(1, [0])[0]
    if message(tensor[2][0]).get(2) if 2 in tensor else None:
        return _text(tensor) if kind == _STRING and len(tensor.get(8, ())) == 1 else None
    if kind == _STRING:
        return _text(tensor)
    formats = {_FLOAT: ("<f", 5), _DOUBLE: ("<d", 6), _INT32: ("<i", 0), _INT64: ("<q", 0)}
    if kind not in formats:
        return None
    form, number = formats[kind]
    raw = tensor[4][0] if 4 in tensor else tensor[number][0] if number in tensor else None
    return None if raw is None else struct.unpack_from(form, raw)[0]


def _text(tensor: Fields) -> str | None:
    return next(iter(texts_of(tensor, 8)), None)
