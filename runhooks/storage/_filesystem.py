"""fsspec as runhooks uses it: opened uncached, checked early, and with types.

fsspec ships no types; what comes out of it gets one here, and nowhere else.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from runhooks.errors import MissingExtraError, StoreUrlError

__all__ = [
    "AzureFileSystem",
    "FileSystem",
    "GCSFileSystem",
    "Info",
    "S3FileSystem",
    "configured",
    "open_filesystem",
    "strip_protocol",
]

Info = Mapping[str, Any]
"""What fsspec tells of one file: ``name``, ``size``, ``type`` and whatever else the protocol has."""

_EXTRAS = (
    {"s3": "s3", "s3a": "s3", "gs": "gcs", "gcs": "gcs"}
    | dict.fromkeys(("abfs", "abfss", "az"), "azure")
    | dict.fromkeys(("sftp", "ssh"), "sftp")
)


class FileSystem(Protocol):
    """The methods of ``fsspec.AbstractFileSystem`` that stores call."""

    def cat_file(
        self, path: str, *, start: int | None = None, end: int | None = None, **kwargs: Any
    ) -> bytes:
        """Return a file's bytes from `start` up to `end`."""
        ...

    def pipe_file(self, path: str, value: bytes, **kwargs: Any) -> Any:
        """Write a file."""
        ...

    def put_file(self, lpath: str, rpath: str, **kwargs: Any) -> Any:
        """Send a local file."""
        ...

    def info(self, path: str, **kwargs: Any) -> Info:
        """Tell of one file."""
        ...

    def ls(self, path: str, *, detail: bool = True, **kwargs: Any) -> list[Info]:
        """Tell of a folder's files and folders."""
        ...

    def rm_file(self, path: str) -> Any:
        """Delete exactly this file, without globbing."""
        ...

    def makedirs(self, path: str, exist_ok: bool = False) -> None:
        """Make a folder and those above it."""
        ...

    def rmdir(self, path: str) -> None:
        """Remove a folder that is empty."""
        ...


class S3FileSystem(FileSystem, Protocol):
    """What ``s3fs.S3FileSystem`` has besides."""

    retries: int
    s3: Any
    """The client, which is made when it is first asked for."""

    def call_s3(self, method: str, **kwargs: Any) -> Mapping[str, Any] | None:
        """Call one method of S3; None when the call was cancelled."""
        ...

    def split_path(self, path: str) -> tuple[str, str, str | None]:
        """Return bucket, key and version."""
        ...


class GCSFileSystem(FileSystem, Protocol):
    """What ``gcsfs.GCSFileSystem`` has besides."""

    base: str

    def call(self, method: str, path: str, *args: str, **kwargs: Any) -> Any:
        """Do one request: decoded JSON with `json_out`, else headers and bytes; None when cancelled."""
        ...


class AzureFileSystem(FileSystem, Protocol):
    """What ``adlfs.AzureBlobFileSystem`` has besides."""

    service_client: Any
    loop: Any


def _class_of(protocol: str) -> Any:
    import fsspec

    try:
        return fsspec.get_filesystem_class(protocol)
    except ValueError as error:
        raise StoreUrlError(
            f"no store has the protocol {protocol}://, and fsspec does not know it"
        ) from error
    except ImportError as error:
        extra = _EXTRAS.get(protocol)
        what = f"pip install 'runhooks[{extra}]'" if extra else str(error)
        raise MissingExtraError(
            f"a {protocol}:// store needs a package that is not installed: {what}"
        ) from error


def strip_protocol(protocol: str, url: str) -> str:
    """Return what fsspec calls the path of `url`.

    Raises
    ------
    StoreUrlError
        fsspec does not know the protocol.
    MissingExtraError
        The package for it is not installed.
    """
    return str(_class_of(protocol)._strip_protocol(url)).rstrip("/")  # noqa: SLF001  (fsspec's own name for it)


def configured(protocol: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return `options` over those of fsspec's configuration files and environment."""
    import fsspec.config

    found = fsspec.config.apply_config(_class_of(protocol), dict(options))
    return dict(found)


def open_filesystem(url: str, options: Mapping[str, Any]) -> Any:
    """Return a file system that shares nothing with others: no instance cache, no listing that grows old."""
    import fsspec

    uncached = {"use_listings_cache": False, "skip_instance_cache": True}
    if url.startswith(
        ("sftp:", "ssh:")
    ):  # it has no such cache, and takes what it does not know for its client's
        del uncached["use_listings_cache"]
    filesystem, _ = fsspec.core.url_to_fs(url, **options, **uncached)
    return filesystem
