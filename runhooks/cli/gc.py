"""``runhooks gc``."""

from ..api.listing import find_artifact_projects
from ..errors import ArgumentError
from ..record.garbage import sweep
from .options import Asked
from .plain import size
from .screen import print_json, print_line, progress
from .target import api_of

__all__ = ["gc"]


def gc(hours: float, asked: Asked, *, dry_run: bool) -> int:
    """Delete artifact content that no version names; return the exit code."""
    if hours < 0:
        raise ArgumentError(f"--older-than takes a number of hours, not {hours:g}")
    api = api_of(asked)
    projects = [f"{entity}/{name}" for entity, name in find_artifact_projects(api.store)]
    found = []
    with progress("looking", len(projects)) as done:
        for project in projects:
            found.append(sweep(api.store, project, hours * 3600, dry_run=dry_run))
            done(project)
    if asked.as_json:
        rows = [
            {
                "project": one.project,
                "kept": one.kept,
                "recent": one.recent,
                "deleted": len(one.unnamed),
                "bytes": one.freed,
                "objects": [entry.path for entry in one.unnamed],
            }
            for one in found
        ]
        print_json({"store": api.store.url, "dry_run": dry_run, "projects": rows})
        return 0
    deleted, freed = sum(len(one.unnamed) for one in found), sum(one.freed for one in found)
    recent = sum(one.recent for one in found)
    did = "would delete" if dry_run else "deleted"
    print_line(f"{did} {deleted:,} objects, {size(freed)}, that no artifact names, in {api.store.url}")
    if recent:
        print_line(
            f"left {recent:,} that may belong to an upload under way: they are not {hours:g} hours old"
        )
    return 0
