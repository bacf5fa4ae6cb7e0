"""Changing what people wrote of runs: into ``labels.json``, which no recorder touches."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import ArgumentError, SiteError
from ..record.labels import read_labels, relabelled, write_labels
from ..record.paths import RunPath
from ..record.read import read_view
from ..record.view import RunView
from ..redact import redact_text
from ..site.build import Pages, build_run
from ..site.project_page import row_bytes
from ..storage import Store
from ..values import plain, text

__all__ = ["checked", "edit_run", "new_tags"]


def checked(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return changes of a run's labels, as they are stored.

    Raises
    ------
    ArgumentError
        When one of them is not what it must be.
    """
    found: dict[str, Any] = {}
    for key, value in changes.items():
        if key in ("name", "notes"):
            if not (isinstance(value, str) or (value is None and key == "notes")) or value == "":
                raise ArgumentError(f"{key} must be a text that is not empty, not {value!r}")
            found[key] = None if value is None else redact_text(text(value))
        elif key == "tags":
            if isinstance(value, str) or not all(isinstance(tag, str) for tag in value):
                raise ArgumentError(f"tags must be a list of texts, not {value!r}")
            found[key] = [redact_text(text(tag)) for tag in dict.fromkeys(value)]
        else:
            if not isinstance(value, Mapping):
                raise ArgumentError(f"{key} must be a mapping, not {value!r}")
            found[key] = plain(value)
    return found


def edit_run(store: Store, path: RunPath, changes: Mapping[str, Any]) -> RunView:
    """Change a run's labels, its row in the project's table and its page; return it as it is then.

    Parameters
    ----------
    changes : mapping
        ``name``, ``notes``, ``tags``; ``config`` and ``summary``, of which only the keys given are changed.

    Raises
    ------
    ArgumentError, RunNotFoundError, RecordError, StoreError
    """
    wanted = checked(changes)
    view = read_view(store, path.folder)
    labels = read_labels(store, path.folder)
    for key, value in wanted.items():
        labels[key] = {**labels.get(key, {}), **value} if key in ("config", "summary") else value
    write_labels(store, path.folder, labels)
    view = relabelled(view, labels)
    store.write(f"{path.entity}/{path.project}/index/{path.id}.json", row_bytes(view))
    if view.state != "running":  # else its recorder renders it with the new labels
        _render(store, path)
    return view


def _render(store: Store, path: RunPath) -> None:
    try:
        build_run(store, path.folder, Pages(store))
    except SiteError:
        return  # pages are derived: `runhooks render` makes them


def new_tags(tags: Sequence[str], add: Sequence[str], remove: Sequence[str]) -> list[str]:
    """Return tags with some more and some fewer."""
    return [tag for tag in dict.fromkeys([*tags, *add]) if tag not in set(remove)]
