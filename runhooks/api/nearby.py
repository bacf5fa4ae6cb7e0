"""Messages for what is not there, with what is there and has a similar name."""

from collections.abc import Iterable
from difflib import get_close_matches

from ..record.paths import RunPath
from ..storage import Store
from .listing import find_projects, list_runs, run_ids

__all__ = ["no_such_project", "no_such_run"]

_MOST_NAMED = 5
_FEW_ENOUGH_TO_READ = 1000


def no_such_run(store: Store, path: RunPath) -> str:
    """Say that there is no such run, and which ones may have been meant."""
    ids = run_ids(store, path.entity, path.project)
    if not ids:
        return no_such_project(store, path.entity, path.project)
    project = f"{path.entity}/{path.project}"
    meant = _with_name(store, path, len(ids)) or get_close_matches(path.id, ids, _MOST_NAMED, 0.5)
    said = f"there is no run {path} in {store.url}"
    if meant:
        return f"{said}; did you mean {_listed(f'{project}/{id}' for id in meant)}?"
    known = _listed(ids) if len(ids) <= _MOST_NAMED else f"{len(ids):,} runs"
    return f"{said}; project {project} has {known}"


def no_such_project(store: Store, entity: str, project: str) -> str:
    """Say that there is no such project, and which ones may have been meant."""
    said = f"there is no project {entity}/{project} in {store.url}"
    known = [f"{entity}/{name}" for entity, name in find_projects(store)]
    if not known:
        return f"{said}; it has no runs at all"
    if f"{entity}/{project}" in known:
        return f"the project {entity}/{project} in {store.url} has no runs"
    near = get_close_matches(f"{entity}/{project}", known, _MOST_NAMED)
    near += [path for path in known if path.endswith(f"/{project}") and path not in near]
    if near:
        return f"{said}; did you mean {_listed(near)}?"
    return f"{said}; it has {_listed(known) if len(known) <= _MOST_NAMED else f'{len(known):,} projects'}"


def _with_name(store: Store, path: RunPath, runs: int) -> list[str]:
    """Return the ids of runs that are called so: people know a run by its name."""
    if store.root is None or runs > _FEW_ENOUGH_TO_READ:
        return []
    rows = [listed.row for listed in list_runs(store, path.entity, path.project) if listed.row]
    return [row["id"] for row in rows if row["name"] == path.id][:_MOST_NAMED]


def _listed(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} or {last}" if most else last
