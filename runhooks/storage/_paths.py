"""Which paths a store takes: the one place that decides, before any input or output."""

import re

from runhooks.errors import ArgumentError

__all__ = ["TEMPORARY", "check_path", "check_prefix", "check_range", "is_part", "join"]

TEMPORARY = ".runhooks-tmp-"
"""How the names of files begin that are not objects yet; no path may have such a part."""

# Control characters cannot be listed by S3 (XML 1.0 has none), a backslash separates on Windows,
# a lone surrogate is no text; s3fs cuts a path at `?versionId=` and would touch another object.
_FORBIDDEN = re.compile(r"[\\\x00-\x1f\x7f\ud800-\udfff]|\?versionId=")
_DRIVE = re.compile(r"^[A-Za-z]:")


def check_path(path: str) -> str:
    """Return `path` if it names an object inside the store.

    Raises
    ------
    ArgumentError
        The path is empty, absolute or not in its simplest form, or has a part or character that could
        lead out of the store or that some store cannot keep.
    """
    if not isinstance(path, str):
        raise ArgumentError(f"a path in a store is a str, not {type(path).__name__}")
    found = _FORBIDDEN.search(path)
    if found:
        raise ArgumentError(f"the path {path!r} contains {found.group()!r}, which no path in a store may")
    if _DRIVE.match(path):
        raise ArgumentError(f"the path {path!r} begins like a Windows drive; a path in a store is relative")
    for part in path.split("/"):
        if part in {"", ".", ".."}:
            raise ArgumentError(f"the path {path!r} is not a plain relative path: it has a part {part!r}")
        if part.startswith(TEMPORARY):
            raise ArgumentError(
                f"the path {path!r} has a part beginning with {TEMPORARY!r}, as temporary files do"
            )
    return path


def is_part(name: str) -> bool:
    """Tell whether a file or folder name found in a listing can be part of a path."""
    return name not in {"", ".", ".."} and not name.startswith(TEMPORARY) and not _FORBIDDEN.search(name)


def check_prefix(prefix: str) -> str:
    """Return the folder `prefix` without a slash at its end; the empty one is the whole store.

    Raises
    ------
    ArgumentError
        As for :func:`check_path`.
    """
    if prefix == "":
        return prefix
    return check_path(prefix.removesuffix("/") if isinstance(prefix, str) else prefix)


def check_range(start: int | None, end: int | None) -> tuple[int, int | None]:
    """Return the range with its beginning filled in.

    Raises
    ------
    ArgumentError
        An offset is negative.
    """
    begin = 0 if start is None else start
    if begin < 0 or (end is not None and end < 0):
        raise ArgumentError(f"a range of bytes has no negative offsets: start={start}, end={end}")
    return begin, end


def join(prefix: str, path: str) -> str:
    """Return `path` below `prefix`; either may be empty."""
    return f"{prefix}/{path}" if prefix and path else prefix or path
