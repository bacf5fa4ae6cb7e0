import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import runhooks.storage
from runhooks.errors import MissingExtraError, StoreUrlError
from runhooks.storage import LocalStore, RetryStore, Store, open_store
from runhooks.testing import StoreContract
from tests.storage import test_fsspec, test_gcs, test_local, test_memory, test_metered, test_s3


@pytest.mark.parametrize(
    "url", ["{}/runs", "file://{}/runs", "FILE://{}/runs", "file://localhost{}/runs", "local://{}/a/../runs"]
)
def test_a_path_or_a_file_address_is_a_local_store(tmp_path: Path, url: str) -> None:
    store = open_store(url.format(tmp_path))
    assert isinstance(store, LocalStore)
    assert store.root == tmp_path / "runs"
    assert store.url == str(tmp_path / "runs")


def test_a_path_object_is_a_local_store(tmp_path: Path) -> None:
    assert open_store(tmp_path).root == tmp_path


def test_the_address_of_a_local_page_opens_the_same_store(tmp_path: Path) -> None:
    store = open_store(tmp_path / "a b%20ü")
    assert open_store(store.page_url("x").removesuffix("/x")).root == store.root


def test_a_home_is_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert open_store("~/runs").root == tmp_path / "runs"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("s3://bucket/team/runs/", "s3://bucket/team/runs"),
        ("S3://bucket", "s3://bucket"),
        ("gs://bucket/runs", "gs://bucket/runs"),
        ("gcs://bucket", "gcs://bucket"),
        ("memory://x/", "memory://x"),
    ],
)
def test_a_store_elsewhere_is_tried_again(url: str, shown: str) -> None:
    store = open_store(url, {"token": "anon"} if url.startswith("g") else None)
    assert isinstance(store, RetryStore)
    assert (store.url, store.root) == (shown, None)
    assert not isinstance(open_store(url, retry=None), RetryStore)


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("s3://KEY:hunter2@bucket/runs", "credentials"),
        ("s3://hunter2@bucket", "credentials"),
        ("gs://hunter2@bucket", "credentials"),
        ("sftp://user:hunter2@host/runs", "credentials"),
        ("abfs://user:hunter2@account.dfs.core.windows.net/x", "credentials"),
        ("https://host/runs?sig=hunter2", "query"),
        ("s3://bucket/runs#hunter2", "fragment"),
        ("simplecache::s3://KEY:hunter2@bucket", "chained"),
        ("s3://bucket::zip://hunter2", "chained"),
        ("s3:/bucket/hunter2", "neither"),
        ("s3:bucket", "neither"),
        ("://bucket", "neither"),
        ("s3://", "bucket"),
        ("gs://", "bucket"),
        ("s3://bucket/../other", "bucket"),
        ("s3://bucket//x", "bucket"),
        ("nosuch://x", "nosuch://"),
        ("file://host/runs", "host"),
        ("file:///", "folder"),
    ],
)
def test_an_address_that_cannot_be_used_is_said_at_once_without_its_secrets(url: str, what: str) -> None:
    with pytest.raises(StoreUrlError, match=what) as caught:
        open_store(url)
    assert "hunter2" not in str(caught.value)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("url", "package", "extra"),
    [("s3://b", "s3fs", "s3"), ("gs://b", "gcsfs", "gcs"), ("abfs://b", "adlfs", "azure")],
)
def test_a_missing_package_is_named_with_the_command_that_installs_it(
    url: str, package: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = f"""if 1:
        import sys
        sys.modules[{package!r}] = None  # what an import finds of a package that is not installed
        from runhooks.errors import MissingExtraError
        from runhooks.storage import open_store
        try:
            open_store({url!r})
        except MissingExtraError as error:
            print(error)
    """
    output = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert f"pip install 'runhooks[{extra}]'" in output
    assert issubclass(MissingExtraError, ImportError)


def test_secrets_in_options_are_shown_nowhere() -> None:
    options = {"key": "AKIAKEY", "secret": "hunter2", "token": "hunter2"}
    for store in (
        open_store("s3://bucket/runs", options),
        open_store("s3://bucket/runs", options, retry=None),
    ):
        shown = f"{store!r} {store} {store.url} {store.page_url('a')}"
        assert "hunter2" not in shown
        assert "AKIAKEY" not in shown


@pytest.mark.parametrize(
    ("url", "options", "address"),
    [
        ("s3://bucket/runs", {}, "https://bucket.s3.amazonaws.com/runs/a%20b/index.html"),
        (
            "s3://bucket",
            {"client_kwargs": {"region_name": "eu-north-1"}},
            "https://bucket.s3.eu-north-1.amazonaws.com/a%20b/index.html",
        ),
        ("s3://my.bucket/runs", {}, "https://s3.amazonaws.com/my.bucket/runs/a%20b/index.html"),
        ("s3://b/runs", {"endpoint_url": "http://minio:9000/"}, "http://minio:9000/b/runs/a%20b/index.html"),
        ("gs://bucket/runs", {}, "https://storage.cloud.google.com/bucket/runs/a%20b/index.html"),
    ],
)
def test_a_page_of_a_bucket_has_an_https_address(
    url: str, options: dict[str, Any], address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    assert open_store(url, options).page_url("a b/index.html") == address


def test_every_store_of_the_package_has_the_contract_for_a_test() -> None:
    """A new store is one file in runhooks/storage, and one here that subclasses StoreContract."""
    kinds = set()
    for module in pkgutil.iter_modules(runhooks.storage.__path__):
        found = importlib.import_module(f"runhooks.storage.{module.name}")
        kinds |= {
            name for name in found.__all__ if name.endswith("Store") and getattr(found, name) is not Store
        }
    tests = " ".join(
        name for file in _test_files() for name, kind in vars(file).items() if _is_contract(kind)
    )
    assert {kind for kind in kinds if f"Test{kind}" not in tests} == set()


def _test_files() -> list[Any]:
    from tests.storage import test_azure, test_retry

    return [test_azure, test_fsspec, test_gcs, test_local, test_memory, test_metered, test_retry, test_s3]


def _is_contract(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, StoreContract)
