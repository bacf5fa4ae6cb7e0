import io
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from runhooks.errors import (
    ArgumentError,
    ObjectNotFoundError,
    StoreError,
    StoreNotFoundError,
    StorePermissionError,
)
from runhooks.storage import LocalStore, Store
from runhooks.storage._local import _create_without_links
from runhooks.storage._paths import TEMPORARY
from runhooks.testing import StoreContract


class TestLocalStore(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Store:
        (tmp_path / "store").mkdir()
        return LocalStore(tmp_path / "store")

    def raw_read(self, store: Store, path: str) -> bytes | None:
        assert store.root is not None
        file = store.root / path
        return file.read_bytes() if file.is_file() else None

    def raw_write(self, store: Store, path: str, data: bytes) -> None:
        assert store.root is not None
        (store.root / path).parent.mkdir(parents=True, exist_ok=True)
        (store.root / path).write_bytes(data)


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "store")


def files(folder: Path) -> set[str]:
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if not file.is_dir()}


def python(script: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_a_folder_that_is_not_there_is_no_store_until_something_is_written(store: LocalStore) -> None:
    for call in (lambda: store.read("a"), lambda: [*store.list()], lambda: [*store.list("a")]):
        with pytest.raises(StoreNotFoundError, match="there is no store at"):
            call()
    store.delete("a")
    assert not store.root.exists()
    store.write("a/b", b"x")
    assert files(store.root) == {"a/b"}


def test_a_store_stays_where_it_was_when_the_working_directory_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store = LocalStore("runs/../kept")
    monkeypatch.chdir("/")
    store.write("a", b"x")
    assert store.root == tmp_path / "kept"
    assert files(tmp_path) == {"kept/a"}


@pytest.mark.parametrize("root", ["", "a\0b", b"bytes"])
def test_a_store_needs_the_path_of_a_folder(root: str) -> None:
    with pytest.raises(ArgumentError):
        LocalStore(root)


def test_a_link_out_of_the_store_is_refused(store: LocalStore, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    store.write("kept", b"x")
    (store.root / "folder").symlink_to(outside)
    (store.root / "file").symlink_to(outside / "secret")
    calls: list[Callable[[], object]] = [
        lambda: store.read("folder/secret"),
        lambda: store.read("file"),
        lambda: store.write("folder/new", b"x"),
        lambda: store.create("folder/new", b"x"),
        lambda: store.delete("folder/secret"),
        lambda: [*store.list("folder")],
    ]
    for call in calls:
        with pytest.raises(ArgumentError, match="symbolic link"):
            call()
    assert [entry.path for entry in store.list()] == ["kept"]
    assert files(outside) == {"secret"}


def test_a_write_replaces_a_link_and_leaves_what_it_points_to(store: LocalStore, tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("kept")
    store.write("kept", b"x")
    for verb in (lambda: store.write("a", b"new"), lambda: store.delete("a")):
        (store.root / "a").unlink(missing_ok=True)
        (store.root / "a").symlink_to(tmp_path / "outside")
        verb()
        assert not (store.root / "a").is_symlink()
    assert (tmp_path / "outside").read_text() == "kept"


def test_the_store_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "runs").symlink_to(tmp_path / "disk")
    store = LocalStore(tmp_path / "runs")
    store.write("a/b", b"x")
    assert store.read("a/b") == b"x"
    assert files(tmp_path / "disk") == {"a/b"}


def test_links_fifos_and_loops_are_not_listed(store: LocalStore) -> None:
    store.write("a/b", b"x")
    (store.root / "a/loop").symlink_to(store.root)
    os.mkfifo(store.root / "a/fifo")
    assert [entry.path for entry in store.list()] == ["a/b"]


def test_names_that_no_path_may_have_are_not_listed(store: LocalStore) -> None:
    store.write("a", b"x")
    for name in (TEMPORARY + "1", "line\nfeed", "back\\slash", "\udc80"):
        (store.root / name).write_text("")
    assert [entry.path for entry in store.list()] == ["a"]


def test_a_new_object_has_the_mode_of_any_new_file(store: LocalStore) -> None:
    umask = os.umask(0o027)
    try:
        store.write("a", b"x")
        store.create("b", b"x")
    finally:
        os.umask(umask)
    assert {stat.S_IMODE((store.root / name).stat().st_mode) for name in "ab"} == {0o640}


def test_a_write_that_fails_leaves_the_old_object_and_nothing_else(store: LocalStore) -> None:
    """A limit on the size of files stands for a full disk."""
    store.write("a", b"old")
    script = """if 1:
        import resource, sys
        from runhooks.errors import StoreError
        from runhooks.storage import LocalStore
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        store = LocalStore(sys.argv[1])
        for call in (store.write, store.create):
            for path in ("a", "new/b"):
                try:
                    print(call(path, bytes(5000)))
                except StoreError as error:
                    print(error.errno)
    """
    with python(script, store.root) as child:
        output, _ = child.communicate(timeout=60)
    assert output.split() == ["27", "27", "False", "27"]
    assert files(store.root) == {"a"}
    assert store.read("a") == b"old"


@pytest.mark.skipif(not Path("/sys/kernel").exists(), reason="this system has no /sys")
def test_a_place_that_may_not_be_written_says_so() -> None:
    with pytest.raises(StorePermissionError, match="not allowed to write a in the store /sys/runhooks"):
        LocalStore("/sys/runhooks").write("a", b"x")


def test_a_file_where_a_folder_should_be_says_so(store: LocalStore) -> None:
    store.write("a", b"x")
    for call in (lambda: store.write("a/b", b"x"), lambda: store.create("a/b", b"x")):
        with pytest.raises(StoreError, match=r"could not \w+ a/b"):
            call()
    store.write("folder/b", b"x")
    with pytest.raises(StoreError, match="could not write folder"):
        store.write("folder", b"x")
    assert files(store.root) == {"a", "folder/b"}


def test_a_killed_writer_leaves_a_whole_object(store: LocalStore) -> None:
    script = """if 1:
        import sys
        from runhooks.storage import LocalStore
        store = LocalStore(sys.argv[1])
        print("ready", flush=True)
        while True:
            for letter in b"ab":
                store.write("a", bytes([letter]) * 300_000)
    """
    store.write("a", b"b" * 300_000)
    for attempt in range(8):
        with python(script, store.root) as child:
            assert child.stdout is not None
            child.stdout.readline()
            time.sleep(attempt * 0.003)
            child.send_signal(signal.SIGKILL)
        assert store.read("a") in {b"a" * 300_000, b"b" * 300_000}
        assert [entry.path for entry in store.list()] == ["a"]


def test_a_folder_deleted_under_a_writer_is_made_again(store: LocalStore) -> None:
    def write(who: int) -> None:
        for _ in range(100):
            store.write(f"a/b/{who}", b"x")
            store.delete(f"a/b/{who}")

    with ThreadPoolExecutor(4) as pool:
        assert [*pool.map(write, range(4))] == [None] * 4
    assert files(store.root) == set()


def test_of_many_processes_one_creates(store: LocalStore) -> None:
    script = """if 1:
        import sys
        from runhooks.storage import LocalStore
        store = LocalStore(sys.argv[1])
        print("ready", flush=True)
        print(sum(store.create(f"race/{n}", sys.argv[2].encode() * 1000) for n in range(200)))
    """
    children = [python(script, store.root, who) for who in range(4)]
    won = [int(child.communicate(timeout=60)[0].split()[1]) for child in children]
    assert sum(won) == 200
    for who, count in enumerate(won):
        assert sum(store.read(f"race/{n}") == b"%d" % who * 1000 for n in range(200)) == count


def test_where_the_file_system_has_no_hard_links_a_file_is_created_all_the_same(tmp_path: Path) -> None:
    assert _create_without_links(tmp_path / "a", io.BytesIO(b"one"), durable=True) is True
    assert _create_without_links(tmp_path / "a", io.BytesIO(b"two"), durable=True) is False
    assert (tmp_path / "a").read_bytes() == b"one"


def test_a_folder_is_no_object(store: LocalStore) -> None:
    store.write("a/b", b"x")
    with pytest.raises(ObjectNotFoundError):
        store.read("a")
    assert store.create("a", b"x") is False


def test_a_local_store_needs_no_fsspec(tmp_path: Path) -> None:
    script = """if 1:
        import sys
        from runhooks.storage import open_store
        open_store(sys.argv[1]).write("a", b"x")
        print(sorted({"fsspec", "numpy", "pyarrow", "asyncio", "uuid"} & set(sys.modules)))
    """
    with python(script, tmp_path) as child:
        assert child.communicate(timeout=60)[0].strip() == "[]"
