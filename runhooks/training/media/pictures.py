"""What kind of picture a file is, and how large, from its first bytes."""

import struct
from pathlib import Path

__all__ = ["picture_facts"]

_HEAD = 4096
_MOST_MARKERS = 64


def picture_facts(path: Path) -> tuple[str, int | None, int | None] | None:
    """Return the ending, width and height of a picture that browsers show; None for anything else.

    Raises
    ------
    OSError
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(b"\x89PNG\r\n\x1a\n") and len(head) >= 24:
        return ".png", *struct.unpack(">II", head[16:24])
    if head[:6] in (b"GIF87a", b"GIF89a") and len(head) >= 10:
        return ".gif", *struct.unpack("<HH", head[6:10])
    if head.startswith(b"\xff\xd8\xff"):
        return ".jpg", *_jpeg_size(path)
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return ".webp", None, None
    if head[4:12] in (b"ftypavif", b"ftypavis"):
        return ".avif", None, None
    if head.startswith(b"BM") and len(head) > 26:
        return ".bmp", None, None
    if b"<svg" in head and head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return ".svg", None, None
    return None


def _jpeg_size(path: Path) -> tuple[int | None, int | None]:
    """Find the frame header; a file without one is left to the browser."""
    with path.open("rb") as file:
        file.seek(2)
        for _ in range(_MOST_MARKERS):
            marker = file.read(4)
            if len(marker) < 4 or marker[0] != 0xFF:
                break
            length = int.from_bytes(marker[2:], "big")
            if 0xC0 <= marker[1] <= 0xCF and marker[1] not in (0xC4, 0xC8, 0xCC):
                file.read(1)
                height = _two(file.read(2))
                return _two(file.read(2)), height
            file.seek(length - 2, 1)
    return None, None


def _two(data: bytes) -> int:
    return int.from_bytes(data, "big")
