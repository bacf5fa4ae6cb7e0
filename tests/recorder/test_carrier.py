"""Large files of a run: sent beside everything else, so that no sign of life waits for them."""

import threading
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from runhooks.errors import StoreError
from runhooks.recorder.carrier import Carrier, facts_of
from runhooks.recorder.recording import Recording
from runhooks.storage import Store, open_store
from tests.faults.check import FOLDER, whole
from tests.faults.rehearsal import ROWS, begin, finish, log, order
from tests.programs import wait_until
from tests.servers.faulty import FaultyProxy, faulty_proxy
from tests.servers.s3 import S3Server, moto_server

LARGE = 20 * 2**20
BIG = "files/big.bin"


@pytest.fixture
def moto(tmp_path: Path) -> Iterator[S3Server]:
    with moto_server(tmp_path) as server:
        yield server


@pytest.fixture
def proxy(moto: S3Server) -> Iterator[FaultyProxy]:
    with faulty_proxy(moto.endpoint) as proxy:
        yield proxy


def test_signs_of_life_are_sent_while_a_large_file_is(
    moto: S3Server, proxy: FaultyProxy, tmp_path: Path
) -> None:
    """A link so slow that the file's first part takes as long as the test wants."""
    url, go = f"s3://{moto.new_bucket()}/runs", threading.Event()
    store: Store = open_store(url, moto.storage_options)

    def slow(_number: int, method: str, path: str) -> str:
        if method in ("PUT", "POST") and BIG in path:
            go.wait(60)
        return ""

    def heartbeat() -> int:
        return int(orjson.loads(store.read(f"{FOLDER}/run.json"))["heartbeat"]["seq"])

    proxy.plan = slow
    journal = begin(tmp_path / "spool")
    recording = Recording(
        order(tmp_path / "spool", url, {**moto.storage_options, "endpoint_url": proxy.endpoint})
    )
    recording.begin()
    (tmp_path / "spool" / FOLDER / "files").mkdir(exist_ok=True)
    (tmp_path / "spool" / FOLDER / BIG).write_bytes(bytes(LARGE))
    seen = []
    for step in range(0, ROWS, 20):
        log(journal, step, step + 20)
        recording._beat_at = recording._sending.due_at = 0.0
        recording.tick()
        seen.append(heartbeat())
    assert seen == sorted(set(seen)), "every beat was there at once"
    assert f"{FOLDER}/{BIG}" not in {entry.path for entry in store.list(FOLDER)}
    assert recording.trouble is None
    finish(journal)
    ending = threading.Thread(target=recording.finish)
    ending.start()
    before, recording._beat_at = heartbeat(), 0.0
    wait_until(lambda: heartbeat() > before)
    go.set()
    ending.join()
    whole(store, ROWS)
    assert store.read(f"{FOLDER}/{BIG}") == bytes(LARGE)
    assert not (tmp_path / "spool" / FOLDER).exists(), "all of it was verified"


def test_a_large_file_that_the_store_refuses_is_said_and_given_again(tmp_path: Path) -> None:
    given = tmp_path / "big"
    given.write_bytes(b"content")
    facts = facts_of(given)
    assert facts is not None
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "in the way").write_bytes(b"")
    carrier = Carrier(open_store(tmp_path / "store"))
    carrier.begin([("in the way/big", given, facts), ("other", given, facts)])
    carrier.wait()
    with pytest.raises(StoreError, match="in the way/big"):
        carrier.check()
    carrier.check()
    assert carrier.sent() == {}, "what waited behind it is given again, too"
    carrier.begin([("gone", tmp_path / "gone", (0, 0)), ("other", given, facts)])
    carrier.wait()
    carrier.check()
    assert carrier.sent() == {"other": facts}


def test_a_file_is_not_taken_for_sent_where_sending_broke_in_an_unforeseen_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "big").write_bytes(b"content")
    store = open_store(tmp_path / "store")
    monkeypatch.setattr(type(store), "write", lambda *_, **__: {}["no such key"])
    carrier = Carrier(store)
    carrier.begin([("big", tmp_path / "big", (0, 0))])
    carrier.wait()
    assert carrier.sent() == {}
    with pytest.raises(StoreError, match="big: KeyError: 'no such key'"):
        carrier.check()
