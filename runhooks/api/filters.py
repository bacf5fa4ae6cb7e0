"""Filters of runs in the language of W&B's public Api, which is that of MongoDB.

>>> from runhooks.api.filters import parse_filter
>>> small = parse_filter({"config.lr": {"$lt": 0.01}, "state": {"$in": ["finished", "failed"]}})
>>> facts = {"lr": 0.001, "state": "finished"}
>>> small(lambda field: facts[field.key])
True
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ..errors import ArgumentError
from .fields import MISSING, Field, field_of

__all__ = ["Filter", "Get", "parse_filter"]

Get = Callable[[Field], Any]
"""Returns the value that a run has for a field, or MISSING."""

Filter = Callable[[Get], bool]
"""Tells whether a run, given by its values, is wanted."""

_Test = Callable[[Any], bool]

_LOGICAL = ("$and", "$or", "$nor")
_OPERATORS = ("$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$exists", "$regex", "$not")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse_filter(filters: Mapping[str, Any] | None) -> Filter:
    """Return what tells whether a run is wanted.

    A mapping of names to values or operators, all of which must hold; see the Api's documentation for
    the names. A list matches when one of its items does, and what is missing equals None, as in MongoDB.

    Raises
    ------
    ArgumentError
        When it is no filter; the message names the place.
    """
    return _every(filters or {}, "filters")


def _every(filters: Any, where: str) -> Filter:
    if not isinstance(filters, Mapping):
        raise ArgumentError(f"{where} must be a mapping such as {{'state': 'finished'}}, not {filters!r}")
    parts = [_part(name, condition, f"{where}[{name!r}]") for name, condition in filters.items()]
    return lambda get: all(part(get) for part in parts)


def _part(name: Any, condition: Any, where: str) -> Filter:
    if name in _LOGICAL:
        return _logical(name, condition, where)
    if name == "$not":
        inner = _every(condition, where)
        return lambda get: not inner(get)
    if not isinstance(name, str) or name.startswith("$"):
        known = ", ".join((*_LOGICAL, "$not"))
        raise ArgumentError(f"{where}: unknown operator {name!r}; here it can be {known} or a name")
    field = field_of(name, where)
    test = _condition(field, condition, where)
    return lambda get: test(get(field))


def _logical(name: str, condition: Any, where: str) -> Filter:
    if not isinstance(condition, Sequence) or isinstance(condition, str) or not condition:
        raise ArgumentError(f"{where} must be a list of filters, not {condition!r}")
    parts = [_every(part, f"{where}[{number}]") for number, part in enumerate(condition)]
    if name == "$and":
        return lambda get: all(part(get) for part in parts)
    wanted = name == "$or"
    return lambda get: any(part(get) for part in parts) is wanted


def _condition(field: Field, condition: Any, where: str) -> _Test:
    if not isinstance(condition, Mapping):
        return _equals(_operand(field, condition, where))
    tests = [_operator(field, op, operand, f"{where}[{op!r}]") for op, operand in condition.items()]
    if not tests:
        raise ArgumentError(f"{where} is empty; it takes a value or {', '.join(_OPERATORS)}")
    return lambda value: all(test(value) for test in tests)


def _operator(field: Field, op: Any, operand: Any, where: str) -> _Test:
    if op not in _OPERATORS:
        raise ArgumentError(f"{where}: unknown operator {op!r}; it takes {', '.join(_OPERATORS)}")
    if op == "$not":
        inner = _condition(field, operand, where)
        return lambda value: not inner(value)
    if op == "$exists":
        return lambda value: (value is not MISSING) is bool(operand)
    if op == "$regex":
        return _matches(operand, where)
    if op in ("$in", "$nin"):
        return _among(field, operand, where, wanted=op == "$in")
    checked = _operand(field, operand, where)
    if op in ("$eq", "$ne"):
        equal, wanted = _equals(checked), op == "$eq"
        return lambda value: equal(value) is wanted
    return _compares(op, checked)


def _among(field: Field, operand: Any, where: str, *, wanted: bool) -> _Test:
    if not isinstance(operand, Sequence | set | frozenset) or isinstance(operand, str):
        raise ArgumentError(f"{where} must be a list, not {operand!r}")
    tests = [_equals(_operand(field, item, where)) for item in operand]
    return lambda value: any(test(value) for test in tests) is wanted


def _matches(operand: Any, where: str) -> _Test:
    try:
        pattern = re.compile(operand)
    except (re.error, TypeError) as error:
        raise ArgumentError(f"{where}: {operand!r} is no regular expression: {error}") from error
    return lambda value: any(isinstance(item, str) and pattern.search(item) for item in _items(value))


def _equals(operand: Any) -> _Test:
    if operand is None:
        return lambda value: value is MISSING
    kind = _kind(operand)
    return lambda value: any(
        _kind(item) == kind and bool(item == operand) for item in (value, *_items(value))
    )


def _compares(op: str, operand: Any) -> _Test:
    kind = _kind(operand)

    def holds(value: Any) -> bool:
        if _kind(value) != kind:
            return False
        if op == "$gt":
            return bool(value > operand)
        if op == "$gte":
            return bool(value >= operand)
        return bool(value < operand) if op == "$lt" else bool(value <= operand)

    return lambda value: any(holds(item) for item in _items(value))


def _items(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else (value,)


def _kind(value: Any) -> str:
    """Return what a value may be compared with: as in MongoDB, only with its like."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    return type(value).__name__


def _operand(field: Field, operand: Any, where: str) -> Any:
    """Return a value to compare with; of a time, its microseconds."""
    if isinstance(operand, tuple):
        return list(operand)
    if field.kind != "time" or operand is None:
        return operand
    try:
        return _microseconds(operand)
    except (ValueError, TypeError) as error:
        raise ArgumentError(f"{where}: {operand!r} is no time; write 2026-11-23T06:01:02") from error


def _microseconds(operand: Any) -> int:
    if isinstance(operand, datetime):
        moment = operand
    elif isinstance(operand, date):
        moment = datetime(operand.year, operand.month, operand.day, tzinfo=UTC)
    elif isinstance(operand, str):
        moment = datetime.fromisoformat(operand)
    else:
        raise TypeError(operand)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(microseconds=1)
