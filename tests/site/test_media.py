"""The media of a run in its page's data files."""

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runhooks.record.parts import Rows
from runhooks.record.tables import to_parquet
from runhooks.site.build import Pages, build_run
from runhooks.site.data import inflated, read_script
from runhooks.site.media import content_files, media_payloads
from runhooks.site.mediaset import MOST_STEPS, MediaSet
from runhooks.site.plotly import publish_plotly
from runhooks.storage import open_store


def image(step: int) -> str:
    return f'{{"kind":"image","path":"media/image/a/{step}.png"}}'


def rows_of(steps: list[int], texts: list[str]) -> Rows:
    at = np.array(steps, np.int64)
    return Rows(at, at * 10, np.full(len(at), np.nan), np.zeros(len(at), bool), dict(enumerate(texts)))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-3000, 3000), min_size=1, max_size=2000), st.integers(1, 7))
def test_a_page_shows_a_bounded_share_whatever_the_order_and_the_portions(steps, pieces):
    whole, parts = MediaSet(), MediaSet()
    texts = [image(step) for step in steps]
    whole.add("a", rows_of(steps, texts))
    for n in range(pieces):
        if steps[n::pieces]:
            parts.add("a", rows_of(steps[n::pieces], texts[n::pieces]))
    found = list(whole["a"])
    assert found == list(parts["a"])
    assert len(found) <= MOST_STEPS
    assert found[-1][0] == max(steps)
    if len(set(steps)) <= MOST_STEPS:
        assert [step for step, _, _ in found] == sorted(set(steps))


def test_of_one_step_the_last_counts_and_other_objects_are_none():
    media = MediaSet()
    media.add("a", rows_of([1, 1, 2, 3], [image(1), image(9), '"text"', "[1,2]"]))
    media.add("b", rows_of([1], ['{"kind":"else"}']))
    assert [(step, items[0]["path"]) for step, _, items in media["a"]] == [(1, "media/image/a/9.png")]
    assert list(media) == ["a"]


def test_what_a_name_holds_is_in_one_file_a_name():
    media = MediaSet()
    media.add("a", rows_of([0, 5], [image(0), f"[{image(5)},{image(6)}]"]))
    (payload,) = media_payloads("run", media, ["a"])
    assert (payload["kind"], payload["steps"], payload["times"]) == ("image", [0, 5], [0, 50])
    assert [len(items) for items in orjson.loads(inflated(payload["z"]))] == [1, 2]


@pytest.fixture
def store(tmp_path):
    return open_store(tmp_path)


def content(store, kind: str, path: str) -> list[dict]:
    media = MediaSet()
    media.add("a", rows_of([0], [f'{{"kind":"{kind}","path":"{path}"}}']))
    done: set[str] = set()
    found = list(content_files(store, "run", media, done))
    assert list(content_files(store, "run", media, done)) == [] or not found
    return [read_script(data, "content") for _, data in found]


def test_a_table_comes_in_pieces_so_that_a_big_one_opens_at_once(store):
    rows = [[n, f"text {n}", None if n % 2 else {"kind": "image", "path": "x.png"}] for n in range(4_500)]
    store.write("run/files/t.parquet", to_parquet(["n", "text", "image"], rows))
    pieces = content(store, "table", "t.parquet")
    assert [piece["chunks"] for piece in pieces] == [3, 3, 3]
    assert pieces[0]["columns"] == ["n", "text", "image"]
    assert pieces[0]["rows"] == 4_500
    columns = [orjson.loads(inflated(piece["z"])) for piece in pieces]
    assert [n for piece in columns for n in piece[0]] == list(range(4_500))
    assert columns[0][2][:2] == [{"kind": "image", "path": "x.png"}, None]


@pytest.mark.parametrize(
    ("kind", "name", "data"),
    [
        ("table", "t.parquet", b"no parquet"),
        ("plotly", "f.json", b"{"),
        ("object3d", "o.ply", b"ply\nelement vertex 5\nend_header\n"),
        ("object3d", "o.glb", b"glTF" + bytes(50)),
        ("table", "missing.parquet", None),
        ("table", "../../secret", None),
    ],
)
def test_a_media_file_that_is_missing_or_broken_leaves_the_rest(store, kind, name, data):
    if data is not None:
        store.write(f"run/files/{name}", data)
    assert content(store, kind, name) == []


def test_plotly_is_put_beside_the_pages_once(store, tmp_path):
    pytest.importorskip("plotly")
    assert publish_plotly(store)
    frame = tmp_path / "assets" / "plotly" / "frame.html"
    text, before = frame.read_text(), frame.stat().st_mtime_ns
    assert "default-src 'none'" in text
    assert text.count("</script>") == 2
    assert publish_plotly(store)
    assert frame.stat().st_mtime_ns == before


def test_the_recorder_and_a_later_rendering_write_the_same_bytes(tmp_path, monkeypatch):
    import runhooks

    monkeypatch.setenv("RUNHOOKS_SILENT", "1")
    with runhooks.init(store=str(tmp_path)) as run:
        for step in range(3):
            run.log({"image": runhooks.Image(np.eye(4) * step), "table": runhooks.Table(data=[[step]])})
            run.log({"h": runhooks.Histogram([1, 2, 3]), "points": runhooks.Object3D(np.eye(3)), "loss": 1})
    store = open_store(tmp_path)
    folder = f"default/Uncategorized/runs/{run.id}"
    kept = {entry.path: store.read(entry.path) for entry in store.list(f"{folder}/data")}
    assert sum("/content-" in path for path in kept) == 6
    for path in kept:
        store.delete(path)
    build_run(store, folder, Pages(store))
    assert {entry.path: store.read(entry.path) for entry in store.list(f"{folder}/data")} == kept
