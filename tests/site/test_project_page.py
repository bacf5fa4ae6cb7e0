"""A project's page has a row for each run."""

import json
import re
from typing import Any

import pytest

from runhooks.record.view import Heartbeat
from runhooks.site.data import inflated
from runhooks.site.metrics import listed
from runhooks.site.project_page import COLUMNS, Row, parse_row, render_project, row_bytes, row_of, rows_in
from tests.site.samples import SECOND, START, payload, sample_run, tags_of, text_of


def table(files: dict[str, bytes], name: str = "project") -> list[dict[str, Any]]:
    found = payload(files, f"data/{name}.js")
    rows = json.loads(inflated(found["z"]))["rows"]
    return [dict(zip(found["columns"], row, strict=True)) for row in rows]


def test_a_row_has_config_and_summary_flat_with_scalars_only() -> None:
    view, _ = sample_run(
        {"val/acc": [0.5]},
        config={"model": {"layers": [64, 64], "name": "mlp"}, "seed": 1, "nothing": None, "empty": {}},
    )
    row = row_of(view)
    assert row["config"] == {
        "model.layers": "[64, 64]", "model.name": "mlp", "seed": 1, "nothing": None, "empty": "{}"
    }  # fmt: skip
    assert row["summary"] == {"val/acc": 0.5}
    assert tuple(row) == COLUMNS


def test_the_newest_run_comes_first() -> None:
    rows = [
        row_of(sample_run({}, id=id, created_at=START + at)[0]) for id, at in (("b", 1), ("c", 2), ("a", 1))
    ]
    files = render_project("team", "digits", rows, "hash")
    assert [row["id"] for row in table(files)] == ["c", "a", "b"]


def test_the_same_rows_in_any_order_give_the_same_bytes() -> None:
    rows = [row_of(sample_run({"loss": [n]}, id=f"r{n}")[0]) for n in range(20)]
    assert render_project("e", "p", rows, "hash") == render_project("e", "p", rows[::-1], "hash")


def test_a_running_run_carries_its_sign_of_life() -> None:
    view, _ = sample_run({"a": [1.0], "b": [2.0]}, state="running", heartbeat=Heartbeat(START + 5, 1))
    row = row_of(view)
    assert (row["state"], row["heartbeat_at"], row["ended_at"], row["groups"]) == (
        "running",
        START + 5,
        None,
        1,
    )


class TestPulse:
    """What an open page looks at, and which files it has to load again."""

    def changed(self, *projects: list[Row]) -> set[str]:
        """Return what ``pulse.js`` says to have changed between two states of a project."""
        before, after = (
            payload(render_project("e", "p", rows, "hash"), "data/pulse.js") for rows in projects
        )
        return {name for name in before if before[name] != after[name]}

    def going(self, loss: float, at: int = 0, id: str = "going") -> Row:
        beat = Heartbeat(START + at * SECOND, 1)
        return row_of(sample_run({"loss": [loss]}, id=id, state="running", heartbeat=beat)[0])

    def ended(self, loss: float, id: str = "ended") -> Row:
        return row_of(sample_run({"loss": [loss]}, id=id)[0])

    def test_it_is_a_few_hundred_bytes_whatever_the_size_of_the_project(self) -> None:
        rows = [self.going(n, id=f"going{n}") for n in range(300)] + [
            self.ended(n, id=f"ended{n}") for n in range(700)
        ]
        assert len(render_project("e", "p", rows, "hash")["data/pulse.js"]) < 200

    def test_it_comes_last_and_the_table_repeats_it(self) -> None:
        files = render_project("e", "p", [self.going(1.0), self.ended(1.0)], "hash")
        assert list(files)[-1] == "data/pulse.js"
        live, table = payload(files, "data/pulse.js"), payload(files, "data/project.js")
        assert live == {"settled": table["settled"], "running": table["running"], "poll_s": 30}
        assert payload(files, "data/running.js")["revision"] == live["running"]

    def test_a_run_that_goes_on_changes_its_own_file_and_not_the_table(self) -> None:
        before, after = [self.going(1.0), self.ended(1.0)], [self.going(0.5, at=30), self.ended(1.0)]
        assert self.changed(before, before) == set()
        assert self.changed(before, after) == {"running"}
        rows = table(render_project("e", "p", after, "hash"), "running")
        assert [(row["id"], row["summary"]) for row in rows] == [("going", {"loss": 0.5})]

    @pytest.mark.parametrize("change", ["added", "gone", "ended", "renamed", "artifacts"])
    def test_whatever_else_changes_is_in_the_table(self, change: str) -> None:
        before = [self.going(1.0), self.ended(1.0)]
        if change == "artifacts":
            one, other = (
                render_project("e", "p", before, "hash", artifacts=with_) for with_ in (False, True)
            )
            assert payload(one, "data/pulse.js")["settled"] != payload(other, "data/pulse.js")["settled"]
            return
        after = {
            "added": [*before, self.going(1.0, id="new")],
            "gone": before[:1],
            "ended": [self.ended(1.0, id="going"), before[1]],
            "renamed": [before[0], {**before[1], "name": "other"}],
        }[change]
        assert "settled" in self.changed(before, after)

    def test_runs_whose_recorder_ended_without_a_word_are_not_asked_for_again(self) -> None:
        rows = [self.going(1.0, at=3600), self.going(1.0, id="silent")]
        files = render_project("e", "p", rows, "hash")
        assert [row["id"] for row in table(files, "running")] == ["going"]
        assert {row["id"] for row in table(files)} == {"going", "silent"}


def test_a_row_reads_back_as_it_was_written() -> None:
    view, _ = sample_run({"loss": [float("nan")]}, config={"x": 2**60}, notes="n" * 3000)
    row = row_of(view)
    assert parse_row(row_bytes(view), "k3f9") == row
    assert len(row["notes"]) == 501
    files = render_project("team", "digits", [row], "hash")
    assert rows_in(files["data/project.js"])[1] == {"k3f9": row}


def test_a_row_lists_its_charts_as_the_run_page_numbers_them() -> None:
    view, series = sample_run(
        {"b/loss": [1.0], "alone": [2.0], "b/acc": [0.5], "c/secret": [1.0]},
        definitions={"alone": {"goal": "maximize"}, "c/*": {"hidden": True, "step_metric": "alone"}},
    )
    view.metrics["word"] = type(view.metrics["alone"])(count=1, last="x")
    charts = row_of(view)["charts"]
    assert charts["keys"] == [m.key for m in listed(view, series) if m.index is not None]
    assert charts["goals"] == {"b/loss": "min", "b/acc": "max", "alone": "max"}
    assert charts["hidden"] == ["c/secret"]
    assert charts["along"] == {"c/secret": "alone"}


def test_runs_with_the_same_charts_share_one_list_of_them() -> None:
    rows = [row_of(sample_run({"loss": [1.0]}, id=f"r{n}")[0]) for n in range(9)]
    rows.append(row_of(sample_run({"other": [1.0]}, id="odd")[0]))
    files = render_project("team", "digits", rows, "hash")
    stored = json.loads(inflated(payload(files, "data/project.js")["z"]))
    assert sorted(charts["keys"] for charts in stored["charts"]) == [["loss"], ["other"]]
    assert rows_in(files["data/project.js"])[1] == {row["id"]: row for row in rows}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"format":1,"id":"other"}',
        b'{"format":2,"id":"k3f9"}',
        b'{"format":1,"id":"k3f9"}',
    ],
)
def test_what_is_no_row_of_the_run_is_refused(data: bytes) -> None:
    assert parse_row(data, "k3f9") is None


def test_a_run_with_very_many_values_does_not_make_the_table_huge() -> None:
    view, _ = sample_run({}, config={f"key{n}": "x" * 1000 for n in range(5000)})
    assert len(row_bytes(view)) < 1_000_000


def test_without_scripts_the_runs_are_a_table_of_links() -> None:
    rows = [row_of(sample_run({"loss": [1.0]}, id="a b", name="first <b>", tags=["x"])[0])]
    page = render_project("team", "my project", rows, "hash")["index.html"]
    assert 'href="runs/a%20b/index.html"' in page.decode()
    for wanted in ("my project", "1 run", "first <b>", "finished", "x"):
        assert wanted in text_of(page)
    assert re.findall(r'src="([^"]*)"', page.decode()) == ["../../assets/hash/project.js", "data/project.js"]


def test_ten_thousand_runs_do_not_make_a_huge_page_without_scripts() -> None:
    one = row_of(sample_run({"loss": [1.0]})[0])
    rows = [{**one, "id": f"r{n}"} for n in range(10_000)]
    files = render_project("team", "digits", rows, "hash")
    assert tags_of(files["index.html"]).count("tr") == 201
    assert "9,800 older runs" in text_of(files["index.html"])
    assert len(table(files)) == 10_000
    assert len(files["data/project.js"]) < 1_000_000


def test_an_empty_project_says_so() -> None:
    assert "No runs yet." in text_of(render_project("team", "digits", [], "hash")["index.html"])
