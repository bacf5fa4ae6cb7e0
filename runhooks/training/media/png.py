"""PNG and animated PNG, written with nothing but zlib, so that a picture needs no library."""

import struct
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

from .arrays import loaded_numpy

__all__ = ["animated_png", "indexed_png", "png"]

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOUR_OF_CHANNELS = {1: 0, 2: 4, 3: 2, 4: 6}
_PALETTE = 3
_LEVEL = 4


def png(pixels: Any) -> bytes:
    """Return an image: a numpy array of uint8, height by width (by channels: grey, alpha, RGB, RGBA)."""
    return _SIGNATURE + _header(pixels) + _chunk(b"IDAT", _packed(pixels)) + _chunk(b"IEND", b"")


def indexed_png(classes: Any, colours: Sequence[tuple[int, int, int]], clear: int) -> bytes:
    """Return an image of class numbers (uint8), coloured by a palette; the class `clear` is transparent."""
    count = int(classes.max(initial=0)) + 1
    palette = b"".join(bytes(colours[n % len(colours)]) for n in range(count))
    opacity = bytes(0 if n == clear else 255 for n in range(count))
    head = struct.pack(">IIBBBBB", classes.shape[1], classes.shape[0], 8, _PALETTE, 0, 0, 0)
    chunks = [
        (b"IHDR", head),
        (b"PLTE", palette),
        (b"tRNS", opacity),
        (b"IDAT", _packed(classes)),
        (b"IEND", b""),
    ]
    return _SIGNATURE + b"".join(_chunk(*chunk) for chunk in chunks)


def animated_png(frames: Any, fps: float) -> bytes:
    """Return a film: a numpy array of uint8, frames by height by width by channels, repeated for ever."""
    return b"".join([_SIGNATURE, _header(frames[0]), *_film(frames, fps), _chunk(b"IEND", b"")])


def _film(frames: Any, fps: float) -> Iterator[bytes]:
    height, width = frames.shape[1:3]
    delay = max(1, round(1000 / fps))
    yield _chunk(b"acTL", struct.pack(">II", len(frames), 0))
    number = 0
    for frame in frames:
        yield _chunk(b"fcTL", struct.pack(">IIIIIHHBB", number, width, height, 0, 0, delay, 1000, 0, 0))
        number += 1
        if number == 1:
            yield _chunk(b"IDAT", _packed(frame))
            continue
        yield _chunk(b"fdAT", struct.pack(">I", number) + _packed(frame))
        number += 1


def _header(pixels: Any) -> bytes:
    channels = pixels.shape[2] if pixels.ndim == 3 else 1
    colour = _COLOUR_OF_CHANNELS[channels]
    return _chunk(b"IHDR", struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 8, colour, 0, 0, 0))


def _packed(pixels: Any) -> bytes:
    """Deflate rows, each as its difference to the one above (filter 2), which suits most pictures."""
    numpy = loaded_numpy()
    rows = numpy.ascontiguousarray(pixels).reshape(len(pixels), -1)
    filtered = numpy.empty((rows.shape[0], rows.shape[1] + 1), "u1")
    filtered[:, 0] = 2
    filtered[:1, 1:] = rows[:1]
    filtered[1:, 1:] = rows[1:] - rows[:-1]
    return zlib.compress(filtered.tobytes(), _LEVEL)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
