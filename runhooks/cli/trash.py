"""``runhooks restore`` and ``empty-trash``."""

import re
from collections.abc import Sequence

from ..api.listing import all_projects
from ..api.trash import Purged, empty_trash, in_trash, restore_runs
from ..errors import ArgumentError
from ..record.paths import RunPath
from .options import Asked
from .plain import counted, moment
from .screen import Column, iso, note, print_json, print_line, print_table, progress
from .selection import confirmed, must_be_asked
from .target import find_project, find_run, meant_projects

__all__ = ["empty", "restore"]

_AGES = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def restore(words: Sequence[str], asked: Asked) -> int:
    """Take runs out of the trash, or list what is in it; return the exit code."""
    runs = [word for word in words if word.strip("/").count("/") or word.startswith(".")]
    if len(words) == 1 and not _is_run(words[0]):
        return _list_trash(words[0], asked)
    if len(runs) != len(words):
        raise ArgumentError("restore takes runs, or one project to list what is in its trash")
    found = [find_run(word, asked) for word in words]
    for place in {run.store.url: run.store for run in found}.values():
        paths = [RunPath(run.entity, run.project, run.id) for run in found if run.store.url == place.url]
        with progress("restoring", len(paths)) as done:
            restore_runs(place, paths, done)
    if asked.as_json:
        print_json({"restored": [run.path for run in found]})
    else:
        print_line(f"restored {', '.join(run.path for run in found)}")
    return 0


def _is_run(word: str) -> bool:
    return not word.endswith("/") and word.strip("/").count("/") >= 1


def _list_trash(word: str, asked: Asked) -> int:
    api, entity, project = find_project(word, asked)
    found = in_trash(api.store, entity, project)
    if asked.as_json:
        rows = [{"path": str(p), "name": m.name, "deleted_at": iso(m.deleted_at)} for p, m in found]
        print_json({"trash": rows})
    elif not found:
        print_line(f"the trash of {entity}/{project} is empty")
    else:
        columns = [Column("RUN"), Column("NAME", "text"), Column("DELETED (UTC)")]
        print_table(columns, [(str(p), m.name or "", moment(m.deleted_at)) for p, m in found])
    return 0


def empty(
    project: str | None,
    older_than: str | None,
    asked: Asked,
    *,
    dry_run: bool,
    yes: bool,
) -> int:
    """Delete for good what is in the trash; return the exit code: 1 when a run had to stay."""
    age = _age(older_than)
    if not dry_run:
        must_be_asked(yes=yes)
    api, projects = meant_projects(project, asked, all_projects)
    if dry_run:
        runs = [run for entity, name in projects for run, _ in in_trash(api.store, entity, name, age)]
        return _emptied([Purged(run) for run in runs], "would delete", as_json=asked.as_json)
    if not confirmed(f"Delete what is in the trash of {api.store.url} for good?", yes=yes):
        note("nothing was deleted")
        return 1
    with progress("deleting", None) as done:
        purged = [run for entity, name in projects for run in empty_trash(api.store, entity, name, age, done)]
    return _emptied(purged, "deleted for good:", as_json=asked.as_json)


def _age(written: str | None) -> float:
    if written is None:
        return 0.0
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhdw])", written.strip())
    if not found:
        raise ArgumentError(f"--older-than takes a number and s, m, h, d or w, such as 30d; not {written}")
    return float(found[1]) * _AGES[found[2]]


def _emptied(purged: Sequence[Purged], verb: str, *, as_json: bool) -> int:
    kept = [run for run in purged if run.kept]
    gone = [run for run in purged if not run.kept]
    freed = sum(run.bytes for run in gone)
    if as_json:
        rows = [{"path": str(run.path), "objects": run.objects, "bytes": run.bytes} for run in gone]
        print_json({"purged": rows, "kept": {str(run.path): run.kept for run in kept}, "bytes": freed})
    else:
        print_line(f"{verb} {counted(gone)}, {freed:,} bytes")
        for run in kept:
            note(f"{run.path} stays in the trash: {run.kept}")
    return 1 if kept else 0
