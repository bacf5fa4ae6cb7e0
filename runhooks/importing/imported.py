"""Runs of other programs, as what runhooks stores: written whole, the run document last."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from ..errors import RecordError, RunExistsError, SiteError, StoreError, StoreNotFoundError
from ..journal import MOST_STEP
from ..record.deleted import read_deleted
from ..record.document import to_bytes
from ..record.parts import Part, Rows
from ..record.paths import RunPath, part_name
from ..record.replay import apply
from ..record.view import RunView, Session, State
from ..redact import redact_tree
from ..site.build import Pages, build_run
from ..site.project_page import row_bytes
from ..storage import Store
from ..values import pack, plain
from .saved import Files, Piece, write_console, write_files

__all__ = ["Imported", "Logged", "write_imported"]

_ROWS_A_PART = 200_000
_LATEST = 2**53
"""Microseconds: in the year 2255, the last that a page reads exactly."""


@dataclass(frozen=True, slots=True)
class Logged:
    """A row: values of one step, and when they were logged (microseconds since the epoch)."""

    step: int
    time: int
    data: Mapping[str, Any]


@dataclass(slots=True)
class Imported:
    """What was found of a run.

    Attributes
    ----------
    name : str
    source : str
        Which program wrote it, and where it was.
    rows : list of Logged
        In the order in which they count: of two for one step and metric the later.
    id : str or None
        The run's id where it was logged, which it keeps; by default one is made of its name.
    began, ended : int or None
        Microseconds since the epoch; by default the times of the first and the last row.
    summary : dict or None
        In place of what the rows give.
    definitions : dict
        What ``define_metric`` said, by metric.
    files : Files
        What the run saved.
    output : list
        What was written to the console, in order.
    left_out : dict
        Kinds of things that runhooks could not take, and how many.
    """

    name: str
    source: str
    rows: list[Logged] = field(default_factory=list)
    config: dict[str, Any] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    notes: str | None = None
    began: int | None = None
    ended: int | None = None
    state: State = "finished"
    id: str | None = None
    reason: str | None = None
    group: str | None = None
    job_type: str | None = None
    summary: dict[str, Any] | None = None
    definitions: dict[str, dict[str, Any]] = field(default_factory=dict)
    environment: dict[str, Any] = field(default_factory=dict)
    alerts: list[dict[str, Any]] = field(default_factory=list)
    files: Files = field(default_factory=Files)
    output: list[Piece] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)


def write_imported(store: Store, path: RunPath, run: Imported) -> RunView:
    """Write a run to a store: its history, then its document, row and page.

    Raises
    ------
    RecordError
        When a step or a time cannot be one.
    RunExistsError
        When the id is taken; nothing is written then.
    StoreError
        When the store fails on the way; what was written is then taken away again.
    """
    _check(run)
    if read_deleted(store, path) is not None or _is_there(store, path.folder):
        raise RunExistsError(f"run {path} exists already in {store.url}, or was deleted there")
    view = _begun(path, run)
    written: list[str] = []
    try:
        _write_record(store, path, view, run, written)
    except BaseException:
        for name in written:
            with suppress(StoreError):
                store.delete(name)
        raise
    store.write(f"{path.entity}/{path.project}/index/{path.id}.json", row_bytes(view))
    with suppress(SiteError):  # pages are derived: `runhooks render` makes them
        build_run(store, path.folder, Pages(store))
    return view


def _check(run: Imported) -> None:
    """Look at every step and time before anything is written: other programs' files may hold any number."""
    for number, row in enumerate(run.rows):
        if not (_is_whole(row.step, MOST_STEP) and _is_whole(row.time, _LATEST)):
            raise RecordError(f"{run.source}: row {number} has a step or a time that cannot be one")
    if not all(at is None or _is_whole(at, _LATEST) for at in (run.began, run.ended)):
        raise RecordError(f"{run.source}: it began or ended at a time that cannot be one")


def _is_whole(number: Any, most: int) -> bool:
    return type(number) is int and -most <= number <= most


def _begun(path: RunPath, run: Imported) -> RunView:
    began = min((row.time for row in run.rows), default=0) if run.began is None else run.began
    texts = redact_tree({"name": run.name, "tags": run.tags, "notes": run.notes, "alerts": run.alerts})
    return RunView(
        id=path.id, entity=path.entity, project=path.project, created_at=began, **texts,
        config=redact_tree(plain(run.config)), group=run.group, job_type=run.job_type,
        definitions=run.definitions, environment=redact_tree({**run.environment, "imported": run.source}),
    )  # fmt: skip


def _write_record(store: Store, path: RunPath, view: RunView, run: Imported, written: list[str]) -> None:
    """Write history, console and files, then the document; note each object in `written` before it is."""
    began = view.created_at
    writer = f"{began:020d}-r0-import"
    rows = iter(run.rows)
    number = 0
    while piece := list(islice(rows, _ROWS_A_PART)):
        written.append(f"{path.folder}/history/{part_name(writer, number)}")
        store.write(written[-1], _part(view, piece).to_bytes())
        number += 1
    ended = max((row.time for row in run.rows), default=began) if run.ended is None else run.ended
    write_console(store, path.folder, writer, run.output, written)
    write_files(store, path.folder, run.files, ended, written)
    view.state, view.reason, view.ended_at = run.state, run.reason, ended
    view.sessions = [Session(writer, began, ended)]
    view.applied = {writer: [number, 0]}
    if run.summary is not None:
        view.summary = redact_tree(plain(run.summary))
    written.append(f"{path.folder}/run.json")
    store.write(written[-1], to_bytes(view))


def _is_there(store: Store, folder: str) -> bool:
    with suppress(StoreNotFoundError):  # a folder that the first write makes
        return any(True for _ in store.list(folder))
    return False


def _part(view: RunView, rows: list[Logged]) -> Part:
    part = Part()
    events = [
        {"type": "log", "step": row.step, "time": row.time, "data": pack(dict(row.data))} for row in rows
    ]
    for columns in apply(view, events):
        for key, column in columns.items():
            part.add(key, Rows.of(column))
    return part
