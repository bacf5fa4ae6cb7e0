"""Plots that the pages draw themselves, from numbers: ``runhooks.plot``.

Each function returns a value for ``run.log()``::

    run.log({"roc": runhooks.plot.roc_curve(labels, probabilities)})

Columns are given as a :class:`~runhooks.Table` and the names of its columns, or as sequences.
"""

import math
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, ClassVar

import orjson

from ...values import Unstorable, describe, text
from .base import Media, Place
from .histogram import Histogram
from .table import Table

__all__ = [
    "Plot",
    "bar",
    "confusion_matrix",
    "histogram",
    "line",
    "line_series",
    "pr_curve",
    "roc_curve",
    "scatter",
]

MOST_POINTS = 10_000
MOST_CLASSES = 100
_MOST_BARS = 60


class Plot(Media):
    """A plot as the functions of this module make it."""

    kind: ClassVar[str] = "plot"

    def __init__(self, **figure: Any) -> None:
        self.figure = figure

    def encode(self, place: Place) -> dict[str, Any]:
        """Write the plot's numbers; see :class:`Media`."""
        figure = {name: value() if callable(value) else value for name, value in self.figure.items()}
        return place.put(self.kind, orjson.dumps(figure), ".plot.json")


def line(table: Any, x: Any, y: Any = None, title: str | None = None, stroke: str | None = None) -> Plot:
    """Return lines over `x`.

    Parameters
    ----------
    table : Table, or sequence of numbers
        With a sequence, this is x and `x` is y: ``line(xs, ys, "title")``.
    x, y : str
        Names of columns.
    title : str, optional
    stroke : str, optional
        Name of a column: a line for each of its values.
    """
    return _over_axes("line", table, x, y, title, stroke)


def scatter(table: Any, x: Any, y: Any = None, title: str | None = None) -> Plot:
    """Return dots, with the arguments of :func:`line`."""
    return _over_axes("scatter", table, x, y, title, None)


def _over_axes(kind: str, table: Any, x: Any, y: Any, title: str | None, stroke: str | None) -> Plot:
    if not isinstance(table, Table):
        names, title = ("x", "y"), y if isinstance(y, str) else title
        return Plot(
            type=kind,
            title=_text(title),
            x=names[0],
            y=names[1],
            series=lambda: [_series("y", _listed(table), x)],
        )

    def series() -> list[dict[str, Any]]:
        columns = _columns(table, x, y)
        groups: dict[str, list[list[Any]]] = {}
        names = [""] * len(columns[0]) if stroke is None else _columns(table, stroke)[0]
        for name, *point in zip(names, *columns, strict=True):
            groups.setdefault(str(name), []).append(list(point))
        return [_series(name or str(y), *zip(*points, strict=True)) for name, points in groups.items()]

    return Plot(type=kind, title=_text(title), x=_text(x), y=_text(y), series=series)


def line_series(
    xs: Any, ys: Sequence[Any], keys: Sequence[str] | None = None, title: str | None = None, xname: str = "x"
) -> Plot:
    """Return several lines.

    Parameters
    ----------
    xs : sequence of numbers, or a sequence of them for each line
    ys : sequence of sequences of numbers
    keys : sequence of str, optional
        The lines' names.
    title, xname : str, optional
    """

    def series() -> list[dict[str, Any]]:
        names = [f"line {n}" for n in range(len(ys))] if keys is None else list(map(str, keys))
        own = len(xs) == len(ys) and hasattr(xs[0], "__len__")
        return [_series(name, xs[n] if own else xs, ys[n]) for n, name in enumerate(names)]

    return Plot(type="line", title=_text(title), x=_text(xname), y="", series=series)


def bar(table: Any, label: Any, value: Any = None, title: str | None = None) -> Plot:
    """Return a bar for each row; with sequences: ``bar(labels, values, "title")``. At most 60 are drawn."""
    if isinstance(table, Table):
        return Plot(
            type="bar",
            title=_text(title),
            x=_text(label),
            y=_text(value),
            labels=lambda: [_text(item) for item in _columns(table, label)[0][:_MOST_BARS]],
            values=lambda: _numbers(_columns(table, value)[0][:_MOST_BARS]),
        )
    return Plot(
        type="bar",
        title=_text(value if isinstance(value, str) else title),
        x="",
        y="",
        labels=lambda: [_text(item) for item in _listed(table)[:_MOST_BARS]],
        values=lambda: _numbers(_listed(label)[:_MOST_BARS]),
    )


def histogram(table: Any, value: Any = None, title: str | None = None) -> Histogram:  # noqa: ARG001
    """Return how the numbers of a column, or of a sequence, are spread; shown under the metric's name."""
    if not isinstance(table, Table):
        return Histogram(table)
    return Histogram(_columns(table, value)[0] if value in table.columns else None)


def confusion_matrix(
    probs: Any = None,
    y_true: Any = None,
    preds: Any = None,
    class_names: Sequence[str] | None = None,
    title: str | None = None,
) -> Plot:
    """Return how often each class was taken for each.

    Parameters
    ----------
    probs : array, samples by classes, optional
        Probabilities; the greatest is the prediction.
    y_true : sequence of int
        Class numbers.
    preds : sequence of int, optional
        Predicted class numbers, in place of `probs`.
    class_names : sequence of str, optional
    title : str, optional
    """

    def matrix() -> list[list[int]]:
        truth = [int(number) for number in _listed(y_true)]
        found = (
            [_greatest(row) for row in _listed(probs)] if preds is None else [int(n) for n in _listed(preds)]
        )
        size = max([*truth, *found, len(class_names or ()) - 1], default=-1) + 1
        if len(truth) != len(found) or min([*truth, *found], default=0) < 0 or size > MOST_CLASSES:
            raise Unstorable(
                f"{len(truth)} true and {len(found)} predicted classes, from 0 to {MOST_CLASSES - 1}"
            )
        counts = [[0] * size for _ in range(size)]
        for a, b in zip(truth, found, strict=True):
            counts[a][b] += 1
        return counts

    names = None if class_names is None else list(map(_text, class_names))
    return Plot(type="matrix", title=_text(title), x="predicted", y="true", labels=names or [], matrix=matrix)


def roc_curve(
    y_true: Any, y_probas: Any, labels: Sequence[str] | None = None, title: str | None = None
) -> Plot:
    """Return the share of true positives over that of false ones, a line for each class.

    Parameters
    ----------
    y_true : sequence of int
        Class numbers.
    y_probas : array
        Samples by classes; or, of two classes, the probability of class 1.
    labels : sequence of str, optional
        Names of the classes.
    title : str, optional
    """

    def points(ranked: list[tuple[int, int]], right: int, wrong: int) -> Iterable[tuple[float, float]]:
        yield 0.0, 0.0
        for hits, misses in ranked:
            yield misses / max(wrong, 1), hits / max(right, 1)

    series = partial(_curves, y_true, y_probas, labels, points)
    names = {"x": "false positive rate", "y": "true positive rate"}
    return Plot(type="line", title=_text(title) or "ROC", **names, series=series)


def pr_curve(
    y_true: Any, y_probas: Any, labels: Sequence[str] | None = None, title: str | None = None
) -> Plot:
    """Return precision over recall, a line for each class; arguments as for :func:`roc_curve`."""

    def points(ranked: list[tuple[int, int]], right: int, _wrong: int) -> Iterable[tuple[float, float]]:
        for hits, misses in ranked:
            yield hits / max(right, 1), hits / (hits + misses)

    series = partial(_curves, y_true, y_probas, labels, points)
    return Plot(
        type="line", title=_text(title) or "Precision and recall", x="recall", y="precision", series=series
    )


def _curves(y_true: Any, y_probas: Any, labels: Sequence[str] | None, points: Any) -> list[dict[str, Any]]:
    truth = [int(number) for number in _listed(y_true)]
    probabilities = _listed(y_probas)
    if len(truth) != len(probabilities) or not truth:
        raise Unstorable(f"{len(truth)} classes and {len(probabilities)} probabilities")
    columns: list[tuple[int, Any]] = [(1, probabilities)]
    if isinstance(probabilities[0], list | tuple):
        columns = list(enumerate(zip(*probabilities, strict=True)))
    found = []
    for number, scores in columns[:MOST_CLASSES]:
        ranked = _ranked([value == number for value in truth], list(map(float, scores)))
        right = sum(value == number for value in truth)
        name = labels[number] if labels is not None and number < len(labels) else f"class {number}"
        found.append(_series(_text(name), *zip(*points(ranked, right, len(truth) - right), strict=True)))
    return found


def _ranked(hits: Sequence[bool], scores: Sequence[float]) -> list[tuple[int, int]]:
    """Return, for each distinct score from the highest on, how many hits and misses score at least that."""
    order = sorted(range(len(scores)), key=lambda n: -scores[n])
    found, right = [], 0
    for place, (n, following) in enumerate(pairwise([*order, -1]), 1):
        right += hits[n]
        if following < 0 or scores[following] != scores[n]:
            found.append((right, place - right))
    return found


def _greatest(row: Any) -> int:
    values = _listed(row)
    return values.index(max(values))


def _columns(table: Table, *names: Any) -> list[list[Any]]:
    missing = [name for name in names if name not in table.columns]
    if missing:
        raise Unstorable(f"the table has no column {missing[0]!r}, but {', '.join(table.columns)}")
    at = [table.columns.index(name) for name in names]
    return [[row[n] for row in table.data] for n in at]


def _series(name: str, x: Any, y: Any) -> dict[str, Any]:
    xs, ys = _numbers(_listed(x)), _numbers(_listed(y))
    if len(xs) != len(ys):
        raise Unstorable(f"{len(xs)} values of x and {len(ys)} of y")
    every = -(-len(xs) // MOST_POINTS) or 1
    kept = sorted({*range(0, len(xs), every), len(xs) - 1} - {-1})
    return {"name": name, "x": [xs[n] for n in kept], "y": [ys[n] for n in kept]}


def _listed(data: Any) -> list[Any]:
    if data is None:
        raise Unstorable("numbers are missing")
    if hasattr(data, "detach"):
        data = data.detach().cpu()
    return list(data.tolist() if hasattr(data, "tolist") else data)


def _numbers(values: Sequence[Any]) -> list[float]:
    found = [float(value) for value in values]
    if any(not math.isfinite(value) for value in found):
        raise Unstorable("a plot takes finite numbers")
    return found


def _text(value: Any) -> str:
    return "" if value is None else text(value) if isinstance(value, str) else describe(value)
