"""Scripts that were written for W&B, with only their import changed."""

import random
from datetime import timedelta
from pathlib import Path

import pytest

import runhooks
from runhooks import Api
from runhooks.errors import NotOfferedError

BASIC = """
import random
from datetime import timedelta
import runhooks as wandb

wandb.login()
config = {"learning_rate": 0.01, "epochs": 4, "secret_note": "x"}
run = wandb.init(
    entity="ann", project="first-steps", config=config, dir="out", anonymous="allow", force=False,
    config_exclude_keys=["secret_note"],
    settings=wandb.Settings(run_name="from-settings", x_unknown=1, silent=True),
)
for epoch in range(2, run.config.epochs):
    wandb.log({"accuracy": 1 - 2**-epoch, "loss": 2**-epoch}, commit=False)
    wandb.log({"epoch": epoch})
wandb.define_metric("loss", summary="min")
wandb.run.name = "renamed-" + wandb.util.generate_id()
run.tags += ("late",)
run.notes = "written while it went on"
wandb.summary["best"] = 0.75
wandb.config.update({"layers": 3}, allow_val_change=True)
wandb.alert(title="low", text="accuracy is low", level=wandb.AlertLevel.WARN)
wandb.finish()
"""

READING = """
import runhooks as wandb

api = wandb.Api("out/runs")
runs = api.runs(path="ann/first-steps", filters={"display_name": {"$regex": "^renamed"}}, order="-created_at")
rows = []
for run in runs:
    config = {key: value for key, value in run.config.items() if not key.startswith("_")}
    rows.append((run.name, run.state, config, dict(run.summary)))
frame = runs[0].history(keys=["accuracy", "loss"])
scanned = [row["loss"] for row in runs[0].scan_history(keys=["loss"])]
"""


def test_a_script_runs_as_it_is_and_so_does_one_that_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RUNHOOKS_STORE", raising=False)
    names: dict[str, object] = {}
    exec(compile(BASIC, "basic.py", "exec"), names)
    exec(compile(READING, "reading.py", "exec"), names)

    ((name, state, config, summary),) = names["rows"]  # type: ignore[misc]
    assert str(name).startswith("renamed-")
    assert state == "finished"
    assert config == {"learning_rate": 0.01, "epochs": 4, "layers": 3}
    assert summary["best"] == 0.75
    assert names["scanned"] == [0.25, 0.125]
    (run,) = Api("out/runs").runs("ann/first-steps")
    assert (run.notes, run.tags, run.alerts[0]["level"]) == ("written while it went on", ["late"], "warning")


def test_sweeps_say_what_to_use() -> None:
    for start in (runhooks.sweep, runhooks.agent):
        with pytest.raises(NotOfferedError, match="Optuna"):
            start({"method": "random"}, project="x")


def test_what_is_not_there_says_so_by_name_and_what_is() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Graph'; it has AlertLevel, Api, "):
        _ = runhooks.Graph


def test_the_same_names_are_set_in_another_order() -> None:
    run = runhooks.init(project="digits", mode="dryrun", settings={"quiet": True})  # type: ignore[arg-type]
    run.tags = ["b", "a", "b"]  # type: ignore[assignment]
    run.log({"x": random.random()})
    run.finish()

    assert (run.tags, run.project_name(), run.resumed) == (("b", "a"), "digits", False)
    assert run.get_url() == run.url


def test_an_alert_of_one_title_waits_as_long_as_it_is_told() -> None:
    run = runhooks.init(project="digits", id="alerts")
    for _ in range(3):
        run.alert("low", "again", wait_duration=timedelta(hours=1))
        run.alert("each time")
    run.finish()

    titles = [alert["title"] for alert in Api().run("digits/alerts").alerts]
    assert titles == ["low", "each time", "each time", "each time"]
