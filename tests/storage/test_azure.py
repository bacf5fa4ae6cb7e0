import pytest

from runhooks.storage import Store, open_store
from runhooks.testing import StoreContract
from tests.servers.azure import KEY, AzureServer


# aiohttp's advice to Azure's client, which sends a file's parts as bytes.
@pytest.mark.filterwarnings("ignore:Sending a large body directly:ResourceWarning")
class TestAzureStore(StoreContract):
    big = 17 * 2**20

    @pytest.fixture
    def store(self, azure: AzureServer) -> Store:
        self.secrets = (KEY,)
        self.server, self.container = azure, azure.new_container()
        return open_store(f"abfs://{self.container}/team/runs", azure.storage_options)

    def raw_read(self, store: Store, path: str) -> bytes | None:
        return self.server.get(self.container, f"team/runs/{path}")

    def raw_write(self, store: Store, path: str, data: bytes) -> None:
        self.server.put(self.container, f"team/runs/{path}", data)


def test_objects_are_served_as_what_they_are(azure: AzureServer) -> None:
    container = azure.new_container()
    store = open_store(f"az://{container}", azure.storage_options)
    store.write("index.html", b"<!doctype html>")
    store.write("a.bin", b"x", content_type="text/x-test", cache_control="max-age=60")
    found = [
        azure.raw.get_blob_client(container, name).get_blob_properties().content_settings
        for name in ("index.html", "a.bin")
    ]
    assert [(each.content_type, each.cache_control) for each in found] == [
        ("text/html; charset=utf-8", "no-cache"),
        ("text/x-test", "max-age=60"),
    ]


@pytest.mark.parametrize("name", ["hdi_isfolder", "Hdi_isfolder"])
def test_folders_of_a_hierarchical_namespace_are_no_objects(azure: AzureServer, name: str) -> None:
    """Such an account lists them among its blobs, empty and marked so; the emulator has none of its own."""
    container = azure.new_container()
    store = open_store(f"abfs://{container}/runs", azure.storage_options)
    store.write("default/p/run.json", b"{}")
    for folder in ("runs", "runs/default", "runs/default/p", "runs/default/gone"):
        blob = azure.raw.get_blob_client(container, folder)
        blob.upload_blob(b"", metadata={name: "true"})
    assert [entry.path for entry in store.list()] == ["default/p/run.json"]
    assert [(entry.path, entry.is_dir) for entry in store.list("default", recursive=False)] == [
        ("default/p", True)
    ]
    assert [entry.path for entry in store.list("default/p", recursive=False)] == ["default/p/run.json"]
