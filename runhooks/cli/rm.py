"""``runhooks rm``, ``restore`` and ``empty-trash``."""

import re
from collections.abc import Sequence
from typing import Any

from ..api import Api
from ..api.listing import all_projects
from ..api.trash import Purged, delete_runs, empty_trash, in_trash, restore_runs
from ..errors import ArgumentError
from ..record.paths import RunPath
from ..storage import Store
from .plain import moment
from .screen import Column, iso, note, print_json, print_line, print_table, progress
from .selection import Chosen, Selection, choose, confirmed, print_chosen
from .target import find_project, find_run, options_of

__all__ = ["empty", "restore", "rm"]

_AGES = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def rm(
    words: Sequence[str],
    selection: Selection,
    store: str | None,
    pairs: Sequence[str],
    *,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Put runs into the trash; return the exit code: 1 when the user did not want it."""
    runs = choose(words, selection, store, pairs)
    if not as_json:
        print_chosen(runs)
    if dry_run or not runs:
        return _told(runs, "would delete", as_json=as_json, dry_run=dry_run)
    if not confirmed(f"Put {_counted(runs)} into the trash?", yes=yes):
        note("nothing was deleted")
        return 1
    with progress("deleting", len(runs)) as done:
        for place, group in _by_store(runs):
            delete_runs(place, [(run.path, run.name) for run in group], done)
    return _told(runs, "deleted", as_json=as_json, dry_run=False)


def _told(runs: Sequence[Chosen], verb: str, *, as_json: bool, dry_run: bool) -> int:
    if as_json:
        print_json({"deleted": [str(run.path) for run in runs], "dry_run": dry_run})
    elif not runs:
        print_line("no runs to delete")
    else:
        print_line(f"{verb} {_counted(runs)}; runhooks restore brings them back until the trash is emptied")
    return 0


def _counted(runs: Sequence[object]) -> str:
    return f"{len(runs):,} run{'' if len(runs) == 1 else 's'}"


def _by_store(runs: Sequence[Chosen]) -> list[tuple[Store, list[Chosen]]]:
    found: dict[str, tuple[Store, list[Chosen]]] = {}
    for run in runs:
        found.setdefault(run.store.url, (run.store, []))[1].append(run)
    return list(found.values())


def restore(words: Sequence[str], store: str | None, pairs: Sequence[str], *, as_json: bool) -> int:
    """Take runs out of the trash, or list what is in it; return the exit code."""
    options = options_of(pairs)
    runs = [word for word in words if word.strip("/").count("/") or word.startswith(".")]
    if len(words) == 1 and not _is_run(words[0]):
        return _list_trash(words[0], store, options, as_json=as_json)
    if len(runs) != len(words):
        raise ArgumentError("restore takes runs, or one project to list what is in its trash")
    found = [find_run(word, store, options) for word in words]
    for run in found:
        restore_runs(run.store, [RunPath(run.entity, run.project, run.id)])
    if as_json:
        print_json({"restored": [run.path for run in found]})
    else:
        print_line(f"restored {', '.join(run.path for run in found)}")
    return 0


def _is_run(word: str) -> bool:
    return not word.endswith("/") and word.strip("/").count("/") >= 1


def _list_trash(word: str, store: str | None, options: dict[str, Any], *, as_json: bool) -> int:
    api, entity, project = find_project(word, store, options)
    found = in_trash(api.store, entity, project)
    if as_json:
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
    store: str | None,
    pairs: Sequence[str],
    *,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Delete for good what is in the trash; return the exit code: 1 when a run had to stay."""
    age, options = _age(older_than), options_of(pairs)
    if project is None:
        api = Api(store, options)
        projects = all_projects(api.store)
    else:
        api, entity, name = find_project(project, store, options)
        projects = [(entity, name)]
    if dry_run:
        runs = [run for entity, name in projects for run, _ in in_trash(api.store, entity, name, age)]
        return _emptied([Purged(run) for run in runs], "would delete", as_json=as_json)
    if not confirmed(f"Delete what is in the trash of {api.store.url} for good?", yes=yes):
        note("nothing was deleted")
        return 1
    with progress("deleting", None) as done:
        purged = [run for entity, name in projects for run in empty_trash(api.store, entity, name, age, done)]
    return _emptied(purged, "deleted for good:", as_json=as_json)


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
        print_line(f"{verb} {_counted(gone)}, {freed:,} bytes")
        for run in kept:
            note(f"{run.path} stays in the trash: {run.kept}")
    return 1 if kept else 0
