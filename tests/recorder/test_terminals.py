"""Real programs in a real terminal: the readable log is what tmux shows at the end."""

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.programs import ended, environment

pytestmark = pytest.mark.skipif(
    shutil.which("tmux") is None, reason="there is no tmux here: apt-get install --no-install-recommends tmux"
)

OPEN = """
import runhooks, time
run = runhooks.init(project="p", id="mine", quiet=True)
print("begin")
"""

TQDM = """
from tqdm import tqdm
for epoch in tqdm(range(3), desc="epochs"):
    for batch in tqdm(range(40), desc=f"epoch {epoch}", leave=epoch == 1):
        time.sleep(0.005)
    tqdm.write(f"epoch {epoch} is done")
outer = tqdm(total=2, position=0)
inner = tqdm(total=30, position=1)
for n in range(30):
    inner.update(); time.sleep(0.005)
outer.update(2)
inner.close(); outer.close()
"""

RICH = """
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
with Progress() as progress:
    first, second = progress.add_task("[red]load", total=50), progress.add_task("[green]train", total=50)
    for n in range(50):
        progress.update(first, advance=1)
        progress.update(second, advance=1 if n % 2 else 0)
        if n % 20 == 0:
            progress.console.print(f"[bold]step {n}[/bold] with 日本語")
        time.sleep(0.01)
table = Table("name", "value"); table.add_row("loss", "0.1")
Console().print(table)
"""

TRANSFORMERS = """
import os
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import torch
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments
sizes = dict(hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8)
config = BertConfig(vocab_size=20, **sizes)
rows = [{"input_ids": torch.tensor([1, 2, 3]), "labels": torch.tensor(n % 2)} for n in range(16)]
options = TrainingArguments("out", num_train_epochs=2, per_device_train_batch_size=4, logging_steps=2,
    eval_strategy="epoch", save_strategy="no", report_to=[])
Trainer(BertForSequenceClassification(config), options, train_dataset=rows, eval_dataset=rows).train()
"""

KERAS = """
import os
os.environ["KERAS_BACKEND"] = "torch"
import keras, numpy
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
model.compile("sgd", "mse")
model.fit(numpy.zeros((64, 4)), numpy.zeros((64, 2)), epochs=2, batch_size=4, validation_split=0.25)
"""


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[list[str]]:
    """Return the command of a tmux server of the test's own."""
    command = ["tmux", "-S", str(tmp_path / "tmux"), "-f", "/dev/null"]
    yield command
    subprocess.run([*command, "kill-server"], capture_output=True)


def shown(terminal: list[str], folder: Path, code: str) -> list[str]:
    """Run a program in a terminal of 50 rows and 120 columns, and return what it shows in the end."""
    (folder / "program.py").write_text(OPEN + code + '\nprint("end")\nrun.finish()\n', encoding="utf-8")
    line = f"{sys.executable} program.py; touch done; sleep 600"
    subprocess.run(
        [*terminal, "-u", "new-session", "-d", "-x", "120", "-y", "50", line],
        cwd=folder,
        env=environment(LANG="C.UTF-8", PYTHONIOENCODING="utf-8", TQDM_MININTERVAL="0"),
        check=True,
    )
    deadline = time.monotonic() + 240
    while not (folder / "done").exists():
        assert time.monotonic() < deadline, "the program did not end"
        time.sleep(0.1)
    found = subprocess.check_output([*terminal, "capture-pane", "-p", "-J", "-S", "-"], text=True)
    return [row.rstrip() for row in found.rstrip().split("\n")]


def logged(folder: Path) -> list[str]:
    ended(folder, 120)
    text = (folder / "runs/default/p/runs/mine/logs/output.log").read_text(encoding="utf-8")
    return [re.sub(r"\x1b\[[\d;]*m", "", line).rstrip() for line in text.rstrip().split("\n")]


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(TQDM, id="nested bars of tqdm"),
        pytest.param(RICH, id="progress of rich"),
        pytest.param(TRANSFORMERS, id="the bar of a transformers Trainer", marks=pytest.mark.slow),
        pytest.param(KERAS, id="the bar of Keras", marks=pytest.mark.slow),
    ],
)
def test_the_readable_log_is_what_a_terminal_shows_in_the_end(tmp_path, terminal, code):
    seen = shown(terminal, tmp_path, code)
    assert seen[0] == "begin"
    assert seen[-1] == "end"
    assert len(seen) > 4
    assert logged(tmp_path) == seen
