"""A run page says what the run is, with scripts and without, whatever the run holds."""

import re
import subprocess
import sys
from collections import Counter
from typing import Any

import numpy as np
import pytest

from runhooks.record.view import Heartbeat, RunView, Session
from runhooks.site.run_page import render_run
from runhooks.site.series import SeriesSet
from tests.site.samples import SECOND, START, decoded, log, payload, sample_run, tags_of, text_of

HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "\" onload='alert(1)' x=\"",
    "{{ 7 * 7 }} {% include 'x' %} ${7*7}",
    "\u2028\u2029\u202e\u2066",
    "\x1b[31mred\x1b]8;;http://evil.example\x07",
    "__proto__",
    "constructor",
    "../../etc/passwd",
    "nul\x00\x85",
    "x" * 2000,
    "\udc80",
]


def render(view: RunView, series: SeriesSet, **options: Any) -> dict[str, bytes]:
    return render_run(view, series, "hash", **options)


def curve(n: int) -> np.ndarray[Any, Any]:
    return np.exp(-np.arange(n) / n) + np.sin(np.arange(n))


class TestDataFiles:
    def test_charts_hold_every_point_of_a_short_run(self) -> None:
        view, series = sample_run({"loss": curve(512)})
        files = render(view, series)
        found = payload(files, "data/charts-0.js")
        assert found["series"] == [
            {"key": "loss", "index": 0, "count": 512, "width": 1, "points": 512, "detail": False}
        ]
        np.testing.assert_array_equal(decoded(found)["loss"]["value"], curve(512))
        np.testing.assert_array_equal(decoded(found)["loss"]["time"], START + np.arange(512) * SECOND)

    def test_a_longer_run_has_a_file_to_zoom_into(self) -> None:
        view, series = sample_run({"lr": curve(10), "loss": curve(4096)})
        files = render(view, series)
        overview = payload(files, "data/charts-0.js")["series"]
        assert [(head["width"], head["detail"]) for head in overview] == [(1, False), (8, True)]
        assert [name for name in files if "detail" in name] == ["data/detail-1.js"]
        np.testing.assert_array_equal(
            decoded(payload(files, "data/detail-1.js"))["loss"]["value"], curve(4096)
        )

    def test_without_details_no_chart_promises_them(self) -> None:
        view, series = sample_run({"loss": curve(4096)})
        files = render(view, series, details=False)
        assert not payload(files, "data/charts-0.js")["series"][0]["detail"]
        assert not [name for name in files if "detail" in name]

    def test_the_size_of_a_page_does_not_grow_with_the_run(self) -> None:
        sizes = []
        for n in (10_000, 1_000_000):
            view, series = sample_run({})
            for m in range(3):
                log(view, series, f"m{m}", np.arange(n), np.random.default_rng(m).normal(size=n))
            files = render(view, series)
            sizes.append(sum(len(data) for name, data in files.items() if "detail" not in name))
        assert sizes[1] < 1.6 * sizes[0]  # 313 buckets against 489: widths are powers of two
        assert sizes[1] < 60_000

    def test_metrics_come_24_to_a_file(self) -> None:
        view, series = sample_run({f"m{n}": [1.0, 2.0] for n in range(50)})
        files = render(view, series)
        heads = [payload(files, f"data/charts-{group}.js")["series"] for group in range(3)]
        assert [len(head) for head in heads] == [24, 24, 2]
        run = payload(files, "data/run.js")
        assert len(run["charts"]) == 3
        assert [(m["group"], m["index"]) for m in run["metrics"]] == [(n // 24, n) for n in range(50)]

    def test_what_cannot_be_drawn_is_listed_without_a_chart(self) -> None:
        view, series = sample_run({"loss": [1.0]})
        view.metrics["stage"] = type(view.metrics["loss"])(count=1, last="main")
        files = render(view, series)
        stage = payload(files, "data/run.js")["metrics"][1]
        assert (stage["key"], stage["last"], "group" in stage, "index" in stage) == (
            "stage",
            "main",
            False,
            False,
        )

    def test_nonfinite_numbers_are_words(self) -> None:
        view, series = sample_run({"loss": [1.0, float("nan")]})
        found = payload(render(view, series), "data/run.js")
        assert found["metrics"][0]["last"] == "NaN"
        assert found["metrics"][0]["nonfinite"] == 1
        assert found["summary"] == {"loss": "NaN"}

    def test_the_order_is_that_in_which_a_follower_must_find_them(self) -> None:
        view, series = sample_run({"loss": curve(600)})
        names = ["data/charts-0.js", "data/detail-0.js", "data/run.js", "index.html", "data/live.js"]
        assert list(render(view, series)) == names


class TestRevision:
    def of(self, view: RunView, series: SeriesSet) -> str:
        files = render(view, series)
        revisions = {payload(files, name)["revision"] for name in ("data/run.js", "data/live.js")}
        assert len(revisions) == 1
        return str(revisions.pop())

    def test_the_same_record_gives_the_same_bytes(self) -> None:
        one, other = (render(*sample_run({"loss": curve(5000)})) for _ in range(2))
        assert one == other

    def test_portions_do_not_show(self) -> None:
        whole = sample_run({"loss": curve(50_000)})
        _, series = sample_run({})
        for at in range(0, 50_000, 1234):
            steps = np.arange(at, min(at + 1234, 50_000))
            series.add("loss", steps, START + steps * SECOND, curve(50_000)[steps])
        assert render(whole[0], series) == render(*whole)

    def test_a_sign_of_life_changes_no_chart_and_no_revision(self) -> None:
        view, series = sample_run({"loss": [1.0]}, state="running", heartbeat=Heartbeat(START, 1))
        view.sessions = [Session("w0", START)]
        before = render(view, series)
        revision = self.of(view, series)
        view.heartbeat = Heartbeat(START + 60 * SECOND, 2)
        after = render(view, series)
        assert self.of(view, series) == revision
        changed = {name for name in after if after[name] != before[name]}
        assert changed == {"data/run.js", "data/live.js", "index.html"}
        assert payload(after, "data/live.js")["heartbeat"] == {
            "at": START + 60 * SECOND,
            "seq": 2,
            "ahead": 0,
        }

    @pytest.mark.parametrize("change", ["point", "config", "state", "notes"])
    def test_whatever_a_reader_sees_changes_it(self, change: str) -> None:
        view, series = sample_run({"loss": [1.0, 2.0]})
        before = self.of(view, series)
        if change == "point":
            series.add("loss", [2], [START], [3.0])
        else:
            setattr(view, change, {"config": {"lr": 1}, "state": "failed", "notes": "x"}[change])
        assert self.of(view, series) != before


class TestFacts:
    def test_the_rate_of_a_running_run_is_the_latest(self) -> None:
        view, series = sample_run({}, state="running")
        steps = np.arange(200)
        times = START + np.where(steps < 100, steps, 100 + (steps - 100) * 10) * SECOND
        series.add("loss", steps, times, steps * 1.0)
        view.metrics["loss"] = type(sample_run({"loss": [1.0]})[0].metrics["loss"])(count=200, numeric=200)
        assert payload(render(view, series), "data/run.js")["rate"] == pytest.approx(0.1)

    def test_one_point_has_no_rate(self) -> None:
        assert payload(render(*sample_run({"loss": [1.0]})), "data/run.js")["rate"] is None

    def test_the_contract_is_kept(self) -> None:
        view, series = sample_run({"loss": [1.0]}, heartbeat=Heartbeat(START, 1))
        run = payload(render(view, series), "data/run.js")
        assert set(run) == {
            "format", "revision", "id", "name", "entity", "project", "path", "state", "reason", "created_at",
            "ended_at", "heartbeat", "stale_after_s", "poll_s", "duration_s", "runtime_s", "last_step",
            "last_log_at", "rate", "notes", "tags", "group", "job_type", "config", "summary", "environment",
            "exit", "sessions", "alerts", "artifacts", "metrics", "charts", "media", "exact", "headline",
            "system", "log", "rewinds", "forked_from", "stop",
        }  # fmt: skip
        assert set(run["metrics"][0]) == {
            "key", "count", "last", "last_step", "min", "max", "nonfinite", "group", "index", "goal",
            "step_metric", "hidden",
        }  # fmt: skip
        assert set(payload(render(view, series), "data/live.js")) == {
            "run", "revision", "state", "heartbeat", "last_step", "last_log_at", "ended_at", "system",
            "log",
        }  # fmt: skip


class TestWithoutScripts:
    def test_the_page_itself_says_state_facts_config_summary_and_draws_a_line(self) -> None:
        view, series = sample_run(
            {"loss": [2.0, 1.0, 0.5]},
            state="failed",
            reason="ValueError: bad batch",
            config={"optimizer": {"lr": 0.001}},
            environment={"host": "node-7", "command": ["train.py", "--lr", "1e-3"]},
            exit={"exit_code": 1, "signal": None,
                  "error": {"type": "ValueError", "message": "bad batch", "traceback": "Traceback: line 3"}},
            tags=["night"],
        )  # fmt: skip
        page = render(view, series)["index.html"]
        text = text_of(page)
        for wanted in (
            "calm-lake-1", "failed :  ValueError: bad batch", "node-7", "train.py --lr 1e-3", "night",
            "optimizer", "0.001", "loss", "0.5", "line 3", "team/digits/k3f9",
        ):  # fmt: skip
            assert wanted in text
        assert page.count(b"<svg") == 2  # in the headline and in the list

    def test_a_run_without_metrics_says_so(self) -> None:
        page = render(*sample_run({}))["index.html"]
        assert "No metrics yet." in text_of(page)
        assert b"charts-0.js" not in page

    def test_very_many_metrics_and_values_do_not_make_a_huge_page(self) -> None:
        view, series = sample_run(
            {f"layer.{n}/norm": curve(100) for n in range(1000)},
            config={f"key{n}": n for n in range(5000)},
        )
        page = render(view, series)["index.html"]
        assert page.count(b"<svg") == 66
        assert "940 more metrics" in text_of(page)
        assert "4,500 more values" in text_of(page)
        assert len(page) < 250_000

    def test_it_loads_nothing_from_elsewhere_and_runs_nothing_inline(self) -> None:
        page = render(*sample_run({"loss": curve(100)}))["index.html"].decode()
        policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
        assert policy
        assert policy[1] == (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
            "font-src 'self'; media-src 'self'; frame-src 'self'; connect-src 'self'; base-uri 'none'; "
            "form-action 'none'"
        )
        assert " style=" not in page
        assert "<style" not in page
        assert not re.search(r" on[a-z]+=", page)
        addresses = re.findall(r' (?:src|href)="([^"]*)"', page)
        assert [at for at in addresses if at.endswith(".js")] == [
            "../../../../assets/hash/run.js", "data/run.js", "data/charts-0.js"
        ]  # fmt: skip
        assert not [at for at in addresses if "//" in at and not at.startswith("data:")]
        assert '<body data-page="run" data-root="../../../../">' in page


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_only_text(text: str) -> None:
    def named(by: str) -> dict[str, bytes]:
        view, series = sample_run(
            {f"m/{by}": [1e308, float("nan"), -1e308, float("inf")]},
            name=by,
            reason=by,
            notes=by,
            tags=[by],
            group=by,
            job_type=by,
            config={by: {by: [by]}},
            environment={by: by, "host": by, "git": {"remote": "javascript:" + by, "commit": by}},
            exit={"exit_code": 1, "error": {"type": by, "message": by, "traceback": by}, "signal": None},
            alerts=[{"time": START, "title": by, "text": by, "level": by}],
            definitions={by: {"step_metric": by}},
        )
        view.summary[by] = by
        return render(view, series)

    plain, hostile = named("plain"), named(text)
    assert Counter(tags_of(hostile["index.html"])) == Counter(tags_of(plain["index.html"]))
    for name, data in hostile.items():
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", data.decode()), name
        if name.endswith(".js"):
            assert not re.search("[<>&\u2028\u2029]", data.decode()), name
            assert data.count(b"\n") == 1


def test_extreme_numbers_draw() -> None:
    view, series = sample_run(
        {
            "huge": [1e308, -1e308, 1e-308],
            "flat": [5.0] * 100,
            "nothing": [float("nan")] * 5,
            "one": [3.0],
            "long": [1e308 * (-1) ** n for n in range(1000)],
        }
    )
    log(view, series, "far", [-(2**62), 0, 2**62], [1.0, 2.0, 3.0])
    view.last_log_at = START
    page = render(view, series)["index.html"].decode()
    for path in re.findall(r' d="([^"]*)"', page):
        assert re.fullmatch(r"[MLhZ\d ]+", path)


def test_neither_templates_nor_parquet_are_loaded_for_a_page() -> None:
    program = "import sys, runhooks.site.build; print(*{'jinja2', 'pyarrow', 'fsspec'} & sys.modules.keys())"
    assert subprocess.check_output([sys.executable, "-c", program], text=True).strip() == ""
