"""A run without what tells whose it is, for review by people who must not know. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any, Final

from runhooks.record.view import RunView
from runhooks.values import flatten

__all__ = ["REMOVED", "anonymous"]

REMOVED: Final = "[removed]"

_FACTS: Final = frozenset(
    {"runhooks", "os", "machine", "python", "cpu_count", "cpu_threads", "memory_bytes", "disk_bytes", "gpus"}
)
"""Of the environment only these stay: what a newer version records is not known to be harmless."""

_PLACES = re.compile(
    r"(?P<url>\b[a-z][a-z0-9+.-]*://[^\s'\"<>]+|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)*(?::[^\s'\"<>]+)?)"
    r"|(?<![\w./\\])(?P<path>(?:~|/|[A-Za-z]:\\|\\\\)(?:[^\s'\"<>:,;()\[\]{}/\\]+[/\\])+)",
    re.IGNORECASE,
)
_HOME = re.compile(r"(?:/home/|/Users/|\\Users\\)([^/\\\s'\"]+)")
_OWNER = re.compile(r"[:/]([^:/\s]+)/[^/\s]+?(?:\.git)?/?$")
_SHORTEST_NAME = 3


def anonymous(view: RunView) -> tuple[RunView, list[str]]:
    """Return a run without names, hosts, paths, addresses and repositories, and what was taken out of it.

    Everything that names a person or a machine in the environment is looked for everywhere else too. What
    a file path ends with stays. A metric with such a name is left out.
    """
    scrub = _Scrub(_names(view))
    changed: dict[str, Any] = {}
    for field in fields(view):
        if field.name not in ("environment", "entity", "metrics", "definitions", "applied"):
            value = getattr(view, field.name)
            changed[field.name] = scrub.of(field.name, value)
    changed["environment"] = {
        name: scrub.of(f"environment.{name}", value)
        for name, value in view.environment.items()
        if name in _FACTS
    }
    changed["metrics"] = {key: stats for key, stats in view.metrics.items() if scrub.text(key) == key}
    gone = [f"environment.{name}" for name in view.environment if name not in _FACTS]
    gone += [f"metric {scrub.text(key)}" for key in view.metrics if key not in changed["metrics"]]
    return replace(view, entity="anonymous", **changed), ["entity", *gone, *scrub.found]


def _names(view: RunView) -> set[str]:
    """Return what people and machines of this run are called, as far as the environment tells."""
    told = flatten({name: value for name, value in view.environment.items() if name not in _FACTS})
    names = {view.entity} if view.entity != "default" else set()
    for key, value in told.items():
        if not isinstance(value, str):
            continue
        names.update(_HOME.findall(value))
        last = key.rpartition(".")[2].lower()
        if last in ("author", "user", "host", "email") or last.endswith(("user_name", "account", "nodelist")):
            names.update((value, value.partition(".")[0], value.partition("@")[0]))
        if last == "remote":
            names.update(_OWNER.findall(value))
    return {name for name in names if len(name) >= _SHORTEST_NAME}


class _Scrub:
    """Takes names and places out of texts, and keeps account of where."""

    def __init__(self, names: Iterable[str]) -> None:
        found = sorted(names, key=lambda name: (-len(name), name))
        words = "|".join(re.escape(name) for name in found)
        self._names = re.compile(rf"(?<![^\W_])(?:{words})(?![^\W_])", re.IGNORECASE) if found else None
        self.found: list[str] = []

    def of(self, where: str, value: Any) -> Any:
        """Return a value without them, to any depth."""
        if isinstance(value, str):
            cleaned = self.text(value)
            if cleaned != value:
                self.found.append(where)
            return cleaned
        if isinstance(value, Mapping):
            return {
                self.of(where, key) if isinstance(key, str) else key: self.of(
                    f"{where}.{self._shown(key)}", item
                )
                for key, item in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.of(where, item) for item in value]
        return value

    def _shown(self, key: Any) -> str:
        return self.text(str(key))

    def text(self, text: str) -> str:
        """Return a text without them."""
        text = _PLACES.sub(lambda place: REMOVED if place["url"] else "…/", text)
        return text if self._names is None else self._names.sub(REMOVED, text)
