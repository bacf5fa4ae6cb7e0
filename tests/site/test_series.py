"""Buckets keep what a chart must show, in bounded memory, however the points arrive."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from runhooks.site.series import DETAIL_LIMIT, Buckets, SeriesSet

Point = tuple[int, int, float]

_INT64 = st.integers(-(2**63), 2**63 - 1)
_STEPS = st.one_of(st.integers(-50, 200), st.integers(0, 100_000), _INT64)
_TIMES = st.integers(0, 2**52)
_VALUES = st.one_of(st.integers(-1000, 1000).map(float), st.floats())
_QUARTERS = st.integers(-4000, 4000).map(lambda n: n / 4)
_LIMITS = st.integers(2, 40)


def points(values: st.SearchStrategy[float] = _VALUES) -> st.SearchStrategy[list[Point]]:
    """Points with steps of their own, in any order."""
    return st.lists(st.tuples(_STEPS, _TIMES, values), max_size=120, unique_by=lambda point: point[0])


def buckets_of(rows: list[Point], limit: int) -> Buckets:
    steps, times, values = zip(*rows, strict=True) if rows else ((), (), ())
    return Buckets.from_points(
        np.array(steps, np.int64), np.array(times, np.int64), np.array(values, np.float64), limit
    )


def same(one: Buckets, other: Buckets) -> bool:
    columns = ("step", "time", "sum", "count", "min", "max")
    return one.shift == other.shift and all(
        np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True) for name in columns
    )


@given(points(_QUARTERS), points(_QUARTERS), points(_QUARTERS), _LIMITS)
def test_merging_is_associative(a: list[Point], b: list[Point], c: list[Point], limit: int) -> None:
    taken: set[int] = set()
    parts = []
    for rows in (a, b, c):
        parts.append(buckets_of([row for row in rows if row[0] not in taken], limit))
        taken |= {row[0] for row in rows}
    x, y, z = parts
    assert same(x.merge(y, limit).merge(z, limit), x.merge(y.merge(z, limit), limit))


@given(points(_QUARTERS), _LIMITS, st.randoms(use_true_random=False))
def test_portions_in_any_order_give_what_all_points_give_at_once(
    rows: list[Point], limit: int, random: object
) -> None:
    whole = buckets_of(rows, limit)
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    found = Buckets.empty()
    while shuffled:
        portion = [shuffled.pop() for _ in range(min(len(shuffled), 1 + len(shuffled) // 3))]
        found = found.merge(buckets_of(portion, limit), limit)
    assert same(found, whole)


@given(points(), _LIMITS)
@example([(-(2**63), 0, 1.0), (2**63 - 1, 1, 2.0), (0, 2, 3.0)], 2)
def test_the_width_is_the_smallest_that_the_limit_allows(rows: list[Point], limit: int) -> None:
    def occupied(shift: int) -> int:
        return len({step >> shift for step, _, _ in rows})

    found = buckets_of(rows, limit)
    assert len(found) == occupied(found.shift) <= limit
    assert found.shift == 0 or occupied(found.shift - 1) > limit


@given(points(), _LIMITS)
def test_no_spike_leaves_the_band(rows: list[Point], limit: int) -> None:
    found = buckets_of(rows, limit)
    place = {step >> found.shift: n for n, step in enumerate(found.step.tolist())}
    for step, at, value in rows:
        n = place[step >> found.shift]
        assert found.step[n] <= step
        assert found.time[n] <= at
        if np.isfinite(value):
            assert float(found.min[n]) <= value <= float(found.max[n])


@given(st.lists(st.tuples(_STEPS, _TIMES, _VALUES), max_size=60))
def test_at_width_one_every_step_has_exactly_its_last_value(rows: list[Point]) -> None:
    found = Buckets.empty()
    for row in rows:
        found = found.merge(buckets_of([row], DETAIL_LIMIT))
    last = {step: (at, value) for step, at, value in rows}
    assert found.width == 1
    assert found.step.tolist() == sorted(last)
    assert found.time.tolist() == [last[step][0] for step in sorted(last)]
    np.testing.assert_array_equal(found.mean, [last[step][1] for step in sorted(last)])


@given(points(st.floats(-1e6, 1e6)), _LIMITS)
def test_the_mean_is_that_of_the_values(rows: list[Point], limit: int) -> None:
    found = buckets_of(rows, limit)
    by_bucket: dict[int, list[float]] = {}
    for step, _, value in rows:
        by_bucket.setdefault(step >> found.shift, []).append(value)
    wanted = [np.mean(by_bucket[step >> found.shift]) for step in found.step.tolist()]
    np.testing.assert_allclose(found.mean, wanted, rtol=1e-6, atol=0.2)


@given(points(_QUARTERS), _LIMITS, _LIMITS)
def test_the_overview_of_the_detail_is_that_of_the_points(rows: list[Point], one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert same(buckets_of(rows, high).coarsened(low), buckets_of(rows, low))


def test_a_bucket_without_a_finite_value_is_a_gap() -> None:
    rows = [(step, step, float("nan") if 4 <= step < 8 else float(step)) for step in range(16)]
    found = buckets_of(rows, 4)
    assert found.width == 4
    assert found.count.tolist() == [4, 0, 4, 4]
    assert found.mean.tolist()[::2] == [1.5, 9.5]
    assert np.isnan(found.mean[1])


def test_infinities_do_not_hide_their_neighbours() -> None:
    found = buckets_of([(0, 0, 1.0), (1, 1, float("inf")), (2, 2, 3.0), (3, 3, float("-inf"))], 2)
    assert found.mean.tolist() == [1.0, 3.0]
    assert found.max.tolist() == [1.0, 3.0]


def test_numbers_beyond_float32_stay_in_the_band() -> None:
    found = buckets_of([(0, 0, 1e308), (1, 1, -1e308), (2, 2, 0.0)], 2)
    assert found.min[0] == -np.inf
    assert found.max[0] == np.inf
    assert found.mean[0] == 0.0


class TestSeriesSet:
    def test_a_metric_fed_row_by_row_is_that_of_all_rows(self) -> None:
        steps, values = np.arange(20_000), np.sin(np.arange(20_000) / 500)
        fed = SeriesSet()
        for at in range(0, 20_000, 7):
            fed.add("loss", steps[at : at + 7], steps[at : at + 7], values[at : at + 7])
        whole = Buckets.from_points(steps, steps, values)
        assert same(fed["loss"], whole)
        assert len(whole) <= DETAIL_LIMIT

    def test_it_can_be_read_between_two_rows(self) -> None:
        fed = SeriesSet()
        for step in range(5):
            fed.add("loss", [step], [step], [step * 1.0])
            assert fed["loss"].step.tolist() == list(range(step + 1))

    def test_it_knows_its_metrics_in_the_order_in_which_they_came(self) -> None:
        fed = SeriesSet()
        for key in ("b", "a", "b"):
            fed.add(key, [0], [0], [1.0])
        assert list(fed) == ["b", "a"]
        assert "a" in fed
        assert "c" not in fed
        assert len(fed) == 2

    def test_very_many_metrics_share_the_memory(self) -> None:
        fed = SeriesSet()
        steps = np.arange(1000)
        for n in range(3000):
            fed.add(f"m{n}", steps, steps, steps * 1.0)
        lengths = [len(fed[key]) for key in fed]
        assert sum(lengths) <= 2**21
        assert min(lengths) >= 64
        assert fed.limit == 512


@pytest.mark.slow
@settings(max_examples=20)
@given(st.integers(1, 300_000), st.integers(0, 2**32 - 1))
def test_long_runs_stay_bounded(n: int, seed: int) -> None:
    steps: npt.NDArray[np.int64] = np.random.default_rng(seed).permutation(n)
    found = Buckets.from_points(steps, steps, steps.astype(np.float64))
    assert len(found) <= DETAIL_LIMIT
    assert int(found.count.sum()) == n
