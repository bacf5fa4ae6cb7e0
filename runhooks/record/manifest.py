"""An artifact's manifest, ``artifacts/<name>/v<N>.json``: its files by content, and who made it. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, NamedTuple

import orjson

from ..errors import ArgumentError, FormatVersionError, IdError, RecordError
from ..values import pack, unpack
from .paths import check_id, check_name

__all__ = [
    "ArtifactPath",
    "FileEntry",
    "Manifest",
    "blob_path",
    "check_alias",
    "check_artifact_name",
    "check_entry_path",
    "digest_of",
    "parse_artifact_path",
    "version_number",
]

FORMAT = 1

_VERSION = re.compile(r"v(0|[1-9][0-9]{0,8})")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_STRANGE = re.compile(r"[\\\x00-\x1f\x7f\ud800-\udfff]|^[A-Za-z]:")
_RESERVED = frozenset({"index.html"})
_MOST_BYTES = 1000


class ArtifactPath(NamedTuple):
    """Where an artifact is and which version is meant; ``str()`` gives ``entity/project/name:version``.

    Attributes
    ----------
    entity, project, name : str
    version : str
        A version such as ``v3``, or an alias.
    """

    entity: str
    project: str
    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.entity}/{self.project}/{self.name}:{self.version}"

    @property
    def folder(self) -> str:
        """The folder of all its versions in the store."""
        return f"{self.entity}/{self.project}/artifacts/{self.name}"

    @property
    def project_folder(self) -> str:
        """The folder of its project in the store."""
        return f"{self.entity}/{self.project}"


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of an artifact.

    Attributes
    ----------
    size : int or None
        Bytes; None for a reference whose size nobody told.
    digest : str or None
        SHA-256 of the content, in hex; of a reference only where it is known.
    ref : str or None
        The address of a file that is not in the store.
    etag : str or None
        What names the content of a reference without a digest: an ETag, or time and size of a file.
    """

    size: int | None
    digest: str | None = None
    ref: str | None = None
    etag: str | None = None

    @property
    def stored(self) -> bool:
        """Whether the store has the bytes."""
        return self.ref is None

    def to_plain(self) -> dict[str, Any]:
        """Return the entry as a manifest has it: without what is unknown."""
        found = {"size": self.size, "digest": self.digest, "ref": self.ref, "etag": self.etag}
        return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Manifest:
    """A version of an artifact.

    Attributes
    ----------
    name, type, version : str
    digest : str
        Of the contents (see :func:`digest_of`): versions with equal contents are one version.
    entries : mapping
        Path in the artifact to :class:`FileEntry`, by path.
    created_at : int
        Microseconds since the epoch.
    made_by : str
        Path of the run that logged it.
    order : str
        What the run calls this piece of work; with it a writer knows its own manifest again.
    """

    name: str
    type: str
    version: str
    digest: str
    entries: Mapping[str, FileEntry]
    created_at: int
    made_by: str
    order: str = ""
    description: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of all files whose size is known."""
        return sum(entry.size or 0 for entry in self.entries.values())

    def at(self, version: str) -> "Manifest":
        """Return it as another version."""
        return replace(self, version=version)

    def to_bytes(self) -> bytes:
        """Return the manifest as it is stored."""
        return (
            orjson.dumps(
                {
                    "format": FORMAT,
                    "name": self.name,
                    "type": self.type,
                    "version": self.version,
                    "digest": self.digest,
                    "description": self.description,
                    "metadata": pack(self.metadata),
                    "tags": self.tags,
                    "created_at": self.created_at,
                    "made_by": self.made_by,
                    "order": self.order,
                    "size": self.size,
                    "entries": {path: entry.to_plain() for path, entry in self.entries.items()},
                },
                option=orjson.OPT_INDENT_2,
            )
            + b"\n"
        )

    @classmethod
    def from_bytes(cls, data: bytes, where: str = "manifest") -> "Manifest":
        """Read a manifest, refusing one whose paths could lead out of a folder.

        Raises
        ------
        FormatVersionError
            When a newer runhooks wrote it.
        RecordError
            When it is none, or has a path or digest that no artifact can have.
        """
        try:
            found = orjson.loads(data)
            version = found["format"]
            if not isinstance(version, int) or version > FORMAT:
                raise FormatVersionError(
                    f"{where} has format {version}; this runhooks reads up to {FORMAT}. "
                    "Upgrade it: pip install -U runhooks"
                )
            return _read(cls, found)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            if isinstance(error, FormatVersionError):
                raise
            raise RecordError(f"{where} cannot be read as an artifact: {error}") from error


def _read(kind: type[Manifest], found: Mapping[str, Any]) -> Manifest:
    entries = {check_entry_path(path): _entry(path, entry) for path, entry in found["entries"].items()}
    _refuse_files_as_folders(entries)
    if not _VERSION.fullmatch(found["version"]):
        raise RecordError(f"its version is {found['version']!r}")
    metadata = unpack(found.get("metadata") or {})
    return kind(
        name=check_artifact_name(found["name"]),
        type=str(found["type"]),
        version=found["version"],
        digest=str(found["digest"]),
        entries=entries,
        created_at=int(found["created_at"]),
        made_by=str(found["made_by"]),
        order=str(found.get("order", "")),
        description=found.get("description"),
        metadata=metadata if isinstance(metadata, dict) else {},
        tags=tuple(map(str, found.get("tags") or ())),
    )


def _entry(path: str, found: Mapping[str, Any]) -> FileEntry:
    size, digest, ref = found.get("size"), found.get("digest"), found.get("ref")
    if size is not None and (type(size) is not int or size < 0):
        raise RecordError(f"the size of {path!r} is {size!r}")
    if digest is not None and not (isinstance(digest, str) and _DIGEST.fullmatch(digest)):
        raise RecordError(f"the digest of {path!r} is {digest!r}")
    if ref is None and (digest is None or size is None):
        raise RecordError(f"{path!r} has neither content nor address")
    return FileEntry(size, digest, None if ref is None else str(ref), found.get("etag"))


def _refuse_files_as_folders(entries: Iterable[str]) -> None:
    known = set(entries)
    for path in known:
        parent = path
        while "/" in parent:
            parent = parent.rpartition("/")[0]
            if parent in known:
                raise RecordError(f"{parent!r} is a file and a folder")


def digest_of(entries: Mapping[str, FileEntry]) -> str:
    """Return the digest of an artifact's contents: of its paths, and what each holds."""
    state = sha256()
    for path in sorted(entries):
        entry = entries[path]
        what = entry.digest or "|".join(map(str, (entry.ref, entry.etag, entry.size)))
        state.update(orjson.dumps([path, entry.ref, what]) + b"\n")
    return state.hexdigest()


def blob_path(project_folder: str, digest: str) -> str:
    """Return where content with this digest is stored: once a project."""
    return f"{project_folder}/blobs/sha256/{digest[:2]}/{digest}"


def check_entry_path(path: str) -> str:
    """Return the path of a file in an artifact, if it stays inside whatever folder it is put into.

    Raises
    ------
    ArgumentError
        For an absolute path, ``..``, a backslash, a control character, a drive, or a part that is empty.
    """
    if not isinstance(path, str) or not path:
        raise ArgumentError(f"a path in an artifact is a text, not {path!r}")
    if found := _STRANGE.search(path):
        raise ArgumentError(f"the path {path!r} contains {found.group()!r}, which no path in an artifact may")
    if any(part in {"", ".", ".."} for part in path.split("/")):
        raise ArgumentError(f"the path {path!r} is absolute or has an empty part, '.' or '..'")
    if len(path.encode()) > _MOST_BYTES:
        raise ArgumentError(f"the path {path[:80]!r}… is longer than {_MOST_BYTES} bytes")
    return path


def check_artifact_name(name: str) -> str:
    """Return `name` if it can name an artifact: as a project, so never a path.

    Raises
    ------
    IdError
        When it has a slash, a colon, a control character or the like, or is a name of the pages.
    """
    check_id(name, "artifact name", longest=128)
    if name in _RESERVED:
        raise IdError(f"artifact name {name!r} is taken by the pages; choose another")
    return name


def check_alias(alias: str) -> str:
    """Return `alias` if it can name a version besides its number.

    Raises
    ------
    IdError
        When it is no name, or looks like a version.
    """
    check_id(alias, "alias", longest=128)
    if _VERSION.fullmatch(alias):
        raise IdError(f"alias {alias!r} would be taken for a version; choose another")
    return alias


def version_number(version: str) -> int | None:
    """Return N of ``v<N>``, None for an alias."""
    found = _VERSION.fullmatch(version)
    return int(found.group(1)) if found else None


def parse_artifact_path(text: str, entity: str, project: str | None) -> ArtifactPath:
    """Read ``name``, ``name:alias``, ``project/name:v3`` or ``entity/project/name:v3``.

    Parameters
    ----------
    text : str
    entity, project : str
        Where the artifact is, if the text does not say. Without a version, the latest is meant.

    Raises
    ------
    IdError
        When it is none of these.
    """
    if not isinstance(text, str):
        raise IdError(f"an artifact is named as in 'name:latest', not by {text!r}")
    head, colon, version = text.rpartition(":")
    parts = (head if colon else text).split("/")
    version = version if colon else "latest"
    given = [entity, project, None]
    if len(parts) > 3:
        raise IdError(f"an artifact is [[entity/]project/]name[:version], not {text!r}")
    given[3 - len(parts) :] = parts
    if given[1] is None:
        raise IdError(f"which project is {text!r} in? An artifact is [entity/]project/name[:version]")
    if version_number(version) is None:
        check_alias(version)
    return ArtifactPath(
        check_name(str(given[0]), "entity"),
        check_name(str(given[1]), "project"),
        check_artifact_name(str(given[2])),
        version,
    )
