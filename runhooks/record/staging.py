"""Where orders to store an artifact wait in a run's folder on this machine; nothing of it goes to a store.

``.staging/<order>/order.json``, beside it the secured files, and, when it is done, ``result.json``.
"""

import os
from pathlib import Path

__all__ = ["DOCUMENT", "RESULT", "STAGING", "decode_local", "encode_local", "has_orders", "is_staged"]

STAGING = ".staging"
DOCUMENT = "order.json"
RESULT = "result.json"


def encode_local(path: str) -> str:
    """Return a path of this machine as a text that JSON takes, whatever bytes it has."""
    return os.fsencode(path).decode("latin-1")


def decode_local(written: str) -> str:
    """Undo :func:`encode_local`."""
    return os.fsdecode(written.encode("latin-1"))


def is_staged(path: Path) -> bool:
    """Tell whether a file of a run's folder belongs to an order, and so to no store."""
    return STAGING in path.parts


def has_orders(run_folder: Path) -> bool:
    """Tell whether something waits to be stored."""
    found = run_folder / STAGING
    return found.is_dir() and any(not (order / RESULT).exists() for order in found.iterdir())
