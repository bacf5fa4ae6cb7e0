"""Gathering the rows of a project, with as few reads as can be."""

import zlib
from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson

from runhooks.errors import ObjectNotFoundError, RecordError, RunNotFoundError
from runhooks.record.deleted import deleted_ids
from runhooks.storage import Entry, Store, together

from .data import read_script
from .project_page import Row, parse_row, row_bytes, row_of, rows_in

__all__ = ["VERSIONS", "gather_rows", "known_rows", "name_of", "versions_file"]

VERSIONS: Final = "data/versions.json"
"""Which version of each row is in the project's page: derived, beside the page."""


def gather_rows(store: Store, folder: str) -> tuple[dict[str, Row], dict[str, str], dict[str, str]]:
    """Return the rows of a project by run id; runs that were deleted have none.

    Rows that are in the page already are taken from there, as long as their objects did not change. A
    run that has no row which can be read gets one; a row whose run is gone is passed over.

    Returns
    -------
    rows : dict
    versions : dict
        Of the objects that the rows came from, by run id, where the store tells them.
    unreadable : dict
        Folders of runs that could not be read, and why.
    """
    runs, entries, rows = known_rows(store, folder)
    unreadable: dict[str, str] = {}
    for run in sorted(runs - rows.keys()):
        try:
            if (row := _healed(store, folder, run, replace=run in entries)) is not None:
                rows[run] = row
        except RecordError as error:
            unreadable[f"{folder}/runs/{run}"] = str(error)
    versions = {run: entry.version for run, entry in sorted(entries.items()) if entry.version}
    return rows, versions, unreadable


def known_rows(store: Store, folder: str) -> tuple[set[str], dict[str, Entry], dict[str, Row]]:
    """Return the ids of a project's runs, the objects that hold their rows, and the rows; asked all at once.

    All rows that did not change since the project's page was written come from there, in two reads. Rows that
    cannot be read are left out, and so is whatever was deleted.
    """
    asked: list[Callable[[], Any]] = [
        lambda: {name_of(entry) for entry in store.list(f"{folder}/runs", recursive=False) if entry.is_dir},
        lambda: deleted_ids(store, *folder.split("/", 1)),
        lambda: {name_of(e).removesuffix(".json"): e for e in store.list(f"{folder}/index", recursive=False)},
        lambda: _last_page(store, folder),
    ]
    folders, deleted, found, (known, versions) = together(store, lambda ask: ask(), asked)
    runs = folders - deleted
    entries = {run: entry for run, entry in found.items() if run in runs}
    rows = {
        run: row for run, row in known.items() if run in entries and versions.get(run) == entries[run].version
    }
    changed = [run for run in entries if run not in rows]
    read = together(store, lambda run: _read_if_there(store, entries[run].path), changed)
    for run, data in zip(changed, read, strict=True):
        if (row := parse_row(data, run)) is not None:
            rows[run] = row
    return runs, entries, rows


def _healed(store: Store, folder: str, run: str, *, replace: bool) -> Row | None:
    """Return the row of a run that had none, and store it; None when there is no run in the folder.

    Its recorder may be writing a newer one: only a row that cannot be read is replaced.
    """
    from runhooks.record.read import read_view  # needs pyarrow, which costs more than all the rest

    try:
        view = read_view(store, f"{folder}/runs/{run}")
    except RunNotFoundError:
        return None
    path, row = f"{folder}/index/{run}.json", row_bytes(view)
    if replace:
        store.write(path, row)
    else:
        store.create(path, row)
    return row_of(view)


def _last_page(store: Store, folder: str) -> tuple[dict[str, Row], dict[str, str]]:
    """Return the rows of the page as it is in the store, and the versions of the objects they came from."""
    try:
        noted = orjson.loads(store.read(f"{folder}/{VERSIONS}"))
        revision, rows = rows_in(store.read(f"{folder}/data/project.js"))
        return (rows, dict(noted["versions"])) if noted["revision"] == revision else ({}, {})
    except (ObjectNotFoundError, ValueError, KeyError, TypeError, zlib.error):
        return {}, {}  # no page yet, another version's, or a damaged one: read all rows


def versions_file(page: bytes, versions: Mapping[str, str]) -> bytes:
    """Return the object at :data:`VERSIONS` for a ``data/project.js``."""
    revision = read_script(page, "project")["revision"]
    return orjson.dumps({"format": 1, "revision": revision, "versions": versions}) + b"\n"


def name_of(entry: Entry) -> str:
    """Return the last part of an entry's path."""
    return entry.path.rstrip("/").rpartition("/")[2]


def _read_if_there(store: Store, path: str) -> bytes:
    try:
        return store.read(path)
    except ObjectNotFoundError:
        return b""
