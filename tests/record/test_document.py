import math
from contextlib import suppress

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runhooks.errors import FormatVersionError, RecordError
from runhooks.record.document import from_bytes, to_bytes
from runhooks.record.view import Heartbeat, MetricStats, RunView, Session
from runhooks.site.run_page import render_run
from runhooks.site.series import SeriesSet

VIEW = RunView(
    id="k3f9a0b1",
    entity="default",
    project="digits",
    name="amber-creek-1",
    created_at=1_763_877_662_000_000,
    state="failed",
    reason="ValueError: bad",
    ended_at=1_763_877_665_000_000,
    heartbeat=Heartbeat(1_763_877_664_000_000, 3),
    config={"lr": 0.1, "deep": {"er": [1, None]}, "nan": math.inf},
    summary={"loss": 0.5, "big": 2**70},
    metrics={"loss": MetricStats(2, 1.0, 0.5, 1, 1_763_877_663_000_000, 0.5, 1.0, 1.5, 0, 2)},
    definitions={"loss": {"goal": "minimize"}},
    sessions=[Session("20251123T060102-r0-7b6688", 1_763_877_662_000_000, 1_763_877_665_000_000)],
    environment={"host": "there"},
    exit={
        "exit_code": 1,
        "signal": None,
        "error": {"type": "ValueError", "message": "bad", "traceback": "…"},
    },
    tags=["a"],
    last_step=1,
    last_log_at=1_763_877_663_000_000,
    applied={"20251123T060102-r0-7b6688": [1, 0]},
)


def test_a_document_reads_back_as_it_was_written():
    assert from_bytes(to_bytes(VIEW)) == VIEW
    assert (VIEW.duration_s, VIEW.runtime_s, VIEW.path) == (3.0, 3.0, "default/digits/k3f9a0b1")


def test_a_document_of_a_later_minor_version_is_read_without_what_is_unknown():
    document = orjson.loads(to_bytes(VIEW))
    document["colour"] = "red"
    document["metrics"]["loss"]["median"] = 3
    document["sessions"][0]["node"] = "n1"
    assert from_bytes(orjson.dumps(document)) == VIEW


def test_a_newer_format_says_what_to_do():
    with pytest.raises(FormatVersionError, match=r"run.json has format 2; .* pip install -U runhooks"):
        from_bytes(to_bytes(VIEW).replace(b'"format": 1', b'"format": 2'))


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b"nothing", b'{"format":1}', b'{"format":"x","id":1}', b"\xff\xfe"]
)
def test_what_is_no_document_is_a_record_error(data):
    with pytest.raises(RecordError, match="here is not a run document"):
        from_bytes(data, "here")


def test_every_cut_of_a_document_is_an_error_and_never_another_run():
    data = to_bytes(VIEW)
    for cut in range(len(data) - 2):
        with pytest.raises(RecordError):
            from_bytes(data[:cut])


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=20,
    )
)
@settings(max_examples=200, deadline=None)
def test_any_json_in_place_of_a_field_reads_or_is_a_record_error(junk):
    from runhooks.values import pack

    for field in ("metrics", "sessions", "heartbeat", "config", "format", "applied"):
        document = orjson.loads(to_bytes(VIEW))
        try:
            document[field] = pack(junk)
            data = orjson.dumps(document)
        except TypeError:  # a surrogate: no JSON
            continue
        with suppress(RecordError):
            from_bytes(data)


def test_artifacts_that_are_none_or_lack_something_cost_nothing_else():
    document = orjson.loads(to_bytes(VIEW)) | {
        "artifacts": [1, None, {}, {"direction": "input", "name": "a"}]
    }
    view = from_bytes(orjson.dumps(document))
    assert [(found["direction"], found["name"], found["path"]) for found in view.artifacts] == [
        (None, None, None),
        ("input", "a", None),
    ]
    assert render_run(view, SeriesSet(), "hash")["index.html"]
