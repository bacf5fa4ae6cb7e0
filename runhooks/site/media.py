"""Data files of a run's media: one a name, and one or more of each table, figure and point cloud.

A page opened from a folder cannot read a Parquet, JSON or PLY file, so their content goes into data files
beside the page. Images, films, sound and markup are shown from the files themselves.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np
import orjson

from runhooks.errors import RecordError, RunhooksError
from runhooks.record.media import media_items
from runhooks.record.view import RunView
from runhooks.storage import Store

from .data import deflated, revision_of, script, shown
from .mediaset import MediaSet, Shelf
from .shapes import shape_of

__all__ = ["content_files", "media_payloads", "uses_plotly"]

TABLE_CHUNK: Final = 2_000
"""Rows in one file: the first shows at once, the others come when they are needed."""

_MOST_CELL = 2_000
_OPENED: Final = frozenset({"table", "plotly", "plot", "object3d"})
"""Kinds whose content goes into data files."""


def media_payloads(run: str, media: MediaSet, keys: Iterable[str]) -> list[dict[str, Any]]:
    """Return the payloads of ``data/media-<n>.js``, one a name, in this order."""
    return [_payload(run, key, media[key]) for key in keys]


def _payload(run: str, key: str, shelf: Shelf) -> dict[str, Any]:
    entries = list(shelf)
    values = orjson.dumps([[_item(item) for item in items] for _, _, items in entries])
    head = {
        "run": run,
        "key": shown(key),
        "kind": entries[-1][2][0]["kind"],
        "width": 1 << shelf.shift,
        "steps": [step for step, _, _ in entries],
        "times": [time for _, time, _ in entries],
    }
    return {**head, "revision": revision_of(orjson.dumps(head), values), "z": deflated(values)}


def _item(item: dict[str, Any]) -> Any:
    found = shown(item)
    if item["kind"] in _OPENED and isinstance(item.get("path"), str):
        found["content"] = content_name(item["path"])
    return found


def content_name(path: str) -> str:
    """Return how the data files of a media file are named: ``data/content-<name>-<n>.js``."""
    return revision_of(path.encode("utf-8", "replace"))


def uses_plotly(view: RunView) -> bool:
    """Tell whether a run has figures that plotly's script draws."""
    return any(
        item["kind"] == "plotly" for stats in view.metrics.values() for item in media_items(stats.last)
    )


def content_files(store: Store, folder: str, media: MediaSet, done: set[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the data files of tables, figures and point clouds that are not `done`, and add them to it.

    A media file that is missing or is not what its row says has none; the page says so.
    """
    for key in media:
        for _, _, items in media[key]:
            for item in items:
                yield from _content(store, folder, item, done)


def _content(store: Store, folder: str, item: dict[str, Any], done: set[str]) -> Iterator[tuple[str, bytes]]:
    path = item.get("path")
    if item["kind"] not in _OPENED or not isinstance(path, str) or path in done:
        return
    try:
        payloads = _READERS[item["kind"]](store.read(f"{folder}/files/{path}"), path)
    except (RunhooksError, ValueError):
        return
    done.add(path)
    for number, payload in enumerate(payloads):
        yield f"data/content-{content_name(path)}-{number}.js", script("content", payload)


def _table(data: bytes, path: str) -> list[dict[str, Any]]:
    from runhooks.record.tables import from_parquet  # pyarrow: only where there is a table

    names, columns = from_parquet(data, path)
    rows = len(columns[0]) if columns else 0
    chunks = range(0, max(rows, 1), TABLE_CHUNK)
    head = {"columns": [shown(name) for name in names], "rows": rows, "chunks": len(chunks)}
    return [
        {**head, "z": deflated(orjson.dumps([[_cell(v) for v in c[at : at + TABLE_CHUNK]] for c in columns]))}
        for at in chunks
    ]


def _cell(value: Any) -> Any:
    if isinstance(value, str) and len(value) > _MOST_CELL:
        value = value[:_MOST_CELL] + "…"
    return _item(value) if media_items(value) and isinstance(value, dict) else shown(value)


def _json(data: bytes, path: str) -> list[dict[str, Any]]:
    try:
        return [{"z": deflated(orjson.dumps(orjson.loads(data)))}]
    except orjson.JSONDecodeError as error:
        raise RecordError(f"{path} is not JSON: {error}") from error


def _shape(data: bytes, path: str) -> list[dict[str, Any]]:
    shape = shape_of(data, path)
    points, colours = shape.points, shape.colours
    low, high = points.min(axis=0), points.max(axis=0)
    span = float((high - low).max()) or 1.0
    scaled = np.round((points - (low + high) / 2) / span * 65534).astype("<i2")
    head: dict[str, Any] = {"points": len(points), "coloured": colours is not None}
    head |= {"triangles": len(shape.triangles)} if len(shape.triangles) else {}
    head |= {"note": shape.note} if shape.note else {}
    head |= {"low": [float(x) for x in low], "high": [float(x) for x in high]}
    packed = shape.triangles.tobytes() + scaled.tobytes() + (b"" if colours is None else colours.tobytes())
    return [{**head, "z": deflated(packed)}]


_READERS = {"table": _table, "plotly": _json, "plot": _json, "object3d": _shape}
