"""`runhooks import`: every value equal to what the origin's own reader gives."""

import json
import math
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from runhooks import Api
from tests.cli.conftest import Command
from tests.programs import environment

TENSORBOARD = """
import json, math, sys
from tensorboardX import SummaryWriter
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

found = {}
for name in ("first", "deep/second"):
    with SummaryWriter(f"{sys.argv[1]}/{name}") as writer:
        for step in range(50):
            writer.add_scalar("train/loss", 1 / (step + 1), step)
            if step % 7 == 0:
                writer.add_scalar("val/acc", step / 50, step * 10)
        writer.add_scalar("odd", math.nan, 3)
        writer.add_scalar("odd", -math.inf, 2**40)
        writer.add_histogram("weights", list(range(100)), 1)
        writer.add_text("note", "words <b>", 5)
    events = EventAccumulator(f"{sys.argv[1]}/{name}", size_guidance={"scalars": 0})
    events.Reload()
    found[name] = {
        tag: [(e.step, round(e.wall_time * 1e6), str(e.value)) for e in events.Scalars(tag)]
        for tag in events.Tags()["scalars"]
    }
print(json.dumps(found))
"""


MLFLOW = """
import json, os

os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
import mlflow
from mlflow.tracking import MlflowClient

mlflow.set_tracking_uri("file:./mlruns")
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
    history = MlflowClient().get_metric_history
    found[run.info.run_id] = {
        key: sorted((m.step, str(m.value)) for m in history(run.info.run_id, key))
        for key in ("train/loss", "odd")
    }
print(json.dumps(found))
"""


def environment_with(folder: Path, *packages: str) -> Path:
    """Return the Python of an environment of its own: beside Lightning these would become its loggers."""
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "-q", str(folder)], check=True)
    python = folder / "bin" / "python"
    subprocess.run([*uv, "pip", "install", "-q", "--python", str(python), *packages], check=True)
    return python


def written_by(python: Path, program: str, here: Path, *words: str) -> dict[str, Any]:
    """Run a program that writes runs and prints what its own reader gives."""
    done = subprocess.run(
        [python, "-c", program, *words], cwd=here, env=environment(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


@pytest.fixture(scope="module")
def tensorboard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tensorboard")
    return environment_with(folder, "tensorboard", "tensorboardX", "setuptools")


@pytest.fixture(scope="module")
def mlflow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return environment_with(tmp_path_factory.mktemp("mlflow"), "mlflow-skinny")


@pytest.mark.slow
def test_an_mlruns_folder_has_the_values_that_its_own_client_gives(
    command: Command, here: Path, mlflow: Path
) -> None:
    theirs = written_by(mlflow, MLFLOW, here)

    imported = command("import", "mlruns", "digits", "--json")

    assert imported.code == 0
    assert {run["path"] for run in imported.json["imported"]} == {f"default/digits/{id}" for id in theirs}
    for id, metrics in theirs.items():
        run = Api().run(f"digits/{id}")
        rows = list(run.scan_history())
        for key, values in metrics.items():
            ours = [[row["_step"], str(row[key])] for row in rows if key in row]
            assert ours == values
        assert run.config == {"lr": 0.1, "depth": 3, "model/name": "vgg"}
        assert (run.name[:4], run.state, run.tags) == ("run ", "finished", ["team:a"])


@pytest.mark.slow
def test_a_tensorboard_folder_has_the_values_that_its_own_reader_gives(
    command: Command, here: Path, tensorboard: Path
) -> None:
    theirs = written_by(tensorboard, TENSORBOARD, here, "logs")

    imported = command("import", "logs", "digits", "--json")

    assert imported.code == 0
    assert {run["path"] for run in imported.json["imported"]} == {
        "default/digits/first",
        "default/digits/deep-second",
    }
    assert all(run["left_out"] == {"histograms": 1} for run in imported.json["imported"])
    for name, scalars in theirs.items():
        run = Api().run(f"digits/{name.replace('/', '-')}")
        rows = list(run.scan_history())
        for tag, values in scalars.items():
            ours = [(row["_step"], str(row[tag])) for row in rows if tag in row]
            assert ours == [(step, value) for step, _, value in values], tag
        assert (run.name, run.state) == (name, "finished")
        assert run.history(["note/text_summary"])["note/text_summary"].tolist() == ["words <b>"]
        times = [time for values in scalars.values() for _, time, _ in values]
        assert abs(run.created_at.timestamp() * 1e6 - min(times)) < 2
    again = command("import", "logs", "digits")
    assert again.code == 1
    assert "exists already" in again.err


def test_a_csv_file_has_its_rows(command: Command, here: Path) -> None:
    (here / "table.csv").write_text(
        "step,timestamp,loss,word,flag,big\n"
        f"0,1763877662,0.1,x,true,{2**60 + 1}\n"
        "10,2025-11-23T06:01:03,nan,,false,\n"
        "5,1763877664.5,1e-300,=1+1,,3\n"
    )

    done = command("import", "table.csv", "digits", "--json")

    run = Api().run("digits/table")
    rows: list[dict[str, Any]] = list(run.scan_history())
    times = [row.pop("_time").timestamp() for row in rows]
    assert done.json == {
        "imported": [{"path": "default/digits/table", "rows": 3, "left_out": {}}],
        "failed": {},
    }
    assert math.isnan(rows[2].pop("loss"))
    assert rows == [
        {"_step": 0, "loss": 0.1, "word": "x", "flag": True, "big": 2**60 + 1},
        {"_step": 5, "loss": 1e-300, "word": "=1+1", "big": 3.0},
        {"_step": 10, "flag": False},
    ]
    assert times == [1763877662.0, 1763877664.5, 1763877663.0]
    assert command("verify").code == 0
    assert command("export", "digits/table", "--csv", "again.csv").code == 0


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", b"step,loss\nx,1\n", "line 2: 'x' is no step"),
        ("a.csv", b"loss\n1,2\n", "line 2: more cells than columns"),
        ("a.csv", b"loss,loss\n1,2\n", "name each column, each once"),
        ("a.csv", b"step,timestamp,x\n1,soon,2\n", "'soon' is no time"),
        ("a.csv", b"\xff\xfe\x00", "is no CSV file"),
        (
            "events.out.tfevents.1.host",
            struct.pack("<QI", 4, 0) + b"\xff\xff\xff\xff" + b"0000",
            "is damaged at byte 0",
        ),
        ("events.out.tfevents.1.host", b"not an event file at all", "is no event file of TensorBoard"),
    ],
)
def test_what_is_broken_is_named_and_nothing_of_it_is_kept(
    command: Command, here: Path, name: str, content: bytes, told: str
) -> None:
    (here / "folder").mkdir()
    (here / "folder" / name).write_bytes(content)

    done = command("import", "folder", "digits")

    assert done.code == 1
    assert told in done.err
    assert not (here / "runs/default/digits/runs").exists()


def test_what_holds_nothing_to_import_is_wrong_use(command: Command, here: Path) -> None:
    (here / "empty").mkdir()

    assert command("import", "empty", "digits").code == 2
    assert command("import", "nowhere", "digits").code == 2
    assert command("import", "empty", "a/b/c").code == 2
