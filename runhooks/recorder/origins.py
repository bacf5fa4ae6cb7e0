"""Where a run begins in its own or another run's history: rewinding, and forking.

Both change the record before the training process writes its first event, so that the journal stays a
list of things that were added. Both check everything before they write anything.
"""

import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep, time_ns

from ..errors import RunExistsError, RunNotFoundError, StepError, StoreNotFoundError
from ..record.document import to_bytes
from ..record.parts import Part
from ..record.paths import RunPath, part_name
from ..record.read import history, pieces, read_view, writers_in
from ..record.recount import recount
from ..record.superseded import add_cuts
from ..record.view import Cut, RunView
from ..storage import Store, open_store
from .orders import Order
from .recording import Busy, Recording

__all__ = ["fork", "rewind"]

_FREE_S = 20.0


def rewind(order: Order, step: int) -> None:
    """Supersede the rows of later steps than `step` that a run in a folder on this machine has.

    Raises
    ------
    StepError
        When the run did not come that far.
    Busy
        When another recorder does not let go of the run.
    """
    recording = _taken(order)
    try:
        recording.settle()
        view = recording.view
        if view.last_step is None or step > view.last_step:
            raise StepError(step_beyond(str(order.path), view, step))
        store, folder = open_store(order.root), order.path.folder
        add_cuts(view.superseded, [Cut(writer, step) for writer in sorted(writers_in(store, folder))])
        recount(view, history(store, folder, superseded=view.superseded))
        view.rewinds.append({"time": time_ns() // 1000, "step": step})
        store.write(f"{folder}/run.json", to_bytes(view))
    finally:
        recording.close()


def _taken(order: Order) -> Recording:
    """Take the run as soon as the recorder of its last session lets go of it."""
    alone = replace(order, mirrored=False, writer=None)
    deadline = monotonic() + _FREE_S
    while True:
        try:
            return Recording(alone)
        except Busy:
            if monotonic() > deadline:
                raise
        sleep(0.05)


def step_beyond(path: str, view: RunView, step: int) -> str:
    """Say that a run has no such step."""
    had = "it has no rows" if view.last_step is None else f"its last step is {view.last_step}"
    return f"run {path} has no step {step}: {had}"


def fork(order: Order, source: RunPath, step: int) -> None:
    """Begin a run in a new folder on this machine with another run's history up to `step`.

    Parts are copied, so that the new run needs nothing of the old one.

    Raises
    ------
    RunNotFoundError
        When there is no such run to fork from.
    StepError
        When it did not come that far, or has no rows up to there.
    RunExistsError
        When the folder is there.
    StoreError
    """
    store = _home(order, source)
    try:
        view = read_view(store, source.folder)
    except (RunNotFoundError, StoreNotFoundError) as error:
        raise RunNotFoundError(f"there is no run {source} in {order.store} to fork from") from error
    if view.last_step is None or step > view.last_step:
        raise StepError(step_beyond(str(source), view, step))
    forked = _inherited(order.path, view, source, step)
    try:
        order.folder.parent.mkdir(parents=True, exist_ok=True)
        order.folder.mkdir()
    except FileExistsError as error:
        raise RunExistsError(f"run {order.path} exists already in {order.store}") from error
    try:
        _copy(store, source, open_store(order.root), forked, step)
    except BaseException:
        with suppress(OSError):
            shutil.rmtree(order.folder)
        raise


def _home(order: Order, source: RunPath) -> Store:
    """Return the store that has a run: this machine's part of it, else the store elsewhere."""
    if not order.mirrored or (Path(order.root) / source.folder / "run.json").exists():
        return open_store(order.root)
    return open_store(order.store, order.storage_options, retry=None)


def _inherited(path: RunPath, view: RunView, source: RunPath, step: int) -> RunView:
    return RunView(
        id=path.id,
        entity=path.entity,
        project=path.project,
        name=view.name,
        created_at=time_ns() // 1000,
        config=view.config,
        summary=view.summary,
        metrics=view.metrics,
        definitions=view.definitions,
        tags=view.tags,
        notes=view.notes,
        group=view.group,
        job_type=view.job_type,
        forked_from={"run": str(source), "step": step},
    )


def _copy(store: Store, source: RunPath, target: Store, forked: RunView, step: int) -> None:
    folder = f"{forked.entity}/{forked.project}/runs/{forked.id}"
    rows = 0
    for name, piece in pieces(store, source.folder):
        part = Part()
        for key, found in piece:
            kept = found.up_to(step)
            if len(kept.steps):
                part.add(key, kept)
        if part.rows:
            target.write(f"{folder}/history/{part_name(*name)}", part.to_bytes())
            rows += part.rows
    if not rows:
        raise StepError(f"run {source} has no rows up to step {step}")
    recount(forked, history(target, folder, parts_only=True, superseded=[]))
    target.write(f"{folder}/run.json", to_bytes(forked))
