"""Whether this machine has NVIDIA's management library, found out without loading what speaks to it."""

import sys
from ctypes import CDLL
from functools import cache

__all__ = ["has_driver"]

_LIBRARY = "libnvidia-ml.so.1"
"""What pynvml loads on Linux; the driver brings it."""


def has_driver() -> bool:
    """Tell whether pynvml is worth its import: it is loaded already, or will find its library."""
    return "pynvml" in sys.modules or _has_library()


@cache
def _has_library() -> bool:
    try:
        CDLL(_LIBRARY)
    except OSError:
        return False
    return True
