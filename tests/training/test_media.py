"""What `log()` makes of pictures, sound, tables and the like, from the objects of real libraries."""

import io
import json
import math
import os
import re
import subprocess
import sys
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch

import runhooks
from runhooks.record.tables import from_parquet
from runhooks.recorder.tables import take_tables
from runhooks.site.shapes import shape_of
from runhooks.training.media.keeping import Keeper
from runhooks.values import Unstorable
from tests.programs import ended, rows

imageio_ffmpeg = pytest.importorskip("imageio_ffmpeg")
Picture = pytest.importorskip("PIL.Image")
go = pytest.importorskip("plotly.graph_objects")
mpl = pytest.importorskip("matplotlib")
mpl.use("agg")
plt = pytest.importorskip("matplotlib.pyplot")


@pytest.fixture
def keeper(tmp_path: Path) -> Keeper:
    """What encodes media in log(), without a run around it."""
    return Keeper(tmp_path / "files", lambda about, words: None)


@pytest.fixture
def encode(keeper: Keeper) -> Callable[[object], Any]:
    return lambda value: keeper.keep("media", value, 3)


def files(folder: Path) -> Path:
    """Return the folder of files of the only run in ./runs."""
    (document,) = (folder / "runs").glob("*/*/runs/*/run.json")
    return document.parent / "files"


def opened(folder: Path, value: dict) -> np.ndarray:
    with Picture.open(folder / "files" / value["path"]) as picture:
        return np.asarray(picture)


GREY = np.arange(12, dtype=np.uint8).reshape(3, 4) * 20


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (GREY, GREY),
        (GREY.astype(np.int64) * 2, (GREY.astype(int) * 2).clip(0, 255)),
        (GREY > 100, (GREY > 100) * 255),
        (GREY / 220, GREY / 220 * 255),
        (torch.tensor(GREY), GREY),
        (torch.stack([torch.tensor(GREY)] * 3), np.stack([GREY] * 3, 2)),
        (torch.tensor(GREY > 100).to(torch.bfloat16), (GREY > 100) * 255),
        (np.stack([GREY] * 4, 2), np.stack([GREY] * 4, 2)),
        (np.array([[np.nan, 0.0, 1.0]]), [[0, 0, 255]]),
        (np.array([[-2.0, 0.0, 2.0]]), [[0, 128, 255]]),
    ],
    ids=["uint8", "int64", "bool", "float", "torch", "chw", "bfloat16", "rgba", "nan", "scaled"],
)
def test_an_array_becomes_a_png_with_its_pixels(tmp_path, encode, given, expected):
    value = encode(runhooks.Image(given, caption="Zürich \ud800"))
    assert (value["kind"], value["caption"]) == ("image", "Zürich \\ud800")
    assert value["path"].startswith("media/image/media/3-")
    pixels = opened(tmp_path, value)
    assert (value["height"], value["width"]) == pixels.shape[:2]
    assert np.abs(pixels.astype(int) - np.round(expected)).max() <= 1


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "F", "I;16", "YCbCr"])
def test_an_image_of_pillow_of_every_mode_becomes_a_png(tmp_path, encode, mode):
    value = encode(Picture.new(mode, (5, 4)))
    assert (value["width"], value["height"]) == (5, 4)
    assert opened(tmp_path, value).shape[:2] == (4, 5)


def test_a_figure_of_matplotlib_becomes_an_image_and_one_of_plotly_stays_a_figure(tmp_path, encode):
    figure, axes = plt.subplots(figsize=(2, 1), dpi=50)
    axes.plot([1, 2])
    drawn, of_axes = encode(figure), encode(runhooks.Image(axes))
    plt.close(figure)
    assert (drawn["kind"], drawn["width"], drawn["height"]) == ("image", 100, 50)
    assert of_axes["sha256"] == drawn["sha256"]
    plotted = encode(go.Figure(go.Bar(y=[1, 2])))
    assert plotted["kind"] == "plotly"
    written = json.loads((tmp_path / "files" / plotted["path"]).read_bytes())
    assert written["data"][0]["type"] == "bar"


def test_a_list_of_images_is_a_list_and_a_batch_is_a_grid(encode):
    found = encode([runhooks.Image(GREY), Picture.fromarray(GREY)])
    assert [item["kind"] for item in found] == ["image", "image"]
    grid = encode(runhooks.Image(np.stack([GREY[..., None]] * 5)))
    assert (grid["width"], grid["height"]) == (12, 6)


def test_numbers_and_texts_and_lists_of_them_are_no_media(encode):
    assert all(
        encode(value) is None for value in (1, 0.5, "a", None, True, [], [1, 2], ["a"], (), np.float32(1))
    )


def test_masks_keep_their_classes_and_boxes_their_places(tmp_path, encode):
    classes = np.array([[0, 1], [2, 2]])
    mask = {"mask_data": classes, "class_labels": {1: "cat"}}
    pixel = {"position": {"minX": 1, "maxX": 2, "minY": 0, "maxY": 3}, "domain": "pixel", "class_id": 1}
    middle = {"position": {"middle": [0.5, 0.5], "width": 0.5, "height": 1}, "scores": {"p": np.float32(0.5)}}
    boxes = {"box_data": [pixel, middle], "class_labels": {1: "cat"}}
    value = encode(runhooks.Image(GREY, masks={"m": mask}, boxes={"b": boxes}))
    assert (opened(tmp_path, value["masks"]["m"]) == classes).all()
    assert value["masks"]["m"]["labels"] == {"1": "cat"}
    assert value["boxes"]["b"]["boxes"] == [
        {"box": [0.25, 0, 0.5, 1], "class": 1},
        {"box": [0.25, 0, 0.75, 1], "scores": {"p": 0.5}},
    ]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP"])
def test_a_file_is_copied_as_it_is(tmp_path, encode, kind):
    source = tmp_path / "given.dat"
    Picture.new("RGB", (7, 5), "blue").save(source, kind)
    value = encode(runhooks.Image(source))
    source.write_bytes(b"written over")
    assert opened(tmp_path, value).shape[:2] == (5, 7)
    if kind in ("PNG", "JPEG", "GIF"):
        assert (value["width"], value["height"]) == (7, 5)


BAD = [
    (runhooks.Image("missing.png"), "there is no file"),
    (runhooks.Image({"a": 1}), "not of numbers"),
    (runhooks.Image(np.array(["a"])), "not of numbers"),
    (runhooks.Image(np.zeros((2, 3, 9))), "is no image"),
    (runhooks.Image(np.zeros((0, 3))), "is no image"),
    (runhooks.Image(GREY, masks={"m": GREY}), "a mask is"),
    (runhooks.Image(GREY, masks={"m": {"mask_data": GREY.astype(int) + 300}}), "from 0 to 255"),
    (runhooks.Image(GREY, boxes={"b": {"box_data": [{"position": {}}]}}), "a box has"),
    (runhooks.Image(__file__), "no image that a browser shows"),
    ([runhooks.Image(GREY), 3], "something else"),
    (runhooks.Audio(np.zeros(10)), "sample_rate"),
    (runhooks.Audio(np.zeros((9, 9)), 8000), "no sound"),
    (runhooks.Audio(__file__), "no sound"),
    (runhooks.Video(np.zeros((2, 3))), "is no film"),
    (runhooks.Video(__file__), "no film"),
    (runhooks.Html(3), "markup is a text"),
    (runhooks.Table(data=3), "no rows"),
    (runhooks.Table(columns=["a"], data=[[1, 2]]), "a row of 2 values in a table of 1 columns"),
    (runhooks.Histogram(np_histogram=([1], [0, 1, 2])), "1 counts with 3 edges"),
    (runhooks.Histogram(["a"]), "ValueError"),
    (runhooks.Histogram(), "takes numbers"),
    (runhooks.Plotly({"no": "figure"}), "no figure"),
    (runhooks.Object3D(np.zeros((3, 2))), "no point cloud"),
    (runhooks.Object3D(__file__), "neither a GLB nor"),
]


@pytest.mark.parametrize(("value", "why"), BAD)
def test_what_cannot_be_encoded_says_why_and_leaves_no_file(tmp_path, encode, value, why):
    with pytest.raises(Unstorable, match=re.escape(why)):
        encode(value)
    assert not list((tmp_path / "files").rglob(".*"))


def test_a_pickled_array_is_not_loaded(tmp_path, encode):
    np.save(tmp_path / "evil.npy", np.array([object()]), allow_pickle=True)
    with pytest.raises(Unstorable, match="allow_pickle"):
        encode(runhooks.Object3D(tmp_path / "evil.npy"))


def test_names_that_lead_elsewhere_stay_within_the_run(tmp_path, keeper):
    for name in (
        "../../outside",
        "a/../../b",
        "/etc/x",
        ".hidden",
        "a?b*c:\\d",
        "ä" * 300,
        "",
        "val/samples",
    ):
        path = tmp_path / "files" / keeper.keep(name, runhooks.Image(GREY), 0)["path"]
        assert path.is_file()
        assert path.resolve().is_relative_to(tmp_path / "files")


def test_a_table_of_mixed_types_is_parquet_that_others_read(tmp_path, encode):
    table = runhooks.Table(columns=["n", "x", "text", "mixed", "n"])
    table.add_data(1, 0.5, "a", 1, None)
    table.add_data(2, float("nan"), "b", "zwei", True)
    table.add_data(2**40, 3, "\ud800", [1, 2], object())
    table.add_column("image", [runhooks.Image(GREY), None, 3])
    value = encode(table)
    assert (value["rows"], value["columns"]) == (3, 6)
    take_tables(tmp_path / "files")
    frame = pl.read_parquet(tmp_path / "files" / value["path"])
    assert frame.columns == ["n", "x", "text", "mixed", "n (2)", "image"]
    assert frame["n"].to_list() == [1, 2, 2**40]
    assert frame["x"].to_list()[0] == 0.5
    assert np.isnan(frame["x"].to_list()[1])
    assert frame["mixed"].to_list() == ["1", '"zwei"', "[1,2]"]
    assert json.loads(frame["image"].to_list()[0])["kind"] == "image"
    names, columns = from_parquet((tmp_path / "files" / value["path"]).read_bytes(), "table")
    assert (names[3], columns[3]) == ("mixed", [1, "zwei", [1, 2]])
    assert not list((tmp_path / "files").rglob(".*"))


def test_a_table_that_was_handed_over_only_in_part_is_left_alone(tmp_path, encode):
    encode(runhooks.Table(columns=["a"], data=[[1]]))
    (waiting,) = (tmp_path / "files").rglob(".*")
    waiting.write_bytes(waiting.read_bytes()[:-3])
    take_tables(tmp_path / "files")
    assert waiting.exists()
    assert not list((tmp_path / "files").rglob("*.parquet"))


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_frame_is_a_table(tmp_path, encode, library):
    value = encode(pytest.importorskip(library).DataFrame({"a": [1, 2], "b": ["x", "y"]}))
    take_tables(tmp_path / "files")
    frame = pl.read_parquet(tmp_path / "files" / value["path"])
    assert frame.to_dicts() == [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]


def test_what_a_frame_of_pandas_misses_is_nothing_and_nan_stays_a_number(tmp_path, encode):
    pd = pytest.importorskip("pandas")
    times = pd.to_datetime(["2026-01-01", None])
    whole = pd.array([1, None], "Int64")
    value = encode(
        pd.DataFrame({"text": ["x", None], "time": times, "whole": whole, "float": [0.5, math.nan]})
    )
    take_tables(tmp_path / "files")
    _, (text, time, whole, numbers) = from_parquet((tmp_path / "files" / value["path"]).read_bytes(), "table")
    assert (text[1], time[1], whole) == (None, None, [1, None])
    assert numbers[0] == 0.5
    assert math.isnan(numbers[1])


@pytest.mark.parametrize(
    "given", [[0, 1, 1, 2, math.nan], np.array([0, 1, 1, 2, np.inf]), torch.tensor([0.0, 1, 1, 2])]
)
def test_a_histogram_counts_what_is_finite(encode, given):
    value = encode(runhooks.Histogram(given, num_bins=2))
    assert (value["kind"], value["counts"], value["edges"]) == ("histogram", [1, 3], [0, 1, 2])


def test_what_numpy_counted_is_kept(encode):
    value = encode(runhooks.Histogram(np.histogram([0, 1, 1, 2], 4)))
    assert value["counts"] == [1, 0, 2, 1]


@pytest.mark.parametrize(
    ("samples", "channels"),
    [
        (np.array([0.0, 1.0, -1.0]), 1),
        (np.zeros((100, 2), np.int16), 2),
        (torch.zeros(2, 100), 2),
        (np.zeros(9, "u1"), 1),
        (np.zeros(9, "i4"), 1),
    ],
)
def test_sound_becomes_wav(tmp_path, encode, samples, channels):
    value = encode(runhooks.Audio(samples, sample_rate=8000, caption="c"))
    with wave.open(str(tmp_path / "files" / value["path"])) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (8000, channels, 2)
    assert (value["sample_rate"], value["caption"]) == (8000, "c")
    again = encode(runhooks.Audio(tmp_path / "files" / value["path"]))
    assert again["sha256"] == value["sha256"]


def test_frames_become_a_film_that_pillow_plays(tmp_path, encode):
    frames = np.random.default_rng(0).integers(0, 255, (4, 3, 6, 5), np.uint8)
    value = encode(runhooks.Video(frames, fps=10))
    with Picture.open(tmp_path / "files" / value["path"]) as film:
        assert film.n_frames == 4
        for n in range(4):
            film.seek(n)
            assert (np.asarray(film) == frames[n].transpose(1, 2, 0)).all()
        assert film.info["duration"] == pytest.approx(100)
    assert encode(runhooks.Video(tmp_path / "files" / value["path"]))["sha256"] == value["sha256"]


@pytest.mark.parametrize(("form", "mark"), [("mp4", b"ftyp"), ("webm", b"\x1a\x45\xdf\xa3")])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_frames_become_a_film_of_the_form_that_is_asked_for(tmp_path, encode, form, mark, channels):
    shades = np.linspace(40, 200, 8).astype(np.uint8)
    frames = np.broadcast_to(shades[:, None, None, None], (8, 33, 47, channels))
    value = encode(runhooks.Video(frames, fps=8, format=form))
    film = tmp_path / "files" / value["path"]
    assert film.suffix == f".{form}"
    assert mark in film.read_bytes()[:12]
    played = subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-i", film, "-f", "rawvideo", "-pix_fmt", "gray", "-"],
        capture_output=True,
        check=True,
    )
    assert b"8 fps" in played.stderr
    seen = np.frombuffer(played.stdout, np.uint8).reshape(-1, 34, 48)[:, :33, :47]
    assert seen.mean((1, 2)) == pytest.approx(shades, abs=4)


def test_without_the_extra_a_film_is_an_animated_picture_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    told = []
    keeper = Keeper(tmp_path / "files", lambda about, words: told.append(words))
    for form in ("mp4", "gif"):
        value = keeper.keep("clip", runhooks.Video(np.zeros((2, 4, 4, 3), np.uint8), format=form), 0)
        assert value["path"].endswith(".png")
    assert [word.partition("animated PNG: ")[2] for word in told] == [
        "mp4 needs pip install 'runhooks[video]'",
        "films are png, mp4 or webm",
    ]


def test_an_encoder_that_hangs_holds_up_no_training(tmp_path, monkeypatch):
    hangs = tmp_path / "ffmpeg"
    hangs.write_text("#!/bin/sh\nexec sleep 600\n")
    hangs.chmod(0o755)
    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", lambda: str(hangs))
    monkeypatch.setattr("runhooks.training.media.film._LIMIT_S", 0.1)
    told = []
    keeper = Keeper(tmp_path / "files", lambda about, words: told.append(words))
    value = keeper.keep("clip", runhooks.Video(np.zeros((2, 4, 4, 3), np.uint8), format="mp4"), 0)
    assert value["path"].endswith(".png")
    assert "it took longer than 0.1 s" in told[0]


def test_markup_can_load_nothing_from_elsewhere(tmp_path, encode):
    (tmp_path / "page.html").write_text("<p>given")
    for given in ("<p>given", tmp_path / "page.html", str(tmp_path / "page.html"), io.StringIO("<p>given")):
        page = (tmp_path / "files" / encode(runhooks.Html(given))["path"]).read_text()
        assert page.endswith("<p>given")
        assert "default-src 'none'" in page


@pytest.mark.parametrize("columns", [3, 4, 6])
def test_points_become_ply(tmp_path, encode, columns):
    points = np.arange(5 * columns, dtype=float).reshape(5, columns)
    np.save(tmp_path / "points.npy", points)
    value = encode(runhooks.Object3D(points if columns != 4 else tmp_path / "points.npy"))
    read = shape_of((tmp_path / "files" / value["path"]).read_bytes(), "points")
    assert (read.points == points[:, :3]).all()
    assert (read.colours is None) == (columns == 3)
    assert len(read.triangles) == 0


def test_a_run_keeps_its_media_and_warns_once_of_what_is_none(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("RUNHOOKS_SILENT", "0")
    with runhooks.init(quiet=True) as run:
        for step in range(2):
            run.log({"bad": runhooks.Image("no.png"), "loss": 0.5, "good": runhooks.Image(GREY)}, step=step)
        run.log({"table": runhooks.Table(columns=["a"], data=[[1], ["x"]])})
        child = os.fork()
        if not child:
            run.log({"forked": runhooks.Image(GREY)})
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
    found = rows(tmp_path, ended(tmp_path))
    assert [value for _, value in found["bad"]] == ["<runhooks.Image>"] * 2
    assert [value["kind"] for _, value in found["good"]] == ["image"] * 2
    said = [line for line in capsys.readouterr().err.splitlines() if "'bad' cannot be stored" in line]
    assert len(said) == 1
    assert "there is no file no.png" in said[0]
    for key in ("good", "table", "forked"):
        assert (files(tmp_path) / found[key][0][1]["path"]).is_file()


def test_a_disabled_run_and_one_that_has_finished_write_no_files(tmp_path):
    with runhooks.init(mode="disabled") as run:
        run.log({"image": runhooks.Image(GREY)})
    assert not list(tmp_path.rglob("*.png"))
    with runhooks.init() as run:
        # What cannot be written costs the picture and nothing else.
        files(tmp_path).write_text("in the way")
        run.log({"image": runhooks.Image(GREY), "loss": 1.0})
    with pytest.raises(runhooks.errors.RunFinishedError):
        run.log({"image": runhooks.Image(GREY)})
    assert not list(tmp_path.rglob("*.png"))
    found = rows(tmp_path, ended(tmp_path))
    assert isinstance(found["image"][0][1], str)
    assert found["loss"] == [(0, 1.0)]
