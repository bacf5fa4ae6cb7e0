"""What filters and orders may ask of a run, by W&B's names, and where the answer is.

Most answers are in the small row that a run's recorder keeps for the project's table. A row shortens
long texts, writes lists as text and has room for 1,000 values: where it may not have the value itself,
it is :class:`Unsure`, and the run document is asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from ..errors import ArgumentError
from ..record.view import RunView
from ..site.project_page import Row
from ..values import flatten

__all__ = ["MISSING", "Field", "Unsure", "field_of", "row_value", "view_value"]


class _Missing:
    """Stands for a value that a run does not have."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()


class Unsure(Exception):
    """A row has not all of a value."""


@dataclass(frozen=True, slots=True)
class Field:
    """A value that every run has or lacks.

    Attributes
    ----------
    kind : {"fact", "time", "config", "summary", "environment"}
        A time is in microseconds since the epoch.
    key : str
        Attribute of :class:`~runhooks.record.view.RunView`, or key in its config, summary or environment.
    """

    kind: Literal["fact", "time", "config", "summary", "environment"]
    key: str


_FACTS = {
    **dict.fromkeys(("display_name", "displayName", "name"), "name"),
    **dict.fromkeys(("job_type", "jobType"), "job_type"),
    **dict.fromkeys(("notes", "description"), "notes"),
    **dict.fromkeys(("last_step", "lastHistoryStep"), "last_step"),
    **dict.fromkeys(("duration", "duration_s"), "duration_s"),
    **{name: name for name in ("id", "state", "reason", "tags", "group")},
}
_TIMES = {
    **dict.fromkeys(("created_at", "createdAt"), "created_at"),
    **dict.fromkeys(("ended_at", "endedAt"), "ended_at"),
    **dict.fromkeys(("heartbeat_at", "heartbeatAt"), "heartbeat_at"),
}
_ENVIRONMENT = {**dict.fromkeys(("username", "user", "author"), "author"), "host": "host"}
_NAMED = (
    "config.*, summary.* (or summary_metrics.*), state, name (or display_name), id, tags, group, job_type, "
    "notes, created_at, ended_at, duration, last_step, username, host"
)
_WORDS = frozenset({"NaN", "Infinity", "-Infinity"})
_LONGEST_TEXT, _MOST_VALUES = 500, 1000
"""What a row keeps of a text, and of a config: see :mod:`runhooks.site.project_page`."""


def field_of(name: str, where: str) -> Field:
    """Return the field with a name.

    Raises
    ------
    ArgumentError
        When there is none. `where` says in the message which place of the filter or order it was.
    """
    head, dot, key = name.partition(".")
    if dot and key and head == "config":
        return Field("config", key)
    if dot and key and head in ("summary", "summary_metrics", "summaryMetrics"):
        return Field("summary", key)
    if name in _FACTS:
        return Field("fact", _FACTS[name])
    if name in _TIMES:
        return Field("time", _TIMES[name])
    if name in _ENVIRONMENT:
        return Field("environment", _ENVIRONMENT[name])
    raise ArgumentError(f"{where}: a run has no {name!r}; known are {_NAMED}")


def row_value(field: Field, row: Row) -> Any:
    """Return a value from a run's row, or MISSING.

    Raises
    ------
    Unsure
        When the row may not have all of it.
    """
    if field.kind == "environment":
        raise Unsure
    if field.kind not in ("config", "summary"):
        return _sure(_or_missing(row[field.key]))
    values = row[field.kind]
    found = _dig(values, field.key)
    if found is MISSING and len(values) >= _MOST_VALUES:
        raise Unsure
    return _sure(found)


def view_value(field: Field, view: RunView) -> Any:
    """Return a value from a run document, or MISSING."""
    if field.kind in ("config", "summary"):
        return _dig(flatten(getattr(view, field.kind)), field.key)
    if field.kind == "environment":
        return _or_missing(view.environment.get(field.key))
    if field.key == "heartbeat_at":
        return MISSING if view.heartbeat is None else view.heartbeat.at
    return _or_missing(getattr(view, field.key))


def _dig(values: Mapping[str, Any], key: str) -> Any:
    """Return the value of a dotted key; a whole group of keys as a mapping; W&B's ``lr.value`` as ``lr``."""
    if key in values:
        return _or_missing(values[key])
    group = {name: value for name, value in values.items() if name.startswith(f"{key}.")}
    if group:
        return group
    plain = key.removesuffix(".value")
    return _or_missing(values.get(plain)) if plain != key else MISSING


def _sure(value: Any) -> Any:
    if isinstance(value, str) and (
        len(value) > _LONGEST_TEXT
        or value in _WORDS
        or value.startswith(("[", "{"))
        or value.lstrip("-").isdigit()
    ):
        raise Unsure
    return value


def _or_missing(value: Any) -> Any:
    return MISSING if value is None else value
