"""A logged mapping as one JSON object: the fast way, and the careful way.

The fast way is one call of orjson. Its answer is taken only when nothing in it could have been
changed on the way: no ``null`` (orjson's NaN), no list, no nested object, no subclass, and no text,
which may hold a secret.
"""

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from ..redact import redact_text, redact_tree
from ..values import Unstorable, describe, flatten, pack, scalar
from .device import Deferred, defer

__all__ = ["Row", "careful", "fast"]

_OPTIONS = (
    orjson.OPT_PASSTHROUGH_SUBCLASS | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
)
_BRACE, _BRACKET, _QUOTE = b'{["'
_PLAIN = frozenset({bool, int, float, str, type(None)})


def fast(data: Any, dumps: Any = orjson.dumps, options: int = _OPTIONS) -> bytes | None:
    """Return the JSON object for a flat dict of numbers and bools, else None."""
    try:
        body: bytes = dumps(data, None, options)
    except (TypeError, RecursionError):
        return None
    # Two quotation marks a name, and none else: no value is a text.
    if body[0] != _BRACE or body.count(_QUOTE) != 2 * len(data):
        return None
    if b"null" in body or _BRACKET in body or body.find(_BRACE, 1) > 0:
        return None
    return body


class Row:
    """A mapping encoded the careful way.

    Attributes
    ----------
    values : dict
        What can be written now; JSON-able.
    deferred : dict
        Scalars that a device is still computing.
    unstorable : dict
        Keys whose values were kept as their repr, and why.
    """

    __slots__ = ("deferred", "unstorable", "values")

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.deferred: dict[str, Deferred] = {}
        self.unstorable: dict[str, str] = {}

    def encode(self) -> bytes:
        """Return the JSON object of :attr:`values`."""
        return orjson.dumps(self.values)


def careful(data: Any, media: Callable[[str, Any], Any] | None = None) -> Row:
    """Encode any mapping with string keys: nested dicts flatten with dots, strange values become their repr.

    Texts are kept without what looks like a credential (see :mod:`runhooks.redact`).

    Parameters
    ----------
    data : Any
    media : callable, optional
        Asked with name and value for the JSON of a picture or the like; None when the value is none.

    Raises
    ------
    TypeError
        When `data` is no mapping, or one of its keys is no string.
    """
    if not isinstance(data, Mapping):
        raise TypeError(
            f"log() takes a mapping of names to values, not {type(data).__name__}: log({{'loss': 0.1}})"
        )
    row = Row()
    for key, value in _flat(data).items():
        later = _defer(value)
        if later is not None:
            row.deferred[key] = later
            continue
        try:
            stored = None if media is None or type(value) in _PLAIN else media(key, value)
            row.values[key] = redact_tree(pack(scalar(value))) if stored is None else pack(stored)
        except Unstorable as error:
            row.values[key] = redact_text(describe(value))
            row.unstorable[key] = f"{type(value).__name__}: {error}"
    return row


def _flat(data: Mapping[Any, Any]) -> dict[str, Any]:
    try:
        copy = dict(data)  # another thread may be changing it
        flat = flatten(copy)
    except Exception as error:  # noqa: BLE001  (a foreign mapping may raise anything)
        return {"runhooks/unreadable": redact_text(f"{type(error).__name__}: {describe(data)}")}
    for key in copy:
        if not isinstance(key, str):
            raise TypeError(f"log() takes string keys, not {describe(key)}: log({{'loss': 0.1}})")
    return flat


def _defer(value: Any) -> Deferred | None:
    try:
        return defer(value)
    except Exception:  # noqa: BLE001  (foreign device code; the value is read or described instead)
        return None
