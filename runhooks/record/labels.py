"""``labels.json``: what people changed of a run later, apart from what the run itself wrote."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson

from ..errors import ObjectNotFoundError, RecordError
from ..storage import Store
from ..values import pack, unpack
from .view import RunView

__all__ = ["read_labels", "relabelled", "write_labels"]

_REPLACED = ("name", "notes", "tags")
_MERGED = ("config", "summary")


def read_labels(store: Store, folder: str) -> dict[str, Any]:
    """Return what was changed of the run in a folder.

    Raises
    ------
    RecordError
        When the object is not what the format says.
    """
    path = f"{folder}/labels.json"
    try:
        found = unpack(orjson.loads(store.read(path)))
    except ObjectNotFoundError:
        return {}
    except orjson.JSONDecodeError as error:
        raise RecordError(f"{path} is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise RecordError(f"{path} is no JSON object")
    return found


def write_labels(store: Store, folder: str, labels: Mapping[str, Any]) -> None:
    """Write what was changed of a run."""
    store.write(f"{folder}/labels.json", orjson.dumps(pack(dict(labels))) + b"\n")


def relabelled(view: RunView, labels: Mapping[str, Any]) -> RunView:
    """Return a run with what people changed of it."""
    changed: dict[str, Any] = {key: labels[key] for key in _REPLACED if key in labels}
    for key in _MERGED:
        if isinstance(labels.get(key), dict):
            changed[key] = {**getattr(view, key), **labels[key]}
    return replace(view, **changed)
