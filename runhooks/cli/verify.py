"""``runhooks verify`` and ``du``: what a store holds, and whether it is as it was written."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..api import Api, ApiRun
from ..api.listing import all_projects, run_ids
from ..api.nearby import no_such_project, no_such_run
from ..errors import ArtifactError, RecordError, RunNotFoundError
from ..record.paths import RunPath
from ..record.verify import Fault, verify_run
from .plain import size
from .screen import Column, note, print_json, print_line, print_table, progress
from .target import find, options_of

__all__ = ["du", "verify"]

_KINDS = ("history", "journal", "system", "logs", "files", "data")
"""Folders of a run whose sizes are told apart."""


def verify(what: str | None, store: str | None, pairs: Sequence[str], *, as_json: bool) -> int:
    """Check a run, a project or a store; return the exit code: 1 when something is not as it was written."""
    api, runs, projects = _meant(what, store, pairs)
    checked, faults = 0, list[Fault]()
    with progress("checking", len(runs)) as done:
        for run in runs:
            objects, found = verify_run(api.store, run.folder)
            checked, faults = checked + objects, faults + found
            done(str(run))
    for entity, project in projects:
        objects, found = _artifacts(api, f"{entity}/{project}")
        checked, faults = checked + objects, faults + found
    if as_json:
        rows = [{"path": fault.path, "problem": fault.problem} for fault in faults]
        print_json({"runs": len(runs), "checked": checked, "faults": rows})
        return 1 if faults else 0
    for fault in faults:
        note(f"{fault.path}: {fault.problem}")
    state = f"{len(faults):,} damaged" if faults else "all as they were written"
    print_line(f"checked {checked:,} objects of {len(runs):,} run{'' if len(runs) == 1 else 's'}: {state}")
    return 1 if faults else 0


def _meant(
    what: str | None, store: str | None, pairs: Sequence[str]
) -> tuple[Api, list[RunPath], list[tuple[str, str]]]:
    """Return the runs that are meant, and the projects whose artifacts are."""
    options = options_of(pairs)
    target = Api(store, options) if what is None else find(what, store, options)
    if isinstance(target, ApiRun):
        path = RunPath(target.entity, target.project, target.id)
        if not any(True for _ in target.store.list(path.folder)):
            raise RunNotFoundError(no_such_run(target.store, path))
        return Api(target.store.url, options), [path], []
    if isinstance(target, Api):
        api, projects = target, all_projects(target.store)
    else:
        api, entity, project = target
        projects = [(entity, project)]
        if not run_ids(api.store, entity, project):
            raise RunNotFoundError(no_such_project(api.store, entity, project))
    runs = [RunPath(*project, id) for project in projects for id in run_ids(api.store, *project)]
    return api, runs, projects


def _artifacts(api: Api, project: str) -> tuple[int, list[Fault]]:
    checked, faults = 0, list[Fault]()
    for latest in api.artifacts(project):
        for artifact in api.artifact_versions(latest.path):
            checked += 1
            try:
                artifact.verify()
            except (ArtifactError, RecordError) as error:
                faults.append(Fault(artifact.path, str(error)))
    return checked, faults


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


def du(what: str | None, store: str | None, pairs: Sequence[str], *, as_json: bool) -> int:
    """Tell what runs, or projects, take of the store; return the exit code."""
    options = options_of(pairs)
    target = Api(store, options) if what is None else find(what, store, options)
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
    if as_json:
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


def _uses(store: Any, prefix: str, depth: int) -> Iterator[_Use]:
    """Sum up the objects by the first parts of their paths; what is of no run is its folder's."""
    found: dict[str, _Use] = {}
    for entry in store.list(prefix):
        parts = entry.path.split("/")
        in_run = len(parts) > 4 and parts[2] == "runs"
        name = "/".join(parts[: depth if in_run or depth == 2 else 3][: len(parts) - 1]) or "."
        kind = parts[4] if in_run and len(parts) > 5 and parts[4] in _KINDS else parts[min(2, len(parts) - 1)]
        found.setdefault(name, _Use(name)).add("pages" if kind == "data" else kind, entry.size)
    yield from found.values()
