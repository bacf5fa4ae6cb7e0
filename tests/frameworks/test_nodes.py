"""Trainings over two nodes, each a host of its own name: one run, with the samples of both."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from runhooks import Api
from runhooks.errors import RunNotFoundError
from runhooks.integrations._loops.session import Session
from runhooks.record.view import RunView
from tests.programs import ROOT, ended, environment, wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="hosts of other names on this machine need root"),
]

PROGRAM = """
import os, sys, time, warnings
import torch
sys.path.insert(0, "{root}")
warnings.filterwarnings("error", message="runhooks")

def each_batch(step):
    time.sleep(0.4)
    if "fails" in sys.argv and step == 4 and os.environ["RANK"] == "1":
        raise ValueError("the second node is out of memory")

options = {{"project": "p", "system_interval_s": 0.5, "store": "{store}", "spool": "spool"}}
"""

LIGHTNING = """
from lightning.pytorch import LightningModule, Trainer
from runhooks.integrations.lightning import RunCallback

class Model(LightningModule):
    def __init__(self):
        super().__init__()
        self.net = torch.nn.Linear(4, 1)

    def training_step(self, batch, number):
        each_batch(number)
        print("a batch", flush=True)
        return self.net(batch).square().mean()

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)

trainer = Trainer(
    accelerator="cpu", devices=1, num_nodes=2, strategy="ddp", max_epochs=1, logger=False,
    log_every_n_steps=1, enable_checkpointing=False, enable_progress_bar=False,
    callbacks=[RunCallback(**options)],
)
trainer.fit(Model(), torch.utils.data.DataLoader(torch.randn(16, 4)))
"""

TRANSFORMERS = """
from transformers import Trainer, TrainerCallback, TrainingArguments
from runhooks.integrations.transformers import RunCallback

class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.net = torch.nn.Linear(4, 1)

    def forward(self, x):
        print("a batch", flush=True)
        return {"loss": self.net(x).square().mean()}

class Each(TrainerCallback):
    def on_step_end(self, args, state, control, **kwargs):
        each_batch(state.global_step)

arguments = TrainingArguments(
    "out", use_cpu=True, max_steps=8, per_device_train_batch_size=1, logging_steps=1, report_to=[],
    save_strategy="no", disable_tqdm=True,
)
rows = [{"x": torch.randn(4)} for _ in range(16)]
callbacks = [RunCallback(**options), Each()]
Trainer(Model(), arguments, train_dataset=rows, callbacks=callbacks).train()
"""

KERAS = """
torch.distributed.init_process_group("gloo")
import keras
from runhooks.integrations.keras import RunCallback

class Each(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        print("a batch", flush=True)
        each_batch(batch)
        torch.distributed.barrier()  # as ranks do that share gradients

model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
x = torch.randn(8, 4)
model.fit(x, x[:, :1], batch_size=1, verbose=0, callbacks=[RunCallback(**options), Each()])
"""

PROGRAMS = {"lightning": LIGHTNING, "transformers": TRANSFORMERS, "keras": KERAS}


@pytest.fixture(params=PROGRAMS)
def program(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    missing = [name for name in (request.param, "torch") if find_spec(name) is None]
    if missing:
        pytest.skip(f"not installed: {missing}")
    return PROGRAM.format(root=ROOT, store=tmp_path / "runs") + PROGRAMS[request.param]


@pytest.fixture
def started() -> Iterator[list["subprocess.Popen[str]"]]:
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for process in processes:
        process.kill()
        process.communicate()


def fit(code: str, folder: Path, started: list["subprocess.Popen[str]"], *arguments: str) -> list[int]:
    """Run a program as torchrun does on two nodes; return how it ended on each."""
    (folder / "train.py").write_text(code, encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for rank in ("0", "1"):
        where = {
            "RANK": rank,
            "GROUP_RANK": rank,
            "LOCAL_RANK": "0",
            "WORLD_SIZE": "2",
            "LOCAL_WORLD_SIZE": "1",
        }
        group = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "TORCHELASTIC_RUN_ID": "none"}
        threads = {"OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo", "KERAS_BACKEND": "torch"}
        quiet = {"RUNHOOKS_SILENT": "0", "RUNHOOKS_QUIET": "1"}
        named = ["unshare", "--uts", "sh", "-c", f'hostname node-{rank} && exec "$@"', "sh"]
        (folder / rank).mkdir()
        started.append(
            subprocess.Popen(
                [*named, sys.executable, str(folder / "train.py"), *arguments],
                cwd=folder / rank,
                env=environment(**where, **group, **threads, **quiet),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        )
    said = [process.communicate(timeout=120)[0] for process in started]
    print(*said, sep="\n--- rank 1:\n")
    return [process.returncode for process in started]


def taken_in(folder: Path) -> RunView:
    """Return the only run once it has ended and has what the second node wrote."""

    def states() -> set[str]:
        return {other["state"] for other in ended(folder, 60).others.values()}

    wait_until(lambda: states() not in (set(), {"running"}), 60)
    return ended(folder)


def test_the_second_node_of_a_fit_is_in_its_run(
    program: str, tmp_path: Path, started: list["subprocess.Popen[str]"]
) -> None:
    assert fit(program, tmp_path, started) == [0, 0]

    view = taken_in(tmp_path)
    assert view.state == "finished"
    assert view.environment["host"] == "node-0"
    assert [(each["host"], each["label"], each["state"]) for each in view.others.values()] == [
        ("node-1", "node 1", "finished")
    ]
    sampled = Api(tmp_path / "runs").run(f"default/p/{view.id}").system_metrics().columns
    assert {column.partition(":")[0] for column in sampled} == {"node.0", "node.1"}
    (log,) = (tmp_path / "runs").glob("*/*/runs/*/logs/*/output.log")
    assert "a batch" in log.read_text()


@pytest.mark.parametrize("program", ["lightning", "transformers"], indirect=True)
def test_a_second_node_that_fails_is_told_as_failed(
    program: str, tmp_path: Path, started: list["subprocess.Popen[str]"]
) -> None:
    codes = fit(program, tmp_path, started, "fails")
    assert all(codes)

    view = taken_in(tmp_path)
    assert view.state == "failed"
    ((label, state, reason),) = [
        (each["label"], each["state"], each["reason"]) for each in view.others.values()
    ]
    assert (label, state) == ("node 1", "failed")
    assert "the second node is out of memory" in reason


def test_a_node_that_does_not_see_the_folder_of_the_run_leaves_nothing(tmp_path: Path) -> None:
    session = Session(None, {"store": tmp_path / "here"})
    url = (tmp_path / "elsewhere/default/p/runs/mine/index.html").as_uri()
    with pytest.raises(RunNotFoundError, match="give a store that all nodes reach"):
        session.join({"entity": "default", "project": "p", "id": "mine", "url": url}, "node 1")
    assert not list(tmp_path.iterdir())
