"""What tells whose a run is, and what is left of it."""

from typing import Any

import orjson
import pytest

from runhooks.site.anonymous import REMOVED, anonymous
from tests.site.samples import sample_run

ENVIRONMENT = {
    "author": "ada",
    "host": "gpu7.lab.example.edu",
    "cwd": "/home/ada/secret-project",
    "command": "python /home/ada/secret-project/train.py --data /data/ada/faces --lr 0.1",
    "program": "/home/ada/secret-project/train.py",
    "executable": "/home/ada/venv/bin/python",
    "python": "3.11.2",
    "os": "Linux 6.1",
    "cpu_count": 8,
    "gpus": [{"name": "NVIDIA H100", "memory_bytes": 1}],
    "git": {"remote": "git@github.com:lovelace-lab/engine.git", "commit": "0a1b2c3", "branch": "ada/fix"},
    "job": {"SLURM_JOB_ID": "99", "SLURM_NODELIST": "gpu7"},
}
TELLTALES = ("ada", "gpu7", "example.edu", "lovelace", "/home", "secret-project", "0a1b2c3", "blab", "99")


def told(**facts: Any) -> tuple[str, list[str]]:
    """Return a run's fields as text, without whose it is, and what was removed."""
    view, _ = sample_run({"loss": [1.0, 0.5]}, environment=ENVIRONMENT, entity="blab", **facts)
    cleaned, removed = anonymous(view)
    texts = {
        name: getattr(cleaned, name) for name in cleaned.__slots__ if name not in ("sessions", "metrics")
    }
    return orjson.dumps(texts, default=str).decode() + str(list(cleaned.metrics)), removed


HIDING_PLACES: list[dict[str, Any]] = [
    {"config": {"data_dir": "/data/ada/faces", "out": ["~/ada/out/model.pt"], "nested": {"by ada": "Ada!"}}},
    {"summary": {"checkpoint": "s3://lovelace-lab/best.pt"}},
    {"notes": "as ada said to grace@example.edu on https://blab.example.edu/wiki"},
    {"tags": ["ada", "baseline"]},
    {"group": "ada-sweep"},
    {"job_type": "gpu7"},
    {"reason": "FileNotFoundError: /home/ada/secret-project/x.csv"},
    {"exit": {"error": {"traceback": 'File "/home/ada/secret-project/train.py", line 3, in f\n  ada()'}}},
    {"alerts": [{"time": 1, "title": "on gpu7", "text": "see C:\\Users\\ada\\run.log", "level": "info"}]},
    {"name": "ada-run-3"},
    {"id": "blab"},
]


@pytest.mark.parametrize("facts", HIDING_PLACES, ids=lambda facts: next(iter(facts)))
def test_no_name_and_no_place_is_left(facts: dict[str, Any]) -> None:
    text, removed = told(**facts)
    assert [word for word in TELLTALES if word in text.lower()] == []
    assert [where for where in removed if where.startswith(next(iter(facts)))] != []
    assert [word for word in TELLTALES if word in str(removed).lower() and word != "entity"] == []


def test_what_harms_nobody_stays() -> None:
    text, removed = told(
        config={"lr": 0.1, "optimizer": "adam", "path": "a/b", "ratio": "1/2", "adage": 1}, notes="adamant"
    )
    kept = ("3.11.2", "NVIDIA H100", "adam", "a/b", "1/2", "adage", "adamant", "calm-lake-1", "loss")
    assert [word for word in kept if word not in text] == []
    assert removed == ["entity", *(f"environment.{name}" for name in ENVIRONMENT if name not in
        ("python", "os", "cpu_count", "gpus"))]  # fmt: skip


def test_the_end_of_a_path_stays() -> None:
    view, _ = sample_run(config={"data": "/data/faces/train.csv"}, environment=ENVIRONMENT)
    assert anonymous(view)[0].config == {"data": "…/train.csv"}
    assert REMOVED not in anonymous(view)[0].config["data"]


def test_a_metric_with_a_name_in_it_is_left_out() -> None:
    view, _ = sample_run({"loss": [1.0], "ada/loss": [2.0]}, environment=ENVIRONMENT)
    cleaned, removed = anonymous(view)
    assert list(cleaned.metrics) == ["loss"]
    assert f"metric {REMOVED}/loss" in removed
    assert list(view.metrics) == ["loss", "ada/loss"]
