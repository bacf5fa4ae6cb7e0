"""An Azure Blob server on loopback: Azurite, Microsoft's own emulator."""

import contextlib
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import BlobServiceClient

from .process import free_port, serving

ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""Azurite's own, which everybody knows."""

AZURITE = Path(__file__).parents[2] / ".venv/azurite/node_modules/azurite/dist/src/blob/main.js"


@dataclass
class AzureServer:
    """Where the server is, and a client of it that is not adlfs."""

    endpoint: str

    @property
    def connection(self) -> str:
        account = f"AccountName={ACCOUNT};AccountKey={KEY}"
        return f"DefaultEndpointsProtocol=http;{account};BlobEndpoint={self.endpoint};"

    @property
    def storage_options(self) -> dict[str, Any]:
        return {"connection_string": self.connection}

    @cached_property
    def raw(self) -> BlobServiceClient:
        return BlobServiceClient.from_connection_string(self.connection)

    def new_container(self) -> str:
        name = f"container-{uuid4().hex[:12]}"
        self.raw.create_container(name)
        return name

    def get(self, container: str, name: str) -> bytes | None:
        try:
            return bytes(self.raw.get_blob_client(container, name).download_blob().readall())
        except ResourceNotFoundError:
            return None

    def put(self, container: str, name: str, data: bytes) -> None:
        self.raw.get_blob_client(container, name).upload_blob(data, overwrite=True)


def _node() -> str | None:
    """Return Node's program: the machine's, else the one that make brought into the environment."""
    return shutil.which("node") or shutil.which("node", path=str(Path(sys.executable).parent))


def why_no_azurite() -> str:
    """Return why Azurite cannot run here, or nothing."""
    return "" if AZURITE.exists() and _node() else "Azurite or Node are not installed: make programs"


@contextlib.contextmanager
def azure_server(folder: Path) -> Iterator[AzureServer]:
    """Run Azurite's blob service with everything in memory."""
    port = free_port()
    said = ("--silent", "--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry")
    command = [_node() or "node", str(AZURITE), "--blobHost", "127.0.0.1", "--blobPort", str(port), *said]
    with serving(command, port, folder / "azurite.log"):
        yield AzureServer(f"http://127.0.0.1:{port}/{ACCOUNT}")
