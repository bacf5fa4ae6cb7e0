"""Numbers and times as people read them; the same rules as ``frontend/src/format.ts``, with times in UTC."""

import math
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from .html import Html, h

__all__ = ["duration", "moment", "number", "quantity"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUS = "\u2212"
_TINY, _LARGE = 1e-4, 1e9
_ZEROS = re.compile(r"\.?0+$")


def number(x: float, digits: int = 4) -> str:
    """Return a number in significant digits.

    >>> number(0.0123456), number(123456.0), number(1.2e12), number(float("inf"))
    ('0.01235', '123,456', '1.2e12', '∞')
    """
    if not math.isfinite(x):
        return "NaN" if math.isnan(x) else "∞" if x > 0 else f"{_MINUS}∞"
    sign, size = (_MINUS if x < 0 else ""), abs(x)
    whole = float(size).is_integer()
    if size >= _LARGE or (size < _TINY and not whole):
        mantissa, exponent = f"{size:.{digits - 1}e}".split("e")
        return f"{sign}{_short(mantissa)}e{str(int(exponent)).replace('-', _MINUS)}"
    if whole or size >= 10**digits:
        return sign + _grouped(round(size))
    text = f"{size:#.{digits}g}"
    return sign + (_grouped(round(size)) if "e" in text else _short(text))


def _short(text: str) -> str:
    return _ZEROS.sub("", text) if "." in text else text


def _grouped(whole: int) -> str:
    return f"{whole:,}" if whole >= 10_000 else str(whole)


def quantity(value: Any) -> Html:
    """Return a logged or summarised value as an element, with the exact one on hover."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return h("data", {"value": repr(value), "title": repr(value)}, number(value))
    return h("span", None, value if isinstance(value, str) else str(value))


def duration(seconds: float) -> str:
    """Return a length of time.

    >>> [duration(s) for s in (0.85, 12.4, 200, 7500, 300_000)]
    ['850 ms', '12 s', '3 m 20 s', '2 h 5 m', '3 d 11 h']
    """
    seconds = max(0.0, seconds)
    if seconds < 0.9995:
        return f"{round(seconds * 1000)} ms"
    if seconds < 59.95:
        return f"{_short(f'{seconds:.1f}')} s" if seconds < 9.95 else f"{round(seconds)} s"
    if seconds < 3599.5:
        return _pair(seconds, 60, 1, "m", "s")
    if seconds < 86_370:
        return _pair(seconds, 3600, 60, "h", "m")
    return _pair(seconds, 86_400, 3600, "d", "h")


def _pair(seconds: float, large: int, small: int, first: str, second: str) -> str:
    amount = round(seconds / small)
    lead, rest = divmod(amount, large // small)
    return f"{lead} {first} {rest} {second}" if rest else f"{lead} {first}"


def moment(us: int | None) -> Html | None:
    """Return a time, given in microseconds since the epoch, as an element that scripts can read."""
    if us is None:
        return None
    try:
        at = _EPOCH + timedelta(microseconds=us)
    except OverflowError:
        return h("span", None, str(us))
    return h("time", {"datetime": f"{at:%Y-%m-%dT%H:%M:%S}Z"}, f"{at:%Y-%m-%d %H:%M:%S} UTC")
