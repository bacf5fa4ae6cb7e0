"""``runhooks du``: what a store holds."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..api import Api, ApiRun
from ..errors import RunNotFoundError
from ..storage import Store
from .options import Asked
from .plain import size
from .screen import Column, print_json, print_table
from .target import api_of, find

__all__ = ["du"]

_KINDS = ("history", "journal", "system", "logs", "files", "data")
"""Folders of a run whose sizes are told apart."""


@dataclass(slots=True)
class _Use:
    """What something takes of the store."""

    path: str
    objects: int = 0
    bytes: int = 0
    kinds: Counter[str] = field(default_factory=Counter)

    def add(self, kind: str, size: int) -> None:
        self.objects += 1
        self.bytes += size
        self.kinds[kind] += size


def du(what: str | None, asked: Asked) -> int:
    """Tell what runs, or projects, take of the store; return the exit code."""
    target = api_of(asked) if what is None else find(what, asked)
    if isinstance(target, ApiRun):
        place, prefix, depth = target.store, target.folder, 4
    elif isinstance(target, Api):
        place, prefix, depth = target.store, "", 2
    else:
        api, entity, project = target
        place, prefix, depth = api.store, f"{entity}/{project}", 4
    uses = sorted(_uses(place, prefix, depth), key=lambda use: (-use.bytes, use.path))
    if not uses and prefix:
        raise RunNotFoundError(f"there is nothing at {prefix} in {place.url}")
    if asked.as_json:
        rows: list[dict[str, Any]] = [
            {"path": use.path, "objects": use.objects, "bytes": use.bytes, "kinds": dict(use.kinds)}
            for use in uses
        ]
        print_json({"store": place.url, "uses": rows, "bytes": sum(use.bytes for use in uses)})
        return 0
    columns = [Column("WHAT"), Column("OBJECTS", "number"), Column("BYTES", "number"), Column("", "number")]
    rows_ = [(use.path, str(use.objects), str(use.bytes), size(use.bytes)) for use in uses]
    total = sum(use.bytes for use in uses)
    print_table(columns, [*rows_, ("all", str(sum(use.objects for use in uses)), str(total), size(total))])
    return 0


def _uses(store: Store, prefix: str, depth: int) -> Iterator[_Use]:
    """Sum up the objects by the first parts of their paths; what is of no run is its folder's."""
    found: dict[str, _Use] = {}
    for entry in store.list(prefix):
        parts = entry.path.split("/")
        in_run = len(parts) > 4 and parts[2] == "runs"
        name = "/".join(parts[: depth if in_run or depth == 2 else 3][: len(parts) - 1]) or "."
        kind = parts[4] if in_run and len(parts) > 5 and parts[4] in _KINDS else parts[min(2, len(parts) - 1)]
        found.setdefault(name, _Use(name)).add("pages" if kind == "data" else kind, entry.size)
    yield from found.values()
