"""What a run's recorder takes in of secondary writers: from failing stores, and documents that lie."""

import json
from pathlib import Path
from typing import Any

import pytest

from runhooks.errors import StoreUnreachableError
from runhooks.journal import Journal
from runhooks.record.secondary import Secondary, secondary_path
from runhooks.record.view import RunView
from runhooks.recorder.compaction import Compaction
from runhooks.recorder.others import Others
from runhooks.recorder.system.keeping import SystemMetrics
from runhooks.storage import LocalStore

FOLDER = "default/p/runs/mine"
WRITER, OTHER = "20261123T060102123456-s1-00000a", "20261123T060102123456-s2-00000b"


@pytest.fixture
def view() -> RunView:
    return RunView(id="mine", entity="default", project="p", name="n", created_at=1)


@pytest.fixture
def others(tmp_path: Path, view: RunView) -> Others:
    for writer in (WRITER, OTHER):
        journal = Journal(tmp_path / FOLDER / "journal", writer)
        journal.event("log", step=7, data={writer[-1]: 0.5})
        journal.close()
        size = (tmp_path / FOLDER / f"journal/{writer}/00000000.jsonl").stat().st_size
        told = Secondary(
            writer, "node", None, 1, "finished", holds={f"journal/{writer}/00000000.jsonl": size}
        )
        LocalStore(tmp_path).write(secondary_path(FOLDER, writer), told.to_bytes())
    store = LocalStore(tmp_path)
    system = SystemMetrics(store, FOLDER, tmp_path, None)
    return Others(store, view, FOLDER, Compaction(store, FOLDER), system)


def test_a_store_that_fails_for_a_moment_costs_no_row_of_a_writer_that_has_ended(
    others: Others, view: RunView, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = LocalStore.read

    def fails(self: LocalStore, path: str, *given: Any, **named: Any) -> bytes:
        if "/journal/" in path:
            raise StoreUnreachableError("away")
        return read(self, path, *given, **named)

    with monkeypatch.context() as away:
        away.setattr(LocalStore, "read", fails)
        with pytest.raises(StoreUnreachableError):
            others.take()
    assert others.take()

    assert view.summary == {"a": 0.5, "b": 0.5}
    assert not others.take()


@pytest.mark.parametrize(
    "lie",
    [
        {"writer": "../../../other"},
        {"writer": OTHER},
        {"state": "odd"},
        {"started_at": "soon"},
        {"artifacts": [1]},
        {"holds": {"journal/x": 1}},
        {"holds": {"journal/x/last.jsonl": 1}},
        {"holds": {"journal/../00000000.jsonl": 1}},
        {"holds": {"system": 1}},
        {"holds": {f"journal/{WRITER}/00000000.jsonl": -1}},
    ],
    ids=str,
)
def test_a_document_that_cannot_be_true_is_passed_over_and_the_others_are_taken(
    others: Others, view: RunView, tmp_path: Path, lie: dict[str, Any]
) -> None:
    file = tmp_path / secondary_path(FOLDER, WRITER)
    file.write_text(json.dumps({**json.loads(file.read_bytes()), **lie}))

    assert others.take()

    assert view.summary == {"b": 0.5}
    assert list(view.others) == [OTHER]
