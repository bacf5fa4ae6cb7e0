"""``runhooks render``."""

from collections.abc import Iterable, Sequence
from typing import Any

from ..api import Api, ApiRun
from ..api.listing import find_projects, run_ids
from ..api.nearby import no_such_project, no_such_run
from ..errors import RecordError, RunNotFoundError
from ..record.paths import RunPath
from ..site.artifact_build import build_artifacts
from ..site.build import Pages, Report, build_project, build_root, build_run
from ..storage import Store
from .screen import note, print_json, print_line, progress
from .target import find, options_of

__all__ = ["render"]


def render(what: str | None, store: str | None, pairs: Sequence[str], *, as_json: bool) -> int:
    """Render pages of a store, a project or a run; return the exit code: 1 when a run was left out."""
    options = options_of(pairs)
    target = Api(store, options) if what is None else find(what, store, options)
    if isinstance(target, ApiRun):
        page, report = f"{target.folder}/index.html", _one_run(target)
        where = target.store
    elif isinstance(target, Api):
        page, where = "index.html", target.store
        report = _projects(where, find_projects(where))
    else:
        api, entity, project = target
        page, where = f"{entity}/{project}/index.html", api.store
        if not run_ids(where, entity, project):
            raise RunNotFoundError(no_such_project(where, entity, project))
        report = _projects(where, [(entity, project)])
    _tell(report, where.page_url(page), as_json=as_json)
    return 1 if report.unreadable else 0


def _one_run(run: ApiRun) -> Report:
    pages = Pages(run.store)
    try:
        build_run(run.store, run.folder, pages)
    except RunNotFoundError as error:
        path = RunPath(run.entity, run.project, run.id)
        raise RunNotFoundError(no_such_run(run.store, path)) from error
    build_project(run.store, run.entity, run.project, pages)
    build_root(run.store, pages)
    return Report(runs=1, projects=1)


def _projects(store: Store, projects: Iterable[tuple[str, str]]) -> Report:
    """Render every run of some projects, their own pages, and the page of all."""
    report, pages = Report(), Pages(store)
    listed = [(entity, name, run_ids(store, entity, name)) for entity, name in projects]
    with progress("rendering", sum(len(ids) for _, _, ids in listed)) as done:
        for entity, name, ids in listed:
            for id in ids:
                path = RunPath(entity, name, id)
                _run_into(report, store, path, pages.assets)
                done(str(path))
            rest = build_project(store, entity, name, Pages(store, pages.assets))
            build_artifacts(store, entity, name, Pages(store, pages.assets), anew=True)
            report.unreadable |= rest.unreadable
            report.projects += 1
    build_root(store, pages)
    return report


def _run_into(report: Report, store: Store, path: RunPath, assets: str) -> None:
    try:
        build_run(store, path.folder, Pages(store, assets))
        report.runs += 1
    except RunNotFoundError:  # a folder with no run in it, or one that is just being deleted
        return
    except RecordError as error:
        report.unreadable[path.folder] = str(error)


def _tell(report: Report, page: str, *, as_json: bool) -> None:
    if as_json:
        found: dict[str, Any] = {"page": page, "runs": report.runs, "projects": report.projects}
        print_json({**found, "unreadable": report.unreadable})
        return
    runs = f"{report.runs:,} run{'' if report.runs == 1 else 's'}"
    projects = f"{report.projects:,} project{'' if report.projects == 1 else 's'}"
    print_line(f"rendered {runs} of {projects}: {page}")
    for folder, problem in report.unreadable.items():
        note(f"{folder} cannot be read: {problem}")
