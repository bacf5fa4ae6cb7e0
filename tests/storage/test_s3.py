from typing import Any

import pytest

from runhooks.storage import Store, open_store
from runhooks.testing import StoreContract
from tests.servers.s3 import S3Server


class S3Contract(StoreContract):
    """The contract on a server that the fixture `server` starts."""

    big = 17 * 2**20

    @pytest.fixture
    def store(self, server: S3Server) -> Store:
        self.secrets = (server.key, server.secret)
        self.client, self.bucket = server.raw, server.new_bucket()
        return open_store(f"s3://{self.bucket}/team/runs", server.storage_options)

    def raw_read(self, store: Store, path: str) -> bytes | None:
        try:
            found: dict[str, Any] = self.client.get_object(Bucket=self.bucket, Key=f"team/runs/{path}")
        except self.client.exceptions.NoSuchKey:
            return None
        return bytes(found["Body"].read())

    def raw_write(self, store: Store, path: str, data: bytes) -> None:
        self.client.put_object(Bucket=self.bucket, Key=f"team/runs/{path}", Body=data)


class TestS3StoreOnMoto(S3Contract):
    @pytest.fixture
    def server(self, moto: S3Server) -> S3Server:
        return moto

    # moto looks for the object and stores it in two steps, without a lock: two may win. Ceph decides this.
    test_of_many_creators_one_wins = None  # type: ignore[assignment]


class TestS3StoreOnCeph(S3Contract):
    @pytest.fixture
    def server(self, ceph: S3Server) -> S3Server:
        return ceph
