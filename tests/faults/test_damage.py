"""Journals, documents and whole records that were damaged: readers see a valid prefix, or say so."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runhooks.errors import RecordError, RunhooksError
from runhooks.journal import parse
from runhooks.record.document import from_bytes
from runhooks.record.manifest import Manifest
from runhooks.record.parts import read_part
from runhooks.record.read import history, read_view
from runhooks.site.build import build_run
from runhooks.storage import LocalStore, Store, open_store
from tests.faults.check import FOLDER
from tests.faults.ledger import Ledger
from tests.faults.rehearsal import WRITER, begin, log, play
from tests.record import golden

pytestmark = pytest.mark.faults

TAIL = 4096
MANIFEST = f"{golden.MODEL}/v0.json"


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a finished run, of which tests take copies."""
    root = tmp_path_factory.mktemp("record")
    assert play(root / "spool", str(root / "store"), {})["error"] is None
    return root / "store"


@pytest.fixture(scope="module")
def segment(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The last 4 KB of a journal, from the beginning of a line."""
    root = tmp_path_factory.mktemp("segment")
    journal = begin(root)
    log(journal, 0, 200)
    journal.close()
    data = (root / FOLDER / "journal" / WRITER / "00000000.jsonl").read_bytes()[-TAIL:]
    return data[data.index(b"\n") + 1 :]


def steps(data: bytes) -> list[int]:
    return [event["step"] for event in parse(data) if event.get("type") == "log"]


@pytest.mark.case("Corruption", "a 4 KB journal tail is cut after each byte")
def test_a_cut_journal_is_a_prefix(segment: bytes, ledger: Ledger) -> None:
    whole = steps(segment)
    for end in range(len(segment) + 1):
        with ledger.attempt(end):
            found = steps(segment[:end])
            assert found == whole[: len(found)]
            assert len(found) == segment[:end].count(b"\n")
    ledger.figure = f"{len(whole)} rows; every cut leaves exactly the whole lines"


@pytest.mark.case("Corruption", "each byte of a 4 KB journal tail is flipped")
def test_a_flipped_byte_costs_its_own_line_only(segment: bytes, ledger: Ledger) -> None:
    whole, random, most = steps(segment), ledger.random, 0
    for at in range(len(segment)):
        with ledger.attempt(at):
            damaged = bytearray(segment)
            damaged[at] ^= random.randrange(1, 256)
            found = steps(bytes(damaged))
            assert set(found) <= set(whole), "a wrong value was read"
            most = max(most, len(whole) - len(found))
            assert len(whole) - len(found) <= 2
    ledger.figure = f"no wrong value; at most {most} rows lost by a byte"


def damaged(data: bytes, ledger: Ledger, many: range) -> Iterator[tuple[int, bytes]]:
    """Yield copies with a byte flipped, and copies that are cut."""
    random = ledger.random
    for n in many:
        at = random.randrange(len(data))
        flipped = bytearray(data)
        flipped[at] ^= random.randrange(1, 256)
        yield n, bytes(flipped) if n % 2 else data[:at]


@pytest.mark.parametrize(
    ("path", "read"),
    [
        pytest.param(path, read, marks=pytest.mark.case("Corruption", name))
        for name, path, read in (
            ("a run document is damaged", f"{FOLDER}/run.json", from_bytes),
            (
                "a Parquet part is damaged",
                f"{FOLDER}/history/{WRITER}-00000000.parquet",
                lambda data: [*read_part(data, "part")],
            ),
            ("an artifact's manifest is damaged", MANIFEST, Manifest.from_bytes),
        )
    ],
)
def test_a_damaged_object_is_an_error_of_its_own_or_read(
    record: Path, ledger: Ledger, path: str, read: Callable[[bytes], object]
) -> None:
    place = golden.FOLDER / "format-1" if path == MANIFEST else record
    data, refused = (place / path).read_bytes(), 0
    for n, broken in damaged(data, ledger, ledger.tries(200, 2000)):
        with ledger.attempt(n):
            try:
                read(broken)
            except RecordError:
                refused += 1
    ledger.figure = f"{refused} refused by a RecordError, the others still readable"


@pytest.mark.case("Corruption", "objects of a record are missing, empty, foreign or of another run")
def test_a_record_with_wrong_objects_is_read_or_refused(record: Path, ledger: Ledger, tmp_path: Path) -> None:
    paths = [entry.path for entry in open_store(record).list(FOLDER)]
    wrongs: dict[str, Callable[[Path], object]] = {
        "missing": Path.unlink,
        "empty": lambda file: file.write_bytes(b""),
        "foreign": lambda file: file.write_bytes(os.urandom(300)),
        "another": lambda file: file.write_text('{"format": 1, "id": "other"}'),
        "a folder": lambda file: (file.unlink(), file.mkdir()),
    }
    refused = 0
    for number, path in enumerate(paths):
        for name, wrong in wrongs.items():
            with ledger.attempt((path, name)):
                store = _copy(record, tmp_path / f"{number}-{name}")
                wrong(store.root / path)
                refused += _is_refused(store)
    ledger.figure = f"{len(paths)} objects in {len(wrongs)} ways; {refused} refused by a typed error"


def _copy(record: Path, to: Path) -> LocalStore:
    to.mkdir()
    for entry in open_store(record).list():
        (to / entry.path).parent.mkdir(parents=True, exist_ok=True)
        (to / entry.path).write_bytes((record / entry.path).read_bytes())
    return LocalStore(to, durable=False)


def _is_refused(store: Store) -> bool:
    """Read and render a run; nothing but a typed error may come of it."""
    try:
        read_view(store, FOLDER)
        [*history(store, FOLDER)]
        build_run(store, FOLDER)
    except RunhooksError:
        return True
    return False
