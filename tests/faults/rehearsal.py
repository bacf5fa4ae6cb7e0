"""A whole short run in this process, driven step by step: each of its requests has a number."""

import os
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


def order(root: Path, store: str, options: dict[str, Any]) -> Order:
    """Return what a training process orders of its recorder."""
    facts = {"run": "default/p/mine", "folder": str(root / FOLDER), "store": store, "writer": WRITER}
    return Order.of({**facts, "mirrored": True, "storage_options": options})


def begin(root: Path) -> Journal:
    """Open a run as a training process does."""
    (root / FOLDER).mkdir(parents=True)
    view = RunView(id="mine", entity="default", project="p", name="n", created_at=START)
    (root / FOLDER / "run.json").write_bytes(to_bytes(view))
    journal = Journal(root / FOLDER / "journal", WRITER)
    _append(journal, b'"type":"start","writer":"%b","primary":true,"pid":1' % WRITER.encode())
    return journal


def log(journal: Journal, first: int, last: int) -> None:
    """Log rows: step n has the value n / 2."""
    for step in range(first, last):
        _append(journal, b'"type":"log","step":%d,"data":{"loss":%.1f}' % (step, step / 2), step)


def play(root: Path, store: str, options: dict[str, Any]) -> dict[str, Any]:
    """Record a run of two segments from begin to finish, sending it at every step; return the last word."""
    journal = begin(root)
    log(journal, 0, 20)
    recording = Recording(order(root, store, options))
    recording.begin()
    log(journal, 20, 40)
    journal._rotate()
    os.utime(journal.folder / segment_name(0), (START / 1e6, START / 1e6))
    log(journal, 40, ROWS)
    for _ in range(2):
        recording._push_at = recording._beat_at = 0.0
        recording.tick()
    ended = b'"type":"finish","writer":"%b","state":"finished","exit":{"exit_code":0}' % WRITER.encode()
    _append(journal, ended, ROWS)
    journal.close()
    return recording.finish()


def sync(root: Path, store: str, options: dict[str, Any]) -> dict[str, Any]:
    """Do what `runhooks sync` does with what was kept."""
    return Recording(order(root, store, options)).finish()


def _append(journal: Journal, body: bytes, at: int = 0) -> None:
    journal.append(b'{"time":%d,%b' % (START + at, body))
