"""Files of a stored run."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import ArgumentError
from ..storage import Store

__all__ = ["ApiFile", "files_of"]

_CHUNK = 8 * 2**20


@dataclass(frozen=True, slots=True)
class ApiFile:
    """A file that a run saved.

    Attributes
    ----------
    name : str
        Its path among the run's files, with ``/`` between the parts.
    size : int
        Bytes.
    """

    name: str
    size: int
    _store: Store
    _path: str

    def __repr__(self) -> str:
        return f"<ApiFile {self.name} {self.size:,} bytes>"

    def read(self) -> bytes:
        """Return its bytes.

        Raises
        ------
        ObjectNotFoundError
            When it was deleted meanwhile.
        StoreError
        """
        return self._store.read(self._path)

    def download(self, root: str | Path = ".", *, replace: bool = False) -> Path:
        """Write it below a folder under its own name, in bounded memory, and return where.

        Parameters
        ----------
        root : str or Path
            The folder; made where there is none.
        replace : bool
            Whether a file that is there is replaced.

        Raises
        ------
        FileExistsError
            When there is a file of that name, unless `replace`.
        ObjectNotFoundError
            When it was deleted meanwhile.
        ArgumentError
            When its name would lead out of `root`.
        StoreError
        """
        base = Path(root).absolute()
        target = base / self.name
        if not target.parent.resolve().is_relative_to(base.resolve()) or ".." in self.name.split("/"):
            raise ArgumentError(f"{self.name} would lead out of {base}")
        if target.exists() and not replace:
            raise FileExistsError(f"{target} is there already; download(replace=True) replaces it")
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".runhooks-tmp-{os.getpid()}-{target.name[:100]}")
        try:
            with partial.open("wb") as file:
                for at in range(0, max(self.size, 1), _CHUNK):
                    file.write(self._store.read(self._path, at, min(at + _CHUNK, self.size)))
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
        return target


def files_of(store: Store, folder: str) -> Iterator[ApiFile]:
    """Yield the files of the run in this folder, by name."""
    prefix = f"{folder}/files/"
    found = sorted((entry.path, entry.size) for entry in store.list(prefix.rstrip("/")))
    for path, size in found:
        if not path.rsplit("/", 1)[-1].startswith("."):
            yield ApiFile(path[len(prefix) :], size, store, path)
