from collections.abc import Iterator

import pytest

from tests.servers.azure import AzureServer, azure_server, why_no_azurite
from tests.servers.gcs import GCSServer, gcs_server
from tests.servers.s3 import S3Server, ceph_server, moto_server, why_no_ceph


@pytest.fixture(scope="session")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with moto_server(tmp_path_factory.mktemp("moto")) as server:
        yield server


@pytest.fixture(scope="session")
def ceph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    if why_no_ceph():
        pytest.skip(why_no_ceph())
    with ceph_server(tmp_path_factory.mktemp("ceph")) as server:
        yield server


@pytest.fixture(scope="session")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AzureServer]:
    if why_no_azurite():
        pytest.skip(why_no_azurite())
    with azure_server(tmp_path_factory.mktemp("azure")) as server:
        yield server


@pytest.fixture(scope="session")
def gcs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GCSServer]:
    with gcs_server(tmp_path_factory.mktemp("gcs")) as server:
        yield server
