"""Opening a share of a run that a process on another node owns: its own journal, in a folder of its own."""

import os
from time import time_ns

import orjson

from ..journal import Journal
from ..record.document import to_bytes
from ..record.paths import RunPath
from ..record.reserve import keep_room
from ..record.view import RunView
from ..redact import redact_text
from ..settings import Settings
from ..values import text
from . import lifecycle
from .environment import of_process, rank
from .naming import generate_writer
from .place import spooled
from .run import Run
from .writing import write_whole

__all__ = ["open_secondary"]


def open_secondary(path: RunPath, settings: Settings) -> Run:
    """Open a secondary writer of a run. The store is not asked: its recorder says where the run is missing.

    Raises
    ------
    OSError
        When the spool cannot be written.
    """
    writer = generate_writer(rank(), secondary=True)
    place = spooled(settings, path, writer)
    place.folder.mkdir(parents=True)
    label = None if settings.label is None else redact_text(text(settings.label))
    view = RunView(
        id=path.id,
        entity=path.entity,
        project=path.project,
        name=redact_text(settings.name or path.id),
        created_at=time_ns() // 1000,
        environment={**of_process(), "secondary": {"writer": writer, "label": label}},
    )
    write_whole(place.folder / "run.json", to_bytes(view))
    write_whole(place.folder.parents[3] / "store.json", orjson.dumps({"store": place.store}))
    journal = Journal(place.folder / "journal", writer)
    keep_room(place.folder)
    journal.event("start", writer=writer, primary=False, pid=os.getpid())
    run = Run(path, view.name, place, settings, journal)
    lifecycle.watch(run)
    run.open(view, resumed=False)
    return run
