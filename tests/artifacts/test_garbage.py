"""`gc` beside an upload that reuses content which it is about to delete: at every step of either."""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runhooks.record import blobs, claims
from runhooks.record.blobs import Source, put_blobs
from runhooks.record.claims import release
from runhooks.record.downloads import verify_blobs
from runhooks.record.garbage import sweep
from runhooks.record.manifest import ArtifactPath, FileEntry, Manifest, digest_of
from runhooks.record.versions import create_version, read_manifest
from runhooks.storage import LocalStore

DAY = 86400.0
PATH = ArtifactPath("e", "p", "data", "v0")
CONTENT = {"small": b"small", "large": bytes(100)}
_CALLS = frozenset({"read", "write", "create", "list", "delete", "now"})


class Interrupted:
    """A store that does something else just before its n-th call."""

    def __init__(self, store: LocalStore, number: int, act: Callable[[], None]) -> None:
        self.calls = 0
        self._store = store
        self._number = number
        self._act = act

    def __getattr__(self, name: str) -> Any:
        if name in _CALLS:
            self.calls += 1
            if self.calls == self._number:
                self._act()
        return getattr(self._store, name)


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Source]:
    monkeypatch.setattr(blobs, "CHUNK", 10)  # what is larger is sent in another way
    found = {}
    for name, content in CONTENT.items():
        file = tmp_path / name
        file.write_bytes(content)
        found[name] = Source(file, name, len(content), file.stat().st_mtime_ns)
    return found


def with_orphans(folder: Path, sources: dict[str, Source]) -> LocalStore:
    """Return a store that holds the content, old, and no manifest."""
    store = LocalStore(folder, durable=False)
    put_blobs(store, "e/p", sources, "broken-off")
    for blob in folder.rglob("sha256/*/*"):
        os.utime(blob, (0, 0))
    return store


def upload(store: Any, sources: dict[str, Source]) -> None:
    entries: dict[str, FileEntry] = put_blobs(store, "e/p", sources, "order")
    facts = {"created_at": 0, "made_by": "e/p/runs/r", "order": "order"}
    create_version(store, PATH, Manifest("data", "t", "v0", digest_of(entries), entries, **facts))
    release(store, "e/p", "order")


def check(store: LocalStore) -> None:
    assert verify_blobs(store, "e/p", read_manifest(store, PATH).entries) == []
    assert not list(store.list("e/p/blobs/claims"))
    assert not list(store.list("e/p/blobs/sweeps"))


def test_a_sweep_at_any_step_of_an_upload_costs_it_nothing(
    tmp_path: Path, sources: dict[str, Source]
) -> None:
    number, calls = 1, 1
    while number <= calls:
        plain = with_orphans(tmp_path / f"store-{number}", sources)
        store = Interrupted(plain, number, lambda plain=plain: sweep(plain, "e/p", DAY, dry_run=False))
        upload(store, sources)
        check(plain)
        number, calls = number + 1, store.calls
    assert calls > 8


def test_an_upload_at_any_step_of_a_sweep_loses_nothing(
    tmp_path: Path, sources: dict[str, Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = threading.Event()
    resumed = threading.Event()

    def pause(_: float) -> None:
        waits.set()
        resumed.wait(10)

    monkeypatch.setattr(claims, "sleep", pause)
    number, calls, waited, deleted = 1, 1, 0, 0
    while number <= calls:
        waits.clear()
        resumed.clear()
        plain = with_orphans(tmp_path / f"store-{number}", sources)
        work = threading.Thread(target=lambda plain=plain: (upload(plain, sources), waits.set()))

        def act(work: threading.Thread = work) -> None:
            work.start()
            assert waits.wait(30)

        store = Interrupted(plain, number, act)
        deleted += len(sweep(store, "e/p", DAY, dry_run=False).unnamed)
        waited += work.is_alive()
        resumed.set()
        work.join(30)
        check(plain)
        number, calls = number + 1, store.calls
    assert waited > 0
    assert deleted > 0


def test_what_an_upload_left_that_nobody_finished_goes_in_the_end(
    tmp_path: Path, sources: dict[str, Source]
) -> None:
    store = with_orphans(tmp_path / "store", sources)
    put_blobs(store, "e/p", sources, "dies here")
    assert sweep(store, "e/p", DAY, dry_run=False).kept == len(CONTENT)
    (left,) = store.list("e/p/blobs/claims")
    os.utime(tmp_path / "store" / left.path, (0, 0))
    assert len(sweep(store, "e/p", DAY, dry_run=False).unnamed) == len(CONTENT)
