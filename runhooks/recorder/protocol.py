"""What a training process and its recorder say to each other: JSON lines over two pipes.

To the recorder: ``open``, ``finish``. From it: ``problem`` (to be said in the terminal), ``progress``,
``finished``. The end of the first pipe tells the recorder that the process is gone.
"""

from collections.abc import Iterator
from typing import Any

import orjson

__all__ = ["Lines", "decode", "encode"]


def encode(message: dict[str, Any]) -> bytes:
    """Return a message as one line."""
    return orjson.dumps(message, default=str) + b"\n"


def decode(line: bytes) -> dict[str, Any]:
    """Read one line; what is no message is an empty one."""
    try:
        message = orjson.loads(line)
    except orjson.JSONDecodeError:
        return {}
    return message if isinstance(message, dict) else {}


class Lines:
    """Cuts a stream of bytes into messages."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[dict[str, Any]]:
        """Take the next bytes and yield the messages that they complete."""
        *whole, self._rest = (self._rest + data).split(b"\n")
        for line in whole:
            if message := decode(line):
                yield message
