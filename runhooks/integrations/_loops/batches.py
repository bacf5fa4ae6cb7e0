"""How much a batch holds, as its shapes tell. Nothing of its values is looked at: no device is waited for."""

from collections.abc import Mapping
from itertools import islice
from math import prod
from typing import Any

__all__ = ["samples", "tokens"]


def samples(batch: Any) -> int:
    """Return the length of the first array in a batch, 0 where there is none."""
    shape = getattr(batch, "shape", None)
    if isinstance(shape, tuple) and shape:
        return int(shape[0])
    parts = batch.values() if isinstance(batch, Mapping) else batch if isinstance(batch, list | tuple) else ()
    return next((n for part in islice(parts, 8) if (n := samples(part))), 0)


def tokens(batch: Any) -> int:
    """Return the size of ``input_ids`` in a batch, 0 where there is no such array."""
    ids = batch.get("input_ids") if isinstance(batch, Mapping) else None
    shape = getattr(ids, "shape", None)
    return prod(map(int, shape)) if isinstance(shape, tuple) else 0
