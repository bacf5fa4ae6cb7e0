"""The store in a bucket of Google Cloud Storage."""

import inspect
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from io import BytesIO
from pathlib import Path
from types import MethodType
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote
from uuid import uuid4

from runhooks.errors import StoreUnreachableError

from ._faults import Fault, classify
from ._fsspec import FsspecStore, refuse_missing_bucket
from ._paths import check_path, is_part
from ._protocol import Entry

if TYPE_CHECKING:
    from ._filesystem import FileSystem, GCSFileSystem
    from ._protocol import Store

__all__ = ["GCSStore"]

_WRITE_ID = "runhooks-write"
_PART = 8 * 2**20
_QUICK = 30.0
"""Seconds for a request without a body."""
_SLOWEST = 50_000
"""Bytes a second below which a body counts as stuck."""
_LISTED = "prefixes,nextPageToken,items(name,size,generation,updated)"


class GCSStore(FsspecStore):
    """A store in a GCS bucket, by ``gcsfs``.

    One call of a method is one request (two for a file, whose size is checked) and one try:
    :class:`~runhooks.storage.RetryStore` tries again.

    Parameters
    ----------
    url : str
        ``gs://bucket`` or ``gs://bucket/folder``.
    options : mapping
        What ``gcsfs.GCSFileSystem`` takes: ``token``, ``project``, ``endpoint_url`` and so on, over
        fsspec's configuration.
    """

    _reading = {"timeout": 600.0}  # noqa: RUF012
    _answered = False

    def page_url(self, path: str) -> str:
        """Return the address that asks a browser to sign in, as a private bucket needs."""
        host = str(self._options.get("endpoint_url") or "https://storage.cloud.google.com").rstrip("/")
        return f"{host}/{quote(self._key(check_path(path)))}"

    def now(self) -> float:
        """Return the time that the server's answer is dated."""
        with self._errors("ask the time of", "", absent=Fault.NO_STORE):
            headers, _ = self._call("GET", f"b/{self._at('')[0]}/o", maxResults=1, fields="nextPageToken")
        return parsedate_to_datetime(headers["Date"]).timestamp()

    def describe(self, path: str) -> Entry:
        """Tell of one object, by its generation as a listing does."""
        key = self._key(path)
        with self._errors("look up", path):
            return self._found(key.partition("/")[0], self._about(key))

    def _check_base(self) -> None:
        refuse_missing_bucket(self._url, self._base)

    def _defaults(self, options: dict[str, Any]) -> dict[str, Any]:
        """Fail within seconds; what the caller says of it counts more."""
        from aiohttp import ClientTimeout

        return {"requests_timeout": ClientTimeout(sock_connect=5, sock_read=15), **options}

    def _open(self) -> "FileSystem":
        # Not the class that fsspec names: that one asks each bucket's kind by gRPC first.
        from gcsfs.core import GCSFileSystem

        opened = GCSFileSystem(**self._options, use_listings_cache=False, skip_instance_cache=True)
        # Six tries with pauses of its own, and a second try of a create would meet the first one's object.
        opened._request = MethodType(inspect.unwrap(GCSFileSystem._request), opened)  # noqa: SLF001
        return cast("FileSystem", opened)

    def _get(self, key: str, begin: int, end: int | None) -> bytes:
        try:
            return super()._get(key, begin, end)
        except FileNotFoundError:
            self._tell_missing_bucket()
            raise

    def _put(self, key: str, data: bytes, headers: Mapping[str, str]) -> int:
        return int(self._upload(key, data, headers, {})["size"])

    def _put_new(self, key: str, data: bytes, headers: Mapping[str, str]) -> bool:
        write_id = uuid4().hex
        try:
            self._upload(key, data, headers, {_WRITE_ID: write_id}, ifGenerationMatch="0")
        except Exception as error:
            if classify(error) is not Fault.EXISTS or self._write_id(key) != write_id:
                raise
        return True

    def _put_file(self, key: str, data: Path, headers: Mapping[str, str]) -> int:
        self._gcs.put_file(
            str(data),
            key,
            chunksize=_PART,
            content_type=headers["Content-Type"],
            fixed_key_metadata={"cache_control": headers["Cache-Control"]},
            timeout=_QUICK + data.stat().st_size / _SLOWEST,
        )
        return int(self._about(key)["size"])

    def _remove(self, key: str) -> None:
        bucket, name = self._at(key)
        try:
            self._call("DELETE", f"b/{bucket}/o/{name}")
        except FileNotFoundError:
            self._tell_missing_bucket()

    def _entries(self, folder: str, *, recursive: bool) -> Iterator[Entry]:
        bucket, _, prefix = folder.partition("/")
        asked = {"prefix": f"{prefix}/" if prefix else None, "delimiter": None if recursive else "/"}
        token = None
        while True:
            page = self._json("GET", f"b/{bucket}/o", **asked, pageToken=token, fields=_LISTED)
            for found in page.get("prefixes", ()):
                path = self._path(f"{bucket}/{found}").rstrip("/")
                if is_part(path.rpartition("/")[2]):
                    yield Entry(path, is_dir=True)
            for found in page.get("items", ()):
                if all(map(is_part, found["name"].split("/"))):
                    yield self._found(bucket, found)
            token = page.get("nextPageToken")
            if not token:
                return

    def _found(self, bucket: str, found: Mapping[str, Any]) -> Entry:
        path = self._path(f"{bucket}/{found['name']}")
        modified = datetime.fromisoformat(found["updated"]).timestamp()
        return Entry(path, int(found["size"]), str(found["generation"]), modified)

    def _upload(
        self, key: str, data: bytes, headers: Mapping[str, str], metadata: Mapping[str, str], **named: str
    ) -> Mapping[str, Any]:
        """Send type, cache control and bytes at once; the boundary of gcsfs's own could be in the data."""
        bucket, _ = self._at(key)
        about = {
            "name": key.partition("/")[2],
            "contentType": headers["Content-Type"],
            "cacheControl": headers["Cache-Control"],
            "metadata": dict(metadata),
        }
        boundary = uuid4().hex
        body = b"".join(
            (
                f"--{boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n".encode(),
                json.dumps(about).encode(),
                f"\r\n--{boundary}\r\nContent-Type: {headers['Content-Type']}\r\n\r\n".encode(),
                data,
                f"\r\n--{boundary}--\r\n".encode(),
            )
        )
        url = self._gcs.base.replace("/storage/v1/", "/upload/storage/v1/")
        return self._json(
            "POST",
            f"{url}b/{bucket}/o",
            uploadType="multipart",
            headers={"Content-Type": f"multipart/related; boundary={boundary}"},
            data=BytesIO(body),
            **named,
        )

    def _write_id(self, key: str) -> str | None:
        try:
            found = self._about(key).get("metadata", {}).get(_WRITE_ID)
        except FileNotFoundError:
            return None
        return str(found) if found else None

    def _about(self, key: str) -> Mapping[str, Any]:
        bucket, name = self._at(key)
        return self._json("GET", f"b/{bucket}/o/{name}")

    def _tell_missing_bucket(self) -> None:
        """Raise if it is the bucket that is missing: gcsfs does not say which."""
        if not self._answered:
            self.now()

    @property
    def _gcs(self) -> "GCSFileSystem":
        return cast("GCSFileSystem", self._fs)

    def _at(self, key: str) -> tuple[str, str]:
        """Return bucket and name as parts of an address."""
        bucket, _, name = (key or self._base).partition("/")
        return quote(bucket, safe=""), quote(name, safe="")

    def _json(self, method: str, path: str, **named: Any) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._call(method, path, json_out=True, **named)
        return found

    def _call(self, method: str, path: str, **named: Any) -> Any:
        """Do one request, within a time that its body's size allows."""
        size = named["data"].getbuffer().nbytes if "data" in named else 0
        answer = self._gcs.call(method, path, **named, timeout=_QUICK + size / _SLOWEST)
        if answer is None:
            raise StoreUnreachableError(f"a request to the store {self._url} was cancelled")
        self._answered = True
        return answer


if TYPE_CHECKING:
    _: Store = GCSStore("")
