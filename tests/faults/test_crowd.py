"""Many at once: writers of one project, openers of one id, and a reader beside them."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from runhooks import Api
from runhooks.errors import ObjectNotFoundError
from runhooks.storage import open_store
from tests.faults.check import FOLDER, belongs, parse_object, rows
from tests.faults.ledger import LONG, Ledger
from tests.faults.rehearsal import ROWS, play
from tests.servers.s3 import S3Server

pytestmark = [pytest.mark.faults, pytest.mark.slow]


@pytest.mark.case("Concurrency", "parallel runs into one project of one S3 store, while a reader polls")
def test_runs_of_one_project_are_all_listed_and_whole(moto: S3Server, tmp_path: Path, ledger: Ledger) -> None:
    url, options = f"s3://{moto.new_bucket()}/runs", moto.storage_options
    ids = [f"run{n}" for n in range(50 if LONG else 6)]
    over, seen = threading.Event(), 0
    with ThreadPoolExecutor(7) as pool:
        reader = pool.submit(_poll, url, moto, over)
        answers = list(pool.map(lambda id: play(tmp_path / id, url, options, id), ids))
        over.set()
        seen = reader.result()
    store = open_store(url, options)
    for id, answer in zip(ids, answers, strict=True):
        with ledger.attempt(id):
            assert answer["error"] is None
            folder = FOLDER.replace("mine", id)
            assert len(rows(store, folder)["loss"]) == ROWS
            for entry in store.list(folder):
                parse_object(entry.path, store.read(entry.path))
                assert belongs(entry.path, folder)
    assert sorted(run.id for run in Api(url, options).runs("p")) == sorted(ids)
    ledger.figure = f"all listed, all whole; the reader read {seen} objects, none torn"


def _poll(url: str, moto: S3Server, over: threading.Event) -> int:
    """Read every object again and again until it is over; return how many were read."""
    store, count = open_store(url, moto.storage_options), 0
    while not over.is_set():
        for entry in store.list():
            try:
                parse_object(entry.path, store.read(entry.path))
            except ObjectNotFoundError:
                continue  # compacted between listing and reading
            count += 1
    return count
