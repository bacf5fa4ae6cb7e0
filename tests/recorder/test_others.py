"""What a run's recorder takes in of secondary writers: from failing stores, and documents that lie."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from runhooks.errors import StoreUnreachableError
from runhooks.journal import Journal, segment_name
from runhooks.record.columns import Column
from runhooks.record.parts import Part, Rows
from runhooks.record.paths import part_name
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


@contextmanager
def away(monkeypatch: pytest.MonkeyPatch, part: str) -> Iterator[None]:
    """Have what has this part in its path be out of reach."""
    read = LocalStore.read

    def fails(self: LocalStore, path: str, *given: Any, **named: Any) -> bytes:
        if part in path:
            raise StoreUnreachableError("away")
        return read(self, path, *given, **named)

    with monkeypatch.context() as patch:
        patch.setattr(LocalStore, "read", fails)
        yield


def test_a_store_that_fails_for_a_moment_costs_no_row_of_a_writer_that_has_ended(
    others: Others, view: RunView, monkeypatch: pytest.MonkeyPatch
) -> None:
    with away(monkeypatch, "/journal/"), pytest.raises(StoreUnreachableError):
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


def test_a_writer_is_not_taken_for_dead_because_the_store_was(
    others: Others, view: RunView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr("runhooks.recorder.others.monotonic", lambda: now)
    LocalStore(tmp_path).write(
        secondary_path(FOLDER, WRITER), Secondary(WRITER, "node", None, 1, "running").to_bytes()
    )
    others.take()
    assert others.living() == [WRITER]
    now += 3600  # the store did not answer, to nobody
    assert others.living() == [], "nothing is known of it, and nobody waits for it"
    assert not others.take()
    assert view.others[WRITER]["state"] == "running"
    assert others.living() == [WRITER]
    for _ in range(4):
        now += 40
        others.take()
    assert (view.others[WRITER]["state"], view.others[WRITER]["reason"]) == (
        "crashed", "no sign of life from it",
    )  # fmt: skip
    assert others.living() == []


def test_rows_that_an_earlier_recorder_took_in_are_drawn_once_though_the_store_fails_meanwhile(
    view: RunView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, own = LocalStore(tmp_path / "store"), LocalStore(tmp_path / "own")
    (tmp_path / "own").mkdir()
    journal = Journal(tmp_path / "store" / FOLDER / "journal", WRITER, segment_bytes=1)
    for step in range(3):
        journal.event("log", step=step, data={"a": 0.5})
    journal.close()
    part = Part()
    part.add("a", Rows.of(Column([0, 1], [1, 1], [0.5, 0.5], True)))
    store.write(f"{FOLDER}/history/{part_name(WRITER, 0)}", part.to_bytes())
    name = f"journal/{WRITER}/{segment_name(2)}"
    held = (tmp_path / "store" / FOLDER / name).stat().st_size
    told = Secondary(WRITER, "node", None, 1, "running", holds={name: held})
    store.write(secondary_path(FOLDER, WRITER), told.to_bytes())
    view.applied[WRITER] = [2, held]
    system = SystemMetrics(own, FOLDER, tmp_path / "own", None)
    others = Others(store, view, FOLDER, compaction := Compaction(own, FOLDER), system)
    with away(monkeypatch, name), pytest.raises(StoreUnreachableError):
        others.take()
    others.take()
    assert compaction.series["a"].step.tolist() == [0, 1, 2]
    assert compaction.series["a"].count.tolist() == [1, 1, 1]
