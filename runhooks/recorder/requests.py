"""Requests of training scripts for stored artifacts, answered in a process of their own.

A request is one JSON line on stdin: `op` (``resolve``, ``download`` or ``verify``), `store`,
`storage_options`, `artifact` and what the operation needs. The answer is one line on stdout; a progress bar
goes to stderr.
"""

import os
import sys
from pathlib import Path
from typing import Any

from ..errors import ArtifactError, RunhooksError
from ..record.bar import bar
from ..record.downloads import chosen, download, told, verify_blobs, verify_files
from ..record.manifest import ArtifactPath, Manifest, parse_artifact_path
from ..record.versions import aliases, read_manifest, resolve
from ..storage import Store, open_store
from .protocol import decode, encode

__all__ = ["answer", "main"]


def main() -> None:
    """Answer the request on stdin."""
    reply = os.dup(1)
    os.dup2(2, 1)  # whatever a library prints must not reach the answer
    try:
        line = encode(answer(decode(sys.stdin.buffer.read())))
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    while line:
        line = line[os.write(reply, line) :]


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Do what is asked; what goes wrong is the answer, too."""
    try:
        store = open_store(request["store"], request.get("storage_options"))
        path = resolve(store, parse_artifact_path(request["artifact"], "default", None))
        manifest = read_manifest(store, path)
        return _OPERATIONS[request["op"]](store, path, manifest, request)
    except RunhooksError as error:
        return {"failure": {"type": type(error).__name__, "text": str(error)}}
    # A disk that is full, a fault of ours: the script that asked must hear of it.
    except Exception as error:  # noqa: BLE001
        return {"failure": {"type": "ArtifactError", "text": f"{type(error).__name__}: {error}"}}


def _resolve(
    store: Store, path: ArtifactPath, manifest: Manifest, _request: dict[str, Any]
) -> dict[str, Any]:
    named = sorted(alias for alias, version in aliases(store, path.folder).items() if version == path.version)
    return {"version": path.version, "aliases": named, "manifest": manifest.to_bytes().decode()}


def _download(
    store: Store, path: ArtifactPath, manifest: Manifest, request: dict[str, Any]
) -> dict[str, Any]:
    entries = chosen(manifest, request.get("prefix"))
    size = sum(entry.size or 0 for entry in entries.values())
    with bar(f"downloading {path.name}:{path.version}", size, quiet=bool(request.get("quiet"))) as progress:
        options = request.get("storage_options")
        new = download(store, path.project_folder, entries, Path(request["root"]), options, progress)
    return {"files": len(entries), "new": new}


def _verify(store: Store, path: ArtifactPath, manifest: Manifest, request: dict[str, Any]) -> dict[str, Any]:
    if request.get("root") is None:
        problems = verify_blobs(store, path.project_folder, manifest.entries)
    else:
        problems = verify_files(manifest.entries, Path(request["root"]))
    if problems:
        raise ArtifactError(f"artifact {path} is not as its manifest says: {told(problems)}")
    return {"files": len(manifest.entries)}


_OPERATIONS = {"resolve": _resolve, "download": _download, "verify": _verify}
