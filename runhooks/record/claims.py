"""How an upload and ``gc`` keep out of each other's way, without locks.

Content that no manifest names may be deleted when it is old, and an upload may find just then that it needs
it. So each says first what it is about to do, in an object of its own, and looks for the other's word then:

- An upload that reuses content *claims* it, waits while a sweep goes on, sees whether the content is still
  there (and sends it again where not), stores its manifest, and takes the claim back.
- A sweep announces itself, and before every few deletions reads the claims and then the manifests.

Either the upload sees the sweep, or the sweep sees the claim, or the manifest of one that was taken back.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from secrets import token_hex
from time import monotonic, sleep

import orjson

from ..errors import ObjectNotFoundError, RecordError, StoreUnreachableError
from ..storage import Store

__all__ = ["announced", "claim", "claimed", "release", "wait_for_sweeps"]

_CLAIM_S = 7 * 86400.0
"""A claim that is older is one of an upload that nobody finished."""
_SWEEP_S = 600.0
"""A sweep that was not renewed for so long has ended without a word."""
_PAUSE_S = 1.0


def claim(store: Store, project_folder: str, order: str, digests: Iterable[str]) -> None:
    """Say that an upload needs content which it has not written itself."""
    document = orjson.dumps({"format": 1, "digests": sorted(digests)}) + b"\n"
    store.write(f"{project_folder}/blobs/claims/{order}.json", document)


def release(store: Store, project_folder: str, order: str) -> None:
    """Take a claim back: a manifest names the content now."""
    store.delete(f"{project_folder}/blobs/claims/{order}.json")


def claimed(store: Store, project_folder: str) -> set[str]:
    """Return the digests that uploads need.

    Raises
    ------
    RecordError
        When a claim cannot be read: it may be of any content.
    """
    digests: set[str] = set()
    for path in _fresh(store, f"{project_folder}/blobs/claims", _CLAIM_S):
        try:
            digests.update(orjson.loads(store.read(path))["digests"])
        except ObjectNotFoundError:  # taken back meanwhile
            continue
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            raise RecordError(f"{path} does not say what an upload needs: {error}") from error
    return digests


@contextmanager
def announced(store: Store, project_folder: str) -> Iterator[Callable[[], None]]:
    """Announce a sweep while it goes on; what is given back renews the word, and is called before deletions.

    Raises
    ------
    StoreUnreachableError
        When renewing came too late: uploads no longer wait for this sweep.
    """
    path = f"{project_folder}/blobs/sweeps/{token_hex(8)}.json"
    said_at = monotonic()

    def renew() -> None:
        nonlocal said_at
        if monotonic() - said_at > _SWEEP_S / 2:
            raise StoreUnreachableError(f"sweeping {project_folder} was held up; start it again")
        store.write(path, b'{"format": 1}\n')
        said_at = monotonic()

    renew()
    try:
        yield renew
    finally:
        store.delete(path)


def wait_for_sweeps(store: Store, project_folder: str) -> None:
    """Wait until no sweep goes on that had begun."""
    while _fresh(store, f"{project_folder}/blobs/sweeps", _SWEEP_S):
        sleep(_PAUSE_S)


def _fresh(store: Store, folder: str, longest: float) -> list[str]:
    """Return the objects of a folder that are not older, by the store's clock, and delete the others."""
    found = list(store.list(folder))
    now = store.now() if found else 0.0
    old = [entry.path for entry in found if entry.modified is not None and now - entry.modified > longest]
    for path in old:
        store.delete(path)
    return [entry.path for entry in found if entry.path not in old]
