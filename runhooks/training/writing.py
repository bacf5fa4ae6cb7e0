"""Files of the run's folder that the training process writes itself."""

from contextlib import suppress
from pathlib import Path
from time import time_ns

__all__ = ["write_whole"]


def write_whole(path: Path, data: bytes) -> None:
    """Write a file whole: readers see all of it or nothing."""
    temporary = path.with_name(f".{path.name}.{time_ns()}")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
        raise
