"""The wire format of protocol buffers, as far as reading needs it: fields by number, no schema.

https://protobuf.dev/programming-guides/encoding
"""

from collections.abc import Mapping
from typing import Any

__all__ = ["Fields", "message", "number_of", "text_of", "texts_of"]

Fields = Mapping[int, list[Any]]
"""Values of each field in order: whole numbers, or the bytes of what is none."""

_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5


def message(data: memoryview | bytes) -> dict[int, list[Any]]:
    """Return the fields of a message.

    Raises
    ------
    IndexError, ValueError
        When it is none.
    """
    data = memoryview(data)
    found: dict[int, list[Any]] = {}
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, kind = key >> 3, key & 7
        value: Any
        if kind == _VARINT:
            value, at = _varint(data, at)
        else:
            if kind == _BYTES:
                size, at = _varint(data, at)
            elif kind in (_EIGHT, _FOUR):
                size = 8 if kind == _EIGHT else 4
            else:
                raise ValueError(f"wire type {kind}")
            if at + size > len(data):
                raise ValueError("it ends too early")
            value, at = data[at : at + size], at + size
        found.setdefault(number, []).append(value)
    return found


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
        if shift > 63:
            raise ValueError("a number that is too long")


def texts_of(fields: Fields, number: int) -> list[str]:
    """Return the texts of a field.

    Raises
    ------
    ValueError
        When it holds a number.
    """
    values = fields.get(number, ())
    if any(isinstance(value, int) for value in values):  # bytes(2**40) would be that many
        raise ValueError(f"field {number} is no text")
    return [bytes(value).decode(errors="replace") for value in values]


def text_of(fields: Fields, number: int) -> str:
    """Return the last text of a field; empty without one, as protocol buffers have it."""
    return texts_of(fields, number)[-1] if fields.get(number) else ""


def number_of(fields: Fields, number: int) -> int:
    """Return the last whole number of a field, 0 without one; as 64 bits with a sign."""
    value = int(fields[number][-1]) if fields.get(number) else 0
    return value - 2**64 if value >= 2**63 else value
