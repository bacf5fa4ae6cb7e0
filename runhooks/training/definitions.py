"""What users say about metrics and alerts, checked and made plain."""

from collections.abc import Iterable
from time import monotonic
from typing import Any

from ..errors import ArgumentError
from ..values import describe, text

__all__ = ["Alerts", "alert_level", "as_text", "definition"]

_LEVELS = ("info", "warning", "error")
_SUMMARIES = ("min", "max", "mean", "last", "best", "first", "none")
_GOALS = {"min": "minimize", "max": "maximize", "minimize": "minimize", "maximize": "maximize"}


def definition(
    step_metric: str | None, summary: str | Iterable[str] | None, goal: str | None, hidden: bool | None
) -> dict[str, Any]:
    """Return the fields of a ``define`` event, those that were given.

    Raises
    ------
    ArgumentError
        For an unknown summary or goal.
    """
    wanted = summary.split(",") if isinstance(summary, str) else list(summary or ())
    wanted = [word.strip() for word in wanted]
    if unknown := [word for word in wanted if word not in _SUMMARIES]:
        raise ArgumentError(f"summary {unknown[0]!r} is unknown; it takes {', '.join(_SUMMARIES)}")
    if goal and goal not in _GOALS:
        raise ArgumentError(f"goal must be minimize or maximize, not {goal!r}")
    meant = _GOALS[goal] if goal else None
    fields = {"step_metric": step_metric, "summary": wanted or None, "goal": meant, "hidden": hidden}
    return {name: value for name, value in fields.items() if value is not None}


def alert_level(level: Any) -> str:
    """Return the level that a word or one of W&B's ``AlertLevel`` names.

    Raises
    ------
    ArgumentError
        For another level.
    """
    word = str(getattr(level, "value", level)).lower()
    word = "warning" if word == "warn" else word
    if word not in _LEVELS:
        raise ArgumentError(f"level must be one of {', '.join(_LEVELS)}, not {level!r}")
    return word


class Alerts:
    """When each title was last said."""

    def __init__(self) -> None:
        self._said: dict[str, float] = {}

    def is_due(self, title: str, wait: Any) -> bool:
        """Return whether a title may be said again: the last time is `wait`, seconds or a timedelta, ago."""
        seconds = wait.total_seconds() if hasattr(wait, "total_seconds") else float(wait or 0)
        now = monotonic()
        if title in self._said and now - self._said[title] < seconds:
            return False
        self._said[title] = now
        return True


def as_text(value: Any) -> str:
    """Return any value as a text that can be stored."""
    return text(value) if isinstance(value, str) else describe(value)
