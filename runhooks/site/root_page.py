"""The store's own page: its projects. Pure; see :mod:`.build` for reading and writing."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import orjson

from .data import revision_of, script, shown
from .figures import moment
from .html import Child, h
from .page import address, document, note, state, table
from .project_page import Row

__all__ = ["Digest", "digest_of", "is_digest", "render_root"]

Digest = dict[str, Any]
"""What the root page shows of a project: entity, project, runs, states, last_activity, activity."""

ACTIVITY_DAYS: Final = 30
_DAY_US = 86_400_000_000
_SIGNS_OF_LIFE = ("created_at", "ended_at", "heartbeat_at")


def digest_of(entity: str, project: str, rows: Iterable[Row]) -> Digest:
    """Return what the root page shows of a project with these runs.

    ``activity`` counts the runs begun on each of the last 30 days (UTC), the last being that of the last
    sign of life.
    """
    rows = list(rows)
    last = max((int(row[sign] or 0) for row in rows for sign in _SIGNS_OF_LIFE), default=0)
    activity = [0] * ACTIVITY_DAYS
    for row in rows:
        age = last // _DAY_US - row["created_at"] // _DAY_US
        if 0 <= age < ACTIVITY_DAYS:
            activity[-1 - age] += 1
    return {
        "entity": shown(entity),
        "project": shown(project),
        "runs": len(rows),
        "states": dict(sorted(Counter(row["state"] for row in rows).items())),
        "last_activity": last or None,
        "activity": activity,
    }


def is_digest(found: Any) -> bool:
    """Tell whether stored data is a :data:`Digest`."""
    if not isinstance(found, Mapping):
        return False
    kinds = {"entity": str, "project": str, "runs": int, "states": dict, "activity": list}
    return all(isinstance(found.get(name), kind) for name, kind in kinds.items()) and isinstance(
        found.get("last_activity"), int | None
    )


def render_root(projects: Sequence[Digest], assets: str) -> dict[str, bytes]:
    """Return the files of the store's page: path in the store, and bytes; the latest active project first."""
    latest = sorted(projects, key=lambda p: (-(p["last_activity"] or 0), p["entity"], p["project"]))
    payload = {"format": 1, "revision": revision_of(orjson.dumps(latest)), "projects": latest}
    listing = table(("Project", "Runs", "States", "Last activity"), map(_cells, latest))
    content = [
        h("header", {"class": "head"}, h("h1", None, "Projects")),
        listing if latest else note("No projects yet."),
    ]
    return {
        "data/root.js": script("root", payload),
        "index.html": document("root", "", assets, "runhooks", ["data/root.js"], content),
    }


def _cells(digest: Digest) -> list[Child]:
    entity, project = digest["entity"], digest["project"]
    return [
        h("a", {"href": address(entity, project, "index.html")}, h("bdi", None, f"{entity}/{project}")),
        f"{digest['runs']:,}",
        [[state(word), f" {count:,} "] for word, count in digest["states"].items()],
        moment(digest["last_activity"]),
    ]
