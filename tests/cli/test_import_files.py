"""`runhooks import` of tables and of what is broken: nothing is half done, and the place is named."""

import io
import json
import math
import os
import sqlite3
import struct
import tracemalloc
import zlib
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from runhooks import Api
from runhooks.errors import StoreError
from runhooks.importing.imported import Imported, Logged, write_imported
from runhooks.importing.wandb_log import records
from runhooks.record.console import read_console
from runhooks.record.files import parse_listing
from runhooks.record.paths import RunPath
from runhooks.storage import LocalStore
from tests.cli.conftest import Command

START = struct.pack("<4sHB", b":W&B", 0xBEE1, 0)


def framed(*records: bytes) -> bytes:
    """Return a `.wandb` file of short records."""
    return START + b"".join(piece(1, record) for record in records)


def piece(kind: int, data: bytes) -> bytes:
    """Return a piece of a record: all of it (1), its first (2), middle (3) or last (4)."""
    return struct.pack("<IHB", zlib.crc32(bytes([kind]) + data), len(data), kind) + data


LOSS = b"\x12\x1d\n\x15\n\x04loss\x82\x01\x0c0.1234567890\x12\x04\x08\x05\x18\x00"


def test_a_csv_file_has_its_rows(command: Command, here: Path) -> None:
    (here / "table.csv").write_text(
        "step,timestamp,loss,word,flag,big\n"
        f"0,1763877662,0.1,x,true,{2**60 + 1}\n"
        "10,2025-11-23T06:01:03,nan,,false,\n"
        "5,1763877664.5,1e-300,=1+1,,3\n"
    )

    done = command("import", "table.csv", "digits", "--json")

    run = Api().run("digits/table")
    rows: list[dict[str, Any]] = list(run.scan_history())
    times = [row.pop("_time").timestamp() for row in rows]
    assert done.json == {
        "imported": [{"path": "default/digits/table", "rows": 3, "left_out": {}}],
        "failed": {},
    }
    assert math.isnan(rows[2].pop("loss"))
    assert rows == [
        {"_step": 0, "loss": 0.1, "word": "x", "flag": True, "big": 2**60 + 1},
        {"_step": 5, "loss": 1e-300, "word": "=1+1", "big": 3.0},
        {"_step": 10, "flag": False},
    ]
    assert times == [1763877662.0, 1763877664.5, 1763877663.0]
    assert command("verify").code == 0
    assert command("export", "digits/table", "--csv", "again.csv").code == 0


def fake_neptune_export(folder: Path) -> None:
    """Write files in the layout that neptune-exporter's README tells; the program needs an account."""
    at = datetime(2025, 11, 23, 6, 1, 2, tzinfo=UTC)
    schema = pa.schema(
        [
            ("project_id", pa.string()),
            ("run_id", pa.string()),
            ("attribute_path", pa.string()),
            ("attribute_type", pa.string()),
            ("step", pa.decimal128(18, 6)),
            ("timestamp", pa.timestamp("ms", "UTC")),
            ("int_value", pa.int64()),
            ("float_value", pa.float64()),
            ("string_value", pa.string()),
            ("bool_value", pa.bool_()),
            ("datetime_value", pa.timestamp("ms", "UTC")),
            ("string_set_value", pa.list_(pa.string())),
            ("file_value", pa.struct([("path", pa.string())])),
            (
                "histogram_value",
                pa.struct(
                    [
                        ("type", pa.string()),
                        ("edges", pa.list_(pa.float64())),
                        ("values", pa.list_(pa.float64())),
                    ]
                ),
            ),
        ]
    )

    def row(path: str, kind: str, step: float | None = None, **value: Any) -> dict[str, Any]:
        where = {
            "project_id": "team/digits",
            "run_id": "RUN-1",
            "attribute_path": path,
            "attribute_type": kind,
        }
        return (
            where
            | {
                "step": None if step is None else Decimal(str(step)),
                "timestamp": None if step is None else at,
            }
            | value
        )

    first = [
        row("sys/name", "string", string_value="calm"),
        row("sys/tags", "string_set", string_set_value=["b", "a"]),
        row("sys/creation_time", "datetime", datetime_value=at),
        row("sys/failed", "bool", bool_value=True),
        row("lr", "float", float_value=0.1),
        row("depth", "int", int_value=3),
        row("when", "datetime", datetime_value=at),
        *(row("val/loss", "float_series", step, float_value=1 / (step + 1)) for step in (0, 0.5, 2)),
    ]
    second = [
        row("words", "string_series", 1, string_value="x"),
        row("weights", "file", file_value={"path": "w.bin"}),
        row(
            "spread",
            "histogram_series",
            1,
            histogram_value={"type": "COUNTING", "edges": [0.0, 1.0, 2.0], "values": [3.0, 4.0]},
        ),
    ]
    (folder / "team_digits-abc").mkdir(parents=True)
    for number, rows in enumerate((first, second)):
        pq.write_table(
            pa.Table.from_pylist(rows, schema), folder / f"team_digits-abc/RUN-1_part_{number}.parquet"
        )


def test_a_neptune_export_has_its_attributes(command: Command, here: Path) -> None:
    fake_neptune_export(here / "exports")

    done = command("import", "exports", "digits", "--json")

    assert done.json["imported"] == [{"path": "default/digits/RUN-1", "rows": 5, "left_out": {"files": 1}}]
    run = Api().run("digits/RUN-1")
    rows = {row.pop("_step"): row for row in run.scan_history()}
    assert all(row.pop("_time") == datetime(2025, 11, 23, 6, 1, 2, tzinfo=UTC) for row in rows.values())
    assert rows == {
        0: {"val/loss": 1.0},
        5: {"val/loss": 1 / 1.5},
        10: {"words": "x", "spread": {"kind": "histogram", "counts": [3.0, 4.0], "edges": [0.0, 1.0, 2.0]}},
        20: {"val/loss": 1 / 3},
    }
    assert run.config == {
        "lr": 0.1, "depth": 3, "when": "2025-11-23T06:01:02+00:00", "neptune/step_multiplier": 10,
    }  # fmt: skip
    assert (run.name, run.tags, run.state) == ("calm", ["a", "b"], "failed")


def test_a_wandb_file_that_was_cut_off_is_read_as_far_as_it_goes(command: Command, here: Path) -> None:
    whole = framed(LOSS, LOSS.replace(b"\x08\x05", b"\x08\x06"))
    for cut in (1, 5, 20):
        (here / f"run-cut{cut}.wandb").write_bytes(whole[:-cut])

        assert command("import", f"run-cut{cut}.wandb", "digits").code == 0
        run = Api().run(f"digits/cut{cut}")
        assert [(row["_step"], row["loss"]) for row in run.scan_history()] == [(5, 0.123456789)]
        assert run.state == "crashed"


def test_a_wandb_record_may_begin_at_the_last_seven_bytes_of_a_block(command: Command, here: Path) -> None:
    filler = b"\xa2\x06\xe6\xff\x01" + bytes(32742)  # a field that nobody knows, up to there
    (here / "run-edge.wandb").write_bytes(START + piece(1, filler) + piece(2, b"") + piece(4, LOSS))

    done = command("import", "run-edge.wandb", "digits")

    assert (done.code, done.err) == (0, "")
    assert [row["loss"] for row in Api().run("digits/edge").scan_history()] == [0.123456789]


def test_a_wandb_file_is_read_without_being_in_memory_whole(here: Path) -> None:
    filler = piece(1, bytes(32768 - 7))
    with (here / "run-large.wandb").open("wb") as file:
        file.write(START + piece(1, bytes(32768 - 7 - 7)))
        for _ in range(1000):  # 32 MB
            file.write(filler)
    tracemalloc.start()
    try:
        found = sum(len(record) for record in records(here / "run-large.wandb"))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert found == 1001 * (32768 - 7) - 7
    assert peak < 2 * 2**20, f"{peak:,} bytes of memory"


def test_the_place_of_a_fault_far_into_a_wandb_file_is_told(command: Command, here: Path) -> None:
    first, block = (sized(b"\xa2\x06", bytes(32768 - 7 - 5 - less)) for less in (7, 0))
    whole = START + piece(1, first) + piece(1, block) * 3  # of fields that nobody knows
    at = 2 * 32768
    (here / "run-bad.wandb").write_bytes(whole[: at + 100] + b"x" + whole[at + 101 :])
    (here / "run-kind.wandb").write_bytes(whole[:at] + piece(4, LOSS))

    told = command("import", ".", "digits").err.replace("\n", " ")

    assert f"run-bad.wandb is damaged at byte {at}: its checksum is wrong" in told
    assert f"run-kind.wandb is damaged at byte {at}: a record has no end, or no begin" in told


def folder_of(here: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (here / "folder" / name).parent.mkdir(parents=True, exist_ok=True)
        (here / "folder" / name).write_bytes(content)


def event(record: bytes) -> bytes:
    """Return an event file of one record."""
    return struct.pack("<QI", len(record), 0) + record + bytes(4)


def sized(tag: bytes, content: bytes) -> bytes:
    """Return a field of a protocol buffer, however long."""
    size, left = bytearray(), len(content)
    while left > 127:
        size.append(left & 127 | 128)
        left >>= 7
    return tag + bytes(size) + bytes([left]) + content


def row(key: str, value: bytes) -> bytes:
    """Return W&B's record of a row with one value."""
    item = sized(b"\x0a", key.encode()) + sized(b"\x82\x01", value)
    return sized(b"\x12", sized(b"\x0a", item))


def nested(tag: bytes, depth: int) -> bytes:
    """Return W&B's record of a value that is so deep in mappings."""
    item = sized(b"\x12", b"k") * depth + sized(b"\x82\x01", b"1")
    return sized(tag, sized(b"\x0a", item))


HUGE = b"\x80\x80\x80\x80\x10"  # a number where a text belongs: 2**32
INFINITE = b"\x09" + struct.pack("<d", math.inf) + b"\x2a\x07\x0a\x05\x15" + bytes(4)  # a time, a value
META = b"run_name: x\nstart_time: 1763877662000\nstatus: 3\n"
BROKEN: list[tuple[dict[str, bytes], str]] = [
    ({"a.csv": b"step,loss\nx,1\n"}, "line 2: 'x' is no step"),
    ({"a.csv": b"loss\n1,2\n"}, "line 2: more cells than columns"),
    ({"a.csv": b"loss,loss\n1,2\n"}, "name each column, each once"),
    ({"a.csv": b"step,timestamp,x\n1,soon,2\n"}, "'soon' is no time"),
    ({"a.csv": b"\xff\xfe\x00"}, "is no CSV file"),
    (
        {"events.out.tfevents.1.host": struct.pack("<QI", 4, 0) + b"\xff\xff\xff\xff" + b"0000"},
        "is damaged at byte 0",
    ),
    ({"events.out.tfevents.1.host": b"not an event file at all"}, "is no event file of TensorBoard"),
    ({"1/ab/meta.yaml": b"{", "1/ab/metrics/loss": b""}, "meta.yaml is not what MLflow writes"),
    ({"1/ab/meta.yaml": b"run_name: x\n", "1/ab/metrics/loss": b""}, "meta.yaml is not what MLflow writes"),
    ({"1/ab/meta.yaml": b"\xff", "1/ab/metrics/loss": b""}, "meta.yaml is not what MLflow writes"),
    ({"1/ab/meta.yaml": META, "1/ab/metrics/loss": b"1 2 3\n1 x 4\n"}, "loss, line 2 is no value of MLflow"),
    ({"1/ab/meta.yaml": META, "1/ab/metrics/loss": b"1\n"}, "loss, line 1 is no value of MLflow"),
    ({"run-ab.wandb": b"not a run"}, "run-ab.wandb is no run file of W&B"),
    ({"run-ab.wandb": START[:5]}, "run-ab.wandb is no run file of W&B"),
    ({"run-ab.wandb": framed(LOSS, LOSS).replace(b"0.12", b"0.13", 1)}, "run-ab.wandb is damaged at byte 7"),
    ({"run-ab.wandb": framed(b"\x12\x05abc")}, "run-ab.wandb: record 0 is not what W&B writes"),
    ({"run-ab.wandb": START + struct.pack("<IHB", zlib.crc32(b"\x04x"), 1, 4) + b"x"}, "a record has no end"),
    ({"mlflow.db": b"SQLite format 3\x00 and then nothing of it"}, "mlflow.db is not what MLflow writes"),
    ({"x/RUN-1_part_0.parquet": b"PAR1 no PAR1"}, "RUN-1_part_0.parquet is no Parquet file"),
    ({"a.csv": b"step,loss\n1e300,1\n"}, "row 0 has a step or a time that cannot be one"),
    ({"a.csv": b"timestamp,loss\n1e30,1\n"}, "row 0 has a step or a time that cannot be one"),
    ({"1/ab/meta.yaml": META, "1/ab/metrics/loss": b"9" * 30 + b" 1 0\n"}, "row 0 has a step or a time"),
    ({"1/ab/meta.yaml": META + b"end_time: 1" + b"0" * 30, "1/ab/metrics/loss": b""}, "it began or ended"),
    ({"1/ab/meta.yaml": META + b"status: [1]\n", "1/ab/metrics/loss": b""}, "not what MLflow writes"),
    ({"1/ab/meta.yaml": META + b"start_time: .inf\n", "1/ab/metrics/loss": b""}, "not what MLflow writes"),
    ({"events.out.tfevents.1.host": event(b"\x2a\x03\x0a\x05a")}, "is damaged at byte 0"),
    ({"events.out.tfevents.1.host": event(b"\x2a\x04\x0a\x02\x12\x01")}, "is damaged at byte 0"),
    ({"events.out.tfevents.1.host": event(b"\x2a\x08\x0a\x06\x08" + HUGE)}, "is damaged at byte 0"),
    ({"events.out.tfevents.1.host": event(INFINITE)}, "is damaged at byte 0"),
    ({"run-ab.wandb": framed(row("_timestamp", b"Infinity"))}, "record 0 is not what W&B writes"),
    ({"run-ab.wandb": framed(row("deep", b"[" * 10**4))}, "record 0 is not what W&B writes"),
    ({"run-ab.wandb": framed(b"\x12\x08\x0a\x06\x08" + HUGE)}, "record 0 is not what W&B writes"),
    ({"run-ab.wandb": framed(nested(b"\x1a", 5000))}, "its summary is not what W&B writes"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "told"), BROKEN, ids=lambda case: case if isinstance(case, str) else "")
def test_what_is_broken_is_named_and_nothing_of_it_is_kept(
    command: Command, here: Path, files: dict[str, bytes], told: str
) -> None:
    folder_of(here, files)

    done = command("import", "folder", "digits")

    assert done.code == 1
    assert told in done.err
    assert not (here / "runs/default/digits/runs").exists()


def test_one_broken_run_keeps_no_other_from_coming(command: Command, here: Path) -> None:
    folder_of(here, {"run-good.wandb": framed(LOSS), "run-bad.wandb": b"x", "table.csv": b"loss\n1\n"})

    done = command("import", "folder", "digits", "--json")

    assert done.code == 1
    assert [run["path"] for run in done.json["imported"]] == ["default/digits/good", "default/digits/table"]
    assert list(done.json["failed"]) == ["bad"]


def test_what_cannot_be_read_keeps_no_other_from_coming(
    command: Command, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder_of(here, {
        "run-good.wandb": framed(LOSS),
        "locked/run-lost.wandb": framed(LOSS),
        "1/ab/meta.yaml/is/a/folder": b"", "1/ab/metrics/loss": b"",
        "1/cd/meta.yaml": META, "1/cd/metrics/loss": b"1 2 3\n",
        "x/RUN-1_part_0.parquet": b"PAR1 no PAR1",
        "old.db": b"SQLite format 3\x00 and then nothing of it",
        "table.csv": b"loss\n1\n",
    })  # fmt: skip
    (here / "folder/sick.csv").symlink_to("/proc/self/mem")  # opens, and fails to be read, also for root
    (here / "folder/sick.db").symlink_to("/proc/self/mem")
    scandir = os.scandir

    def locked(path: Any) -> Any:  # root, who runs these tests in a container, may look into any folder
        if os.fspath(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", os.fspath(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", locked)
    done = command("import", "folder", "digits", "--json")

    assert done.code == 1
    assert [run["path"].rpartition("/")[2] for run in done.json["imported"]] == ["cd", "good", "table"]
    assert done.json["failed"] == {
        "folder/locked": "it cannot be read: Permission denied",
        "folder/1/ab/meta.yaml": "it cannot be read: Is a directory",
        "folder/x/RUN-1_part_0.parquet": done.json["failed"]["folder/x/RUN-1_part_0.parquet"],
        "folder/old.db": "folder/old.db is not what MLflow writes: file is not a database",
        "folder/sick.db": "it cannot be read: Input/output error",
        "sick": "a file of it cannot be read: Input/output error",
    }
    lines = command("import", "folder", "again").err.splitlines()
    assert "folder/locked was not imported: it cannot be read: Permission denied" in " ".join(lines)


def test_a_foreign_database_or_folder_is_wrong_use_or_named(command: Command, here: Path) -> None:
    sqlite3.connect(here / "other.db").execute("create table t (x)").connection.close()
    (here / "empty").mkdir()
    (here / "notes.txt").write_text("words")

    assert "no such table: runs" in command("import", "other.db", "digits").err
    for words in (["empty", "digits"], ["nowhere", "digits"], ["empty", "a/b/c"], ["notes.txt", "digits"]):
        assert command("import", *words).code == 2


def test_a_store_that_fails_on_the_way_keeps_nothing(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = LocalStore(here / "runs")
    run = Imported("one", "test", rows=[Logged(step, step, {"loss": 1.0}) for step in range(10)])
    write = LocalStore.write

    def fails(self: LocalStore, path: str, *given: Any, **named: Any) -> None:
        if path.endswith("run.json"):
            raise StoreError("full")
        write(self, path, *given, **named)

    monkeypatch.setattr(LocalStore, "write", fails)
    with pytest.raises(StoreError, match="full"):
        write_imported(store, RunPath("default", "digits", "one"), run)

    assert [path for path in (here / "runs").rglob("*") if path.is_file()] == []


def test_no_credential_of_an_imported_run_reaches_the_store(command: Command, here: Path) -> None:
    secret = "hunter2-canary-0123456789"

    def item(key: str, value: str) -> bytes:  # of a config: `key` and `value_json`
        data = field(1, key.encode()) + field(16, f'"{value}"'.encode())
        return field(1, data)

    config = item("api_key", secret) + item("data", f"https://me:{secret}@host/x") + item("net", "vgg")
    environment = field(6, b"train.py") + field(5, f"--password={secret}".encode())
    run = field(9, f"https://me:{secret}@host".encode()) + field(4, config)
    (here / "run-one.wandb").write_bytes(framed(field(17, run), field(26, environment)))

    assert command("import", "run-one.wandb", "digits").code == 0
    files = [path for path in (here / "runs").rglob("*") if path.is_file()]
    assert [path for path in files if secret.encode() in path.read_bytes()] == []
    assert Api().run("digits/one").config["net"] == "vgg"


def wandb_folder(here: Path, *records: bytes, name: str = "one") -> Path:
    """Make a folder of W&B's with a run of such records and return the folder of its files."""
    folder = here / f"work/wandb/offline-run-1-{name}"
    (folder / "files").mkdir(parents=True)
    (folder / f"run-{name}.wandb").write_bytes(framed(*records))
    return folder / "files"


def saves(path: str) -> bytes:
    """Return W&B's record of a saved file."""
    return field(6, field(1, field(1, path.encode())))


def printed(*pieces: str) -> list[bytes]:
    """Return W&B's records of console output, all of one second."""
    return [field(13, field(2, b"\x08\x01") + sized(b"\x1a", piece.encode())) for piece in pieces]


def test_links_of_a_wandb_folder_lead_nowhere_but_to_what_the_run_saved(command: Command, here: Path) -> None:
    named = ["inside.txt", "hidden.txt", "outside.txt", "gone.txt", "../../../secret", "never.txt"]
    files = wandb_folder(here, *map(saves, named))
    for place in ("work/inside.txt", "work/.netrc", "secret", "work/other.txt"):
        (here / place).write_text(place)
    for link, target in (
        ("inside.txt", "work/inside.txt"), ("hidden.txt", "work/.netrc"), ("outside.txt", "secret"),
        ("gone.txt", "work/gone.txt"), ("unnamed.txt", "work/other.txt"), ("folder", "work"),
    ):  # fmt: skip
        (files / link).symlink_to(here / target)
    (files / "plain.txt").write_text("plain")
    (files / ".dotted").write_text("x")
    os.mkfifo(files / "fifo")

    done = command("import", "work", "digits", "--json")

    run = Api().run("digits/one")
    assert {file.name: file.read() for file in run.files()} == {
        "inside.txt": b"work/inside.txt", "plain.txt": b"plain",
    }  # fmt: skip
    [told] = done.json["imported"]
    assert told["left_out"] == {"saved files": 5, "files passed over": 7}
    listing = parse_listing(run.store.read(f"{run.folder}/files.json"))
    assert {Path(path).name for path in listing.skipped} == {
        "hidden.txt", "outside.txt", "gone.txt", "unnamed.txt", "folder", ".dotted", "fifo",
    }  # fmt: skip
    assert done.code == 0


def test_of_two_sessions_of_wandb_the_later_files_and_all_of_the_console_count(
    command: Command, here: Path
) -> None:
    for number in (1, 2):
        files = wandb_folder(here, *printed(f"line {number}\n"), name=f"{number}")
        (files / "output.log").write_text(f"line {number}\n")
        (files / f"only-{number}.txt").write_text("x")
        (files.parent / f"run-{number}.wandb").rename(files.parent / "run-one.wandb")

    done = command("import", "work", "digits", "--json")

    run = Api().run("digits/one")
    saved = {file.name: file.read() for file in run.files()}
    assert saved == {"output.log": b"line 2\n", "only-1.txt": b"x", "only-2.txt": b"x"}
    console = read_console(run.store, run.folder)
    assert console is not None
    assert [text for text, _ in console[1]] == ["line 1", "line 2"]
    assert done.json["imported"][0]["left_out"] == {"files replaced by later ones": 1}


def test_files_beside_a_wandb_file_that_was_moved_are_not_taken_for_its_own(
    command: Command, here: Path
) -> None:
    folder_of(here, {"run-one.wandb": framed(LOSS), "run-two.wandb": framed(LOSS), "files/mine.txt": b"x"})

    done = command("import", "folder", "digits", "--json")

    assert [run["left_out"] for run in done.json["imported"]] == [{"files passed over": 1}] * 2
    run = Api().run("digits/one")
    assert list(run.files()) == []
    assert list(parse_listing(run.store.read(f"{run.folder}/files.json")).skipped) == ["folder/files"]


def test_a_saved_file_that_cannot_be_read_is_named_and_the_run_is_there(
    command: Command, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = wandb_folder(here, LOSS)
    for name in ("locked.bin", "good.bin"):
        (files / name).write_bytes(b"bytes")
    opened = io.open

    def fails(path: Any, *given: Any, **named: Any) -> Any:  # as no mode does for root
        if str(path).endswith("locked.bin"):
            raise PermissionError(13, "Permission denied", path)
        return opened(path, *given, **named)

    monkeypatch.setattr(io, "open", fails)
    done = command("import", "work", "digits", "--json")

    locked = str(Path("work") / (files / "locked.bin").relative_to(here / "work"))
    assert done.json["failed"] == {locked: "it cannot be read: Permission denied"}
    assert done.code == 1
    run = Api().run("digits/one")
    assert [file.name for file in run.files()] == ["good.bin"]
    assert [row["loss"] for row in run.scan_history()] == [0.123456789]
    listing = parse_listing(run.store.read(f"{run.folder}/files.json"))
    assert listing.skipped[locked] == "it cannot be read: Permission denied"


def test_console_output_without_credentials_is_the_log(command: Command, here: Path) -> None:
    secret = "hunter2-canary-0123456789"
    pieces = ["one", " \x1b[31mred\x1b[0m\n", "50 %\r", "100 %\n", f"https://me:{secret}@host\n", "no end"]
    files = wandb_folder(here, *printed(*pieces))
    (files / "output.log").write_text(f"x\nhttps://me:{secret}@host\n")
    (files / "wandb-metadata.json").write_text(json.dumps({"args": ["--password", secret], "os": "Linux"}))
    (files / "config.yaml").write_text(f"api_key:\n  value: {secret}\nlr:\n  value: 0.1\n")
    (files / "mine.txt").write_text("kept as it is")

    assert command("import", "work", "digits").code == 0

    run = Api().run("digits/one")
    console = read_console(run.store, run.folder)
    assert console is not None
    assert console[1] == [
        ("one \x1b[31mred\x1b[0m", 10**6), ("100 %", 10**6),
        ("https://[redacted]@host", 10**6), ("no end", 10**6),
    ]  # fmt: skip
    saved = {file.name: file.read().decode() for file in run.files()}
    assert saved["output.log"] == "x\nhttps://[redacted]@host\n"
    assert json.loads(saved["wandb-metadata.json"]) == {"args": ["--password", "[redacted]"], "os": "Linux"}
    assert "lr:" in saved["config.yaml"]
    assert saved["mine.txt"] == "kept as it is"
    stored = [path for path in (here / "runs").rglob("*") if path.is_file()]
    assert [path for path in stored if secret.encode() in path.read_bytes()] == []


def test_media_of_wandb_whose_file_is_missing_or_odd_are_counted(command: Command, here: Path) -> None:
    def medium(kind: str, path: str) -> bytes:
        return row("m", json.dumps({"_type": kind, "path": path, "filenames": [path]}).encode())

    kinds = [
        medium("image-file", "media/gone.png"), medium("image-file", "../../../secret.png"),
        medium("image-file", "media/odd.exe"), medium("images/separated", "media/gone.png"),
        medium("table-file", "media/no.table.json"), medium("table-file", "media/ragged.table.json"),
        medium("table-file", "media/deep.table.json"),
    ]  # fmt: skip
    files = wandb_folder(here, *kinds)
    (here / "secret.png").write_bytes(b"x")
    (files / "media").mkdir()
    (files / "media/odd.exe").write_bytes(b"x")
    (files / "media/no.table.json").write_bytes(b"{")
    (files / "media/ragged.table.json").write_text('{"columns": ["a"], "data": [[1], [1, 2]]}')
    (files / "media/deep.table.json").write_text('{"columns": ["a"], "data": ' + "[" * 10**5)

    done = command("import", "work", "digits", "--json")

    [told] = done.json["imported"]
    assert told["left_out"] == {
        "image-file objects": 3,
        "images/separated objects": 1,
        "table-file objects": 3,
    }
    assert [file.name for file in Api().run("digits/one").files()][:1] == ["media/deep.table.json"]
    assert done.code == 0


def test_media_of_tensorboard_that_cannot_be_shown_are_counted(command: Command, here: Path) -> None:
    def packed(tag: bytes, *values: float) -> bytes:
        return sized(tag, struct.pack(f"<{len(values)}d", *values))

    def value(tag: bytes, content: bytes) -> bytes:
        return sized(b"\x0a", sized(b"\x0a", b"x") + sized(tag, content))

    def spread(limits: list[float], counts: list[float]) -> bytes:
        ends = struct.pack("<cdcd", b"\x09", -0.5, b"\x11", 1999.5)
        return value(b"\x2a", ends + packed(b"\x32", *limits) + packed(b"\x3a", *counts))

    images = [value(b"\x22", content) for content in (b"", sized(b"\x22", b"<svg"))]
    spreads = [
        spread([], []), spread([1, 2], [0, 0]), spread([1, 2], [1]), spread([1, 0, 3], [1, 1, 1]),
        spread([1, math.nan, 3], [1, 1, 1]), spread([*range(600)], [1] * 600),
    ]  # fmt: skip
    good = spread([*range(1, 2001)], [1, *[0] * 1998, 1])  # its empty intervals are one
    summary = sized(b"\x2a", b"".join([*images, *spreads, good]))
    folder_of(here, {"events.out.tfevents.1.host": event(summary)})

    done = command("import", "folder", "digits", "--json")

    [told] = done.json["imported"]
    assert told["left_out"] == {"images": 2, "histograms": 6}
    [kept] = [row["x"] for row in Api().run("digits/folder").scan_history()]
    assert kept == {"kind": "histogram", "counts": [1.0, 0.0, 1.0], "edges": [-0.5, 1.0, 1999.0, 1999.5]}


def test_artifacts_of_mlflow_come_from_beside_its_database_only(command: Command, here: Path) -> None:
    (here / "work/mlruns/7/a/artifacts").mkdir(parents=True)
    (here / "work/mlruns/7/a/artifacts/in.txt").write_text("in")
    (here / "private").mkdir()
    (here / "private/key").write_text("secret")
    (here / "work/mlruns/link").symlink_to(here / "private")
    database = sqlite3.connect(here / "work/mlflow.db")
    for table in (
        "runs (run_uuid, name, status, start_time, end_time, experiment_id, artifact_uri, lifecycle_stage)",
        "experiments (experiment_id, name)", "params (key, value, run_uuid)", "tags (key, value, run_uuid)",
        "metrics (key, value, timestamp, step, is_nan, run_uuid)",
    ):  # fmt: skip
        database.execute(f"create table {table}")
    places = {
        "moved": "/elsewhere/mlruns/7/a/artifacts", "served": "mlflow-artifacts:/7/a/artifacts",
        "outside": str(here / "private"), "up": "../private", "linked": "mlruns/link", "bucket": "s3://b/7/x/artifacts",
        "none": str(here / "work/mlruns/7/b/artifacts"),
    }  # fmt: skip
    for id, uri in places.items():
        database.execute("insert into runs values (?, ?, 'FINISHED', 1, 2, 1, ?, 'active')", (id, id, uri))
    database.commit()

    done = command("import", "work", "digits", "--json")

    files = {id: [file.name for file in Api().run(f"digits/{id}").files()] for id in places}
    assert files == {id: ["in.txt"] if id in ("moved", "served") else [] for id in places}
    told = {run["path"].rpartition("/")[2]: run["left_out"] for run in done.json["imported"]}
    elsewhere = {"folders of artifacts elsewhere": 1}
    assert told == {id: elsewhere if id in ("outside", "up", "linked", "bucket") else {} for id in places}


def field(number: int, data: bytes) -> bytes:
    """Return a field of a protocol buffer that holds few bytes."""
    tag = number << 3 | 2
    head = bytes([tag]) if tag < 128 else bytes([tag & 127 | 128, tag >> 7])
    size = bytes([len(data)]) if len(data) < 128 else bytes([len(data) & 127 | 128, len(data) >> 7])
    return head + size + data
