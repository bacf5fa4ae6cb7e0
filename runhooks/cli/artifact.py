"""``runhooks artifact``: list, show, get and verify."""

from typing import Any

from ..api import ApiArtifact
from .options import Asked
from .plain import exact, moment, size
from .screen import Column, iso, print_json, print_line, print_table
from .target import api_of, find_project

__all__ = ["get", "ls", "show", "verify"]

_MOST_FILES = 50


def ls(project: str, asked: Asked) -> int:
    """List a project's artifacts, or, for ``project/name``'s path with a colon at its end, its versions."""
    if project.endswith(":"):
        api = api_of(asked)
        found = api.artifact_versions(project.removesuffix(":"))
    else:
        api, entity, name = find_project(project, asked)
        found = api.artifacts(f"{entity}/{name}")
    if asked.as_json:
        print_json({"store": api.store.url, "artifacts": [_document(artifact) for artifact in found]})
        return 0
    if not found:
        print_line(f"no artifacts in {project} in {api.store.url}")
        return 0
    numbers = [Column("FILES", "number"), Column("SIZE", "number")]
    columns = [Column("ARTIFACT", "text"), Column("TYPE", "text"), Column("ALIASES", "text"), *numbers]
    rows = [
        (
            a.path,
            a.type,
            ", ".join(a.aliases),
            str(len(a.files())),
            size(a.size),
            moment(a.manifest.created_at),
        )
        for a in found
    ]
    print_table([*columns, Column("LOGGED (UTC)")], rows)
    return 0


def show(path: str, asked: Asked) -> int:
    """Show a version: where it comes from, who used it, its metadata and files."""
    artifact = api_of(asked).artifact(path)
    if asked.as_json:
        print_json({**_document(artifact), "used_by": _users(artifact), "entries": _entries(artifact)})
        return 0
    print_line(f"{artifact.path}  {artifact.type}")
    facts = {
        "aliases": ", ".join(artifact.aliases),
        "tags": ", ".join(artifact.tags),
        "description": artifact.description or "",
        "logged": f"{moment(artifact.manifest.created_at)} UTC",
        "made by": artifact.manifest.made_by,
        "used by": ", ".join(_users(artifact)),
        "files": f"{len(artifact.files())}, {size(artifact.size)}",
        "digest": artifact.digest,
        **{f"metadata.{key}": exact(item) for key, item in artifact.metadata.items()},
    }
    rows = [(f"  {name}", text) for name, text in facts.items() if text]
    print_table([Column(""), Column("")], rows, titles=False)
    print_line()
    listed = [(path, _size(entry["size"])) for path, entry in list(_entries(artifact).items())[:_MOST_FILES]]
    if listed:
        print_table([Column("FILE", "text"), Column("SIZE", "number")], listed)
    if (more := len(artifact.files()) - _MOST_FILES) > 0:
        print_line(f"and {more:,} more: --json lists them all")
    return 0


def get(path: str, root: str | None, prefix: str | None, asked: Asked) -> int:
    """Download a version, or the files of it whose path begins with a prefix."""
    artifact = api_of(asked).artifact(path)
    folder = artifact.download(root, prefix)
    files = [name for name in artifact.files() if name.startswith(prefix or "")]
    if asked.as_json:
        print_json({"path": artifact.path, "folder": folder, "files": len(files)})
    else:
        print_line(f"{artifact.path}: {len(files):,} files are in {folder}")
    return 0


def verify(path: str, root: str | None, asked: Asked) -> int:
    """Compare a version's content with its digests: that in the store, or that in a folder."""
    artifact = api_of(asked).artifact(path)
    artifact.verify(root)
    if asked.as_json:
        print_json({"path": artifact.path, "files": len(artifact.files()), "verified": True})
    else:
        print_line(f"{artifact.path}: {len(artifact.files()):,} files are as their manifest says")
    return 0


def _document(artifact: ApiArtifact) -> dict[str, Any]:
    return {
        "path": artifact.path,
        "name": artifact.name,
        "type": artifact.type,
        "version": artifact.version,
        "aliases": list(artifact.aliases),
        "tags": artifact.tags,
        "description": artifact.description,
        "metadata": artifact.metadata,
        "digest": artifact.digest,
        "size": artifact.size,
        "files": len(artifact.files()),
        "logged_at": iso(artifact.manifest.created_at),
        "made_by": artifact.manifest.made_by,
    }


def _users(artifact: ApiArtifact) -> list[str]:
    return [run.path for run in artifact.used_by()]


def _entries(artifact: ApiArtifact) -> dict[str, Any]:
    unknown: dict[str, Any] = {"size": None}
    return {path: unknown | entry.to_plain() for path, entry in artifact.manifest.entries.items()}


def _size(found: int | None) -> str:
    return "" if found is None else size(found)
