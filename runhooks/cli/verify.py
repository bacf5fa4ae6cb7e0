"""``runhooks verify``: whether a store is as it was written."""

from ..api import Api, ApiRun
from ..api.listing import all_projects, run_ids
from ..api.nearby import no_such_project, no_such_run
from ..errors import ArtifactError, RecordError, RunNotFoundError
from ..record.paths import RunPath
from ..record.verify import Fault, verify_run
from ..storage import together
from .options import Asked
from .plain import counted
from .screen import note, print_json, print_line, progress
from .target import api_of, find, options_of

__all__ = ["verify"]


def verify(what: str | None, asked: Asked) -> int:
    """Check a run, a project or a store; return the exit code: 1 when something is not as it was written."""
    api, runs, projects = _meant(what, asked)
    checked, faults = 0, list[Fault]()
    with progress("checking", len(runs)) as done:

        def one(run: RunPath) -> tuple[int, list[Fault]]:
            found = verify_run(api.store, run.folder)
            done(str(run))
            return found

        for objects, found in together(api.store, one, runs):
            checked, faults = checked + objects, faults + found
    for entity, project in projects:
        objects, found = _artifacts(api, f"{entity}/{project}")
        checked, faults = checked + objects, faults + found
    if asked.as_json:
        rows = [{"path": fault.path, "problem": fault.problem} for fault in faults]
        print_json({"runs": len(runs), "checked": checked, "faults": rows})
        return 1 if faults else 0
    for fault in faults:
        note(f"{fault.path}: {fault.problem}")
    state = f"{len(faults):,} damaged" if faults else "all as they were written"
    print_line(f"checked {checked:,} objects of {counted(runs)}: {state}")
    return 1 if faults else 0


def _meant(what: str | None, asked: Asked) -> tuple[Api, list[RunPath], list[tuple[str, str]]]:
    """Return the runs that are meant, and the projects whose artifacts are."""
    target = api_of(asked) if what is None else find(what, asked)
    if isinstance(target, ApiRun):
        path = RunPath(target.entity, target.project, target.id)
        if not any(True for _ in target.store.list(path.folder)):
            raise RunNotFoundError(no_such_run(target.store, path))
        return Api(target.store.url, options_of(asked.pairs)), [path], []
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
