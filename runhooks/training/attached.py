"""The part of a run that takes files: saved ones, artifacts, and histograms of a model that is watched."""

import os
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from ..journal import Journal
from ..record.paths import RunPath
from .logged import Logged
from .saving import files_folder, save_order

if TYPE_CHECKING:
    from ..record.stored import StoredArtifact
    from ..settings import Settings
    from .artifact import Artifact
    from .artifacts import RunArtifacts, UsedArtifact
    from .place import Place
    from .watching import Watch

__all__ = ["Attached"]


class Attached(Logged):
    """What a run takes beside rows.

    Attributes
    ----------
    entity, project : str
    """

    entity: str

    def __init__(
        self, place: "Place", settings: "Settings", journal: Journal | None, first_step: int
    ) -> None:
        super().__init__(place, settings, journal, first_step)
        self._dir: str | None = None
        self._artifacts: RunArtifacts | None = None
        self._watches: list[Watch] = []

    @property
    def dir(self) -> str:
        """The folder on this machine whose files are the run's: what is put there is stored with it."""
        if self._dir is None:
            self._dir = files_folder(self._place.folder, kept=self._journal is not None or not self._idle)
        return self._dir

    def save(
        self,
        glob_str: str | os.PathLike[str],
        base_path: str | os.PathLike[str] | None = None,
        policy: str = "live",
    ) -> None:
        """Store files with the run. Returns at once: the recorder finds, copies and watches them.

        Links, fifos and devices are passed over, and no link is followed; the Files tab lists what was not
        taken, and why. What a pattern named once stays with the run, also where it is deleted later.

        Parameters
        ----------
        glob_str : str or path
            A file, a folder, or a pattern with ``*``, ``?``, ``[…]`` and ``**``.
        base_path : str or path, optional
            Paths in the run begin from here; by default from where the program runs, else from the
            pattern's folder.
        policy : {"live", "now", "end"}
            Whether to follow changes, to copy once, within about a second, or when the run ends.

        Raises
        ------
        ArgumentError
            For another policy, and where `base_path` does not hold what is to be saved.
        RunFinishedError
            After :meth:`finish`.
        """
        order = save_order(glob_str, base_path, policy)
        if self._settings.secondary:
            self._warn_once(
                "save", "files are saved by the run's primary process; log_artifact works in each"
            )
            return
        self._event("save", **order)

    def watch(
        self,
        models: Any,
        criterion: Any = None,  # noqa: ARG002  (W&B's; there is nothing in it to watch)
        log: str | None = "gradients",
        log_freq: int = 1000,
    ) -> None:
        """Log histograms of a torch model's gradients and parameters while it is trained.

        At one forward pass in `log_freq`, and the backward pass after it, each tensor is counted on its own
        device and 64 counts and two ends are copied from there, which waits for that tensor; between them
        nothing is computed and no device is waited for.

        Parameters
        ----------
        models : torch.nn.Module, or several
        criterion : optional
            Taken as W&B has it, and not looked at.
        log : {"gradients", "parameters", "all"}
        log_freq : int

        Raises
        ------
        ArgumentError
            For what is no torch module, and for another `log`.
        """
        from .watching import watch_models  # for whoever watches

        take = partial(self.log, commit=False)
        warn = partial(self._warn_once, "watch")
        self._watches += watch_models(models, log, log_freq, take, warn, len(self._watches))

    def unwatch(self) -> None:
        """Take away the hooks of :meth:`watch`."""
        for watch in self._watches:
            watch.remove()
        self._watches = []

    def log_artifact(
        self,
        artifact: "Artifact | str | os.PathLike[str]",
        name: str | None = None,
        type: str | None = None,
        aliases: Iterable[str] | None = None,
        tags: Iterable[str] | None = None,
    ) -> "Artifact":
        """Store files as a version of an artifact. Returns at once: the recorder does the work.

        What happens to the files afterwards does no harm. Up to 200 files of together 8 MiB are copied.
        Of larger artifacts each file gets a second name (a hard link), which outlives its being deleted or
        replaced; a file that is written again in place before it was stored is found out, and the
        artifact is not stored. Equal content makes no new version.

        Parameters
        ----------
        artifact : Artifact, str or path
            Also a file or folder.
        name, type : str, optional
            For a file or folder; by default its own name with the run's id before it, and ``file``.
        aliases : iterable of str, optional
            Further names of the version, such as ``best``; each names one version of the artifact.
            ``latest`` is always the highest.
        tags : iterable of str, optional

        Returns
        -------
        Artifact
            Its :meth:`~runhooks.Artifact.wait` waits until it is stored.

        Raises
        ------
        ArgumentError
            For a file that is not there, or a name, alias or tag that cannot be one.
        RunFinishedError
            After :meth:`finish`.
        """
        return self._with_artifacts().log(artifact, name, type, aliases, tags)

    def log_model(
        self,
        path: "str | os.PathLike[str]",
        name: str | None = None,
        aliases: Iterable[str] | None = None,
        *,
        upload: bool = True,
    ) -> "Artifact":
        """Store a model's file or folder as a version of an artifact of type ``model``.

        Parameters
        ----------
        path : str or path
        name : str, optional
            By default ``run-<id>-model``: one artifact a run, whose versions are its checkpoints.
        aliases : iterable of str, optional
            Such as ``best`` and ``last``.
        upload : bool
            False stores only a reference: where the file is, its size and time.

        Raises
        ------
        ArgumentError, RunFinishedError
            As for :meth:`log_artifact`.
        """
        return self._with_artifacts().log_model(path, name, aliases, upload)

    def use_artifact(
        self, artifact: "str | StoredArtifact | Artifact", type: str | None = None
    ) -> "UsedArtifact":
        """Return a stored artifact, and note that this run uses it.

        Waits for the store, which another process reads.

        Parameters
        ----------
        artifact : str
            ``name:alias``, ``name:v3`` or ``entity/project/name:alias``.
        type : str, optional
            What it has to be.

        Raises
        ------
        ArtifactNotFoundError
            When there is none; the message names those that there are.
        ArtifactError
            When it is of another type, or was not stored yet.
        StoreError
            When the store does not answer.
        RunFinishedError
            After :meth:`finish`.
        """
        return self._with_artifacts().use(artifact, type)

    def _with_artifacts(self) -> "RunArtifacts":
        if self.finished:
            self._refuse(b"")
        if self._artifacts is None:
            from .artifacts import RunArtifacts

            path = RunPath(self.entity, self.project, self.id)
            recorded = not self._idle
            self._artifacts = RunArtifacts(
                path, self._place, self._settings, self.terminal, self._event, self._wake, recorded
            )
        return self._artifacts
