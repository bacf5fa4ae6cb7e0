"""A run in two places: a session in the spool here, and a later one, of another machine, in the store."""

from dataclasses import replace

from ..errors import ObjectNotFoundError, StoreNotFoundError
from ..journal import parse
from ..record.clock import store_time
from ..record.document import from_bytes, to_bytes
from ..record.merge import merge
from ..record.paths import part_name
from ..record.read import history, settle
from ..record.recount import recount
from ..record.view import RunView
from ..storage import Store, open_store
from .orders import Order
from .recording import Busy, Recording

__all__ = ["reunite"]

_KINDS = ("history", "journal", "system")


def reunite(order: Order) -> bool:
    """Bring what the store has of a run's later sessions into the spool; return whether it had any.

    What is sent afterwards is then the whole run: nothing of the other machine's is written over.

    Raises
    ------
    Busy
        When another machine records the run at this moment.
    StoreError
    """
    store = open_store(order.store, order.storage_options)
    document = f"{order.path.folder}/run.json"
    try:
        later = from_bytes(store.read(document), document)
    except (ObjectNotFoundError, StoreNotFoundError):
        return False
    spool = open_store(order.root)
    if not _goes_on(from_bytes(spool.read(document)), later):
        return False
    shown = replace(later)
    settle(shown, store_time(store))
    if shown.state == "running":
        host = later.environment.get("host", "another machine")
        raise Busy(f"it goes on on {host}; what is kept here is sent when that has ended")
    Recording(replace(order, online=False)).finish()  # so that all of it here is in parts
    earlier = from_bytes(spool.read(document))
    pending = _bring(store, spool, order.path.folder, earlier)
    spool.write(document, to_bytes(_merged(spool, order.path.folder, earlier, later, pending)))
    return True


def _goes_on(earlier: RunView, later: RunView) -> bool:
    """Tell whether it is the same run, with a session that is not known here."""
    known = {session.writer for session in earlier.sessions}
    return earlier.created_at == later.created_at and any(
        session.writer not in known for session in later.sessions
    )


def _bring(store: Store, spool: Store, folder: str, earlier: RunView) -> dict[str, int]:
    """Copy what is not here; return the first segment of each writer of which there is no part."""
    here = {entry.path for entry in spool.list(folder)}
    there = {entry.path for kind in _KINDS for entry in store.list(f"{folder}/{kind}")}
    pending: dict[str, int] = {}
    for path in sorted(there - here):
        kind, *name = path[len(folder) + 1 :].split("/")
        if len(name) == 2 and _is_in_part(folder, kind, name, here | there, earlier):
            continue
        spool.write(path, store.read(path))
        if kind == "journal":
            number = int(name[1].removesuffix(".jsonl"))
            pending[name[0]] = min(number, pending.get(name[0], number))
    return pending


def _is_in_part(folder: str, kind: str, name: list[str], known: set[str], earlier: RunView) -> bool:
    writer, number = name[0], int(name[1].removesuffix(".jsonl"))
    part = f"{folder}/{'history' if kind == 'journal' else kind}/{part_name(writer, number)}"
    return part in known or (kind == "journal" and writer in earlier.applied)


def _merged(spool: Store, folder: str, earlier: RunView, later: RunView, pending: dict[str, int]) -> RunView:
    alerts = [
        event["time"]
        for writer in pending
        for entry in spool.list(f"{folder}/journal/{writer}")
        for event in parse(spool.read(entry.path))
        if event.get("type") == "alert"
    ]
    view = merge(earlier, later, pending, alerts)
    recount(view, history(spool, folder, parts_only=True))
    return view
