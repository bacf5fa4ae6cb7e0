"""The front end that all pages of a store share, in a folder named by its content."""

from pathlib import Path
from typing import Final

from runhooks.errors import SiteError
from runhooks.storage import Store

from .data import revision_of

__all__ = ["ASSETS", "STATIC", "bundled", "publish_assets"]

ASSETS: Final = ("app.js", "app.css")
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
    for name, data in files.items():
        store.create(f"assets/{folder}/{name}", data, cache_control=_FOREVER)
    return folder


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
