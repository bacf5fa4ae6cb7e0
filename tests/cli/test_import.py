"""`runhooks import`: every value equal to what the origin's own reader gives."""

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from runhooks import Api
from runhooks.record.console import read_console
from runhooks.record.tables import from_parquet
from tests.cli.conftest import Command
from tests.programs import environment

TENSORBOARD = """
import json, math, sys
from tensorboardX import SummaryWriter
import numpy
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto import summary_pb2
from tensorboard.data_compat import migrate_value
from tensorboard.plugins.histogram.summary_v2 import histogram_pb
from tensorboard.plugins.image.metadata import create_summary_metadata
from tensorboard.util.tensor_util import make_ndarray, make_tensor_proto
from tensorboardX.proto.summary_pb2 import Summary


def images_pb(tag):  # its own function needs TensorFlow to encode
    png = bytes.fromhex("89504e470d0a1a0a")
    data = make_tensor_proto([b"4", b"2", png + b"one", png + b"two"])
    summary = summary_pb2.Summary()
    metadata = create_summary_metadata("", "", converted_to_tensor=True)
    summary.value.add(tag=tag, metadata=metadata, tensor=data)
    return summary


def old_buckets(value):  # as the histogram's page has them
    message = summary_pb2.HistogramProto(
        min=value.min, max=value.max, bucket_limit=value.bucket_limit, bucket=value.bucket
    )
    [shown] = [migrate_value(summary_pb2.Summary.Value(tag="x", histo=message))]
    return make_ndarray(shown.tensor).tolist()


found, media = {}, {}
for name in ("first", "deep/second"):
    with SummaryWriter(f"logs/{name}") as writer:
        for step in range(50):
            writer.add_scalar("train/loss", 1 / (step + 1), step)
            if step % 7 == 0:
                writer.add_scalar("val/acc", step / 50, step * 10)
        writer.add_scalar("odd", math.nan, 3)
        writer.add_scalar("odd", -math.inf, 2**40)
        writer.add_histogram("weights", list(range(100)), 1)
        writer.add_text("note", "words <b>", 5)
        spread = numpy.concatenate([[-3.5, -1e-9, 0, 2e9], numpy.linspace(-1, 1, 200)])
        writer.add_histogram("weights", spread, 2)  # over 512 intervals, most of them empty
        writer.add_image("val/picture", numpy.full((3, 2, 4), 7, numpy.uint8), 3)
        beep = Summary.Value(tag="beep", audio=Summary.Audio(encoded_audio_string=b"RIFF"))
        writer.file_writer.add_summary(Summary(value=[beep]), 1)
        for tensor in (histogram_pb("new", spread, buckets=5), images_pb("several")):
            summary = Summary.FromString(tensor.SerializeToString())
            writer.file_writer.add_summary(summary, 4)
    events = EventAccumulator(f"logs/{name}", size_guidance={"scalars": 0, "histograms": 0, "tensors": 0})
    events.Reload()
    found[name] = {
        tag: [(e.step, round(e.wall_time * 1e6), str(e.value)) for e in events.Scalars(tag)]
        for tag in events.Tags()["scalars"]
    }
    media[name] = {
        "weights": [[e.step, old_buckets(e.histogram_value)] for e in events.Histograms("weights")],
        "new": [[e.step, make_ndarray(e.tensor_proto).tolist()] for e in events.Tensors("new")],
        "val/picture": [[e.step, e.width, e.height, e.encoded_image_string.hex()]
                        for e in events.Images("val/picture")],
        "several": [[e.step, *(text.hex() for text in make_ndarray(e.tensor_proto).tolist())]
                    for e in events.Tensors("several")],
    }
print(json.dumps([found, media]))
"""

READ_TENSORBOARD = """
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util.tensor_util import make_ndarray

events = EventAccumulator(sys.argv[1], size_guidance={"tensors": 0})
events.Reload()
value = lambda tensor: repr(make_ndarray(tensor).item())
print(json.dumps({
    tag: [events.SummaryMetadata(tag).plugin_data.plugin_name,
          [(e.step, round(e.wall_time * 1e6), value(e.tensor_proto)) for e in events.Tensors(tag)]]
    for tag in events.Tags()["tensors"]
}))
"""

MLFLOW = """
import json, os, sys

os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
import mlflow
from mlflow.tracking import MlflowClient

mlflow.set_tracking_uri(sys.argv[1])
mlflow.set_experiment("exp one")
found = {}
for number in range(2):
    with mlflow.start_run(run_name=f"run {number}") as run:
        mlflow.log_params({"lr": 0.1, "depth": 3, "model/name": "vgg"})
        mlflow.set_tag("team", "a")
        for step in range(20):
            mlflow.log_metric("train/loss", 1 / (step + 1), step=step)
        mlflow.log_metric("odd", float("nan"), step=3)
        mlflow.log_metric("odd", float("inf"), step=-4)
        mlflow.log_text(f"h\u00e9 {number}", "notes/a.txt")
        mlflow.log_dict({"a": number}, "d.json")
    history = MlflowClient().get_metric_history
    found[run.info.run_id] = {
        key: sorted((m.step, m.timestamp, str(m.value)) for m in history(run.info.run_id, key))
        for key in ("train/loss", "odd")
    }
    artifacts = ["notes/a.txt", "d.json"]
    load = lambda name: mlflow.artifacts.load_text(f"{run.info.artifact_uri}/{name}")
    found[run.info.run_id]["files"] = {name: load(name) for name in artifacts}
with mlflow.start_run() as gone:
    pass
mlflow.delete_run(gone.info.run_id)
print(json.dumps(found))
"""

WANDB = """
import math
import wave
import numpy
import wandb

with wandb.init(project="digits", id="w4nd8", name="calm", notes="why", tags=["a", "b"], group="g",
                job_type="train", config={"lr": 0.1, "net": {"depth": 3, "sizes": [1, 2]}}) as run:
    wandb.define_metric("val/*", step_metric="epoch", summary="min")
    for step in range(3000):  # more than a block of the file's framing
        run.log({"train/loss": 1 / (step + 1), "deep": {"er": {"x": step * 0.1}}})
    run.log({"val/loss": 1e-300, "epoch": 1}, step=5000)
    run.log({"odd": math.nan, "far": -math.inf, "word": "x" * 70000})
    run.log({"flag": True, "big": 2**60 + 1, "none": None})
    run.log({"spread": wandb.Histogram(np_histogram=numpy.histogram([1, 2, 2, 3], bins=4))})
    image = lambda shade, caption: wandb.Image(numpy.full((2, 3, 3), shade, numpy.uint8), caption=caption)
    run.log({"picture": image(0, "black")})
    run.log({"few/pictures": [image(shade, f"of {shade}") for shade in range(3)]})
    run.log({"cells": wandb.Table(columns=["a", "b"], data=[[1, "x"], [2, None], [2.5, "\u00e9"]])})
    with wave.open("beep.wav", "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(800))
    run.log({"sound": wandb.Audio("beep.wav", caption="beep")})
    open("film.mp4", "wb").write(b"....ftypisom")
    run.log({"film": wandb.Video("film.mp4", caption="film")})
    run.log({"markup": wandb.Html("<p>hi</p>")})
    open("mine.txt", "w").write("saved \u00e9")
    run.save("mine.txt")
    print("\\r 10 %", end="")
    print("\\r100 %")
    run.summary["best"] = 0.25
    run.config.update({"late": "yes"})
    print("a line")
"""

READ_WANDB = """
import json, sys
from wandb.proto.wandb_internal_pb2 import Record
from wandb.sdk.internal.datastore import DataStore

def put(into, items):
    for item in items:
        into[".".join(item.nested_key or [item.key])] = json.loads(item.value_json)

found = {"rows": [], "summary": {}, "config": {}, "output": []}
for file in sys.argv[1:]:
    store = DataStore()
    store.open_for_scan(file)
    while (data := store.scan_data()) is not None:
        record = Record.FromString(data)
        kind = record.WhichOneof("record_type")
        if kind == "history":
            row = {}
            put(row, record.history.item)
            found["rows"].append([record.history.step.num, row])
        elif kind == "run":
            put(found["config"], record.run.config.update)
            found |= {"name": record.run.display_name, "tags": list(record.run.tags)}
        elif kind == "output_raw":
            at = record.output_raw.timestamp
            found["output"].append([at.seconds * 10**6 + at.nanos // 1000, record.output_raw.line])
        elif kind in ("summary", "config"):
            put(found[kind], getattr(record, kind).update)
print(json.dumps(found))
"""


class Origins(NamedTuple):
    """Pythons with other trackers: beside Lightning and transformers these would become their loggers.

    W&B's own reader in Python is that of 0.28: later ones have it only inside their program.
    """

    python: Path
    wandb_reader: Path

    def run(self, program: str, here: Path, *words: str, reader: bool = False) -> Any:
        """Run a program and return the JSON that it prints last."""
        variables = {"WANDB_MODE": "offline", "WANDB_SILENT": "true", "HOME": str(here)}
        variables |= {"PYTHONPATH": str(self.wandb_reader)} if reader else {}
        done = subprocess.run(
            [self.python, "-c", program, *words],
            cwd=here,
            env=environment(**variables),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        lines = done.stdout.splitlines()
        return json.loads(lines[-1]) if program != WANDB else lines


@pytest.fixture(scope="session")
def origins(tmp_path_factory: pytest.TempPathFactory) -> Origins:
    folder = tmp_path_factory.mktemp("origins")
    uv, python = [sys.executable, "-m", "uv"], folder / "bin/python"
    packages = "tensorboard tensorboardX setuptools mlflow-skinny sqlalchemy alembic wandb pillow".split()
    reader = ["--no-deps", "--target", str(folder / "reader"), "wandb<0.29"]
    subprocess.run([*uv, "venv", "-q", str(folder)], check=True)
    for wanted in (packages, reader):
        subprocess.run(
            [*uv, "pip", "install", "-q", "--no-compile-bytecode", "--python", str(python), *wanted],
            check=True,
        )
    return Origins(python, folder / "reader")


def times(run: Any, key: str) -> list[tuple[int, int, str]]:
    """Return step, time in microseconds and value of each value of a metric."""
    from runhooks.record.read import history

    [rows] = [rows for name, rows in history(run.store, run.folder, [key]) if name == key]
    return [
        (step, time, str(value))
        for step, time, value in zip(rows.steps.tolist(), rows.times.tolist(), rows.decoded(), strict=True)
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("address", "source"), [("file:./mlruns", "mlruns"), ("sqlite:///mlflow.db", "mlflow.db")]
)
def test_mlflow_runs_have_the_values_that_its_own_client_gives(
    command: Command, here: Path, origins: Origins, address: str, source: str
) -> None:
    theirs = origins.run(MLFLOW, here, address)

    imported = command("import", source, "digits", "--json")

    assert imported.code == 0
    assert {run["path"] for run in imported.json["imported"]} == {f"default/digits/{id}" for id in theirs}
    for id, metrics in theirs.items():
        run = Api().run(f"digits/{id}")
        assert {file.name: file.read().decode() for file in run.files()} == metrics.pop("files")
        for key, values in metrics.items():
            assert times(run, key) == [(step, ms * 1000, value) for step, ms, value in values]
        assert run.config == {"lr": 0.1, "depth": 3, "model/name": "vgg"}
        assert (run.name[:4], run.state, run.tags, run.group) == ("run ", "finished", ["team:a"], "exp one")


@pytest.mark.slow
def test_a_tensorboard_folder_has_the_values_that_its_own_reader_gives(
    command: Command, here: Path, origins: Origins
) -> None:
    theirs, media = origins.run(TENSORBOARD, here)

    imported = command("import", "logs", "digits", "--json")

    assert imported.code == 0
    assert {run["path"] for run in imported.json["imported"]} == {
        "default/digits/first",
        "default/digits/deep-second",
    }
    assert all(run["left_out"] == {"audio": 1} for run in imported.json["imported"])
    for name, scalars in theirs.items():
        run = Api().run(f"digits/{name.replace('/', '-')}")
        for tag, values in scalars.items():
            assert times(run, tag) == [tuple(value) for value in values], tag
        assert (run.name, run.state) == (name, "finished")
        assert run.history(["note/text_summary"])["note/text_summary"].tolist() == ["words <b>"]
        _have_tensorboards_media(run, media[name])
    again = command("import", "logs", "digits")
    assert again.code == 1
    assert "exists already" in again.err


def _have_tensorboards_media(run: Any, theirs: dict[str, list[Any]]) -> None:
    rows: dict[str, list[Any]] = {key: [] for key in theirs}
    for row in run.scan_history():
        for key in rows.keys() & row:
            rows[key].append([row["_step"], row[key]])
    files = {file.name: file.read() for file in run.files()}
    for key in ("weights", "new"):
        assert [step for step, _ in rows[key]] == [step for step, _ in theirs[key]]
        for (_, ours), (_, buckets) in zip(rows[key], theirs[key], strict=True):
            assert len(ours["counts"]) <= 512
            counted = zip(ours["edges"], ours["edges"][1:], ours["counts"], strict=False)
            single = np.float32 if key == "weights" else float  # theirs is converted to that
            assert [tuple(map(single, bucket)) for bucket in counted if bucket[2]] == [
                tuple(bucket) for bucket in buckets if bucket[2]
            ]
            assert sum(ours["counts"]) == sum(count for *_, count in buckets)
    [[step, picture]], [[_, several]] = rows["val/picture"], rows["several"]
    assert [[step, picture["width"], picture["height"], files[picture["path"]].hex()]] == theirs[
        "val/picture"
    ]
    [[_, width, height, *encoded]] = theirs["several"]
    assert [files[item["path"]].hex() for item in several] == encoded
    assert {(item["width"], item["height"]) for item in several} == {(4, 2)}
    assert (bytes.fromhex(width), bytes.fromhex(height)) == (b"4", b"2")
    for item in [picture, *several]:
        assert item["sha256"] == sha256(files[item["path"]]).hexdigest()


@pytest.mark.slow
def test_tensorboard_reads_every_value_of_an_exported_run(
    command: Command, here: Path, origins: Origins
) -> None:
    (here / "one.csv").write_text(
        f"step,timestamp,loss,word,big\n-3,1763877662,{1 / 3!r},é <b>,\n"
        f"7,1763877663.5,nan,,{2**60}\n5,1763877664,-inf,,\n"
    )
    command("import", "one.csv", "digits")

    done = command("export", "digits/one", "--tensorboard", "events", "--json")
    theirs = origins.run(READ_TENSORBOARD, here, "events/one")

    assert done.json["exported"][0]["values"] == 5
    assert theirs == {
        "loss": ["scalars", [[-3, 1763877662000000, repr(1 / 3)], [5, 1763877664000000, "-inf"],
                             [7, 1763877663500000, "nan"]]],
        "word": ["text", [[-3, 1763877662000000, repr("é <b>".encode())]]],
        "big": ["scalars", [[7, 1763877663500000, repr(float(2**60))]]],
    }  # fmt: skip
    assert command("import", "events", "again").code == 0  # and so does runhooks
    assert times(Api().run("again/one"), "loss")[0] == (-3, 1763877662000000, str(1 / 3))


@pytest.mark.slow
def test_a_run_of_wandb_has_the_values_that_its_own_reader_gives(
    command: Command, here: Path, origins: Origins
) -> None:
    origins.run(WANDB, here)
    file = next((here / "wandb").glob("offline-run-*/run-w4nd8.wandb"))
    theirs = origins.run(READ_WANDB, here, str(file), reader=True)

    imported = command("import", "wandb", "digits", "--json")

    assert (imported.code, imported.err) == (0, "")
    [told] = imported.json["imported"]
    assert told["path"] == "default/digits/w4nd8"
    assert told["left_out"] == {"samples of the system": 1, "artifacts": 1, "html-file objects": 1}
    run = Api().run("digits/w4nd8")
    ours = {row.pop("_step"): row for row in run.scan_history()}
    own = ("_step", "_timestamp", "_runtime")
    for step, row in theirs["rows"]:
        kept = {key: value for key, value in row.items() if key not in own and not _is_medium(key)}
        if "spread._type" in kept:
            kept = {
                "spread": {"kind": "histogram", "counts": kept["spread.values"], "edges": kept["spread.bins"]}
            }
        found = {key: v for key, v in ours.pop(step, {"_time": None}).items() if not _is_medium(key)}
        at = found.pop("_time")
        assert repr(sorted(found.items())) == repr(sorted((k, _number(v)) for k, v in kept.items()))
        assert at is None or abs(at.timestamp() - row["_timestamp"]) < 1e-5
    assert ours == {}
    assert run.config == {"lr": 0.1, "net": {"depth": 3, "sizes": [1, 2]}, "late": "yes"}
    assert (run.name, run.notes, run.tags, run.group, run.job_type, run.state) == (
        theirs["name"], "why", theirs["tags"], "g", "train", "finished",
    )  # fmt: skip
    assert run.summary["best"] == theirs["summary"]["best"] == 0.25
    assert run.summary["deep.er.x"] == theirs["summary"]["deep.er.x"]
    assert run.view.definition("val/loss") == {"step_metric": "epoch", "summary": ["min"]}
    assert command("verify", "digits").code == 0


@pytest.mark.slow
def test_a_run_of_wandb_has_its_files_its_console_and_its_media(
    command: Command, here: Path, origins: Origins
) -> None:
    origins.run(WANDB, here)
    theirs = next((here / "wandb").glob("offline-run-*/files"))
    records = origins.run(READ_WANDB, here, str(theirs.parent / "run-w4nd8.wandb"), reader=True)

    assert command("import", "wandb", "digits").code == 0

    run = Api().run("digits/w4nd8")
    ours = {file.name: file.read() for file in run.files()}
    paths = [path for path in theirs.rglob("*") if path.is_file()]
    assert {path.relative_to(theirs).as_posix() for path in paths} >= {
        "output.log",
        "requirements.txt",
        "mine.txt",
    }
    for path in paths:
        assert ours.pop(path.relative_to(theirs).as_posix()) == path.read_bytes()
    console = read_console(run.store, run.folder)
    assert console is not None
    assert [text for text, _ in console[1]] == (theirs / "output.log").read_text().splitlines()
    assert [text for text, _ in console[1]][:2] == ["100 %", "a line"]
    assert {time for _, time in console[1]} <= {time for time, _ in records["output"]}
    raw = run.store.read(f"{run.folder}/logs/raw/{console[0].raw[0]}").decode()
    assert raw == "".join(text for _, text in records["output"])
    rows = {key: row for row in run.scan_history() for key in row if _is_medium(key)}
    [table] = ours.values()
    assert from_parquet(table, "") == (["a", "b"], [[1, 2, 2.5], ["x", None, "é"]])
    assert rows["cells"]["cells"]["rows"] == 3
    pictures = [rows["picture"]["picture"], *rows["few/pictures"]["few/pictures"]]
    assert [picture["caption"] for picture in pictures] == ["black", "of 0", "of 1", "of 2"]
    for picture in pictures:
        data = (theirs / picture["path"]).read_bytes()
        assert (picture["kind"], picture["width"], picture["height"]) == ("image", 3, 2)
        assert (picture["size"], picture["sha256"]) == (len(data), sha256(data).hexdigest())
    for key, kind in (("sound", "audio"), ("film", "video")):
        medium = rows[key][key]
        data = (theirs / medium["path"]).read_bytes()
        assert (medium["kind"], medium["sha256"]) == (kind, sha256(data).hexdigest())
        assert medium["caption"] == {"sound": "beep", "film": "film"}[key]
    assert set(rows) == {"picture", "few/pictures", "cells", "sound", "film"}


def _is_medium(key: str) -> bool:
    return key.partition(".")[0] in ("picture", "few/pictures", "cells", "markup", "sound", "film")


def _number(value: Any) -> Any:
    """Return a number as a history has it: a float, unless that would lose a digit."""
    is_whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53
    return float(value) if is_whole else value
