"""Text and numbers for a terminal. Light: errors are told with it."""

import json
from collections.abc import Sized
from typing import Any

from ..plaintext import plain

__all__ = ["counted", "duration", "exact", "moment", "plain", "size"]


def size(count: int) -> str:
    """Return bytes in binary units.

    >>> size(512), size(1536), size(5 * 2**30)
    ('512 B', '1.5 KiB', '5 GiB')
    """
    left, units = float(count), ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
    while left >= 1024 and len(units) > 1:
        left /= 1024
        del units[0]
    return f"{left:.3g} {units[0]}" if left < 1000 else f"{left:.0f} {units[0]}"


def exact(data: Any) -> str:
    """Return a value with every digit; texts as they are, the rest as JSON."""
    if isinstance(data, float):
        return repr(data)
    return plain(data) if isinstance(data, str) else plain(json.dumps(data, ensure_ascii=False, default=str))


def counted(runs: Sized) -> str:
    """Return how many runs these are: ``1 run``, ``2,000 runs``."""
    return f"{len(runs):,} run{'' if len(runs) == 1 else 's'}"


def moment(us: int | None) -> str:
    """Return a time, given in microseconds since the epoch, as ``2026-11-23 06:01:02`` in UTC."""
    from datetime import UTC, datetime, timedelta

    if us is None:
        return ""
    try:
        return f"{datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us):%Y-%m-%d %H:%M:%S}"
    except OverflowError:
        return str(us)


def duration(seconds: float | None) -> str:
    """Return a length of time, such as ``2 h 5 m``."""
    from ..site import figures

    return "" if seconds is None else figures.duration(seconds)
