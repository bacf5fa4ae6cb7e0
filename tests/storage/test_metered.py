from pathlib import Path

import pytest

from runhooks.errors import ObjectNotFoundError
from runhooks.storage import MeteredStore, Store, open_store
from runhooks.testing import StoreContract
from tests.servers.faulty import faulty_proxy
from tests.servers.s3 import S3Server


class TestMeteredStore(StoreContract):
    @pytest.fixture
    def store(self, request: pytest.FixtureRequest) -> Store:
        self.behind = open_store(f"memory://metered-{request.node.name}", retry=None)
        for entry in [*self.behind.list()]:
            self.behind.delete(entry.path)
        return MeteredStore(self.behind)

    def raw_read(self, store: Store, path: str) -> bytes | None:
        try:
            return self.behind.read(path)
        except ObjectNotFoundError:
            return None

    def raw_write(self, store: Store, path: str, data: bytes) -> None:
        self.behind.write(path, data)


def work(store: Store, folder: Path) -> None:
    """Use a store in every way that makes requests."""
    for name, size in (("small", 3), ("one part", 8 * 2**20), ("parts", 17 * 2**20)):
        (folder / name).write_bytes(bytes(size))
        store.write(f"files/{name}", folder / name)
    store.write("a", b"abc")
    assert store.create("b", b"de")
    assert store.read("a", 1) == b"bc"
    assert len([*store.list()]) == 5
    store.delete("a")
    store.now()


def test_what_is_counted_is_what_a_bucket_was_asked(moto: S3Server, tmp_path: Path) -> None:
    with faulty_proxy(moto.endpoint) as proxy:
        options = {**moto.storage_options, "endpoint_url": proxy.endpoint}
        store = MeteredStore(open_store(f"s3://{moto.new_bucket()}/runs", options, retry=None))
        work(store, tmp_path)
        assert store.traffic.requests == len(proxy.requests)
    assert (store.traffic.sent, store.traffic.received) == (25 * 2**20 + 3 + 5, 2)
    assert store.traffic.failed == 0


def test_a_try_that_fails_is_a_request_and_takes_time() -> None:
    times = iter((10.0, 12.5))
    store = MeteredStore(open_store("memory://metered", retry=None), clock=times.__next__)
    with pytest.raises(ObjectNotFoundError):
        store.read("missing")
    assert (store.traffic.requests, store.traffic.failed, store.traffic.seconds) == (1, 1, 2.5)
