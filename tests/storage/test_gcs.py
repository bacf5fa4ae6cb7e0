import pytest

from runhooks.storage import Store, open_store
from runhooks.testing import StoreContract
from tests.servers.gcs import GCSServer


# aiohttp's advice to gcsfs, which sends a file's parts as bytes.
@pytest.mark.filterwarnings("ignore:Sending a large body directly:ResourceWarning")
class TestGCSStore(StoreContract):
    big = 17 * 2**20

    @pytest.fixture
    def store(self, gcs: GCSServer) -> Store:
        self.server, self.bucket = gcs, gcs.new_bucket()
        return open_store(f"gs://{self.bucket}/team/runs", gcs.storage_options)

    def raw_read(self, store: Store, path: str) -> bytes | None:
        return self.server.get(self.bucket, f"team/runs/{path}")

    def raw_write(self, store: Store, path: str, data: bytes) -> None:
        self.server.put(self.bucket, f"team/runs/{path}", data)
