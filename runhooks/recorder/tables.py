"""Tables that the training process handed over, made the Parquet files that their rows name."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import orjson

from ..record.media import HANDED_OVER
from ..record.tables import to_parquet
from ..values import unpack

__all__ = ["take_tables"]


def take_tables(files: Path) -> None:
    """Convert every table that waits in a run's ``files`` folder.

    What is no table (a disk that filled up cut it) is left where it is: nothing is lost, nothing is shown.
    """
    for waiting in list(_handed_over(files / "media" / "table")):
        target = waiting.with_name(waiting.name.removeprefix(".").removesuffix(HANDED_OVER))
        with suppress(orjson.JSONDecodeError, KeyError, TypeError, IndexError, OSError):
            given = orjson.loads(waiting.read_bytes())
            written = to_parquet(given["columns"], [unpack(row) for row in given["rows"]])
            partial = waiting.with_name(f".runhooks-tmp-{target.name}")
            partial.write_bytes(written)
            partial.replace(target)
            waiting.unlink()


def _handed_over(folder: Path) -> Iterator[Path]:
    for place, _, names in os.walk(folder):
        yield from (Path(place, name) for name in sorted(names) if name.endswith(HANDED_OVER))
