"""What pages show of artifacts: a script a version, and the page of a project's artifacts. Pure."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import orjson

from .data import read_script, revision_of, script, shown
from .figures import moment
from .html import Child, Html, h
from .page import address, crumbs, document, note, table

if TYPE_CHECKING:
    from runhooks.record.manifest import Manifest

__all__ = [
    "FolderRow",
    "artifact_table",
    "render_artifacts",
    "row_of_version",
    "rows_of_page",
    "version_script",
]

FolderRow = dict[str, Any]
"""A version as the artifacts page has it; see :func:`row_of_version`."""

ROOT: Final = "../../../"
"""From a project's artifacts page to the store."""

_MOST_FILES = 2000
_MOST_LISTED = 200


def version_script(path: str, manifest: "Manifest") -> bytes:
    """Return ``artifacts/<name>/v<N>.js``: what a page shows of one version, with its first 2,000 files."""
    files = [[name, entry.size, entry.ref] for name, entry in list(manifest.entries.items())[:_MOST_FILES]]
    payload = {
        "path": path,
        "digest": manifest.digest,
        "description": manifest.description,
        "metadata": manifest.metadata,
        "tags": manifest.tags,
        "created_at": manifest.created_at,
        "made_by": manifest.made_by,
        "count": len(manifest.entries),
        "files": files,
    }
    return script("artifact", shown(payload))


def row_of_version(manifest: "Manifest") -> FolderRow:
    """Return what the artifacts page has of a version, but for its aliases and the runs that used it."""
    return {
        "name": manifest.name,
        "type": manifest.type,
        "version": manifest.version,
        "size": manifest.size,
        "files": len(manifest.entries),
        "created_at": manifest.created_at,
        "made_by": manifest.made_by,
    }


def render_artifacts(entity: str, project: str, rows: Sequence[FolderRow], assets: str) -> dict[str, bytes]:
    """Return the files of a project's artifacts page: path in the project's folder, and bytes.

    Parameters
    ----------
    rows : sequence of FolderRow
        With `aliases` and `used_by`, in the order in which they are shown.
    """
    payload = {
        "format": 1,
        "revision": revision_of(orjson.dumps(rows)),
        "entity": shown(entity),
        "project": shown(project),
        "artifacts": shown(list(rows)),
    }
    return {
        "data/artifacts.js": script("artifacts", payload),
        "artifacts/index.html": _html(entity, project, rows, assets),
    }


def rows_of_page(data: bytes) -> dict[tuple[str, str], FolderRow]:
    """Return the rows in a ``data/artifacts.js`` by name and version.

    Raises
    ------
    ValueError, KeyError, TypeError
        When it is none.
    """
    rows = read_script(data, "artifacts")["artifacts"]
    return {(row["name"], row["version"]): row for row in rows}


def _html(entity: str, project: str, rows: Sequence[FolderRow], assets: str) -> bytes:
    projects = h("a", {"href": f"{ROOT}index.html"}, "Projects")
    home = h("a", {"href": "../index.html"}, h("bdi", None, f"{entity}/{project}"))
    header = h("header", {"class": "head"}, crumbs(projects, home), h("h1", None, "Artifacts"))
    names = ("Artifact", "Type", "Aliases", "Files", "Bytes", "Logged", "Made by")
    content = [header, table(names, map(_cells, rows[:_MOST_LISTED])) if rows else note("No artifacts yet.")]
    if (more := len(rows) - _MOST_LISTED) > 0:
        content.append(note(f"{more:,} more versions are on the page with scripts."))
    return document("artifacts", ROOT, assets, f"Artifacts · {project}", ["../data/artifacts.js"], content)


def _cells(row: FolderRow) -> list[Child]:
    maker = str(row["made_by"])
    return [
        h("bdi", None, f"{row['name']}:{row['version']}"),
        row["type"],
        ", ".join(map(str, row["aliases"])),
        f"{row['files']:,}",
        f"{row['size']:,}",
        moment(row["created_at"]),
        h("a", {"href": _run_page(maker)}, h("bdi", None, maker)) if maker.count("/") == 2 else maker,
    ]


def _run_page(path: str) -> str:
    entity, project, run = path.split("/")
    return ROOT + address(entity, project, "runs", run, "index.html")


def artifact_table(found: Sequence[Mapping[str, Any]]) -> Html | None:
    """Return the artifacts that a run logged and used, for its page without scripts."""
    if not found:
        return None
    rows = [
        [
            {"output": "out", "input": "in"}.get(str(one["direction"]), ""),
            h("bdi", None, str(one["path"] or one["name"])),
            str(one["type"]),
            f"{one['size']:,}" if isinstance(one["size"], int) else None,
            str(one.get("problem") or ""),
        ]
        for one in found[:_MOST_LISTED]
    ]
    return table(("", "Artifact", "Type", "Bytes", ""), rows)
