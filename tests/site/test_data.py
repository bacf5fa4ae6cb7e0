"""Data files say exactly what the record holds, and nothing in them can act."""

import json
import math
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runhooks.site.data import (
    Chart,
    charts_payload,
    deflated,
    inflated,
    packed,
    read_script,
    script,
    shown,
)
from runhooks.site.series import Buckets
from tests.site.samples import decoded

_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.just("__proto__"), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), _JSON, max_size=5))
def test_what_is_put_is_what_was_meant(payload: dict[str, Any]) -> None:
    meant = shown(payload)
    assert read_script(script("run", meant), "run") == meant


@given(st.text())
def test_no_text_leaves_its_string(text: str) -> None:
    body = script("run", {"notes": shown(text)}).decode()
    assert body.startswith('runhooks.put("run",{"notes":"')
    assert body.endswith('"});\n')
    assert body.count("\n") == 1
    assert not set(body) & set("<>&\u2028\u2029\x00\x1b\u202e")


def test_markup_and_line_separators_are_escaped() -> None:
    data = script("run", {"a": "</script><!--&\u2028\u2029"})
    assert data == b'runhooks.put("run",{"a":"\\u003c/script\\u003e\\u003c!--\\u0026\\u2028\\u2029"});\n'


def test_a_key_named_proto_goes_as_json_text() -> None:
    """In a script, unlike in JSON, it would set the prototype of the object."""
    data = script("run", {"config": {"__proto__": {"polluted": "</script>"}}})
    text = json.loads(data.removeprefix(b'runhooks.put("run",').removesuffix(b");\n"))
    assert isinstance(text, str)
    assert json.loads(text) == {"config": {"__proto__": {"polluted": "</script>"}}}
    assert b"<" not in data


def test_another_kind_of_file_is_refused() -> None:
    for data in (script("live", {}), b"", b'runhooks.put("run",{);\n', b'<html>runhooks.put("run",{});\n'):
        with pytest.raises(ValueError, match=r"no data file|JSON|expected|unexpected"):
            read_script(data, "run")


class TestShown:
    def test_numbers_that_json_lacks_are_words(self) -> None:
        assert shown([math.nan, math.inf, -math.inf]) == ["NaN", "Infinity", "-Infinity"]

    def test_integers_that_scripts_would_round_are_text(self) -> None:
        assert shown([2**53, 2**53 + 1, -(2**80)]) == [2**53, str(2**53 + 1), str(-(2**80))]

    def test_what_is_too_long_or_too_deep_is_cut(self) -> None:
        deep: Any = "x"
        for _ in range(100):
            deep = {"in": deep}
        assert "…" in json.dumps(shown(deep), ensure_ascii=False)
        assert len(shown("x" * 100_000)) == 10_001

    def test_a_huge_config_does_not_make_a_huge_page(self) -> None:
        config = {f"key{n}": ["y" * 5000] * 20 for n in range(200)}
        assert len(json.dumps(shown(config))) < 5_000_000
        assert len(json.dumps(shown([[0.5] * 1000] * 1000))) < 8_000_000

    def test_hostile_keys_and_objects_are_text(self) -> None:
        assert shown({"\x1b[31mred": {1: object}}) == {"red": {"1": "<class 'object'>"}}


@given(st.binary())
def test_what_was_deflated_comes_back(data: bytes) -> None:
    assert inflated(deflated(data)) == data


class TestCharts:
    def exact(self) -> Buckets:
        values = np.array([0.1, math.nan, -math.inf, 1e308])
        return Buckets.from_points(np.arange(-1, 3), np.arange(4) * 10, values)

    def coarse(self) -> Buckets:
        return Buckets.from_points(
            np.arange(4), np.arange(4) * 10, np.array([0.1, 0.2, math.nan, math.nan]), 2
        )

    def test_points_are_exact(self) -> None:
        data = packed(self.exact())
        assert struct.unpack("<12d", data)[:8] == (-1.0, 0.0, 1.0, 2.0, 0.0, 10.0, 20.0, 30.0)
        np.testing.assert_array_equal(np.frombuffer(data[64:], "<f8"), [0.1, math.nan, -math.inf, 1e308])

    def test_buckets_have_a_mean_and_a_band_rounded_outward(self) -> None:
        values = packed(self.coarse())[32:]
        mean, _, low, _, high, _ = struct.unpack("<6f", values)
        assert mean == pytest.approx(0.15, abs=1e-7)
        assert low <= 0.1
        assert high >= 0.2
        assert high - low < 0.1000001

    def test_a_bucket_without_finite_values_is_nan(self) -> None:
        numbers = struct.unpack("<6f", packed(self.coarse())[32:])
        assert [math.isnan(x) for x in numbers] == [False, True] * 3

    def test_what_float32_cannot_hold_is_its_greatest_number(self) -> None:
        buckets = Buckets.from_points(np.arange(4), np.arange(4), np.array([1e308, 1e308, -1e308, 0.0]), 2)
        largest = float(np.finfo(np.float32).max)
        assert struct.unpack("<6f", packed(buckets)[32:]) == (
            *(largest, -largest / 2),
            *(largest, -largest),
            *(largest, 0.0),
        )

    def test_a_file_says_what_it_holds(self) -> None:
        charts = [
            Chart("a", 24, 4, self.exact(), detail=False),
            Chart("</script>", 25, 4, self.coarse(), detail=True),
        ]
        payload = charts_payload("k3f9", 1, charts)
        assert payload["series"] == [
            {"key": "a", "index": 24, "count": 4, "width": 1, "points": 4, "detail": False},
            {"key": "</script>", "index": 25, "count": 4, "width": 2, "points": 2, "detail": True},
        ]
        assert (payload["run"], payload["group"]) == ("k3f9", 1)
        assert decoded(payload)["a"]["step"].tolist() == [-1, 0, 1, 2]

    def test_the_revision_changes_with_the_content_only(self) -> None:
        one = charts_payload("k3f9", 0, [Chart("a", 0, 4, self.exact(), detail=False)])
        same = charts_payload("k3f9", 0, [Chart("a", 0, 4, self.exact(), detail=False)])
        other = charts_payload("k3f9", 0, [Chart("a", 0, 4, self.coarse(), detail=False)])
        assert one == same
        assert one["revision"] != other["revision"]
