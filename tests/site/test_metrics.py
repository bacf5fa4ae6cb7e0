"""The page lists metrics by section, and the telling ones first of all."""

import pytest

from runhooks.site.metrics import headline, listed
from tests.site.samples import sample_run


def first(*keys: str, **definitions: dict[str, object]) -> list[str]:
    view, series = sample_run({key: [1.0, 2.0] for key in keys}, definitions=definitions)
    return [metric.key for metric in headline(listed(view, series))]


def test_sections_and_metrics_keep_the_order_in_which_they_came() -> None:
    keys = ["loss", "train/loss", "val/loss", "lr", "train/acc", "val/acc"]
    view, series = sample_run({key: [1.0] for key in keys})
    found = listed(view, series)
    assert [metric.key for metric in found] == [
        "loss",
        "lr",
        "train/loss",
        "train/acc",
        "val/loss",
        "val/acc",
    ]
    assert [metric.index for metric in found] == [0, 1, 2, 3, 4, 5]


def test_a_charts_file_has_24_metrics_and_only_those_that_can_be_drawn() -> None:
    view, series = sample_run({f"m{n}": [1.0] for n in range(30)})
    view.metrics = {"name": type(view.metrics["m0"])(count=3, last="text"), **view.metrics}
    found = listed(view, series)
    assert (found[0].key, found[0].index, found[0].group) == ("name", None, None)
    assert [metric.group for metric in found[1:]] == [0] * 24 + [1] * 6


def test_a_metric_with_a_goal_comes_first() -> None:
    assert first("loss", "fid", fid={"goal": "minimize"})[0] == "fid"


def test_without_goals_losses_accuracies_and_the_rate_come_first_those_of_validation_before_all() -> None:
    keys = ("epoch", "lr-Adam", "grad_norm", "train_loss", "train_acc", "val_loss", "val_acc")
    assert first(*keys) == ["val_loss", "train_loss", "val_acc", "train_acc", "lr-Adam", "grad_norm"]


def test_there_are_at_most_six_and_no_counters_among_them() -> None:
    assert len(first(*(f"x{n}" for n in range(20)))) == 6
    assert first("epoch", "trainer/global_step", "train_runtime", "gloss") == ["gloss"]


def test_hidden_metrics_are_not_in_the_headline() -> None:
    assert first("loss", "acc", loss={"hidden": True}) == ["acc"]


@pytest.mark.parametrize("key", ["nloss", "glossary", "accident", "flr", "mapping"])
def test_words_inside_words_are_not_mistaken(key: str) -> None:
    assert first("zz", "loss", key)[:2] == (["loss", "zz"] if not key.endswith("loss") else ["loss", key])


def test_a_glob_defines_all_metrics_that_fit_and_an_own_name_beats_it() -> None:
    view, series = sample_run(
        {"val/loss": [1.0], "val/acc": [1.0], "lr": [1.0]},
        definitions={"val/*": {"goal": "minimize"}, "val/acc": {"goal": "maximize", "step_metric": "epoch"}},
    )
    goals = {metric.key: metric.goal for metric in listed(view, series)}
    assert goals == {"val/loss": "min", "val/acc": "max", "lr": None}


def test_the_best_value_is_by_the_goal() -> None:
    view, series = sample_run({"loss": [3.0, 1.0, 2.0]}, definitions={"loss": {"goal": "minimize"}})
    assert listed(view, series)[0].best == 1.0
