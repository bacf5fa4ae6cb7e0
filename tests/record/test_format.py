"""docs/FORMAT.md, held by a store that was written once and by what is written now."""

import math
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from runhooks import Api
from runhooks.errors import RunNotFoundError
from runhooks.record.read import history, read_view
from runhooks.record.replay import _CHANGES
from runhooks.record.view import MetricStats, RunView
from runhooks.storage import open_store
from tests.record import golden

STORE = golden.FOLDER / "format-1"
DOCS = (Path(__file__).parents[2] / "docs" / "FORMAT.md").read_text(encoding="utf-8")


def test_what_is_written_now_is_the_golden_store():
    written = golden.files()
    stored = {path.relative_to(STORE).as_posix() for path in STORE.rglob("*") if path.is_file()}
    assert stored == set(written)
    for path, data in written.items():
        if path.endswith(".parquet"):  # names the version of pyarrow that wrote it
            assert pq.read_table(STORE / path).equals(pq.read_table(pq_source(data)))
        else:
            assert (STORE / path).read_bytes() == data, path


def pq_source(data):
    from io import BytesIO

    return BytesIO(data)


def test_the_golden_store_reads_as_its_document_with_the_events_after_it():
    view = read_view(open_store(STORE), golden.RUN)
    assert (view.state, view.reason, view.exit) == ("failed", "ValueError: bad", {"exit_code": 1})
    assert view.config == {"lr": 0.2, "layers": [32, 10]}
    assert math.isnan(view.summary.pop("loss"))
    assert view.summary == {
        "acc": {"best": 30},
        "big": 2**66,
        "ok": True,
        "none": None,
        "list": [1, 2.5],
        "best": 1,
    }
    assert (view.notes, view.tags, view.name) == ("edited later", ["kept"], "amber-creek-1")
    assert view.metrics["acc"].count == 8
    assert (view.metrics["loss"].nonfinite, view.metrics["loss"].min) == (1, 0.167)
    assert [session.writer for session in view.sessions] == [golden.FIRST, golden.SECOND]
    assert (view.duration_s, view.runtime_s, view.last_step) == (15.0, 65.0, 7)
    assert [alert["title"] for alert in view.alerts] == ["loss is nan"]
    assert [(found["direction"], found["path"]) for found in view.artifacts] == [
        ("output", None),
        ("input", "default/digits/model:v0"),
    ]


def test_the_golden_artifact_reads_as_it_was_made(tmp_path):
    artifact = Api(STORE).artifact("default/digits/model:best")
    assert (artifact.version, artifact.aliases, artifact.tags) == ("v0", ("best", "latest"), ["small"])
    assert math.isnan(artifact.metadata["loss"])
    assert [run.path for run in artifact.used_by()] == ["a/b/c"]
    assert artifact.get_entry("weights.bin").ref == "s3://bucket/weights.bin"
    artifact.verify()
    artifact.download(tmp_path, path_prefix="notes")
    assert (tmp_path / "notes.txt").read_bytes() == b"hello"


def test_the_history_is_the_parts_and_then_the_journal():
    found = {}
    for key, rows in history(open_store(STORE), golden.RUN):
        found.setdefault(key, []).append(list(zip(rows.steps.tolist(), rows.decoded(), strict=True)))
    assert found["acc"] == [[(n, float(n)) for n in range(6)], [(3, 30.0), (7, 7.0)]]
    assert found["note"] == [[(6, "a \u2028 <b>")]]
    assert found["big"] == [[(6, 2**66)]]
    assert [len(piece) for piece in found["loss"]] == [6, 1]
    only = {key for key, _ in history(open_store(STORE), golden.RUN, keys=["loss"])}
    assert only == {"loss"}


def test_a_rewound_run_shows_what_counts_to_our_readers_and_to_duckdb():
    found = {}
    for key, rows in history(open_store(STORE), golden.REWOUND):
        found.setdefault(key, []).extend(zip(rows.steps.tolist(), rows.decoded(), strict=True))
    assert found["acc"] == [(0, 0), (1, 1), (2, 2), (3, 3), (4, 40)]
    assert [step for step, _ in found["loss"]] == [0, 1, 2, 3]
    duckdb = pytest.importorskip("duckdb")
    (query,) = (query for query in re.findall(r"```sql\n(.*?)```", DOCS, re.DOTALL) if "cuts" in query)
    query = query.replace("'runs/", f"'{STORE}/").replace("/runs/*/", "/runs/r3w0und1/")
    rows = duckdb.sql(query).fetchall()
    assert [(step, value) for key, step, value in rows if key == "acc"] == found["acc"]
    assert len(rows) == 9


def test_a_run_that_is_not_there_is_an_error_that_names_the_store(tmp_path):
    with pytest.raises(RunNotFoundError, match="no run at default/x/runs/y in"):
        read_view(open_store(tmp_path), "default/x/runs/y")


def test_the_document_describes_every_field_and_event_that_the_code_has():
    documented = set(re.findall(r"`(\w+)`", DOCS))
    fields = {name.removeprefix("_") for kind in (RunView, MetricStats) for name in kind.__dataclass_fields__}
    in_table = {word for line in DOCS.splitlines() for word in re.findall(r"\w+", line)}
    assert fields <= in_table
    assert {"log", *_CHANGES} <= documented
