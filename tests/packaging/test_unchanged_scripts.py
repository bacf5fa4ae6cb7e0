"""Scripts that name no callback are recorded by the installed package: one wheel, beside the frameworks."""

import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.packaging.commands import UV, run

pytestmark = pytest.mark.xdist_group("packaging")

PROGRAM = """
import json
import torch, transformers
from lightning.pytorch import LightningModule, Trainer

class Model(LightningModule):
    def __init__(self):
        super().__init__()
        self.net = torch.nn.Linear(2, 1)

    def training_step(self, batch, _):
        loss = self.net(batch).square().mean()
        self.log("train_loss", loss)
        return loss

    def train_dataloader(self):
        return torch.utils.data.DataLoader(torch.ones(8, 2), batch_size=4)

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)

plain = {"accelerator": "cpu", "enable_checkpointing": False, "enable_progress_bar": False, "logger": False}
Trainer(max_epochs=1, log_every_n_steps=1, **plain).fit(Model())

import runhooks.integrations.transformers  # what report_to="runhooks" needs

sizes = {"vocab_size": 16, "n_positions": 4, "n_embd": 4, "n_layer": 1, "n_head": 1}
model = transformers.GPT2LMHeadModel(transformers.GPT2Config(**sizes, bos_token_id=0, eos_token_id=0))
args = transformers.TrainingArguments(
    "out", report_to="runhooks", max_steps=2, logging_steps=1, use_cpu=True, disable_tqdm=True
)
block = {"input_ids": torch.ones(4, dtype=torch.long), "labels": torch.ones(4, dtype=torch.long)}
transformers.Trainer(model, args, train_dataset=[block] * 16).train()

import runhooks

found = [(run.state, "train/loss" in run.history()) for run in runhooks.Api().runs("default/unchanged")]
print(json.dumps({"from": runhooks.__file__, "runs": found}))
"""


def test_lightning_by_a_variable_and_transformers_by_name(
    wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = [name for name in ("lightning", "torch", "transformers") if find_spec(name) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}; the extra `test` has them")
    place = tmp_path / "installed"
    run(*UV, "pip", "install", "--quiet", "--no-deps", "--target", place, wheel, cwd=tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.fspath(place))
    for name, value in {"AUTO": "1", "PROJECT": "unchanged", "STORE": str(tmp_path), "SILENT": "1"}.items():
        monkeypatch.setenv(f"RUNHOOKS_{name}", value)

    said = run(sys.executable, "-c", PROGRAM, cwd=tmp_path)

    told = json.loads(said.splitlines()[-1])
    assert Path(told["from"]).is_relative_to(place)
    assert told["runs"] == [["finished", True], ["finished", True]]
    monkeypatch.setenv("RUNHOOKS_AUTO", "0")
    ours = "from runhooks.integrations._loops.auto import callbacks; print(callbacks())"
    assert run(sys.executable, "-c", ours, cwd=tmp_path).strip() == "[]"
