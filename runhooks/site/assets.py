"""The front end that all pages of a store share, in a folder named by its content."""

from pathlib import Path
from typing import Final

from runhooks.errors import SiteError, StoreNotFoundError
from runhooks.storage import Store, together

from .data import revision_of

__all__ = ["ASSETS", "STATIC", "bundled", "publish_assets"]

ASSETS: Final = (
    *(f"{page}.{kind}" for page in ("artifacts", "project", "root", "run") for kind in ("css", "js")),
    *(f"{page}-later.js" for page in ("project", "run")),
)
"""What pages load: a script and a style sheet for each kind, and what some load only when it is needed."""

STATIC: Final = Path(__file__).parent / "static"
"""Where the build of ``frontend/`` lies in the package."""

_FOREVER = "public, max-age=31536000, immutable"


def publish_assets(store: Store, static: Path = STATIC) -> str:
    """Put the front end into the store, unless it is there, and return its folder's name in ``assets/``.

    Raises
    ------
    SiteError
        When it was not built.
    StoreError
    """
    files = {name: bundled(name, static) for name in ASSETS}
    folder = revision_of(*files.values())
    there = _names(store, f"assets/{folder}")
    missing = [name for name in files if name not in there]

    def create(name: str) -> None:
        store.create(f"assets/{folder}/{name}", files[name], cache_control=_FOREVER)

    together(store, create, missing)
    return folder


def _names(store: Store, folder: str) -> set[str]:
    """Return what is in a folder: one request, where a create of each file would be ten."""
    try:
        return {entry.path.rpartition("/")[2] for entry in store.list(folder)}
    except StoreNotFoundError:
        return set()  # nothing was written yet; a store that cannot be had says so when it is written to


def bundled(name: str, static: Path = STATIC) -> bytes:
    """Return a file of the front end.

    Raises
    ------
    SiteError
        When it was not built.
    """
    try:
        return (static / name).read_bytes()
    except FileNotFoundError as error:
        raise SiteError(
            f"the pages' {name} was not built, so no pages can be written; the record itself is whole. "
            "In a clone run `npm ci && npm run build` in frontend/, or install runhooks again with pip"
        ) from error
