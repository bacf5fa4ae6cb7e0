"""A loop of the user's own that is tracked, and what the record says of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import runhooks
from runhooks.integrations.loop import track


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUNHOOKS_SILENT", "1")
    monkeypatch.setenv("RUNHOOKS_PROJECT", "digits")
    return tmp_path / "runs"


def only_run(store: Path) -> Any:
    (run,) = runhooks.Api(store).runs("default/digits")
    return run


def test_speed_and_time_left_lie_at_the_step_that_was_logged_last(store: Path) -> None:
    batches = [(np.zeros((4, 2)), np.zeros(4))] * 3
    with runhooks.init() as run:
        for seen, batch in enumerate(track(batches, run)):
            assert batch is batches[seen]
            run.log({"train/loss": 0.5})
    history = only_run(store).history()
    assert history["train/loss"].tolist() == [0.5] * 3
    speed = history["train/steps_per_second"].dropna()
    assert speed.index.tolist() == [2]
    assert history["train/samples_per_second"][2] == pytest.approx(4 * speed[2])
    assert history["train/eta_seconds"][2] == 0


def test_the_open_run_is_taken_and_the_length_need_not_be_known(store: Path) -> None:
    def stream() -> Iterator[dict[str, Any]]:
        yield from [{"input_ids": np.zeros((2, 8), int)}] * 3

    with runhooks.init() as run:
        for _ in track(stream()):
            run.log({"train/loss": 0.5})
    history = only_run(store).history()
    ratio = history["train/tokens_per_second"] / history["train/samples_per_second"]
    assert ratio.dropna().tolist() == pytest.approx([8])
    assert "train/eta_seconds" not in history


def test_a_request_to_stop_ends_the_loop(store: Path) -> None:
    with runhooks.init() as run:
        for number in track(range(10_000_000), run):
            if number == 3:
                only_run(store).stop()
        assert number < 9_999_999
    assert only_run(store).state == "killed"


def test_without_a_run_batches_are_only_passed_on(store: Path) -> None:
    assert list(track([1, 2, 3])) == [1, 2, 3]
    assert not store.exists()
