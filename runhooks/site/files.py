"""Data files of the Files tab: the listing, and the beginnings of texts.

A page opened from a folder cannot read the files beside it; pictures, films, sound and PDF it can show.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any, Final

from runhooks.errors import RunhooksError
from runhooks.record.files import FILES, Listing, StoredFile, parse_listing
from runhooks.storage import Store

from .data import revision_of, script, shown

__all__ = ["file_pages"]

PREVIEW_BYTES: Final = 64 * 2**10
_MOST_PREVIEWS: Final = 200
_TEXTS: Final = frozenset(
    ".cfg .conf .css .csv .diff .gitignore .htm .html .ini .ipynb .js .json .jsonl .log .md .patch .py"
    " .r .rst .sh .sql .svg .tex .toml .ts .tsv .txt .xml .yaml .yml".split()
)
_BARE: Final = 2**16


def file_pages(store: Store, folder: str) -> Iterator[tuple[str, bytes]]:
    """Yield the data files of a run's Files tab: previews first, then what names them; none without files."""
    try:
        listing = parse_listing(store.read(f"{folder}/{FILES}"))
    except (RunhooksError, ValueError):
        return
    previews: dict[str, str] = {}
    for file in _texts(listing):
        name = revision_of(file.path.encode("utf-8", "replace"))
        payload = _preview(store, folder, file)
        if payload is not None:
            previews[file.path] = name
            yield f"data/preview-{name}.js", script("preview", payload)
    yield "data/files.js", script("files", _payload(listing, previews))


def _payload(listing: Listing, previews: dict[str, str]) -> dict[str, Any]:
    files = [[file.path, file.size, file.time, previews.get(file.path)] for file in listing.files]
    skipped = [[shown(path), why] for path, why in listing.skipped.items()]
    return {"total": listing.total, "files": files, "skipped": skipped}


def _texts(listing: Listing) -> list[StoredFile]:
    """Return the files whose beginning is shown: texts by their ending, and small ones without any."""
    found = []
    for file in listing.files:
        ending = PurePosixPath(file.path).suffix.lower()
        known = ending in _TEXTS or (not ending and file.size <= _BARE)
        if known and not file.path.startswith("media/"):
            found.append(file)
    return found[:_MOST_PREVIEWS]


def _preview(store: Store, folder: str, file: StoredFile) -> dict[str, Any] | None:
    try:
        data = store.read(f"{folder}/files/{file.path}", 0, PREVIEW_BYTES)
    except RunhooksError:
        return None
    if b"\0" in data:
        return None
    cut = file.size > len(data)
    # A sign that the cut went through is left out; bytes that are no UTF-8 show as such.
    text = data.decode("utf-8", "replace").removesuffix("\ufffd" if cut else "")
    return {"text": text, "cut": cut}
