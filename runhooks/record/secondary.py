"""Secondary writers of a run: processes on nodes that do not share the primary's disk.

Each stores its own journal, parts, samples and console under its own name, and never the run document. What
it has stored, and that it lives, it says in a small document of its own, ``writers/<writer>.json``.
"""

import re
from dataclasses import asdict, dataclass, field, fields
from typing import Any, get_args

import orjson

from ..errors import RecordError
from .view import RunView, State

__all__ = ["Secondary", "is_secondary", "secondary_path", "secondary_paths"]

FORMAT = 1
_NAME = re.compile(r"\d{8}T\d{12}-s\d+-[0-9a-f]+")
_HELD = re.compile(
    r"journal/\w[\w.-]*/\d{8}\.jsonl|system/\w[\w.-]*(?:/\d{8}\.jsonl|-\d{8}\.parquet)", re.ASCII
)
_KINDS: dict[str, type | tuple[type, ...]] = {
    "host": str, "label": (str, type(None)), "started_at": int, "reason": (str, type(None)),
    "ended_at": (int, type(None)), "artifacts": list,
}  # fmt: skip


def is_secondary(writer: str) -> bool:
    """Tell by its name whether a writer is a secondary one; a primary's has ``-r`` before its rank."""
    return _NAME.fullmatch(writer) is not None


def secondary_paths(folder: str) -> str:
    """Return where the documents of a run's secondary writers lie, given the run's folder."""
    return f"{folder}/writers"


def secondary_path(folder: str, writer: str) -> str:
    """Return where the document of a secondary writer is."""
    return f"{secondary_paths(folder)}/{writer}.json"


@dataclass(slots=True)
class Secondary:
    """What a secondary writer says of itself.

    Attributes
    ----------
    writer, host : str
    label : str or None
        What its user calls it.
    started_at : int
        Microseconds since the epoch, by its own clock.
    state : {"running", "finished", "failed", "killed", "crashed"}
    reason : str or None
    ended_at : int or None
    beat : int
        Number of its heartbeat; the store dates it.
    holds : dict
        What the store has of it and others read: path in the run's folder to size in bytes.
    artifacts : list
        What came of the artifacts that it logged, as in the run document.
    """

    writer: str
    host: str
    label: str | None
    started_at: int
    state: State = "running"
    reason: str | None = None
    ended_at: int | None = None
    beat: int = 0
    holds: dict[str, int] = field(default_factory=dict)
    artifacts: list[dict[str, Any]] = field(default_factory=list)

    def to_bytes(self) -> bytes:
        """Return the document."""
        return orjson.dumps({"format": FORMAT, **asdict(self)}, option=orjson.OPT_INDENT_2) + b"\n"

    @classmethod
    def of(cls, view: RunView, holds: dict[str, int]) -> "Secondary":
        """Return what a secondary writer's own view of the run says of it."""
        about = view.environment["secondary"]
        return cls(
            writer=about["writer"],
            host=str(view.environment.get("host")),
            label=about.get("label"),
            started_at=view.created_at,
            state=view.state,
            reason=view.reason,
            ended_at=view.ended_at,
            beat=view.heartbeat.seq if view.heartbeat else 0,
            holds=holds,
            artifacts=view.artifacts,
        )

    def told(self) -> dict[str, Any]:
        """Return what the run document says of it."""
        names = ("host", "label", "state", "reason", "started_at", "ended_at")
        return {name: getattr(self, name) for name in names}

    @classmethod
    def from_bytes(cls, data: bytes, where: str) -> "Secondary":
        """Read the document.

        Raises
        ------
        RecordError
            When it is none, or of a newer format; `where` names it.
        """
        try:
            found: dict[str, Any] = orjson.loads(data)
            known = {each.name for each in fields(cls)}
            if found["format"] > FORMAT:
                raise RecordError(f"{where} has format {found['format']}; this runhooks reads up to {FORMAT}")
            document = cls(**{name: value for name, value in found.items() if name in known})
            document._check(where)
        except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError) as error:
            raise RecordError(f"{where} does not describe a writer: {error}") from error
        return document

    def _check(self, where: str) -> None:
        """Raise where a value is not what its reader, the recorder of the run's owner, can do with."""
        if not is_secondary(self.writer) or not where.endswith(f"/{self.writer}.json"):
            raise TypeError(f"writer is {self.writer!r}")
        if self.state not in get_args(State):
            raise TypeError(f"state is {self.state!r}")
        for name, kind in _KINDS.items():
            if not isinstance(getattr(self, name), kind):
                raise TypeError(f"{name} is of type {type(getattr(self, name)).__name__}")
        for path, size in self.holds.items():
            if not _HELD.fullmatch(path) or not isinstance(size, int) or size < 0:
                raise TypeError(f"it holds {path!r}")
        if not all(isinstance(found, dict) for found in self.artifacts):
            raise TypeError("an artifact is no object")
