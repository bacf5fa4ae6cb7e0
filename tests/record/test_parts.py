import math
from io import BytesIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runhooks.errors import RecordError
from runhooks.record.columns import to_columns
from runhooks.record.parts import SCHEMA, Part, Rows, join, read_part
from runhooks.values import pack

VALUES = st.one_of(
    st.floats(),
    st.integers(-(2**70), 2**70),
    st.booleans(),
    st.none(),
    st.text(max_size=5),
    st.lists(st.integers(0, 9), max_size=3),
)
LOGS = st.lists(
    st.tuples(st.integers(-5, 20), st.dictionaries(st.sampled_from(["a", "b", "c/d"]), VALUES, max_size=3)),
    max_size=30,
)


def events(logs):
    return [
        {"type": "log", "step": step, "time": 10 + n, "data": pack(data)}
        for n, (step, data) in enumerate(logs)
    ]


def part_of(logs):
    part = Part()
    for key, column in to_columns(events(logs)).items():
        part.add(key, Rows.of(column))
    return part


def same(left, right):
    if isinstance(left, float) and isinstance(right, float) and math.isnan(left):
        return math.isnan(right)
    return left == right and isinstance(left, bool) == isinstance(right, bool)


@given(LOGS)
@settings(max_examples=150, deadline=None)
def test_whatever_is_logged_comes_back_from_parquet_the_last_of_a_step_by_step(logs):
    expected = {}
    for step, data in logs:
        for key, value in data.items():
            expected.setdefault(key, {})[step] = value
    found = dict(read_part(part_of(logs).to_bytes(), "part"))
    assert found.keys() == expected.keys()
    for key, rows in found.items():
        pairs = sorted(expected[key].items())
        assert rows.steps.tolist() == [step for step, _ in pairs]
        for value, (_, logged) in zip(rows.decoded(), pairs, strict=True):
            assert same(value, logged), (key, value, logged)


@given(LOGS)
@settings(max_examples=50, deadline=None)
def test_equal_rows_give_equal_bytes(logs):
    assert part_of(logs).to_bytes() == part_of(logs).to_bytes()


def test_the_schema_is_the_same_for_any_content():
    stored = SCHEMA.set(
        2, pa.field("key", pa.string(), nullable=False)
    )  # a dictionary is an encoding, not a type
    for logs in ([], [(1, {"a": 1.0})], [(1, {"a": "text", "b": None})]):
        assert pq.read_schema(BytesIO(part_of(logs).to_bytes())).equals(stored)


def test_only_wanted_metrics_are_read():
    data = part_of([(n, {"a": n, "b": -n, "c": 0}) for n in range(100)]).to_bytes()
    found = dict(read_part(data, "part", keys=["b", "never"]))
    assert list(found) == ["b"]
    assert found["b"].values.tolist() == [-float(n) for n in range(100)]


def test_pieces_of_a_metric_are_joined_with_what_is_no_number():
    first, second = (
        dict(read_part(part_of(logs).to_bytes(), "p"))["a"] for logs in ([(0, {"a": 1.5})], [(1, {"a": "x"})])
    )
    rows = join([first, second])
    assert rows.decoded() == [1.5, "x"]
    assert rows.numeric.tolist() == [True, False]


@pytest.mark.parametrize("data", [b"", b"nothing", b"PAR1" + b"\0" * 50 + b"PAR1"])
def test_what_is_no_part_is_a_record_error_that_names_it(data):
    with pytest.raises(RecordError, match=r"history/x\.parquet is not a history part"):
        list(read_part(data, "history/x.parquet"))


def test_a_parquet_file_of_another_shape_is_a_record_error():
    sink = BytesIO()
    pq.write_table(pa.table({"other": [1, 2]}), sink)
    with pytest.raises(RecordError, match="p is not a history part"):
        list(read_part(sink.getvalue(), "p"))


def test_a_cut_or_flipped_part_is_an_error_or_reads_the_same():
    data = part_of([(n, {"a": n * 0.5}) for n in range(200)]).to_bytes()
    whole = [n * 0.5 for n in range(200)]
    for place in range(0, len(data), 7):
        flipped = bytearray(data)
        flipped[place] ^= 0xFF
        for broken in (bytes(flipped), data[:place]):
            try:
                found = dict(read_part(broken, "p"))
            except RecordError:
                continue
            assert found == {} or np.array_equal(found["a"].values, whole) or len(broken) == len(data)
