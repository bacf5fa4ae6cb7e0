"""Writing what pages show of artifacts, from the manifests. Only manifests that are new are read."""

import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import orjson

from runhooks.errors import ObjectNotFoundError, RecordError, StoreNotFoundError
from runhooks.record.manifest import ArtifactPath, version_number
from runhooks.record.versions import aliases, read_manifest, users
from runhooks.storage import Store

from .artifact_page import FolderRow, render_artifacts, row_of_version, rows_of_page, version_script
from .writer import Pages

__all__ = ["build_artifacts", "has_artifacts"]

_VERSION = re.compile(r"/artifacts/([^/]+)/(v[0-9]+)\.(json|js)$")
_USED = re.compile(r"/artifacts/([^/]+)/used/(v[0-9]+)/[^/]+\.json$")


def has_artifacts(store: Store, project_folder: str) -> bool:
    """Tell whether a project has artifacts, and so a page of them."""
    with suppress(StoreNotFoundError):
        return any(entry.is_dir for entry in store.list(f"{project_folder}/artifacts", recursive=False))
    return False


def build_artifacts(store: Store, entity: str, project: str, pages: Pages, *, anew: bool = False) -> None:
    """Write the page of a project's artifacts, and a script for each version that has none.

    Parameters
    ----------
    anew : bool
        Whether all scripts are written, from all manifests.

    Raises
    ------
    SiteError
        When the front end was not built.
    StoreError
    """
    folder = f"{entity}/{project}"
    paths = [entry.path for entry in store.list(f"{folder}/artifacts")]
    manifests, scripts = _found(paths, "json"), _found(paths, "js")
    if not manifests:
        return
    known = {} if anew else _known(store, folder)
    used = {match.groups() for path in paths if (match := _USED.search(path))}
    rows = []
    for name in sorted({name for name, _ in manifests}):
        of_name = ArtifactPath(entity, project, name, "")
        named = aliases(store, of_name.folder)
        for version in sorted((v for n, v in manifests if n == name), key=_number, reverse=True):
            path = of_name._replace(version=version)
            row = known.get((name, version)) if (name, version) in scripts else None
            if row is None and (row := _written(store, path, pages)) is None:
                continue
            runs = users(store, path) if (name, version) in used else []
            more = {"aliases": sorted(a for a, v in named.items() if v == version), "used_by": runs}
            rows.append({**row, **more})
    pages.write(folder, render_artifacts(entity, project, rows, pages.assets))


def _written(store: Store, path: ArtifactPath, pages: Pages) -> FolderRow | None:
    """Write a version's script and return its row; None where its manifest cannot be read."""
    try:
        manifest = read_manifest(store, path)
    except (LookupError, RecordError):
        return None
    pages.write(path.folder, {f"{path.version}.js": version_script(str(path), manifest)})
    return row_of_version(manifest)


def _found(paths: Iterable[str], kind: str) -> set[tuple[str, str]]:
    matches = (_VERSION.search(path) for path in paths)
    return {(match.group(1), match.group(2)) for match in matches if match and match.group(3) == kind}


def _known(store: Store, folder: str) -> dict[tuple[str, str], Any]:
    try:
        return rows_of_page(store.read(f"{folder}/data/artifacts.js"))
    except (ObjectNotFoundError, orjson.JSONDecodeError, ValueError, KeyError, TypeError):
        return {}


def _number(version: str) -> int:
    return version_number(version) or 0
