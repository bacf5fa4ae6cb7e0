"""``runhooks render``."""

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from ..api import Api, ApiRun
from ..api.listing import find_projects, run_ids
from ..api.nearby import no_such_project, no_such_run
from ..errors import RunNotFoundError
from ..record.paths import RunPath
from ..site.build import Pages, Report, build_project, build_root, build_run
from ..site.render import render as render_pages
from ..site.render import run_folders
from ..storage import Store
from .options import Asked
from .screen import note, print_json, print_line, progress
from .target import api_of, find, options_of

if TYPE_CHECKING:
    from concurrent.futures import Executor

__all__ = ["render"]


def render(what: str | None, asked: Asked, *, workers: int, force: bool) -> int:
    """Render pages of a store, a project or a run; return the exit code: 1 when a run was left out."""
    options = options_of(asked.pairs)
    target = api_of(asked) if what is None else find(what, asked)
    if isinstance(target, ApiRun):
        page, report = f"{target.folder}/index.html", _one_run(target)
        where = target.store
    elif isinstance(target, Api):
        page, where = "index.html", target.store
        report = _projects(where, options, find_projects(where), workers, force=force)
    else:
        api, entity, project = target
        page, where = f"{entity}/{project}/index.html", api.store
        if not run_ids(where, entity, project):
            raise RunNotFoundError(no_such_project(where, entity, project))
        report = _projects(where, options, [(entity, project)], workers, force=force)
    _tell(report, where.page_url(page), as_json=asked.as_json)
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


def _projects(
    store: Store, options: dict[str, Any], projects: Iterable[tuple[str, str]], workers: int, *, force: bool
) -> Report:
    """Render every run of some projects, their own pages, and the page of all."""
    runs = [(*project, run_folders(store, *project)) for project in projects]
    total = sum(len(folders) for _, _, folders in runs)
    with _pool(workers) as executor, progress("rendering", total) as done:
        place = (store.url, options)
        return render_pages(store, runs, progress=done, force=force, executor=executor, place=place)


def _pool(workers: int) -> AbstractContextManager["Executor | None"]:
    """Return so many processes; none for one worker, which is this one."""
    if workers == 1:
        return nullcontext()
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    # Not forked: libraries of stores hold threads and locks, which a child would have without their owners.
    return ProcessPoolExecutor(workers, get_context("spawn"))


def _tell(report: Report, page: str, *, as_json: bool) -> None:
    if as_json:
        found: dict[str, Any] = {"page": page, "runs": report.runs, "projects": report.projects}
        print_json({**found, "unchanged": report.unchanged, "unreadable": report.unreadable})
        return
    runs = f"{report.runs:,} run{'' if report.runs == 1 else 's'}"
    projects = f"{report.projects:,} project{'' if report.projects == 1 else 's'}"
    same = f", {report.unchanged:,} unchanged" if report.unchanged else ""
    print_line(f"rendered {runs} of {projects}{same}: {page}")
    for folder, problem in report.unreadable.items():
        note(f"{folder} cannot be read: {problem}")
