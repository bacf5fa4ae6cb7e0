"""A run's artifacts: orders that wait in its folder, stored one after the other in a thread of their own.

The thread keeps heartbeats and uploads of the run going while gigabytes are sent. An order is done when its
``result.json`` is there; until then a later recorder, or ``runhooks sync``, does it again.
"""

import shutil
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import orjson

from ..errors import RunhooksError, StoreError
from ..record.blobs import Base, Source, put_blobs
from ..record.claims import release
from ..record.manifest import ArtifactPath, FileEntry, Manifest, digest_of, parse_artifact_path
from ..record.references import look_up
from ..record.staging import DOCUMENT, RESULT, STAGING, decode_local
from ..record.versions import create_version, latest, set_alias, stored, use
from ..record.view import RunView
from ..site.artifact_build import build_artifacts
from ..site.writer import Pages
from ..storage import LocalStore, Store, open_store
from ..values import unpack
from .orders import Order

__all__ = ["Artifacts"]

_IDLE_S = 0.05
_FIRST_PAUSE_S, _MOST_PAUSE_S = 1.0, 60.0


class Artifacts:
    """Stores what a run logs as artifacts, and notes what it uses.

    Parameters
    ----------
    order : Order
    view : RunView
        Its list of artifacts says what is to be done, and is told what came of it.

    Attributes
    ----------
    trouble : str or None
        Why the store takes none now.
    remarks : list of str
        What the user should be told once.
    """

    def __init__(self, order: Order, view: RunView) -> None:
        self.trouble: str | None = None
        self.remarks: list[str] = []
        self._order = order
        self._view = view
        self._staging = order.folder / STAGING
        self._store: Store | None = None
        self._thread: threading.Thread | None = None
        self._done: tuple[dict[str, Any], dict[str, Any] | StoreError] | None = None
        self._pause = _FIRST_PAUSE_S
        self._next_at = 0.0

    @property
    def waiting(self) -> bool:
        """Whether something is left to do on this machine."""
        return self._thread is not None or self._next() is not None

    def tick(self) -> bool:
        """Take what is done and begin what is next; return whether the view was changed."""
        if self._order.mirrored and not self._order.online:
            return False
        if self._thread is not None and self._thread.is_alive():
            return False
        changed = self._collect()
        if monotonic() >= self._next_at and (entry := self._next()) is not None:
            self._thread = threading.Thread(target=self._work, args=(entry,), name="artifacts", daemon=True)
            self._thread.start()
        return changed

    def complete(self, idle: Callable[[], None]) -> None:
        """Do all that is left, as far as the store takes it.

        Parameters
        ----------
        idle : callable
            Called many times a second meanwhile.
        """
        self._next_at = 0.0
        while not (self._order.mirrored and not self._order.online):
            self.tick()
            if not self.waiting or (self._thread is None and self.trouble is not None):
                break
            idle()
            sleep(_IDLE_S)

    def results(self) -> dict[str, dict[str, Any]]:
        """Return what came of each order."""
        return {
            entry["order"]: {"version": entry["version"], "path": entry["path"], "problem": entry["problem"]}
            for entry in self._view.artifacts
            if entry["direction"] == "output" and (entry["version"] or entry["problem"])
        }

    def clear(self) -> None:
        """Remove what orders that are done have left."""
        if not self.waiting:
            shutil.rmtree(self._staging, ignore_errors=True)

    def _next(self) -> dict[str, Any] | None:
        return next((entry for entry in self._view.artifacts if self._is_left(entry)), None)

    def _is_left(self, entry: Mapping[str, Any]) -> bool:
        if entry["direction"] == "input":
            return not entry["noted"]
        done = entry["version"] or entry["problem"]
        return not done and (self._staging / entry["order"]).is_dir()

    def _collect(self) -> bool:
        self._thread, done, self._done = None, self._done, None
        if done is None:
            return False
        entry, result = done
        if isinstance(result, StoreError):
            self.trouble = f"artifact {entry['name']} waits for the store: {result}"
            self._next_at = monotonic() + self._pause
            self._pause = min(_MOST_PAUSE_S, self._pause * 2)
            return False
        self.trouble, self._pause = None, _FIRST_PAUSE_S
        entry.update(result)
        if entry.get("problem"):
            self.remarks.append(f"artifact {entry['name']} is not stored: {entry['problem']}")
        return True

    def _work(self, entry: dict[str, Any]) -> None:
        """Do one order, in the thread."""
        try:
            result = self._note_use(entry) if entry["direction"] == "input" else self._fulfil(entry)
            self._done = entry, result
        except StoreError as error:
            self._done = entry, error
            return
        # A file of the user's, a damaged record, a fault of ours: told, and the other artifacts go on.
        except Exception as error:  # noqa: BLE001
            said = str(error) if isinstance(error, RunhooksError) else f"{type(error).__name__}: {error}"
            self._done = entry, self._finish_order(entry, {"problem": said, "noted": True})
        self._render(entry)

    def _render(self, done: Mapping[str, Any]) -> None:
        """Bring the pages of artifacts up to date, unless the next order will do it anyway."""
        if any(entry is not done and self._is_left(entry) for entry in self._view.artifacts):
            return
        store, path = self._opened(), self._order.path
        pages = store if store.root is None else LocalStore(store.root, durable=False)
        with suppress(RunhooksError):  # a page that cannot be written costs nothing but the page
            build_artifacts(pages, path.entity, path.project, Pages(pages))

    def _note_use(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        path = parse_artifact_path(entry["path"], self._order.path.entity, self._order.path.project)
        use(self._opened(), path, str(self._order.path))
        return {"noted": True}

    def _fulfil(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        folder = self._staging / entry["order"]
        with suppress(FileNotFoundError):
            found: dict[str, Any] = orjson.loads((folder / RESULT).read_bytes())
            return found
        document = orjson.loads((folder / DOCUMENT).read_bytes())
        path = ArtifactPath(self._order.path.entity, self._order.path.project, document["name"], "")
        made = self._create(path, folder, document)
        for alias in document["aliases"]:
            if alias != "latest":  # always the highest version
                set_alias(self._opened(), path.folder, alias, made.version, str(self._order.path))
        result = {
            "version": made.version,
            "path": str(path._replace(version=made.version)),
            "digest": made.digest,
            "size": made.size,
            "files": len(made.entries),
        }
        return self._finish_order(entry, result)

    def _create(self, path: ArtifactPath, folder: Path, document: Mapping[str, Any]) -> Manifest:
        store = self._opened()
        before = latest(store, path)
        entries = self._entries(store, path, folder, document, before)
        manifest = Manifest(
            name=path.name,
            type=document["type"],
            version="v0",
            digest=digest_of(entries),
            entries=dict(sorted(entries.items())),
            created_at=document["time"],
            made_by=str(self._order.path),
            order=document["order"],
            description=document["description"],
            metadata=unpack(document["metadata"]),
            tags=tuple(document["tags"]),
        )
        made = create_version(store, path, manifest)
        release(store, path.project_folder, document["order"])
        return made

    def _entries(
        self,
        store: Store,
        path: ArtifactPath,
        folder: Path,
        document: Mapping[str, Any],
        before: Manifest | None,
    ) -> dict[str, FileEntry]:
        sources = {file["path"]: _source(folder, file) for file in document["files"]}
        # What is written so is synced once, when all of it is there.
        blobs = store if store.root is None else LocalStore(store.root, durable=False)
        base = None
        if before is not None:
            digests = frozenset(digest for digest, _ in stored(before.entries.values()))
            base = Base(f"{path.folder}/{before.version}.json", digests)
        entries = put_blobs(blobs, path.project_folder, sources, document["order"], base)
        for found in document["references"]:
            if "etag" in found:
                entries[found["path"]] = FileEntry(found["size"], None, found["uri"], found["etag"])
                continue
            options = self._order.storage_options
            entries |= look_up(found["uri"], found["path"], options, checksum=found["checksum"])
        return entries

    def _finish_order(self, entry: Mapping[str, Any], result: dict[str, Any]) -> dict[str, Any]:
        """Write down what came of an order, and let its files go."""
        folder = self._staging / str(entry["order"])
        if entry["direction"] == "output" and folder.is_dir():
            unfinished = folder / f"{RESULT}.new"
            with suppress(OSError):
                unfinished.write_bytes(orjson.dumps(result))
                unfinished.replace(folder / RESULT)
            for file in folder.iterdir():
                if file.name != RESULT:
                    file.unlink(missing_ok=True)
        return result

    def _opened(self) -> Store:
        if self._store is None:
            order = self._order
            self._store = (
                open_store(order.store, order.storage_options) if order.mirrored else open_store(order.root)
            )
        return self._store


def _source(folder: Path, file: Mapping[str, Any]) -> Source:
    shown = decode_local(file["local"])
    where = Path(shown) if file["staged"] is None else folder / file["staged"]
    return Source(where, shown, file["size"], file["mtime_ns"])
