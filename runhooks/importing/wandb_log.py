"""The framing of W&B's ``.wandb`` files: records in blocks of 32 KiB, as LevelDB's log has them.

Before the first record are 7 bytes: ``:W&B``, 0xBEE1, and version 0. A record has a CRC-32 of its kind and
bytes, unlike LevelDB's CRC-32C. https://github.com/google/leveldb/blob/main/doc/log_format.md
"""

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from zlib import crc32

from ..errors import RecordError

__all__ = ["records"]

_START = struct.Struct("<4sHB")
_KNOWN = (b":W&B", 0xBEE1, 0)
_HEAD = struct.Struct("<IHB")
_BLOCK = 32768
_FULL, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4


def records(file: Path) -> Iterator[bytes]:
    """Yield the records of a file. One whose end is missing is read as far as it goes.

    Raises
    ------
    RecordError
        When the file is none of W&B's, or is damaged; the message says at which byte.
    """
    with file.open("rb") as opened:
        if opened.read(_START.size) != _START.pack(*_KNOWN):
            raise RecordError(f"{file} is no run file of W&B: it does not begin like one")
        yield from _whole(file, _pieces(file, opened))


def _whole(file: Path, pieces: Iterator[tuple[int, int, bytes]]) -> Iterator[bytes]:
    """Yield records put together from their pieces."""
    begun: bytearray | None = None  # a first piece may have no byte
    for at, kind, piece in pieces:
        if (kind in (_FULL, _FIRST)) is (begun is not None):
            raise RecordError(f"{file} is damaged at byte {at}: a record has no end, or no begin")
        if kind == _FULL:
            yield piece
            continue
        begun = bytearray() if begun is None else begun
        begun += piece
        if kind == _LAST:
            yield bytes(begun)
            begun = None


def _pieces(file: Path, opened: BinaryIO) -> Iterator[tuple[int, int, bytes]]:
    """Yield place, kind and bytes of each piece of a record; of the file a block is in memory.

    It is not mapped into memory: one that became shorter, or a disk that fails, would end the process then.
    """
    at = _START.size
    while True:
        left = _BLOCK - at % _BLOCK
        if left < _HEAD.size:  # the rest of a block that is too short for a head
            opened.seek(left, os.SEEK_CUR)
            at += left
            continue
        head = opened.read(_HEAD.size)
        if len(head) < _HEAD.size:
            return  # cut off, or still being written
        checksum, size, kind = _HEAD.unpack(head)
        piece = opened.read(size)
        if len(piece) < size:
            return
        if not _FULL <= kind <= _LAST or crc32(piece, crc32(bytes([kind]))) != checksum:
            raise RecordError(f"{file} is damaged at byte {at}: its checksum is wrong")
        yield at, kind, piece
        at += _HEAD.size + size
