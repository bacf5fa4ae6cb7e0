"""TensorBoard's event files: records with CRC-32C sums around protocol buffers, as TensorFlow 2 writes them.

Numbers are tensors of one double, so that none loses a digit: ``simple_value`` would hold 32 bits. The
fields are those of TensorFlow's ``event.proto``, ``summary.proto`` and ``tensor.proto``.
"""

import struct
from collections.abc import Mapping
from typing import BinaryIO

__all__ = ["EventFile"]

_DOUBLE, _STRING = 2, 7
"""Of tensors, as TensorFlow numbers them."""


def _table() -> list[int]:
    """Return the table of CRC-32C (Castagnoli), a byte at a time: RFC 3720, appendix B.4."""
    found = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
        found.append(crc)
    return found


_TABLE = _table()


def _masked_crc(data: bytes) -> bytes:
    """Return the sum of a record's head or body, turned and shifted as the format wants it."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _TABLE[(crc ^ byte) & 255] ^ crc >> 8
    crc ^= 0xFFFFFFFF
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def _varint(number: int) -> bytes:
    number &= 2**64 - 1
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def _field(number: int, data: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _whole(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _plugin(name: bytes, data_class: int) -> bytes:
    return _field(9, _field(1, _field(1, name)) + _whole(4, data_class))


_SCALAR, _TEXT = _plugin(b"scalars", 1), _plugin(b"text", 2)


def _value(tag: str, value: float | str) -> bytes:
    if isinstance(value, str):
        tensor, plugin = _whole(1, _STRING) + _field(2, b"") + _field(8, value.encode()), _TEXT
    else:
        double = struct.pack("<d", _as_float(value))
        tensor, plugin = _whole(1, _DOUBLE) + _field(2, b"") + _field(4, double), _SCALAR
    return _field(1, _field(1, tag.encode()) + _field(8, tensor) + plugin)


def _as_float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:  # an integer beyond what a float reaches
        return float("inf") if value > 0 else float("-inf")


class EventFile:
    """Writes events.

    Parameters
    ----------
    file : binary file
    began : float
        Seconds since the epoch.
    """

    def __init__(self, file: BinaryIO, began: float) -> None:
        self._file = file
        self._record(struct.pack("<Bd", 9, began) + _field(3, b"brain.Event:2"))

    def add(self, time: float, step: int, values: Mapping[str, float | str]) -> None:
        """Write the values of a step; `time` in seconds since the epoch."""
        summary = b"".join(_value(tag, value) for tag, value in values.items())
        self._record(struct.pack("<Bd", 9, time) + _whole(2, step) + _field(5, summary))

    def _record(self, data: bytes) -> None:
        head = struct.pack("<Q", len(data))
        self._file.write(head + _masked_crc(head) + data + _masked_crc(data))
