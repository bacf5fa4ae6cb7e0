"""The versions of an artifact in a store: finding, creating and naming them."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from hashlib import sha256
from time import time_ns

import orjson

from ..errors import ArtifactNotFoundError, ObjectNotFoundError, RecordError, StoreNotFoundError
from ..storage import Store
from .manifest import ArtifactPath, FileEntry, Manifest, version_number

__all__ = [
    "aliases",
    "create_version",
    "delete_version",
    "names",
    "read_manifest",
    "resolve",
    "set_alias",
    "use",
    "users",
    "versions",
]

_MANIFEST = re.compile(r"/(v[0-9]+)\.json$")
LATEST = "latest"


def names(store: Store, project_folder: str) -> list[str]:
    """Return the names of a project's artifacts."""
    found = store.list(f"{project_folder}/artifacts", recursive=False)
    return sorted(entry.path.rpartition("/")[2] for entry in found if entry.is_dir)


def versions(store: Store, folder: str) -> list[str]:
    """Return the versions of an artifact, the oldest first. `folder` is that of :class:`ArtifactPath`."""
    found = (
        _MANIFEST.search(entry.path) for entry in store.list(folder, recursive=False) if not entry.is_dir
    )
    return sorted(
        (match.group(1) for match in found if match), key=lambda version: version_number(version) or 0
    )


def aliases(store: Store, folder: str) -> dict[str, str]:
    """Return which version each alias names; ``latest`` is the highest version, and stored nowhere."""
    named = {}
    for entry in store.list(f"{folder}/aliases", recursive=False):
        alias = entry.path.rpartition("/")[2].removesuffix(".json")
        if (version := _alias(store, folder, alias)) is not None:
            named[alias] = version
    known = versions(store, folder)
    return named | ({LATEST: known[-1]} if known else {})


def _alias(store: Store, folder: str, alias: str) -> str | None:
    try:
        version = orjson.loads(store.read(f"{folder}/aliases/{alias}.json"))["version"]
    except ObjectNotFoundError:
        return None
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise RecordError(f"{folder}/aliases/{alias}.json does not name a version") from error
    if not isinstance(version, str) or version_number(version) is None:
        raise RecordError(f"{folder}/aliases/{alias}.json names {version!r}, which is no version")
    return version


def set_alias(store: Store, folder: str, alias: str, version: str, run: str) -> None:
    """Let an alias name a version: one object an alias, replaced as a whole, so that the last writer wins."""
    document = {"format": 1, "version": version, "at": time_ns() // 1000, "by": run}
    store.write(f"{folder}/aliases/{alias}.json", orjson.dumps(document) + b"\n")


def resolve(store: Store, path: ArtifactPath) -> ArtifactPath:
    """Return the path with a version in place of an alias.

    Raises
    ------
    ArtifactNotFoundError
        When there is no such artifact, version or alias; the message names those that there are.
    """
    try:
        known = versions(store, path.folder)
        if version_number(path.version) is not None:
            found = path.version if path.version in known else None
        elif path.version == LATEST:
            found = known[-1] if known else None
        else:
            found = _alias(store, path.folder, path.version)
    except StoreNotFoundError as error:
        raise ArtifactNotFoundError(f"there is no artifact {path}: {error}") from error
    if found is None:
        raise ArtifactNotFoundError(_no_such(store, path, known))
    return path._replace(version=found)


def _no_such(store: Store, path: ArtifactPath, known: list[str]) -> str:
    if not known:
        others = ", ".join(names(store, path.project_folder)[:10]) or "none"
        return f"there is no artifact {path} in {store.url}; artifacts of {path.project_folder}: {others}"
    named = ", ".join([*known[-5:], *aliases(store, path.folder)])
    return f"artifact {path.name} in {store.url} has no {path.version!r}; it has {named}"


def read_manifest(store: Store, path: ArtifactPath) -> Manifest:
    """Read the manifest of a version.

    Raises
    ------
    ArtifactNotFoundError
        When there is none.
    RecordError
        When it cannot be read, or a path in it could lead out of a folder.
    """
    where = f"{path.folder}/{path.version}.json"
    try:
        manifest = Manifest.from_bytes(store.read(where), where)
    except ObjectNotFoundError as error:
        raise ArtifactNotFoundError(f"there is no artifact {path} in {store.url}") from error
    if (manifest.name, manifest.version) != (path.name, path.version):
        raise RecordError(f"{where} is of {manifest.name}:{manifest.version}")
    return manifest


def latest(store: Store, path: ArtifactPath) -> Manifest | None:
    """Return the highest version's manifest, None where there is no version."""
    try:
        known = versions(store, path.folder)
    except StoreNotFoundError:  # a folder that the first write makes
        return None
    return read_manifest(store, path._replace(version=known[-1])) if known else None


def create_version(store: Store, path: ArtifactPath, manifest: Manifest) -> Manifest:
    """Store a manifest as the next version, and return it with its number.

    Of several writers at once each gets a number of its own, by create-if-absent. Where the latest version
    has the same contents, or is this writer's own from before a crash, it is returned and nothing is made.
    """
    while True:
        last = latest(store, path)
        if last is not None and (last.digest == manifest.digest or last.order == manifest.order):
            return last
        number = _next_number(store, path.folder, last)
        made = manifest.at(f"v{number}")
        if store.create(f"{path.folder}/{made.version}.json", made.to_bytes()):
            return made


def _next_number(store: Store, folder: str, last: Manifest | None) -> int:
    """Return the number after all that there were: that of a deleted version is not used again."""
    known = [None if last is None else version_number(last.version)]
    with suppress(StoreNotFoundError):  # a folder that the first write makes
        gone = store.list(f"{folder}/deleted", recursive=False)
        known += [version_number(entry.path.rpartition("/")[2].removesuffix(".json")) for entry in gone]
    return max((number + 1 for number in known if number is not None), default=0)


def delete_version(store: Store, path: ArtifactPath) -> None:
    """Delete a version with its aliases. Its number is not used again; its content stays for ``gc``."""
    at = orjson.dumps({"format": 1, "at": time_ns() // 1000}) + b"\n"
    store.create(f"{path.folder}/deleted/{path.version}.json", at)  # before the manifest: no number twice
    for entry in store.list(f"{path.folder}/aliases", recursive=False):
        alias = entry.path.rpartition("/")[2].removesuffix(".json")
        if _alias(store, path.folder, alias) == path.version:
            store.delete(entry.path)
    store.delete(f"{path.folder}/{path.version}.json")


def use(store: Store, path: ArtifactPath, run: str) -> None:
    """Note that a run used a version: an object of that run's own."""
    name = sha256(run.encode()).hexdigest()[:16]
    document = {"format": 1, "run": run, "at": time_ns() // 1000}
    store.create(f"{path.folder}/used/{path.version}/{name}.json", orjson.dumps(document) + b"\n")


def users(store: Store, path: ArtifactPath) -> list[str]:
    """Return the paths of the runs that used a version, the first one first."""
    found = []
    for entry in store.list(f"{path.folder}/used/{path.version}", recursive=False):
        try:
            document = orjson.loads(store.read(entry.path))
            found.append((int(document["at"]), str(document["run"])))
        except ObjectNotFoundError:
            continue
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            raise RecordError(f"{entry.path} does not name a run") from error
    return [run for _, run in sorted(found)]


def stored(entries: Iterable[FileEntry]) -> Iterator[tuple[str, int]]:
    """Yield digest and size of each content that the store holds, once."""
    seen = set()
    for entry in entries:
        if entry.stored and entry.digest is not None and entry.digest not in seen:
            seen.add(entry.digest)
            yield entry.digest, entry.size or 0
