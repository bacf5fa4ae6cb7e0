"""Keras in several processes, which torchrun starts."""

import subprocess
import sys
import textwrap
from importlib.util import find_spec
from pathlib import Path

import pytest

import runhooks
from tests.programs import environment

MISSING = [name for name in ("keras", "torch", "sklearn") if find_spec(name) is None]

PROGRAM = """
import runhooks
from torch import distributed

distributed.init_process_group("gloo")

import keras
from keras_behaviour import classifier, fit
from runhooks.integrations.keras import RunCallback


class Synced(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        distributed.barrier()  # as ranks do that share gradients: one that stops alone leaves the other here
        if epoch == 2 and callback.run is not None:
            runhooks.Api("runs").run(callback.run.path).stop()


callback = RunCallback(project="digits")
history = fit(classifier(), callback, Synced(), epochs=100_000)
print("epochs:", len(history["loss"]), flush=True)
distributed.destroy_process_group()
"""


@pytest.mark.slow
@pytest.mark.skipif(bool(MISSING), reason=f"not installed: {MISSING}")
def test_two_ranks_are_one_run_and_stop_after_the_same_epoch_when_it_is_asked_to(tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    behaviour = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
    script.write_text(behaviour + textwrap.dedent(PROGRAM), encoding="utf-8")
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    done = subprocess.run(
        [*launcher, str(script)],
        cwd=tmp_path,
        env=environment(KERAS_BACKEND="torch", RUNHOOKS_SILENT="1"),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    ends = [line for line in done.stdout.splitlines() if line.startswith("epochs:")]
    assert len(ends) == 2
    assert len(set(ends)) == 1
    (run,) = runhooks.Api(tmp_path / "runs").runs("default/digits")
    assert (run.state, run.view.stop["signals"]) == ("killed", [])
    assert run.reason.startswith("stop requested by ")
    assert len(run.history()["train/loss"].dropna()) == int(ends[0].split()[1])
