""":class:`Artifact`: files that a run makes, gathered here and stored by the recorder."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

from ..errors import ArgumentError, ArtifactError
from ..record.manifest import check_artifact_name, check_entry_path
from ..values import plain, text
from .gathering import Reference, address_of, entry_of, file_to_add, files_below

if TYPE_CHECKING:
    from .ordering import Placed

__all__ = ["Artifact"]


class Artifact:
    """Files under a name and in versions: a data set, a model, whatever a run makes or uses.

    Gather the files, then hand it to :meth:`runhooks.Run.log_artifact`.

    Parameters
    ----------
    name : str
        1 to 128 characters that can be part of a path; equal names are versions of one artifact.
    type : str
        What it is, such as ``model`` or ``dataset``.
    description : str, optional
    metadata : mapping, optional
        Facts of your own; kept as plain data.

    Attributes
    ----------
    name, type : str
    skipped : dict
        What :meth:`add_dir` left out, and why: links, pipes, names that are no text.

    Raises
    ------
    IdError
        When `name` cannot be part of a path.

    Examples
    --------
    >>> artifact = Artifact("digits-model", "model", metadata={"layers": 2})
    >>> with artifact.new_file("notes.txt") as file:
    ...     _ = file.write("trained in a docstring")
    >>> artifact.files
    ['notes.txt']
    """

    def __init__(
        self,
        name: str,
        type: str,
        description: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        if not isinstance(type, str) or not type:
            raise ArgumentError(f"an artifact's type is a word such as 'model', not {type!r}")
        self.name = check_artifact_name(name)
        self.type = text(type)
        self.description = description
        self.metadata: dict[str, Any] = dict(plain(metadata or {}))
        self.skipped: dict[str, str] = {}
        self._locals: dict[str, str] = {}
        self._references: dict[str, Reference] = {}
        self._own: Path | None = None
        self._placed: Placed | None = None

    def add_file(self, local_path: str | os.PathLike[str], name: str | None = None) -> None:
        """Add a file. It is read later, by the recorder: see :meth:`runhooks.Run.log_artifact`.

        Parameters
        ----------
        local_path : str or path
            A link is followed.
        name : str, optional
            Its path in the artifact; by default its own name.

        Raises
        ------
        ArgumentError
            When there is no such file, it is no regular file, or the path cannot be one in an artifact.
        ArtifactError
            When the artifact has been logged.
        """
        self._open()
        where = file_to_add(local_path, self.name)
        self._locals[check_entry_path(name or os.path.basename(where))] = where  # noqa: PTH119

    def add_dir(
        self, local_path: str | os.PathLike[str], name: str | None = None, *, follow_links: bool = False
    ) -> None:
        """Add every file of a folder, at any depth.

        What is no regular file is left out and named in :attr:`skipped`, and so are links.

        Parameters
        ----------
        name : str, optional
            The folder in the artifact that they go to; by default the top.
        follow_links : bool
            Take the files that links lead to. A link to a folder is never followed, so that no loop is.

        Raises
        ------
        ArgumentError
            When there is no such folder.
        ArtifactError
            When the artifact has been logged.
        """
        self._open()
        top = os.path.abspath(local_path)  # noqa: PTH100  (links stay)
        if not os.path.isdir(top):  # noqa: PTH112  (a text goes on)
            raise ArgumentError(f"there is no folder {top} to add to artifact {self.name}")
        prefix = f"{check_entry_path(name.strip('/'))}/" if name else ""
        for path, where, unfit in files_below(top, follow_links=follow_links):
            try:
                entry = check_entry_path(prefix + path)
            except ArgumentError as error:
                unfit = str(error)
            if unfit is not None:
                self.skipped[text(prefix + path)] = unfit
            else:
                self._locals[entry] = where

    def add_reference(
        self, uri: str | os.PathLike[str], name: str | None = None, *, checksum: bool = True
    ) -> None:
        """Add what stays where it is: only its address, size and checksum are stored, as far as known.

        Parameters
        ----------
        uri : str or path
            ``s3://``, ``gs://``, ``http(s)://``, ``file://``, or a path of this machine. With a slash at its
            end, or for a local folder: everything below it.
        name : str, optional
            Its path in the artifact, or for a folder the folder; by default the last part of the address,
            or the top.
        checksum : bool
            False spares reading a local file: its time and size stand for its content.

        Raises
        ------
        ArgumentError
            For another kind of address, or one with a secret in it.
        ArtifactError
            When the artifact has been logged.
        """
        self._open()
        address = address_of(uri)
        self._references[entry_of(address, name)] = Reference(address, checksum)

    @contextmanager
    def new_file(self, name: str, mode: str = "w", encoding: str | None = None) -> Iterator[IO[Any]]:
        """Open a new file of the artifact for writing.

        Raises
        ------
        ArgumentError
            When the artifact has a file of this name already, or the path cannot be one in an artifact.
        ArtifactError
            When the artifact has been logged.
        """
        self._open()
        entry = check_entry_path(name)
        if entry in self._locals:
            raise ArgumentError(f"artifact {self.name} has a file {entry!r} already")
        where = self._folder() / entry
        where.parent.mkdir(parents=True, exist_ok=True)
        text_encoding = None if "b" in mode else encoding or "utf-8"
        with where.open(mode, encoding=text_encoding) as file:
            yield file
        self._locals[entry] = str(where)

    def remove(self, name: str) -> None:
        """Take out a file or reference, or everything below a folder.

        Raises
        ------
        ArgumentError
            When the artifact has nothing of this name.
        ArtifactError
            When the artifact has been logged.
        """
        self._open()
        folder = name.rstrip("/") + "/"
        known: list[dict[str, Any]] = [self._locals, self._references]
        found = [(of, path) for of in known for path in of if path == name or path.startswith(folder)]
        if not found:
            raise ArgumentError(f"artifact {self.name} has no {name!r}")
        for of, path in found:
            del of[path]

    @property
    def files(self) -> list[str]:
        """Paths of the files and references, in order."""
        return sorted({*self._locals, *self._references})

    @property
    def version(self) -> str | None:
        """``v0`` and so on, once it is stored; None before."""
        found = self._placed.result() if self._placed is not None else None
        return None if found is None else found.get("version")

    @property
    def path(self) -> str | None:
        """``entity/project/name:version``, once it is stored; None before."""
        found = self._placed.result() if self._placed is not None else None
        return None if found is None else found.get("path")

    def wait(self, timeout: float | None = None) -> Self:
        """Wait until the recorder has stored the artifact.

        Parameters
        ----------
        timeout : float, optional
            Seconds; by default ten minutes.

        Raises
        ------
        ArtifactError
            When it was not logged, could not be stored, or is not stored in time. The message says why; in
            the last case it is stored later.
        """
        if self._placed is None:
            raise ArtifactError(f"artifact {self.name} was not logged: run.log_artifact(artifact)")
        self._placed.wait(self.name, 600.0 if timeout is None else timeout)
        return self

    def __repr__(self) -> str:
        return f"<Artifact {self.name} ({self.type}), {len(self.files)} files>"

    def locals(self) -> dict[str, str]:
        """Return where the files of this machine are, by their path in the artifact."""
        return self._locals

    def references(self) -> dict[str, Reference]:
        """Return the references by their path in the artifact."""
        return self._references

    def placed(self, placed: "Placed") -> None:
        """Take what :meth:`wait` asks. From now on nothing can be added."""
        self._placed = placed

    def _open(self) -> None:
        if self._placed is not None:
            raise ArtifactError(f"artifact {self.name} was logged and cannot be changed; make another one")

    def _folder(self) -> Path:
        """Return the folder of :meth:`new_file`, which goes with this object."""
        if self._own is None:
            import shutil
            import tempfile
            import weakref

            self._own = Path(tempfile.mkdtemp(prefix="runhooks-artifact-"))
            weakref.finalize(self, shutil.rmtree, self._own, ignore_errors=True)
        return self._own
