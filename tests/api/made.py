"""Runs as their recorders leave them, written in milliseconds: document, Parquet part, row."""

from typing import Any

from runhooks.journal import Parsed, encode_event, parse, seal
from runhooks.record.document import to_bytes
from runhooks.record.parts import Part, Rows
from runhooks.record.paths import RunPath, part_name
from runhooks.record.replay import apply
from runhooks.record.view import RunView
from runhooks.site.project_page import row_bytes
from runhooks.storage import Store
from runhooks.values import pack

WRITER = "20261123T060102000000-r0-7b6688"
BEGAN = 1_763_877_662_000_000


def events(lines: list[bytes]) -> Parsed:
    return parse(b"".join(map(seal, lines)))


def make(
    store: Store,
    id: str,
    rows: list[dict[str, Any]] | None = None,
    *,
    project: str = "digits",
    at: int = 0,
    row: bool = True,
    **facts: Any,
) -> RunPath:
    """Write a finished run to a store; `at` is when it began, in seconds after a fixed moment."""
    path, began = RunPath("default", project, id), BEGAN + at * 1_000_000
    facts = {"name": f"run-{id}", "state": "finished", "ended_at": began + 1_000_000, **facts}
    view = RunView(id=id, entity=path.entity, project=project, created_at=began, **facts)
    logged = [encode_event("log", step=step, data=pack(data)) for step, data in enumerate(rows or ())]
    part = Part()
    for columns in apply(view, events(logged)):
        for key, column in columns.items():
            part.add(key, Rows.of(column))
    if part.rows:
        store.write(f"{path.folder}/history/{part_name(WRITER, 0)}", part.to_bytes())
    store.write(f"{path.folder}/run.json", to_bytes(view))
    if row:
        store.write(f"{path.entity}/{project}/index/{id}.json", row_bytes(view))
    return path
