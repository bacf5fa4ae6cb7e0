"""Numbers and times read the same in the page's HTML as in the front end."""

import math

import pytest

from runhooks.site.figures import duration, moment, number, quantity


@pytest.mark.parametrize(
    ("x", "shown"),
    [
        (0, "0"),
        (-0.0, "0"),
        (1, "1"),
        (1234, "1234"),
        (12345, "12,345"),
        (-12345.678, "\u221212,346"),
        (0.012345, "0.01235"),
        (0.5, "0.5"),
        (9999.96, "10,000"),
        (1.2e-7, "1.2e\u22127"),
        (123456789012, "1.235e11"),
        (1e308, "1e308"),
        (math.nan, "NaN"),
        (math.inf, "∞"),
        (-math.inf, "\u2212∞"),
    ],
)
def test_numbers_have_significant_digits(x: float, shown: str) -> None:
    assert number(x) == shown


def test_the_exact_value_is_there_on_hover() -> None:
    assert quantity(0.1 + 0.2) == '<data value="0.30000000000000004" title="0.30000000000000004">0.3</data>'


@pytest.mark.parametrize(("value", "shown"), [(True, "True"), ("a<b", "a&lt;b"), (None, "None")])
def test_what_is_no_number_is_text(value: object, shown: str) -> None:
    assert quantity(value) == f"<span>{shown}</span>"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 ms"),
        (0.25, "250 ms"),
        (2.04, "2 s"),
        (59.96, "1 m"),
        (60, "1 m"),
        (3725, "1 h 2 m"),
        (86400, "1 d"),
        (-5, "0 ms"),
    ],
)
def test_lengths_of_time_have_two_units(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


def test_times_are_in_utc_and_can_be_read_by_scripts() -> None:
    assert (
        moment(1_795_000_000_000_000)
        == '<time datetime="2026-11-18T11:06:40Z">2026-11-18 11:06:40 UTC</time>'
    )


def test_a_time_outside_the_calendar_is_a_number() -> None:
    assert moment(10**18) == "<span>1000000000000000000</span>"
    assert moment(None) is None
