"""The console log as it is stored: lines, their times, and what else is to be said of them.

``logs/output.log`` has the lines, ``logs/output.times`` the time of each, ``logs/output.json`` the rest.
"""

from dataclasses import asdict, dataclass, field, fields
from typing import Any

import orjson

from ..errors import ObjectNotFoundError, RecordError
from ..storage import Store

__all__ = ["ConsoleFacts", "read_console"]


@dataclass(slots=True)
class ConsoleFacts:
    """What is known of a run's console log beside its lines.

    Attributes
    ----------
    writers : dict
        Each process that wrote: number of its first line.
    complete : list of str
        Those of them whose lines are all in the log.
    left_out : int
        Lines that were left out between the first and the last, because the log grew too long.
    not_text : int
        Pieces of output that were no UTF-8; their bytes are in the raw log.
    raw : list of str
        Names of the raw files in ``logs/raw``, in order.
    raw_left_out : int
        Raw bytes that were left out.
    """

    writers: dict[str, int] = field(default_factory=dict)
    complete: list[str] = field(default_factory=list)
    left_out: int = 0
    not_text: int = 0
    raw: list[str] = field(default_factory=list)
    raw_left_out: int = 0

    def to_bytes(self) -> bytes:
        """Return ``output.json``."""
        return orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2) + b"\n"

    def shown(self) -> dict[str, Any]:
        """Return what the Logs tab says beside the lines."""
        found = asdict(self)
        return {name: found[name] for name in ("left_out", "not_text", "raw", "raw_left_out")}

    @classmethod
    def from_bytes(cls, data: bytes, where: str) -> "ConsoleFacts":
        """Read ``output.json``.

        Raises
        ------
        RecordError
            When it is something else; `where` names it.
        """
        try:
            found: dict[str, Any] = orjson.loads(data)
            names = {known.name for known in fields(cls)}
            return cls(**{name: value for name, value in found.items() if name in names})
        except (orjson.JSONDecodeError, AttributeError, TypeError) as error:
            raise RecordError(f"{where} does not describe a console log: {error}") from error


def read_console(store: Store, folder: str) -> tuple[ConsoleFacts, list[tuple[str, int]]] | None:
    """Return a run's console log and the time of each line, None where it has none.

    Parameters
    ----------
    store : Store
    folder : str
        The run's folder in the store.

    Raises
    ------
    RecordError
        When it cannot be read.
    """
    try:
        facts = ConsoleFacts.from_bytes(
            store.read(f"{folder}/logs/output.json"), f"{folder}/logs/output.json"
        )
        text = store.read(f"{folder}/logs/output.log").decode("utf-8", "replace")
        times = store.read(f"{folder}/logs/output.times").split()
    except ObjectNotFoundError:
        return None
    lines = text.split("\n")[:-1]
    known = [int(time) if time.isdigit() else 0 for time in times[: len(lines)]]
    known += [0] * (len(lines) - len(known))
    return facts, list(zip(lines, known, strict=True))
