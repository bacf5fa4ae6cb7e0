"""The store in a container of Azure Blob Storage, or of Data Lake Storage Gen2."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from runhooks.errors import StoreUnreachableError

from ._faults import Fault, classify
from ._fsspec import FsspecStore, refuse_missing_bucket
from ._headers import DEFAULT_CACHE_CONTROL, content_type_of
from ._paths import is_part
from ._protocol import Entry

if TYPE_CHECKING:
    from ._filesystem import AzureFileSystem, FileSystem
    from ._protocol import Store

__all__ = ["AzureStore"]

_T = TypeVar("_T")
_TIMES = {"connection_timeout": 5, "read_timeout": 15}
_PART, _AT_ONCE = 8 * 2**20, 2
"""Of a file, so many bytes are sent in a request, and so many requests at once."""


class AzureStore(FsspecStore):
    """A store in an Azure container, by ``adlfs``.

    Parameters
    ----------
    url : str
        ``abfs://container`` or ``abfs://container/folder``; ``az://`` is the same.
    options : mapping
        What ``adlfs.AzureBlobFileSystem`` takes: ``account_name``, ``account_key``, ``sas_token``,
        ``connection_string``, ``credential`` and so on, over fsspec's configuration.
    """

    def now(self) -> float:
        """Return the time that the server's answer is dated."""
        dates: list[str] = []

        def take(answer: Any) -> None:
            dates.append(answer.http_response.headers["Date"])

        with self._errors("ask the time of", "", absent=Fault.NO_STORE):
            self._with_container(
                lambda container: container.get_container_properties(raw_response_hook=take, **_TIMES)
            )
        return parsedate_to_datetime(dates[-1]).timestamp()

    def _check_base(self) -> None:
        refuse_missing_bucket(self._url, self._base)

    def _defaults(self, options: dict[str, Any]) -> dict[str, Any]:
        """Let no request look first whether the container is there; what the caller says counts more."""
        return {"assume_container_exists": True, **options}

    def _open(self) -> "FileSystem":
        opened = super()._open()
        config = cast("AzureFileSystem", opened).service_client._config  # noqa: SLF001  (adlfs passes none of it on)
        config.retry_policy.total_retries = 0  # one try, as of every store: RetryStore tries again
        config.max_single_put_size = config.max_block_size = _PART
        return opened

    def _headers(self, path: str, content_type: str | None, cache_control: str | None) -> dict[str, str]:
        return {
            "content_type": content_type or content_type_of(path),
            "cache_control": cache_control or DEFAULT_CACHE_CONTROL,
        }

    def _get(self, key: str, begin: int, end: int | None) -> bytes:
        if end is not None and end <= begin:
            return b""
        length = None if end is None else end - begin

        async def read(blob: Any) -> bytes:
            return bytes(await (await blob.download_blob(begin, length, **_TIMES)).readall())

        try:
            return self._with_blob(key, read)
        except Exception as error:
            if classify(error) is Fault.BEYOND:
                return b""
            raise

    def _put(self, key: str, data: bytes, headers: Mapping[str, str]) -> int:
        self._with_blob(key, lambda blob: blob.upload_blob(BytesIO(data), overwrite=True, **_upload(headers)))
        return len(data)  # the server refuses a body that is shorter than its head says

    def _put_new(self, key: str, data: bytes, headers: Mapping[str, str]) -> bool:
        self._with_blob(
            key, lambda blob: blob.upload_blob(BytesIO(data), overwrite=False, **_upload(headers))
        )
        return True

    def _put_file(self, key: str, data: Path, headers: Mapping[str, str]) -> int:
        async def send(blob: Any) -> int:
            with data.open("rb") as file:
                await blob.upload_blob(file, overwrite=True, max_concurrency=_AT_ONCE, **_upload(headers))
            return int((await blob.get_blob_properties(**_TIMES)).size)

        return self._with_blob(key, send)

    def _remove(self, key: str) -> None:
        try:
            self._with_blob(key, lambda blob: blob.delete_blob(**_TIMES))
        except Exception as error:
            if classify(error) is not Fault.NO_OBJECT:
                raise

    def _entries(self, folder: str, *, recursive: bool) -> Iterator[Entry]:
        prefix = folder.partition("/")[2]
        asked = {"name_starts_with": f"{prefix}/" if prefix else None, "include": ["metadata"], **_TIMES}

        async def find(container: Any) -> list[Any]:
            pages = container.list_blobs(**asked) if recursive else container.walk_blobs(**asked)
            return [found async for found in pages]

        container = self._base.partition("/")[0]
        blobs = [found for found in self._with_container(find) if not _is_folder(found)]
        for found in blobs:
            path = self._path(f"{container}/{found.name}")
            if not all(map(is_part, path.rstrip("/").split("/"))):
                continue
            if getattr(found, "etag", None) is None:
                yield Entry(path.rstrip("/"), is_dir=True)
            elif not path.endswith("/"):
                yield Entry(
                    path, int(found.size), str(found.etag).strip('"'), found.last_modified.timestamp()
                )

    def _with_blob(self, key: str, work: Callable[[Any], Awaitable[_T]]) -> _T:
        """Do something with one object: by Azure's client, as adlfs takes `?` and `#` for ends of a name."""
        container, _, name = key.partition("/")

        async def run() -> _T:
            async with self._azure.service_client.get_blob_client(container, name) as blob:
                return await work(blob)

        return self._run(run)

    def _with_container(self, work: Callable[[Any], Awaitable[_T]]) -> _T:
        async def run() -> _T:
            name = self._base.partition("/")[0]
            async with self._azure.service_client.get_container_client(name) as container:
                return await work(container)

        return self._run(run)

    def _run(self, work: Callable[[], Awaitable[_T]]) -> _T:
        from fsspec.asyn import sync

        done: list[_T] = []

        async def run() -> None:
            done.append(await work())

        sync(self._azure.loop, run)
        if not done:
            raise StoreUnreachableError(f"a request to the store {self._url} was cancelled")
        return done[0]

    @property
    def _azure(self) -> "AzureFileSystem":
        return cast("AzureFileSystem", self._fs)


def _is_folder(blob: Any) -> bool:
    """Tell whether a blob is a folder: accounts with a hierarchical namespace list these among the blobs."""
    metadata = {name.lower(): value for name, value in (getattr(blob, "metadata", None) or {}).items()}
    return metadata.get("hdi_isfolder") == "true"


def _upload(headers: Mapping[str, str]) -> dict[str, Any]:
    from azure.storage.blob import ContentSettings

    return {"content_settings": ContentSettings(**dict[str, Any](headers)), **_TIMES}


if TYPE_CHECKING:
    _: Store = AzureStore("")
