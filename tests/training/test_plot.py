"""`runhooks.plot`: the numbers behind plots, beside those of scikit-learn."""

import json

import numpy as np
import pytest

import runhooks
from runhooks.training.media.keeping import Keeper
from runhooks.values import Unstorable

metrics = pytest.importorskip("sklearn.metrics")
plot = runhooks.plot


@pytest.fixture
def figure(tmp_path):
    """Encode a plot and return what its file holds."""
    keeper = Keeper(tmp_path, lambda about, words: None)

    def encode(value):
        stored = keeper.keep("plot", value, 0)
        assert stored["kind"] == "plot"
        return json.loads((tmp_path / stored["path"]).read_bytes())

    return encode


@pytest.fixture
def classified():
    random = np.random.default_rng(0)
    truth = random.integers(0, 3, 300)
    scores = random.random((300, 3)).round(2) + np.eye(3)[truth] * 0.4
    return truth, scores / scores.sum(axis=1, keepdims=True)


def test_the_roc_curve_has_the_area_that_scikit_learn_finds(figure, classified):
    truth, scores = classified
    for number, line in enumerate(figure(plot.roc_curve(truth, scores, ["a", "b", "c"]))["series"]):
        area = np.trapezoid(line["y"], line["x"])
        assert area == pytest.approx(metrics.roc_auc_score(truth == number, scores[:, number]))
        assert line["name"] == "abc"[number]


def test_the_precision_and_recall_are_those_of_scikit_learn(figure, classified):
    truth, scores = classified
    found = figure(plot.pr_curve(truth == 1, scores[:, 1]))["series"][0]
    precision, recall, _ = metrics.precision_recall_curve(truth == 1, scores[:, 1])
    assert found["y"] == pytest.approx(precision[:-1][::-1].tolist())
    assert found["x"] == pytest.approx(recall[:-1][::-1].tolist())


def test_the_confusion_matrix_is_that_of_scikit_learn(figure, classified):
    truth, scores = classified
    expected = metrics.confusion_matrix(truth, scores.argmax(axis=1)).tolist()
    assert figure(plot.confusion_matrix(scores, truth))["matrix"] == expected
    found = figure(
        plot.confusion_matrix(y_true=truth, preds=scores.argmax(axis=1), class_names=["a", "b", "c"])
    )
    assert (found["matrix"], found["labels"]) == (expected, ["a", "b", "c"])


def test_lines_dots_and_bars_come_from_tables_and_from_sequences(figure):
    table = runhooks.Table(columns=["x", "y", "of"], data=[[0, 1, "a"], [1, 2.5, "b"], [2, 0, "a"]])
    whole = {"name": "y", "x": [0, 1, 2], "y": [1, 2.5, 0]}
    assert figure(plot.line(table, "x", "y", title="t"))["series"] == [whole]
    assert figure(plot.scatter([0, 1, 2], [1, 2.5, 0], "t"))["series"] == [whole]
    assert [line["name"] for line in figure(plot.line(table, "x", "y", stroke="of"))["series"]] == ["a", "b"]
    bars = figure(plot.bar(table, "of", "y"))
    assert (bars["labels"], bars["values"]) == (["a", "b", "a"], [1, 2.5, 0])
    assert figure(plot.bar(["a"], [1], "t"))["title"] == "t"
    several = figure(plot.line_series([0, 1], [[1, 2], [3, 4]], keys=["p", "q"], xname="epoch"))
    assert [line["y"] for line in several["series"]] == [[1, 2], [3, 4]]
    long = figure(plot.line(np.arange(25_001), np.arange(25_001)))["series"][0]
    assert len(long["x"]) <= 10_001
    assert long["x"][-1] == 25_000


@pytest.mark.parametrize(
    "value",
    [
        plot.line(runhooks.Table(columns=["x"], data=[[1]]), "x", "missing"),
        plot.line([1, 2], [1]),
        plot.line([1], [float("nan")]),
        plot.bar(None, None),
        plot.histogram(runhooks.Table(columns=["x"]), "missing"),
        plot.roc_curve([0, 1], [0.5]),
        plot.confusion_matrix(y_true=[0], preds=[-1]),
        plot.confusion_matrix(),
    ],
)
def test_what_cannot_be_drawn_is_told_when_it_is_logged(figure, value):
    with pytest.raises(Unstorable):
        figure(value)
