"""What all media have in common: a kind, an encoding, and where its bytes go."""

import os
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, ClassVar
from urllib.parse import quote

from ...record.media import HANDED_OVER
from ...redact import redact_text
from ...values import Unstorable, text

__all__ = ["Media", "Place", "caption_of", "copied_file", "file_given"]

_LONGEST_CAPTION = 10_000
_CHUNK = 2**20
_NAMED_BY = 16
"""Hexadecimal digits of the content's hash that a file's name has."""


class Media(ABC):
    """Something to look at or listen to; a value that :meth:`runhooks.Run.log` takes."""

    kind: ClassVar[str]

    @abstractmethod
    def encode(self, place: "Place") -> dict[str, Any]:
        """Write its files and return what the row says of it, beside its kind.

        Raises
        ------
        Unstorable
            When it is not what its class can encode.
        """

    def __repr__(self) -> str:
        return f"<runhooks.{type(self).__name__}>"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the files of one value go.

    Attributes
    ----------
    files : Path
        The run's ``files`` folder.
    key : str
        The name under which the value is logged.
    step : int
    warn : callable
        Called with what the user should know: what was left out.
    """

    files: Path
    key: str
    step: int
    warn: Callable[[str], None]

    def put(self, kind: str, data: bytes, ending: str) -> dict[str, Any]:
        """Write bytes as a file and return its path, size and hash.

        Raises
        ------
        OSError
        """
        return self._file(kind, ending, lambda file: (file.write(data), sha256(data).hexdigest())[1])

    def copy(self, kind: str, source: Path, ending: str) -> dict[str, Any]:
        """Copy a file in bounded memory and return its path, size and hash.

        Raises
        ------
        OSError
        """
        return self._file(kind, ending, lambda file: _copied(source, file))

    def hand_over(self, kind: str, data: bytes, ending: str) -> dict[str, Any]:
        """Write bytes for the recorder, which makes the file of them that the row names, and return its path.

        Raises
        ------
        OSError
        """
        handed = self.put(kind, data, ending + HANDED_OVER)
        given = self.files / handed["path"]
        given.replace(given.with_name("." + given.name))
        return {"path": handed["path"].removesuffix(HANDED_OVER)}

    def _file(self, kind: str, ending: str, write: Callable[[BinaryIO], str]) -> dict[str, Any]:
        folder = f"media/{kind}/{_slug(self.key)}"
        target = self.files / folder
        target.mkdir(parents=True, exist_ok=True)
        # Named so that neither the recorder nor a store takes it for a file of the run yet.
        partial = target / f".runhooks-tmp-{os.getpid()}-{os.urandom(4).hex()}"
        try:
            with partial.open("xb") as file:
                digest = write(file)
                size = file.tell()
            name = f"{self.step}-{digest[:_NAMED_BY]}{ending}"
            partial.replace(target / name)
        except BaseException:
            with suppress(OSError):
                partial.unlink()
            raise
        return {"path": f"{folder}/{name}", "size": size, "sha256": digest}


def _copied(source: Path, file: BinaryIO) -> str:
    digest = sha256()
    with source.open("rb") as given:
        while chunk := given.read(_CHUNK):
            file.write(chunk)
            digest.update(chunk)
    return digest.hexdigest()


def _slug(key: str) -> str:
    """Return a metric's name as folders' names, which no store can misread.

    >>> _slug("val/samples")
    'val/samples'
    >>> _slug("../a?b")
    '%2E%2E/a%3Fb'
    """
    parts = [quote(part, safe=" +=@()[],") for part in text(key).split("/")]
    kept = [
        part.replace(".", "%2E") if part.strip(".") == "" or part.startswith(".") else part for part in parts
    ]
    return "/".join(part[:80] for part in kept if part) or "_"


def caption_of(caption: object) -> dict[str, str]:
    """Return the caption as the row has it; nothing for None."""
    return {} if caption is None else {"caption": redact_text(text(str(caption)))[:_LONGEST_CAPTION]}


def file_given(data: object) -> Path | None:
    """Return the file that `data` names, None when it is no path.

    Raises
    ------
    Unstorable
        When there is no such regular file.
    """
    if not isinstance(data, str | os.PathLike):
        return None
    path = Path(os.fsdecode(data))
    try:
        if path.is_file():
            return path
    except (OSError, ValueError) as error:
        raise Unstorable(f"{path} cannot be read: {error}") from error
    raise Unstorable(f"there is no file {path}")


def copied_file(
    place: Place, kind: str, path: Path, ending_of: Callable[[bytes], str | None], wanted: str
) -> dict[str, Any]:
    """Copy a file of the user's whose first 16 bytes say that a browser knows what it is.

    Parameters
    ----------
    ending_of : callable
        Gives the file's ending for its first bytes, None for what no browser plays.
    wanted : str
        What it should be, for the message.

    Raises
    ------
    Unstorable
    OSError
    """
    with path.open("rb") as file:
        ending = ending_of(file.read(16))
    if ending is None:
        raise Unstorable(f"{path} is no {wanted}")
    return place.copy(kind, path, ending)
