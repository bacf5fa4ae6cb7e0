"""What a browser and its caches are told about an object: the one table."""

from pathlib import PurePosixPath

__all__ = ["DEFAULT_CACHE_CONTROL", "content_type_of"]

DEFAULT_CACHE_CONTROL = "no-cache"
"""Ask each time whether it changed: public objects of GCS are else served an hour old."""

_UNKNOWN = "application/octet-stream"
_TYPES = {
    ".bin": _UNKNOWN,
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".gif": "image/gif",
    ".gz": "application/gzip",
    ".htm": "text/html; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".jsonl": "application/x-ndjson",
    ".log": "text/plain; charset=utf-8",
    ".map": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".ogg": "audio/ogg",
    ".parquet": "application/vnd.apache.parquet",
    ".patch": "text/plain; charset=utf-8",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".py": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".toml": "text/plain; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".wav": "audio/wav",
    ".webm": "video/webm",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".yaml": "text/plain; charset=utf-8",
    ".yml": "text/plain; charset=utf-8",
    ".zip": "application/zip",
}


def content_type_of(path: str) -> str:
    """Return the content type that a path's ending says, the same on every machine.

    >>> content_type_of("default/digits/index.html")
    'text/html; charset=utf-8'
    >>> content_type_of("weights")
    'application/octet-stream'
    """
    return _TYPES.get(PurePosixPath(path).suffix.lower(), _UNKNOWN)
