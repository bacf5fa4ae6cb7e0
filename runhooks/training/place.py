"""Where a run's folder is on this machine, and whether a recorder must copy it to a store elsewhere."""

import os
from pathlib import Path
from typing import NamedTuple

from ..address import parse_address
from ..record.paths import RunPath
from ..settings import Settings

__all__ = ["Place", "is_elsewhere", "locate", "spool_root", "spooled", "store_name"]


class Place(NamedTuple):
    """A run's folder.

    Attributes
    ----------
    folder : Path
        Absolute; in the store itself when that is a folder on this machine, else in the spool.
    store : str
        Absolute path or URL of the store.
    mirrored : bool
        Whether the folder is a spool that the recorder uploads.
    in_process : bool
        Whether the store lives in this process (``memory://``).
    page : str
        Address of the run's page; ``project_page`` of its project's.
    """

    folder: Path
    store: str
    mirrored: bool
    in_process: bool
    page: str
    project_page: str


def locate(settings: Settings, path: RunPath) -> Place:
    """Return where the run with this path goes.

    Raises
    ------
    StoreUrlError
        For an address that cannot be used.
    """
    address = parse_address(settings.store)
    if settings.mode == "offline" or address.folder is None:
        return spooled(settings, path)
    root = _absolute(address.folder)
    folder = root / path.folder
    pages = ((folder / "index.html").as_uri(), (root / path.entity / path.project / "index.html").as_uri())
    return Place(folder, str(root), False, False, *pages)


def spooled(settings: Settings, path: RunPath, writer: str | None = None) -> Place:
    """Return a place in the spool, from which the run is uploaded; with `writer`, one for its share only."""
    from hashlib import sha256  # 3 ms that a local store does without

    address = parse_address(settings.store)
    root = None if address.folder is None else _absolute(address.folder)
    store = store_name(settings)
    root_name = sha256(store.encode()).hexdigest()[:12] + ("" if writer is None else f".{writer}")
    folder = spool_root(settings.spool) / root_name / path.folder
    base = store if root is None else root.as_uri()
    pages = (f"{base}/{path.folder}/index.html", f"{base}/{path.entity}/{path.project}/index.html")
    return Place(folder, store, True, address.protocol == "memory", *pages)


def store_name(settings: Settings) -> str:
    """Return the store's absolute path or its address, which name it for this machine."""
    address = parse_address(settings.store)
    return address.url.rstrip("/") if address.folder is None else str(_absolute(address.folder))


def is_elsewhere(store: str) -> bool:
    """Tell whether a store is no folder of this machine."""
    return parse_address(store).folder is None


def spool_root(given: str | None) -> Path:
    """Return the folder of runs that wait for their upload."""
    if given:
        return Path(given).expanduser().absolute()
    from platformdirs import user_cache_path

    return user_cache_path("runhooks") / "spool"


def _absolute(folder: str) -> Path:
    # Not resolve(): a store that is a link stays where the user put it. `..` goes, as in LocalStore.
    return Path(os.path.abspath(Path(folder).expanduser()))  # noqa: PTH100
