"""A whole short run in this process, driven step by step: each of its requests has a number."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from runhooks.journal import Journal, segment_name
from runhooks.record.document import to_bytes
from runhooks.record.view import RunView
from runhooks.recorder.orders import Order
from runhooks.recorder.recording import Recording
from tests.faults.check import FOLDER

START = 1_763_877_662_000_000
WRITER = "20261123T060102123456-r0-000000"
ROWS = 60

Guard = Callable[[Callable[[], Any]], Any]


def _unguarded(work: Callable[[], Any]) -> Any:
    return work()


def order(root: Path, store: str, options: dict[str, Any], id: str = "mine") -> Order:
    """Return what a training process orders of its recorder."""
    folder = root / FOLDER.replace("mine", id)
    facts = {"run": f"default/p/{id}", "folder": str(folder), "store": store, "writer": WRITER}
    return Order.of({**facts, "mirrored": str(root) != store, "storage_options": options})


def begin(root: Path, id: str = "mine") -> Journal:
    """Open a run as a training process does."""
    folder = root / FOLDER.replace("mine", id)
    folder.mkdir(parents=True)
    view = RunView(id=id, entity="default", project="p", name="n", created_at=START)
    (folder / "run.json").write_bytes(to_bytes(view))
    journal = Journal(folder / "journal", WRITER)
    _append(journal, b'"type":"start","writer":"%b","primary":true,"pid":1' % WRITER.encode())
    return journal


def log(journal: Journal, first: int, last: int) -> None:
    """Log rows: step n has the value n / 2."""
    for step in range(first, last):
        _append(journal, b'"type":"log","step":%d,"data":{"loss":%.1f}' % (step, step / 2), step)


def finish(journal: Journal) -> None:
    """End the run as a training process does."""
    ended = b'"type":"finish","writer":"%b","state":"finished","exit":{"exit_code":0}' % WRITER.encode()
    _append(journal, ended, ROWS)
    journal.close()


def play(
    root: Path, store: str, options: dict[str, Any], id: str = "mine", guard: Guard = _unguarded
) -> dict[str, Any]:
    """Record a run of two segments from begin to finish, sending it at every step; return the last word.

    Parameters
    ----------
    guard : callable
        Does each step of the recorder, and may take what it raises.
    """
    journal = begin(root, id)
    log(journal, 0, 20)
    recording = Recording(order(root, store, options, id))
    guard(recording.begin)
    log(journal, 20, 40)
    journal._rotate()
    os.utime(journal.folder / segment_name(0), (START / 1e6, START / 1e6))
    log(journal, 40, ROWS)
    for _ in range(2):
        recording._sending.due_at = recording._beat_at = 0.0
        guard(recording.tick)
    finish(journal)
    answer: dict[str, Any] = guard(recording.finish) or {"error": "it could not be completed"}
    recording.close()
    return answer


def sync(root: Path, store: str, options: dict[str, Any]) -> dict[str, Any]:
    """Do what `runhooks sync` does with what was kept."""
    return Recording(order(root, store, options)).finish()


def _append(journal: Journal, body: bytes, at: int = 0) -> None:
    journal.append(b'{"time":%d,%b' % (START + at, body))
