"""What others ask of the process that writes a run: small objects in the run's folder ``control``.

Each is named by the writer that it is for, so that what was asked of one session means nothing to the
next, and so that its recorder knows what to look for: it asks for an object, and lists nothing.
"""

from typing import Any

import orjson

__all__ = ["parse_request", "request_bytes", "resumed_path", "stop_path"]


def stop_path(folder: str, writer: str) -> str:
    """Return where the request to stop lies, in the store, for a run's folder and its present writer."""
    return f"{folder}/control/stop-{writer}.json"


def resumed_path(folder: str, writer: str) -> str:
    """Return where it lies that another process goes on with the run, for the writer before it."""
    return f"{folder}/control/resumed-{writer}.json"


def request_bytes(time: int, by: str) -> bytes:
    """Return a request as it is stored: when (microseconds since the epoch), and by whom it was made."""
    return orjson.dumps({"time": time, "by": by}) + b"\n"


def parse_request(data: bytes) -> dict[str, Any]:
    """Return `time` and `by` of a request; what cannot be read is a request of nobody knows whom."""
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError:
        found = None
    found = found if isinstance(found, dict) else {}
    time, by = found.get("time"), found.get("by")
    return {"time": time if isinstance(time, int) else 0, "by": by if isinstance(by, str) else "somebody"}
