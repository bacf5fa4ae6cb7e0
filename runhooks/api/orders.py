"""Orders of runs as W&B's public Api writes them: ``-created_at``, ``+summary_metrics.loss``."""

import math
from dataclasses import dataclass
from typing import Any

from ..errors import ArgumentError
from .fields import MISSING, Field, field_of

__all__ = ["Order", "parse_order"]


@dataclass(frozen=True, slots=True)
class Order:
    """By which field runs are sorted, and which way."""

    field: Field
    descending: bool

    def key(self, value: Any) -> tuple[Any, ...]:
        """Return what to sort by: what is missing or NaN comes last either way, numbers before texts."""
        if value is MISSING or (isinstance(value, float) and math.isnan(value)):
            return (2, 0)
        if isinstance(value, bool | int | float):
            return (0, -value if self.descending else value)
        text = value if isinstance(value, str) else repr(value)
        return (1, _Backwards(text) if self.descending else text)


@dataclass(frozen=True, slots=True)
class _Backwards:
    """A text that sorts the other way."""

    text: str

    def __lt__(self, other: "_Backwards") -> bool:
        return other.text < self.text


def parse_order(order: str) -> Order:
    """Read an order; without a sign it is ascending.

    Raises
    ------
    ArgumentError
        When it is none; the message names what it can be.
    """
    if not isinstance(order, str) or not order.strip("+-"):
        raise ArgumentError(f"order is a text such as '-created_at', not {order!r}")
    return Order(field_of(order[1:] if order[0] in "+-" else order, f"order {order!r}"), order[0] == "-")
