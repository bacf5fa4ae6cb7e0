"""Pages come from the record alone: deleted, they come back the same."""

from collections.abc import Iterator
from pathlib import Path
from time import time

import numpy as np
import pytest

from runhooks.errors import RecordError, RunNotFoundError, SiteError
from runhooks.record.columns import Column
from runhooks.record.document import to_bytes
from runhooks.record.parts import Part, Rows
from runhooks.record.view import Heartbeat, RunView
from runhooks.site.assets import ASSETS as FRONT_END
from runhooks.site.assets import publish_assets
from runhooks.site.build import (
    Pages,
    build_project,
    build_root,
    build_run,
    read_series,
    write_run,
)
from runhooks.site.data import inflated
from runhooks.site.project_page import parse_row, row_of
from runhooks.site.render import build_site
from runhooks.storage import Entry, LocalStore, Store
from tests.site.samples import SECOND, START, payload, sample_run

ASSETS = "0123456789abcdef"


class Counted(LocalStore):
    """A store that says what was read and written."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.reads: list[str] = []
        self.writes: list[str] = []
        self.tells_versions = True

    def read(self, path: str, start: int | None = None, end: int | None = None) -> bytes:
        self.reads.append(path)
        return super().read(path, start, end)

    def write(
        self,
        path: str,
        data: bytes | Path,
        *,
        content_type: str | None = None,
        cache_control: str | None = None,
    ) -> None:
        self.writes.append(path)
        super().write(path, data, content_type=content_type, cache_control=cache_control)

    def list(self, prefix: str = "", *, recursive: bool = True) -> Iterator[Entry]:
        for entry in super().list(prefix, recursive=recursive):
            yield entry if self.tells_versions else Entry(entry.path, is_dir=entry.is_dir)


@pytest.fixture
def store(tmp_path: Path) -> Counted:
    return Counted(tmp_path / "runs")


def record(store: Store, id: str = "k3f9", points: int = 100, **fields: object) -> RunView:
    """Write the record of a run: its document, and a history in two parts, with some text in it."""
    values = np.sin(np.arange(points))
    view, _ = sample_run({"loss": values}, id=id, **fields)
    folder = f"{view.entity}/{view.project}/runs/{id}"
    for number, half in enumerate(np.array_split(np.arange(points), 2)):
        part = Part()
        part.add(
            "loss",
            Rows.of(Column(half.tolist(), (START + half * SECOND).tolist(), values[half].tolist(), True)),
        )
        part.add("stage", Rows.of(Column([number], [START], ["warm-up"], False)))
        store.write(f"{folder}/history/w0-{number:08d}.parquet", part.to_bytes())
    store.write(f"{folder}/run.json", to_bytes(view))
    return view


def pages_in(store: LocalStore) -> dict[str, bytes]:
    """Return what is derived, but for the note of the versions that rows had: that is of this store."""
    found = [path for path in store.root.rglob("*") if path.is_file() and path.name != "versions.json"]
    return {
        path.relative_to(store.root).as_posix(): path.read_bytes()
        for path in found
        if path.suffix in (".html", ".js") or path.parent.name in ("data", "index")
    }


def test_a_page_deleted_comes_back_byte_for_byte(store: Counted) -> None:
    for n in range(3):
        record(store, f"r{n}", points=10 + 1000 * n)
    build_site(store, assets=ASSETS)
    before = pages_in(store)
    for path in before:
        store.delete(path)
    build_site(store, assets=ASSETS)
    assert pages_in(store) == before
    assert {path for path in before if path.endswith(".html")} == {
        "index.html",
        "team/digits/index.html",
        *(f"team/digits/runs/r{n}/index.html" for n in range(3)),
    }


def test_a_page_from_the_record_is_the_one_that_a_recorder_wrote(store: Counted) -> None:
    view = record(store, points=5000)
    live, series = sample_run({"loss": np.sin(np.arange(5000))})
    write_run(Pages(store, ASSETS), live, series)
    before = pages_in(store)
    assert build_run(store, "team/digits/runs/k3f9", Pages(store, ASSETS)) == view
    assert pages_in(store) == before


def test_the_series_are_read_from_the_parts_without_what_is_no_number(store: Counted) -> None:
    record(store)
    series = read_series(store, "team/digits/runs/k3f9")
    assert list(series) == ["loss"]
    np.testing.assert_array_equal(series["loss"].mean, np.sin(np.arange(100)))


def test_only_what_changed_is_written_again(store: Counted) -> None:
    view, series = sample_run({"loss": [1.0, 2.0], "acc": [0.0, 1.0]})
    pages = Pages(store, ASSETS)
    write_run(pages, view, series)
    store.writes.clear()
    write_run(pages, view, series)
    assert store.writes == []
    view.notes = "better"
    write_run(pages, view, series)
    changed = ["data/run.js", "index.html", "data/live.js"]
    assert store.writes == [
        *(f"team/digits/runs/k3f9/{name}" for name in changed),
        "team/digits/index/k3f9.json",
    ]


def test_a_run_that_is_not_there_is_said(store: Counted) -> None:
    record(store)
    with pytest.raises(RunNotFoundError):
        build_run(store, "team/digits/runs/other", Pages(store, ASSETS))


class TestProject:
    def rows(self, store: LocalStore) -> dict[str, list[object]]:
        import json

        found = payload({"data/project.js": store.read("team/digits/data/project.js")}, "data/project.js")
        return {row[0]: row for row in json.loads(inflated(found["z"]))["rows"]}

    def built(self, store: Store) -> None:
        build_project(store, "team", "digits", Pages(store, ASSETS))

    def test_a_run_without_a_row_gets_one(self, store: Counted) -> None:
        view = record(store)
        self.built(store)
        assert set(self.rows(store)) == {"k3f9"}
        assert parse_row(store.read("team/digits/index/k3f9.json"), "k3f9") == row_of(view)

    def test_a_row_that_cannot_be_read_is_written_again(self, store: Counted) -> None:
        record(store)
        store.write("team/digits/index/k3f9.json", b'{"format": 99')
        self.built(store)
        assert set(self.rows(store)) == {"k3f9"}

    def test_a_row_whose_run_is_gone_is_passed_over(self, store: Counted) -> None:
        record(store, "gone")
        record(store, "here")
        self.built(store)
        for entry in list(store.list("team/digits/runs/gone")):
            store.delete(entry.path)
        self.built(store)
        assert set(self.rows(store)) == {"here"}

    def test_only_rows_that_changed_are_read(self, store: Counted) -> None:
        for n in range(40):
            record(store, f"r{n}", points=2)
        self.built(store)
        self.built(store)  # the first wrote the rows, so it could not know their versions
        view = record(store, "r7", points=2, name="renamed")
        _, series = sample_run({"loss": [0.0]})
        write_run(Pages(store, ASSETS), view, series)
        store.reads.clear()
        self.built(store)
        assert [path for path in store.reads if "/index/" in path] == ["team/digits/index/r7.json"]
        assert self.rows(store)["r7"][1] == "renamed"
        assert len(self.rows(store)) == 40

    def test_a_store_that_tells_no_versions_has_all_rows_read(self, store: Counted) -> None:
        record(store)
        store.tells_versions = False
        for _ in range(3):
            store.reads.clear()
            self.built(store)
        assert "team/digits/index/k3f9.json" in store.reads

    def test_what_tells_open_pages_is_written_after_what_it_tells_of(self, store: Counted) -> None:
        record(store)
        store.writes.clear()
        self.built(store)
        names = [path.rpartition("/")[2] for path in store.writes if path.startswith("team/digits/")]
        assert names[-1] == "pulse.js"
        assert {"project.js", "running.js", "versions.json", "digest.json"} <= set(names[:-1])

    def test_a_run_that_goes_on_leaves_the_files_of_the_others_alone(self, store: Counted) -> None:
        record(store, "ended", points=2)
        pages, rows = Pages(store, ASSETS), []
        for beat in (1, 2):
            alive = Heartbeat(int(time() * 1e6), beat)
            record(store, "going", points=2, state="running", heartbeat=alive)
            store.delete("team/digits/index/going.json")
            build_project(store, "team", "digits", pages)
            rows.append(payload({"data/pulse.js": store.read("team/digits/data/pulse.js")}, "data/pulse.js"))
        assert rows[0]["settled"] == rows[1]["settled"]
        assert rows[0]["running"] != rows[1]["running"]

    @pytest.mark.parametrize(
        "name",
        ["data/project.js", "data/running.js", "data/pulse.js", "data/versions.json", "data/digest.json"],
    )
    @pytest.mark.parametrize("damage", [b"", b"null", b'runhooks.put("project",{});\n', b'{"revision":"x"}'])
    def test_a_damaged_derived_file_heals(self, store: Counted, name: str, damage: bytes) -> None:
        record(store)
        build_site(store, assets=ASSETS)
        build_site(store, assets=ASSETS)
        before = pages_in(store)
        store.write(f"team/digits/{name}", damage)
        build_site(store, assets=ASSETS)
        assert pages_in(store) == before

    def test_a_run_that_cannot_be_read_is_named_and_the_others_are_shown(self, store: Counted) -> None:
        record(store, "good")
        store.write("team/digits/runs/bad/run.json", b"{}")
        report = build_site(store, assets=ASSETS)
        assert set(self.rows(store)) == {"good"}
        assert list(report.unreadable) == ["team/digits/runs/bad"]
        assert (report.runs, report.projects) == (1, 1)
        with pytest.raises(RecordError):
            build_run(store, "team/digits/runs/bad", Pages(store, ASSETS))


class TestRoot:
    def test_every_folder_with_runs_is_a_project_and_no_other(self, store: Counted) -> None:
        record(store, entity="a", project="one")
        record(store, entity="b", project="two")
        store.write("lightning_logs/version_0/metrics.csv", b"")
        store.write("assets/x/runs/app.js", b"")
        assert build_root(store, Pages(store, ASSETS)).projects == 2
        found = payload({"data/root.js": store.read("data/root.js")}, "data/root.js")["projects"]
        assert [(project["entity"], project["project"], project["runs"]) for project in found] == [
            ("a", "one", 1),
            ("b", "two", 1),
        ]

    def test_progress_is_told(self, store: Counted) -> None:
        record(store, "r0")
        record(store, "r1")
        done: list[str] = []
        build_site(store, done.append, ASSETS)
        assert done == ["team/digits/runs/r0", "team/digits/runs/r1"]


class TestAssets:
    def test_the_front_end_is_put_in_a_folder_named_by_its_content_once(
        self, store: Counted, tmp_path: Path
    ) -> None:
        for name in FRONT_END:
            (tmp_path / name).write_bytes(name.encode())
        folder = publish_assets(store, tmp_path)
        assert store.read(f"assets/{folder}/run.js") == b"run.js"
        modified = {entry.path: entry.version for entry in store.list("assets")}
        assert publish_assets(store, tmp_path) == folder
        assert {entry.path: entry.version for entry in store.list("assets")} == modified
        (tmp_path / "run.css").write_bytes(b"other")
        assert publish_assets(store, tmp_path) != folder

    def test_a_front_end_that_was_not_built_is_said_with_the_command(
        self, store: Counted, tmp_path: Path
    ) -> None:
        with pytest.raises(SiteError, match="npm ci && npm run build"):
            publish_assets(store, tmp_path)
        assert not store.root.exists()
