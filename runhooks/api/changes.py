"""What of a run may be changed on an object, and what was."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from ..record.view import RunView

__all__ = ["Summary", "changed", "editable"]


class Summary(dict[str, Any]):
    """A run's summary, which scripts for W&B also ask for its plain mapping."""

    @property
    def _json_dict(self) -> dict[str, Any]:
        return dict(self)


def editable(view: RunView) -> dict[str, Any]:
    """Return a copy of what :meth:`ApiRun.update` stores."""
    return {key: deepcopy(getattr(view, key)) for key in ("name", "notes", "tags", "config", "summary")}


def changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is not the same in two copies; of config and summary the keys."""
    changes = {key: now[key] for key in ("name", "notes", "tags") if now[key] != before[key]}
    for key in ("config", "summary"):
        old, new = before[key], now[key]
        found = {name: new[name] for name in new if name not in old or repr(old[name]) != repr(new[name])}
        if found:
            changes[key] = found
    return changes
