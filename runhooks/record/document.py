"""The run document, ``run.json``: a :class:`RunView` as JSON, and back."""

from dataclasses import asdict, fields
from typing import Any, TypeVar, get_args
from zlib import crc32

import orjson

from ..errors import FormatVersionError, RecordError
from ..values import pack, unpack
from .view import Cut, Heartbeat, MetricStats, RunView, Session, State

__all__ = ["FORMAT", "from_bytes", "is_intact", "to_bytes"]

FORMAT = 1
"""Version of the stored format that this code writes; it reads this and every earlier one."""

T = TypeVar("T")

_ARTIFACT = dict.fromkeys(
    ("direction", "order", "time", "name", "type", "aliases", "version", "path", "digest", "size", "files",
     "problem", "noted")
)  # fmt: skip
"""Whoever wrote a document: an artifact in it has these keys."""

_CRC_HEAD = b',\n  "crc": "'

_REQUIRED = ("id", "entity", "project", "name", "created_at")


def to_bytes(view: RunView) -> bytes:
    """Return the run document: indented JSON, keys in a fixed order, non-finite numbers packed."""
    body = orjson.dumps(pack({"format": FORMAT, **asdict(view)}), option=orjson.OPT_INDENT_2)[:-2]
    return b'%b%b%08x"\n}\n' % (body, _CRC_HEAD, crc32(body))


def is_intact(data: bytes) -> bool:
    """Return whether a run document is as it was written, by the checksum that is its last key."""
    body, head, tail = data.rpartition(_CRC_HEAD)
    return bool(head) and tail == b'%08x"\n}\n' % crc32(body)


def from_bytes(data: bytes, where: str = "run.json") -> RunView:
    """Read a run document.

    Raises
    ------
    FormatVersionError
        When it was written in a newer format.
    RecordError
        When it is no run document. `where` names it in the message.
    """
    try:
        document = unpack(orjson.loads(data))
    except (orjson.JSONDecodeError, ValueError) as error:
        raise RecordError(f"{where} is not a run document: {error}") from error
    if not isinstance(document, dict) or any(key not in document for key in _REQUIRED):
        raise RecordError(f"{where} is not a run document: it lacks one of {', '.join(_REQUIRED)}")
    version = document.get("format")
    if not isinstance(version, int) or version > FORMAT:
        raise FormatVersionError(
            f"{where} has format {version}; this runhooks reads up to {FORMAT}. "
            "Upgrade it: pip install -U runhooks"
        )
    try:
        return _build(document)
    except (TypeError, AttributeError, KeyError) as error:
        raise RecordError(f"{where} is not a run document: {error}") from error


_KINDS: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(_REQUIRED[:4], str),
    **dict.fromkeys(("created_at", "last_step", "last_log_at", "ended_at"), (int, type(None))),
    **dict.fromkeys(
        ("config", "summary", "metrics", "definitions", "environment", "others", "applied"), dict
    ),
    **dict.fromkeys(("sessions", "alerts", "artifacts", "tags", "superseded", "rewinds", "saves"), list),
}


def _build(document: dict[str, Any]) -> RunView:
    for key, kind in _KINDS.items():
        if key in document and not isinstance(document[key], kind):
            raise TypeError(f"{key} is of type {type(document[key]).__name__}")
    if document.get("state", "running") not in get_args(State):
        raise TypeError(f"its state is {document['state']!r}")
    view = _known(RunView, document)
    view.metrics = {key: _known(MetricStats, stats) for key, stats in document.get("metrics", {}).items()}
    view.artifacts = [{**_ARTIFACT, **found} for found in view.artifacts if isinstance(found, dict)]
    view.sessions = [_known(Session, session) for session in document.get("sessions", [])]
    view.superseded = [_known(Cut, cut) for cut in document.get("superseded", [])]
    view.stop = view.stop if isinstance(view.stop, dict) else None
    view.heartbeat = _known(Heartbeat, document["heartbeat"]) if document.get("heartbeat") else None
    return view


def _known(kind: type[T], document: dict[str, Any]) -> T:
    """Make a dataclass of the keys that it has; a later version may write more."""
    names = {field.name for field in fields(kind)}  # type: ignore[arg-type]  # T is one of our dataclasses
    return kind(**{key: value for key, value in document.items() if key in names})
