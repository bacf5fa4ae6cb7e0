"""What a run does with artifacts: handing its own to the recorder, and getting stored ones."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from time import time_ns
from typing import Any

from ..errors import ArgumentError, ArtifactError
from ..record.manifest import ArtifactPath, Manifest, parse_artifact_path
from ..record.paths import RunPath
from ..record.stored import StoredArtifact
from ..settings import Settings
from .artifact import Artifact
from .asking import ask
from .ordering import Placed, place_order
from .place import Place, locate
from .terminal import Terminal

__all__ = ["RunArtifacts", "UsedArtifact"]

_SKIPPED_SHOWN = 3


@dataclass(slots=True)
class RunArtifacts:
    """The artifacts of one run in the process that logs it.

    Attributes
    ----------
    path : RunPath
    place : Place
    settings : Settings
    terminal : Terminal
    event : callable
        Appends an event to the journal.
    service : callable
        Hears the recorder, and wakes it.
    recorded : bool
        Whether anything is recorded; a disabled run takes artifacts and forgets them.
    """

    path: RunPath
    place: Place
    settings: Settings
    terminal: Terminal
    event: Callable[..., None]
    service: Callable[[], None]
    recorded: bool
    placed: list[Placed] = field(default_factory=list)

    def log(
        self,
        artifact: Artifact | str | os.PathLike[str],
        name: str | None,
        type: str | None,
        aliases: Iterable[str] | None,
        tags: Iterable[str] | None,
    ) -> Artifact:
        """See :meth:`runhooks.Run.log_artifact`."""
        if not isinstance(artifact, Artifact):
            artifact = _gathered(Path(artifact), name or f"run-{self.path.id}-{Path(artifact).name}", type)
        if not self.recorded:
            return artifact
        self._tell_skipped(artifact)
        order = f"{time_ns() // 1000:x}-{token_hex(4)}"
        named = _texts("aliases", aliases)
        try:
            folder = place_order(self.place.folder, artifact, order, named, _texts("tags", tags))
        except OSError as error:  # no room, or the run's folder is gone: training goes on
            self.terminal.warn(f"artifact {artifact.name} is not stored: {error}")
            missing = Placed(self.place.folder, self.service)
            missing.settle({"problem": str(error)})
            artifact.placed(missing)
            return artifact
        self.event("artifact", order=order, name=artifact.name, artifact_type=artifact.type, aliases=named)
        found = Placed(folder, self.service)
        artifact.placed(found)
        self.placed.append(found)
        self.service()
        return artifact

    def log_model(
        self, path: str | os.PathLike[str], name: str | None, aliases: Iterable[str] | None, upload: bool
    ) -> Artifact:
        """See :meth:`runhooks.Run.log_model`."""
        artifact = Artifact(name or f"run-{self.path.id}-model", "model")
        if not upload:
            artifact.add_reference(path, checksum=False)
        elif Path(path).is_dir():
            artifact.add_dir(path)
        else:
            artifact.add_file(path)
        return self.log(artifact, None, None, aliases, None)

    def use(self, artifact: "str | StoredArtifact | Artifact", type: str | None) -> "UsedArtifact":
        """See :meth:`runhooks.Run.use_artifact`."""
        wanted = artifact if isinstance(artifact, str) else artifact.path
        if wanted is None:
            raise ArtifactError("the artifact is not stored yet; artifact.wait() waits for it")
        place = self.place if self.recorded else locate(self.settings, self.path)
        path = parse_artifact_path(wanted, self.path.entity, self.path.project)
        found = ask(place, self.settings, self.path, op="resolve", artifact=str(path))
        used = UsedArtifact(
            path._replace(version=found["version"]),
            Manifest.from_bytes(found["manifest"].encode()),
            tuple(found["aliases"]),
            lambda **request: ask(place, self.settings, self.path, **request),
        )
        if type is not None and used.type != type:
            raise ArtifactError(f"artifact {used.path} is of type {used.type!r}, not {type!r}")
        if self.recorded:
            facts = {"digest": used.digest, "size": used.size, "files": len(used.manifest.entries)}
            self.event(
                "use", name=used.name, artifact_type=used.type, version=used.version, path=used.path, **facts
            )
            self.service()
        return used

    def settle(self, results: dict[str, Any]) -> None:
        """Tell the artifacts what came of them: the run has ended."""
        for placed in self.placed:
            if placed.order in results:
                placed.settle(results[placed.order])

    def _tell_skipped(self, artifact: Artifact) -> None:
        if artifact.skipped:
            first = [f"{path} ({why})" for path, why in list(artifact.skipped.items())[:_SKIPPED_SHOWN]]
            more = len(artifact.skipped) - len(first)
            rest = f" and {more} more" if more else ""
            self.terminal.warn(f"artifact {artifact.name} leaves out {', '.join(first)}{rest}")


class UsedArtifact(StoredArtifact):
    """A stored artifact that the run uses. The work is done by another process, never in this one."""

    def __init__(
        self,
        path: ArtifactPath,
        manifest: Manifest,
        aliases: tuple[str, ...],
        ask: Callable[..., dict[str, Any]],
    ) -> None:
        super().__init__(path, manifest, aliases)
        self._ask = ask

    def download(self, root: str | os.PathLike[str] | None = None, path_prefix: str | None = None) -> str:
        """Bring the files into a folder; see :meth:`runhooks.api.ApiArtifact.download`."""
        self._chosen(path_prefix)
        folder = self._folder(root)
        self._ask(op="download", artifact=self.path, root=str(folder), prefix=path_prefix)
        return str(folder)

    def verify(self, root: str | os.PathLike[str] | None = None) -> None:
        """Compare files with their digests; see :meth:`runhooks.api.ApiArtifact.verify`."""
        folder = None if root is None else str(self._folder(root))
        self._ask(op="verify", artifact=self.path, root=folder)


def _gathered(path: Path, name: str, type: str | None) -> Artifact:
    artifact = Artifact(name, type or "file")
    if path.is_dir():
        artifact.add_dir(path)
    else:
        artifact.add_file(path)
    return artifact


def _texts(what: str, given: Iterable[str] | None) -> list[str]:
    found = [given] if isinstance(given, str) else list(given or ())
    if not all(isinstance(item, str) for item in found):
        raise ArgumentError(f"{what} must be a list of texts, not {given!r}")
    return found
