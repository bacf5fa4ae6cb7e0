"""System metrics as they are stored: in parts, and in the journals that no part was made of yet.

They have the same long schema as the history. A sample's step is its time in milliseconds since 1970, so
that samples of all sessions and nodes lie on one axis; the writer's name tells the node.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from secrets import token_hex

from ..errors import ObjectNotFoundError
from ..journal import parse
from ..storage import Store
from .columns import to_columns
from .parts import Rows, read_part
from .paths import part_name

__all__ = ["host_of", "system_history", "system_writer"]


def system_writer(host: str) -> str:
    """Return the name of a new sampler: when it began, where, and something random."""
    plain = "".join(letter if letter.isascii() and letter.isalnum() else "." for letter in host)[:64]
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{plain.strip('.') or 'host'}-{token_hex(3)}"


def host_of(writer: str) -> str:
    """Return the node of a sampler."""
    return writer.partition("-")[2].rpartition("-")[0]


def system_history(store: Store, folder: str) -> Iterator[tuple[str, str, Rows]]:
    """Yield node, metric and samples, a piece a part, in the order in which they were written.

    Parameters
    ----------
    store : Store
    folder : str
        The run's folder in the store.

    Raises
    ------
    RecordError
        When a part cannot be read.
    """
    parts, segments = _listed(store, folder)
    for name in sorted({*parts, *segments}):
        for key, rows in _piece(store, folder, name, segments.get(name)):
            yield host_of(name[0]), key, rows


def _piece(
    store: Store, folder: str, name: tuple[str, int], segment: str | None
) -> Iterator[tuple[str, Rows]]:
    """Read a part, or the journal where there is no part yet; it may be compacted between two looks."""
    path = f"{folder}/system/{part_name(*name)}"
    try:
        yield from read_part(store.read(path), path)
        return
    except ObjectNotFoundError:
        if segment is None:
            return
    try:
        data = store.read(segment)
    except ObjectNotFoundError:
        return
    events = [event for event in parse(data) if event.get("type") == "log"]
    for key, column in to_columns(events).items():
        yield key, Rows.of(column).ordered()


def _listed(store: Store, folder: str) -> tuple[set[tuple[str, int]], dict[tuple[str, int], str]]:
    """Return writer and number of the parts, and of the journal segments with their paths."""
    parts, segments = set(), {}
    for entry in store.list(f"{folder}/system"):
        place, _, file = entry.path.rpartition("/")
        stem, _, kind = file.rpartition(".")
        writer, _, number = stem.rpartition("-")
        if kind == "parquet" and number.isdigit():
            parts.add((writer, int(number)))
        elif kind == "jsonl" and stem.isdigit():
            segments[place.rpartition("/")[2], int(stem)] = entry.path
    return parts, segments
