"""What a user logs, as JSON.

Two encoders. :func:`scalar` is strict: one number, bool, string, None or short list, else
:class:`Unstorable`. :func:`plain` is total: whatever object a config holds, something readable
comes back and nothing is raised.

JSON has no NaN and no unbounded integer, so :func:`pack` writes them as ``{"$float": "nan"}`` and
``{"$int": "…"}``, and :func:`unpack` reads them back.
"""

import dataclasses
import enum
import math
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date, time
from pathlib import PurePath
from typing import Any

__all__ = ["Unstorable", "describe", "flatten", "pack", "plain", "scalar", "text", "unpack"]

MAX_LIST = 1000
MAX_ITEMS = 10_000
MAX_DEPTH = 24
MAX_TEXT = 65_536
_MOST_BITS = 1023  # what a float still reaches
_INT64 = range(-(2**63), 2**63)
_ADDRESS = r" at 0x[0-9a-fA-F]+"


class Unstorable(Exception):
    """The value has no JSON form that reads back as the same value."""


def scalar(value: Any, depth: int = MAX_DEPTH) -> Any:
    """Return a logged value as a plain Python number, bool, string, None or short list.

    Parameters
    ----------
    value : Any
        A Python scalar; a numpy, torch, jax, tensorflow or keras array of one element; an enum,
        date or path; or up to 1,000 of them in a sequence or array.

    Raises
    ------
    Unstorable
        For everything else.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, enum.Enum):
        return scalar(value.value)
    if isinstance(value, int):
        return _whole(int(value))
    if isinstance(value, float):
        return float(value)
    if isinstance(value, str):
        return text(value)
    if isinstance(value, date | time | PurePath):
        return text(str(value))
    if isinstance(value, list | tuple):
        if len(value) > MAX_LIST:
            raise Unstorable(f"a list of {len(value)} values (at most {MAX_LIST})")
        if not depth:
            raise Unstorable("a list that is nested too deep")
        return [scalar(item, depth - 1) for item in value]
    return _from_array(value)


def _whole(value: int) -> int:
    if value.bit_length() > _MOST_BITS:
        raise Unstorable(f"an integer of {value.bit_length()} bits")
    return value


def _from_array(value: Any) -> Any:
    """Read an array of any framework, by what such objects have in common."""
    if isinstance(value, type):
        raise Unstorable("a class")
    try:
        if not hasattr(value, "item") and hasattr(value, "numpy"):  # tensorflow, keras
            value = value.numpy()
        if hasattr(value, "tolist") and hasattr(value, "shape"):
            size = math.prod(value.shape)
            if size == 1:
                return scalar(value.item())
            if size <= MAX_LIST:
                return scalar(value.tolist())
            raise Unstorable(f"an array of shape {tuple(value.shape)} (at most {MAX_LIST} values)")
        if hasattr(value, "__float__"):
            return float(value)
    except Unstorable:
        raise
    except Exception as error:  # foreign code: an object's own methods may raise anything
        raise Unstorable(f"{type(error).__name__}: {describe(error)}") from error
    raise Unstorable("no JSON form")


def text(value: str) -> str:
    r"""Return a string that every JSON reader accepts: lone surrogates become ``\udcXX`` escapes."""
    try:
        value.encode()
    except UnicodeEncodeError:
        value = value.encode("utf-8", "backslashreplace").decode()
    return value if type(value) is str else str.__str__(value)


def describe(value: Any) -> str:
    """Return ``repr(value)`` without memory addresses, capped, and never raising."""
    try:
        shown = re.sub(_ADDRESS, "", text(repr(value)))
    except Exception:  # noqa: BLE001  (foreign __repr__)
        shown = f"<{type(value).__name__}>"
    return shown if len(shown) <= MAX_TEXT else shown[:MAX_TEXT] + "…"


def flatten(data: Mapping[Any, Any], prefix: str = "", depth: int = MAX_DEPTH) -> dict[str, Any]:
    """Join the keys of nested mappings with dots: ``{"a": {"b": 1}}`` gives ``{"a.b": 1}``."""
    flat: dict[str, Any] = {}
    for key, value in dict(data).items():  # a copy: another thread may be changing it
        name = prefix + text(str(key))
        if isinstance(value, Mapping) and value and depth:
            flat.update(flatten(value, name + ".", depth - 1))
        else:
            flat[name] = value
    return flat


def pack(value: Any) -> Any:
    """Return plain data (see :func:`plain`) with what JSON lacks written as ``$`` objects."""
    if isinstance(value, float) and not math.isfinite(value):
        return {"$float": "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"}
    if type(value) is int and value not in _INT64:
        return {"$int": hex(value)}
    if isinstance(value, dict):
        packed = {key: pack(item) for key, item in value.items()}
        return {"$dict": packed} if _is_packed(value) else packed
    if isinstance(value, list):
        return [pack(item) for item in value]
    return value


def unpack(value: Any) -> Any:
    """Undo :func:`pack`; what only looks packed stays as it is."""
    if isinstance(value, list):
        return [unpack(item) for item in value]
    if not isinstance(value, dict):
        return value
    if _is_packed(value):
        ((kind, written),) = value.items()
        if kind == "$dict" and isinstance(written, dict):
            return {key: unpack(item) for key, item in written.items()}
        with suppress(ValueError, TypeError):
            return float(written) if kind == "$float" else int(written, 16)
    return {key: unpack(item) for key, item in value.items()}


def _is_packed(value: Mapping[Any, Any]) -> bool:
    return len(value) == 1 and next(iter(value)) in ("$float", "$int", "$dict")


def plain(value: Any) -> Any:
    """Return any object as dicts, lists and scalars; what has no such form, as its repr.

    Caps: 24 levels, 10,000 items a container, 65,536 characters a string. Cycles end in a note.
    """
    return _plain(value, (), MAX_DEPTH)


def _plain(value: Any, above: tuple[int, ...], depth: int) -> Any:
    if id(value) in above:
        return "<recursive>"
    try:
        opened = _open(value)
        if opened is None:
            return _leaf(value)
        if depth == 0:
            return "<nested too deep>"
        above = (*above, id(value))
        if isinstance(opened, Mapping):
            return {_key(k): _plain(v, above, depth - 1) for k, v in _first(opened.items())}
        return [_plain(item, above, depth - 1) for item in _first(opened)]
    except Exception:  # noqa: BLE001  (foreign containers and properties; a config never stops training)
        return describe(value)


def _open(value: Any) -> Mapping[Any, Any] | Iterable[Any] | None:
    """Return the container that a config object is, or None for a leaf."""
    opened: Mapping[Any, Any] | Iterable[Any]
    if isinstance(value, str | bytes | enum.Enum | type):
        return None
    if isinstance(value, Mapping | list | tuple):
        if hasattr(value, "_asdict"):  # a named tuple
            return dict(value._asdict())
        opened = value
        return opened
    if isinstance(value, set | frozenset):
        return sorted(value, key=repr)
    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    for method in ("model_dump", "flag_values_dict", "to_dict"):  # pydantic, absl, transformers
        if callable(found := getattr(value, method, None)):
            answer = found()
            if isinstance(answer, Mapping):
                return dict(answer)
    if type(value).__name__ == "Namespace" or type(value).__module__ == "types":
        return dict(vars(value))
    return None


def _leaf(value: Any) -> Any:
    if isinstance(value, type) or (callable(value) and hasattr(value, "__qualname__")):
        return f"{value.__module__}.{value.__qualname__}"
    try:
        found = scalar(value)
    except Unstorable:
        return describe(value)
    if isinstance(found, str) and len(found) > MAX_TEXT:
        return found[:MAX_TEXT] + "…"
    return found


def _first(items: Iterable[Any]) -> Iterable[Any]:
    for number, item in enumerate(items):
        if number == MAX_ITEMS:
            return
        yield item


def _key(key: Any) -> str:
    return text(key) if isinstance(key, str) else describe(key)
