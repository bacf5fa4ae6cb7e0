"""Room on the disk for a run's last word: how a run ended must not be lost because others filled the disk."""

import os
from contextlib import suppress
from pathlib import Path

__all__ = ["free_room", "keep_room"]

_NAME = ".runhooks-tmp-reserve"
"""A name that no store lists."""

_BYTES = 64 * 1024
"""A finish event with a long traceback, and a small run document."""


def keep_room(folder: Path) -> None:
    """Take some room in a run's folder; nothing happens where there is none any more."""
    with suppress(OSError):
        (folder / _NAME).write_bytes(os.urandom(_BYTES))  # zeros take no room on some file systems


def free_room(folder: Path) -> None:
    """Give it back, to be written to at once."""
    with suppress(OSError):
        (folder / _NAME).unlink()
