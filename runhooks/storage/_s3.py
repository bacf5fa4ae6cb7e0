"""The store in an S3 bucket, or on any server that speaks S3."""

import os
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote
from uuid import uuid4

from runhooks import __version__
from runhooks.errors import StoreUnreachableError

from ._faults import Fault, classify
from ._fsspec import FsspecStore, refuse_missing_bucket
from ._headers import DEFAULT_CACHE_CONTROL, content_type_of
from ._paths import check_path, is_part
from ._protocol import Entry

if TYPE_CHECKING:
    from ._filesystem import FileSystem, S3FileSystem
    from ._protocol import Store

__all__ = ["S3Store"]

_WRITE_ID = "runhooks-write"
_PART = 8 * 2**20
_PARTS_AT_ONCE = 4
_CONNECTIONS = 32
_QUICK = 30.0
"""Seconds for a request without a body, and for one of no size: silence shows after the read timeout."""
_SLOWEST = 50_000
"""Bytes a second below which a body counts as stuck."""


class S3Store(FsspecStore):
    """A store in an S3 bucket, by ``s3fs``.

    One call of a method is one request (two for a file, whose size is checked) and one try:
    :class:`~runhooks.storage.RetryStore` tries again. `create` needs a server that knows
    ``If-None-Match``: AWS, Ceph, MinIO and Cloudflare do.

    Parameters
    ----------
    url : str
        ``s3://bucket`` or ``s3://bucket/folder``.
    options : mapping
        What ``s3fs.S3FileSystem`` takes: ``endpoint_url``, ``profile``, ``key``, ``secret``, ``anon``,
        ``client_kwargs`` and so on, over fsspec's configuration.
    """

    _reading = {"timeout": 600.0}  # noqa: RUF012

    def page_url(self, path: str) -> str:
        """Return the object's https address; a reader needs the bucket's leave to open it."""
        bucket, _, folder = self._base.partition("/")
        key = quote("/".join(filter(None, (folder, check_path(path)))))
        endpoint = self._setting("endpoint_url", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
        region = self._setting("region_name", "AWS_REGION", "AWS_DEFAULT_REGION")
        if endpoint:
            return f"{endpoint.rstrip('/')}/{bucket}/{key}"
        host = f"s3.{region}.amazonaws.com" if region else "s3.amazonaws.com"
        # A certificate for *.s3.amazonaws.com covers no name with a dot in it.
        return f"https://{host}/{bucket}/{key}" if "." in bucket else f"https://{bucket}.{host}/{key}"

    def now(self) -> float:
        """Return the time that the server's answer is dated."""
        with self._errors("ask the time of", "", absent=Fault.NO_STORE):
            answer = self._call("head_bucket", Bucket=self._at(self._base)["Bucket"])
        return parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"]).timestamp()

    def _check_base(self) -> None:
        refuse_missing_bucket(self._url, self._base)

    def _defaults(self, options: dict[str, Any]) -> dict[str, Any]:
        """Fail within seconds and try once; what the caller says of it counts more."""
        config: dict[str, Any] = {
            "connect_timeout": 5,
            "read_timeout": 15,
            "retries": {"total_max_attempts": 1, "mode": "standard"},
            "max_pool_connections": _CONNECTIONS,
            # botocore puts its own together twice a request, a tenth of what a small object costs.
            "user_agent": f"runhooks/{__version__}",
        }
        if options.get("endpoint_url") or options.get("client_kwargs", {}).get("endpoint_url"):
            # Servers other than AWS's know no trailing checksums; the signature covers the body.
            config |= dict.fromkeys(
                ("request_checksum_calculation", "response_checksum_validation"), "when_required"
            )
        # With more than one connection a read s3fs asks for the size first.
        ours = {"max_concurrency": 1, **options}
        return {**ours, "config_kwargs": {**config, **options.get("config_kwargs", {})}}

    def _open(self) -> "FileSystem":
        opened = cast("S3FileSystem", super()._open())
        opened.retries = 1
        opened.s3.meta.events.register("before-send.s3.PutObject", _send_at_once)
        return opened

    def _headers(self, path: str, content_type: str | None, cache_control: str | None) -> dict[str, str]:
        return {
            "ContentType": content_type or content_type_of(path),
            "CacheControl": cache_control or DEFAULT_CACHE_CONTROL,
        }

    def _put(self, key: str, data: bytes, headers: Mapping[str, str]) -> int:
        answer = self._call("put_object", **self._at(key), Body=data, **headers)
        # The ETag says that the signed body arrived, all of it.
        return len(data) if answer.get("ETag") else 0

    def _put_file(self, key: str, data: Path, headers: Mapping[str, str]) -> int:
        size = data.stat().st_size
        limits = {"chunksize": _PART, "max_concurrency": _PARTS_AT_ONCE, "timeout": _QUICK + size / _SLOWEST}
        self._fs.put_file(str(data), key, **limits, **headers)
        return int(self._call("head_object", **self._at(key))["ContentLength"])

    def _put_new(self, key: str, data: bytes, headers: Mapping[str, str]) -> bool:
        write_id = uuid4().hex
        marked = {"Body": data, "IfNoneMatch": "*", "Metadata": {_WRITE_ID: write_id}, **headers}
        try:
            self._call("put_object", **self._at(key), **marked)
        except Exception as error:
            # The transport below repeats a PUT whose connection broke: the object may be this one's.
            if classify(error) is not Fault.EXISTS or not self._has_id(key, write_id):
                raise
        return True

    def _has_id(self, key: str, write_id: str) -> bool:
        try:
            return bool(self._call("head_object", **self._at(key))["Metadata"].get(_WRITE_ID) == write_id)
        except FileNotFoundError:
            return False

    def _remove(self, key: str) -> None:
        self._call("delete_object", **self._at(key))

    def _entries(self, folder: str, *, recursive: bool) -> Iterator[Entry]:
        bucket, prefix = self._at(folder).values()
        asked = {"Bucket": bucket, "Prefix": f"{prefix}/" if prefix else ""}
        asked |= {} if recursive else {"Delimiter": "/"}
        while True:
            page = self._call("list_objects_v2", **asked)
            for found in page.get("CommonPrefixes", ()):
                path = self._path(f"{bucket}/{found['Prefix']}").rstrip("/")
                if is_part(path.rpartition("/")[2]):
                    yield Entry(path, is_dir=True)
            for found in page.get("Contents", ()):
                # A key with a slash at its end is a folder that some console made.
                if all(map(is_part, found["Key"].split("/"))):
                    yield self._found(bucket, found)
            if not page.get("IsTruncated"):
                return
            asked["ContinuationToken"] = page["NextContinuationToken"]

    def _found(self, bucket: str, found: Mapping[str, Any]) -> Entry:
        path = self._path(f"{bucket}/{found['Key']}")
        return Entry(path, found["Size"], found["ETag"].strip('"'), found["LastModified"].timestamp())

    @property
    def _s3(self) -> "S3FileSystem":
        return cast("S3FileSystem", self._fs)

    def _at(self, key: str) -> dict[str, str]:
        bucket, name, _ = self._s3.split_path(key)
        return {"Bucket": bucket, "Key": name}

    def _call(self, method: str, **named: Any) -> Mapping[str, Any]:
        """Do one request, within a time that its body's size allows."""
        seconds = _QUICK + len(named.get("Body", b"")) / _SLOWEST
        answer = self._s3.call_s3(method, **named, timeout=seconds)
        if answer is None:
            raise StoreUnreachableError(f"a request to the store {self._url} was cancelled")
        return answer

    def _setting(self, name: str, *variables: str) -> str:
        """Return an option as s3fs and botocore look for it, without their files."""
        options = (self._options.get(name), self._options.get("client_kwargs", {}).get(name))
        return next((str(value) for value in (*options, *map(os.environ.get, variables)) if value), "")


def _send_at_once(request: Any, **_: Any) -> None:
    """Let a body follow its headers: asking first costs a small object more time than sending it."""
    request.headers.pop("Expect", None)


if TYPE_CHECKING:
    _: Store = S3Store("")
