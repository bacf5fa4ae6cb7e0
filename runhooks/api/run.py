""":class:`ApiRun`: one stored run."""

from collections.abc import Mapping, Sequence
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from ..errors import WaitTimeoutError
from .changes import changed, editable
from .facts import RunFacts
from .histories import RunHistories
from .trash import delete_runs, refresh_projects, restore_runs

if TYPE_CHECKING:
    from .files import ApiFile

__all__ = ["ApiRun"]


class ApiRun(RunFacts, RunHistories):
    """A stored run, as it was when it was read; :meth:`reload` reads it again.

    The run document is read when the first property is asked for, the history at each call of
    :meth:`history`. A run that is still going on, or crashed, is read as exactly as a finished one.

    Every property but `id`, `entity`, `project`, `path`, `folder` and `url` raises

    - :class:`~runhooks.errors.RunNotFoundError` when there is no such run; the message names similar ones,
    - :class:`~runhooks.errors.RecordError` when its document cannot be read, and
      :class:`~runhooks.errors.FormatVersionError` when a newer runhooks wrote it,
    - :class:`~runhooks.errors.StoreError` when the store cannot be read.

    Parameters
    ----------
    store : Store
    path : RunPath
    load : callable, optional
        Reads this run together with others of the page of a listing.

    Attributes
    ----------
    store : Store
        Where the run lies.
    """

    def logged_artifacts(self) -> list[dict[str, Any]]:
        """Return what the run logged as artifacts.

        Each has ``name``, ``type``, ``path`` (for :meth:`runhooks.Api.artifact`), ``version``, ``aliases`` as
        they were given, ``size``, ``files``, ``digest``; ``path`` is None while it is not stored, and
        ``problem`` says why it will not be.
        """
        return [dict(found) for found in self.view.artifacts if found["direction"] == "output"]

    def used_artifacts(self) -> list[dict[str, Any]]:
        """Return the artifacts that the run used, with the same keys but for ``aliases`` and ``problem``."""
        return [dict(found) for found in self.view.artifacts if found["direction"] == "input"]

    def files(self) -> "list[ApiFile]":
        """Return the files that the run saved, by name, media and what was recorded without asking included.

        Raises
        ------
        RunNotFoundError, RecordError, StoreError
            As for the properties.
        """
        from .files import files_of

        _ = self.view  # finds out that there is no such run
        return list(files_of(self.store, self.folder))

    def stop(self) -> dict[str, Any]:
        """Ask the run's process to stop, wherever it runs. Its recorder sees that within ten seconds.

        A callback then ends the training loop on all ranks; a program without one gets a KeyboardInterrupt,
        and SIGTERM where it goes on after that. :attr:`view` says how far it is, after :meth:`reload`.

        Returns
        -------
        dict
            ``time`` (microseconds since the epoch) and ``by`` of the request, and ``is_new``: False where
            the present session of the run was asked before.

        Raises
        ------
        RunFinishedError
            When the run does not go on.
        RunNotFoundError, RecordError, StoreError
            As for the properties.
        """
        from .stopping import request_stop

        return request_stop(self.store, self.folder, self.reload().view)

    def update(
        self,
        *,
        name: str | None = None,
        notes: str | None = None,
        tags: Sequence[str] | None = None,
        config: Mapping[str, Any] | None = None,
    ) -> None:
        """Store what was changed of this object's name, notes, tags, config and summary, and what is given.

        It goes into the run's ``labels.json``; what the run itself wrote stays as it is. A run that goes on
        can be changed, too. Of two people who change one run in the same moment, one loses.

        Parameters
        ----------
        name, notes, tags : optional
        config : mapping, optional
            Keys to set; others stay.

        Raises
        ------
        ArgumentError
            When one of these is not what it must be; nothing is changed then.
        RunNotFoundError, RecordError, StoreError
            As for the properties.
        """
        from .edit import edit_run

        now = editable(self.view)
        changes = changed(self._as_read, now)
        given = {"name": name, "notes": notes, "tags": tags}
        changes |= {key: value for key, value in given.items() if value is not None}
        if config:
            changes["config"] = {**changes.get("config", {}), **config}
        if changes:
            self._loaded = edit_run(self.store, self._path, changes)
            self._as_read = editable(self._loaded)
            refresh_projects(self.store, [self._path])

    def delete(self, delete_artifacts: bool = False) -> None:
        """Put the run into the trash: no listing and no page has it, and :meth:`restore` brings it back.

        Its space is freed when the trash is emptied (``runhooks empty-trash``). A run that goes on can be
        deleted, too: it does not come back by itself. Its id is not used again.

        Parameters
        ----------
        delete_artifacts : bool
            Whether the artifact versions that it made are deleted, too, at once and for good. Those that
            another run used stay. ``runhooks gc`` frees what they held.

        Raises
        ------
        RunNotFoundError, RecordError, StoreError
            As for the properties.
        """
        name = self.name
        if delete_artifacts:
            from .unmaking import delete_made

            delete_made(self.store, [self._path])
        delete_runs(self.store, [(self._path, name)])
        self._loaded = None

    def restore(self) -> "ApiRun":
        """Bring the run back from the trash.

        Raises
        ------
        RunNotFoundError
            When it is not there, or was deleted for good.
        StoreError
        """
        restore_runs(self.store, [self._path])
        return self

    def wait_until_finished(self, timeout: float | None = None, poll_s: float = 5.0) -> "ApiRun":
        """Wait until the run has ended, in whatever state, and return it as it is then.

        Parameters
        ----------
        timeout : float, optional
            Seconds; by default for ever.
        poll_s : float
            Seconds between two looks.

        Raises
        ------
        WaitTimeoutError
            When it is still running after that time.
        RunNotFoundError, RecordError, StoreError
            As for the properties.
        """
        deadline = None if timeout is None else monotonic() + timeout
        while self.reload().state == "running":
            left = poll_s if deadline is None else deadline - monotonic()
            if left <= 0:
                raise WaitTimeoutError(f"run {self._path} is still running after {timeout:g} s")
            sleep(min(poll_s, left))
        return self
