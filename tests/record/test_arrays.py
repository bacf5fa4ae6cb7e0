import math
from itertools import cycle, islice
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runhooks.record.arrays import to_arrays
from runhooks.record.columns import Column, to_columns
from runhooks.record.parts import Part, Rows
from runhooks.values import pack

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
NUMBERS = st.one_of(FLOATS, st.integers(-(2**60), 2**60))
VALUES = st.one_of(NUMBERS, st.floats(), st.integers(-(2**2000), 2**2000), st.booleans(), st.text(max_size=3))
KEYS = st.sampled_from(["a", "b", "c/d"])
SHAPES = st.one_of(
    st.fixed_dictionaries({"a": FLOATS, "b": st.integers(-9, 9)}),
    st.fixed_dictionaries({"val/a": FLOATS}),
    st.dictionaries(KEYS, VALUES, max_size=3),
)


def events(rows: list[dict[str, Any]], count: int = 100) -> list[dict[str, Any]]:
    """As many events as it takes for arrays, made of a few rows."""
    logged = islice(cycle(rows), count)
    return [
        {"type": "log", "step": n // 2, "time": 10 + n, "data": pack(dict(data))}
        for n, data in enumerate(logged)
    ]


def table(columns: dict[str, Column]) -> Any:
    part = Part()
    for key, column in columns.items():
        part.add(key, Rows.of(column))
    return part.to_table()


def facts(column: Column) -> list[Any]:
    """What the run document takes of a column; the sum may differ in its last bits."""
    numeric, nonfinite, total, low, high = column.numbers()
    low, high = (None if end is None else end + 0 for end in (low, high))  # of two zeros either is least
    if not math.isfinite(total) or abs(total) > 1e300:
        total = 0.0
    scale = max(abs(low or 0), abs(high or 0), 1e-300)
    return [column.first, column.last, numeric, nonfinite, low, high, type(low), round(total / scale, 6)]


@settings(max_examples=60, deadline=None)
@given(st.lists(SHAPES, min_size=1, max_size=4))
def test_arrays_hold_what_columns_hold(rows):
    plain, fast = to_columns(events(rows)), to_arrays(events(rows))
    assert list(fast) == list(plain)
    assert table(fast).equals(table(plain))
    for key, column in plain.items():
        assert repr(facts(fast[key])) == repr(facts(column))
        assert (list(fast[key].steps), list(fast[key].times)) == (list(column.steps), list(column.times))


def test_rows_of_one_shape_share_their_steps_and_times():
    found = to_arrays(events([{"loss": 0.5, "epoch": 1}]))
    assert found["loss"].steps is found["epoch"].steps
    assert (found["loss"].numbers().low, found["epoch"].numbers().low) == (0.5, 1)
    assert isinstance(found["epoch"].numbers().low, int)


@pytest.mark.parametrize("number", [1, 100])
@pytest.mark.parametrize("last", [2**1020, 1.0])
def test_integers_whose_sum_a_float_does_not_reach_sum_up_to_infinity(number: int, last: float) -> None:
    values = [2**1022] * 4 * number + [last]
    given_events = [{"step": step, "time": step, "data": {"a": value}} for step, value in enumerate(values)]
    found = to_arrays(given_events)["a"].numbers()
    assert (found.numeric, found.total, found.high) == (len(values), math.inf, 2**1022)
