"""Paths, addresses, threads, forks and secrets."""

import os
import traceback
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from runhooks.errors import ArgumentError, ObjectNotFoundError
from runhooks.storage import Store

from ._frame import StoreFrame, sizes

__all__ = ["PathContract"]

REFUSED = (
    "",
    ".",
    "..",
    "../outside",
    "a/../../outside",
    "a/..",
    "a/./b",
    "/absolute",
    "a//b",
    "a/",
    "back\\slash",
    "nul\0",
    "line\nfeed",
    "C:/drive",
    "surrogate\udc80",
    "a/.runhooks-tmp-1",
    "a?versionId=1",
)
STRANGE = (
    "a b.txt",
    "ü/日本.json",
    "100%.txt",
    "%2e%2e/x",
    "run-*",
    "what?",
    "[ab]",
    "{a,b}",
    "x#1",
    "a+b&c=d",
    "it's",
    "~",
    "...",
    ".hidden",
    "ab:c@d",
    "-",
    "COM.parquet",
)


class PathContract(StoreFrame):
    """Tests of which paths a store takes, and of who may share it."""

    def test_a_path_that_could_lead_elsewhere_is_refused(self, store: Store) -> None:
        """By every method, before anything happens."""
        store.write("kept", b"x")
        for path in REFUSED:
            # The empty prefix, and a slash at its end, are right for a folder.
            prefix = {"": "..", "a/": "a//"}.get(path, path)
            for call in _calls(store, path, prefix):
                with pytest.raises(ArgumentError):
                    call()
        assert set(sizes(store, "")) == {"kept"}

    def test_a_strange_path_is_a_path(self, store: Store) -> None:
        """Written, found, read and deleted under exactly its name."""
        for path in [*STRANGE, *(f"folder/{name}" for name in STRANGE)]:
            store.write(path, b"xy")
            assert self.raw_read(store, path) == b"xy"
            assert store.read(path, 1) == b"y"
            assert sizes(store, "") == {path: 2}
            assert store.create(path, b"z") is False
            store.delete(path)
            assert sizes(store, "") == {}

    def test_a_page_has_an_address(self, store: Store) -> None:
        """Which ends in the path, quoted, and has a scheme."""
        for path in ("a/index.html", "ü b/100%.html"):
            address = store.page_url(path)
            assert urlsplit(address).scheme
            assert address.endswith("/" + quote(path))

    # Sharing

    def test_threads_share_a_store(self, store: Store) -> None:
        """Each finds what it wrote."""

        def work(who: int) -> bool:
            for step in range(5):
                store.write(f"t/{who}/{step}", b"%d" % who)
            return all(store.read(f"t/{who}/{step}") == b"%d" % who for step in range(5))

        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(work, range(8)))
        assert len(sizes(store, "t")) == 40

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
    def test_a_forked_child_uses_the_store(self, store: Store, tmp_path: Path) -> None:
        """Also when the parent has used it, which goes on."""
        store.write("shared", b"parent")
        failed = _in_child(tmp_path, lambda: _expect(store.read("shared") == b"parent"))
        assert not failed, failed
        assert store.read("shared") == b"parent"

    # Secrets

    def test_no_secret_is_shown(self, store: Store) -> None:
        """Neither in the address, nor in the store's text, nor in an error."""
        with pytest.raises(ObjectNotFoundError) as caught:
            store.read("missing")
        shown = f"{store.url} {store!r} {store.page_url('a')} {caught.value}"
        assert not [secret for secret in self.secrets if secret in shown]


def _calls(store: Store, path: str, prefix: str) -> list[Callable[[], object]]:
    """Return a call of each method about `path`."""
    return [
        lambda: store.read(path),
        lambda: store.write(path, b"x"),
        lambda: store.create(path, b"x"),
        lambda: store.delete(path),
        lambda: store.page_url(path),
        lambda: [*store.list(prefix)],
        lambda: [*store.list(prefix, recursive=False)],
    ]


def _expect(fact: bool) -> None:
    assert fact


def _in_child(folder: Path, work: Callable[[], None]) -> str:
    """Do `work` in a forked child; return its traceback."""
    report = folder / "traceback.txt"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forking with threads, which is the point
        pid = os.fork()
    if pid == 0:  # pragma: no cover
        try:
            work()
        except BaseException:  # noqa: BLE001
            report.write_text(traceback.format_exc())
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    return report.read_text() if report.exists() else ""
