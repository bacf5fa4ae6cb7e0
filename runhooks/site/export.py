"""One run as one HTML file, from its record."""

import re
from dataclasses import dataclass
from typing import Final

from runhooks.record.view import RunView
from runhooks.storage import Store

from .anonymous import anonymous
from .assets import bundled
from .build import read_log, read_series, read_system, write_run
from .inline import inlined
from .single import single_file
from .writer import Gathered

__all__ = ["Exported", "export_html"]

MOST_EXACT: Final = 16_000_000
"""Bytes of exact points in an exported page: mail takes 25 MB at most, often less."""

_IN_FILES = frozenset({"html", "plotly"})
"""Kinds of media that a page shows only from files beside it: their scripts would not run in one file."""

_EXACT = re.compile(r"data/(exact|(points|axis)-\d+-\d+)\.js")
_HARMLESS = re.compile(
    r"data/((run|live|exact|system)|(charts|detail|points|axis|system)(-detail)?(-\d+)+)\.js"
)


@dataclass(frozen=True, slots=True)
class Exported:
    """A page in one file.

    Attributes
    ----------
    page : bytes
    removed : list of str
        What was taken out because it tells whose run it is; empty unless that was asked for.
    left_out : list of str
        What the page lacks for its size.
    """

    page: bytes
    removed: list[str]
    left_out: list[str]


def export_html(store: Store, folder: str, *, unnamed: bool = False) -> Exported:
    """Return a run's page with everything that it shows in one file.

    Parameters
    ----------
    store : Store
        Is only read.
    folder : str
        The run's folder: ``entity/project/runs/id``.
    unnamed : bool
        Take out what tells whose run it is (see :func:`.anonymous.anonymous`).

    Raises
    ------
    RunNotFoundError, RecordError
    SiteError
        When the front end was not built.
    StoreError
    """
    from runhooks.record.read import read_view

    view, series, system = read_view(store, folder), read_series(store, folder), read_system(store, folder)
    removed: list[str] = []
    if unnamed:
        view, removed = anonymous(view)
        removed += [f"system metrics: host {number}" for number in range(1, len(system) + 1)]
        system = {f"node-{number}": found for number, (_, found) in enumerate(sorted(system.items()), 1)}
    pages = Gathered(store)
    log = read_log(store, folder, view.id)
    if unnamed and log is not None:
        log, removed = None, [*removed, "the console log"]
    long = log is not None and sum(map(len, log[0].values())) > MOST_EXACT
    write_run(pages, view, series, system=system, log=None if long else log, folder=folder)
    prefix = f"{folder}/"
    files = {path[len(prefix) :]: data for path, data in pages.files.items() if path.startswith(prefix)}
    if unnamed:
        removed += [name for name in files if name != "index.html" and not _HARMLESS.fullmatch(name)]
        files = {name: data for name, data in files.items() if name not in removed}
    left_out = _left_out(files)
    files = {name: data for name, data in files.items() if name not in left_out}
    media, no_room = ({}, 0) if unnamed else inlined(store, folder, series.media)
    told = {
        "points between those of the detail level": left_out,
        "the console log": long,
        f"{no_room:,} pictures, films or sounds of earlier steps": no_room,
        "logged HTML and plotly's script": series.media.kinds & _IN_FILES and not unnamed,
    }
    lacks = [what for what, so in told.items() if so]
    page = single_file(files, _scripts(), bundled("run.css"), _known_until(view), media=media, left_out=lacks)
    return Exported(page, removed, lacks)


def _scripts() -> list[bytes]:
    return [bundled("run.js"), bundled("run-later.js")]


def _left_out(files: dict[str, bytes]) -> list[str]:
    exact = [name for name in files if _EXACT.fullmatch(name)]
    return exact if sum(len(files[name]) for name in exact) > MOST_EXACT else []


def _known_until(view: RunView) -> int:
    """Return the last moment of which the record tells."""
    beat = view.heartbeat.at if view.heartbeat else 0
    return max(view.created_at, view.ended_at or 0, view.last_log_at or 0, beat)
