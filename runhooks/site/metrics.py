"""Which metrics a run page shows, in which order, and which of them first."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from runhooks.record.view import MetricStats, RunView

from .series import SeriesSet

__all__ = ["GROUP_SIZE", "HEADLINES", "Metric", "charted", "headline", "in_sections", "likely_goal", "listed"]

GROUP_SIZE: Final = 24
"""Charts in one data file."""

HEADLINES: Final = 6
"""Metrics above everything else on a run page."""

_GOALS = {"minimize": "min", "min": "min", "maximize": "max", "max": "max"}
_LOSS = re.compile(
    r"(^|[^a-z])(loss|nll|error|err|mse|rmse|mae|perplexity|ppl|cost|elbo|wer|cer)([^a-z]|$)|loss$"
)
_SCORE = re.compile(
    r"(^|[^a-z])(acc|accuracy|f1|auc|auroc|precision|recall|bleu|rouge|iou|miou|map|r2|score|reward|return)"
    r"([^a-z]|$)|accuracy$|acc$"
)
_RATE = re.compile(r"(^|[^a-z])(lr|learning_?rate)([^a-z]|$)")
_BOOKKEEPING = re.compile(
    r"(^|[^a-z])(epochs?|steps?|time|runtime|timestamp|seconds|samples|flo?ps?|memory)([^a-z]|$)"
)
_MOST_LOSSES, _MOST_SCORES, _MOST_RATES = 3, 2, 1


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric as its run page lists it.

    Attributes
    ----------
    index : int or None
        Its number among the charts; None when there is nothing to draw.
    definition : dict
        What ``define_metric`` said of it.
    """

    key: str
    stats: MetricStats
    index: int | None
    definition: dict[str, Any]

    @property
    def group(self) -> int | None:
        """Number of the charts file that holds it."""
        return None if self.index is None else self.index // GROUP_SIZE

    @property
    def goal(self) -> str | None:
        """``min`` or ``max``, where the user said which."""
        return _GOALS.get(str(self.definition.get("goal")))

    @property
    def step_metric(self) -> str | None:
        """The metric along which the user wants to see it."""
        named = self.definition.get("step_metric")
        return named if isinstance(named, str) and named != self.key else None

    @property
    def hidden(self) -> bool:
        """Whether the user wants no chart of it."""
        return bool(self.definition.get("hidden"))

    @property
    def best(self) -> float | None:
        """Its best value, where the user said which is better."""
        return {"min": self.stats.min, "max": self.stats.max}.get(self.goal or "")


def listed(view: RunView, series: SeriesSet) -> list[Metric]:
    """Return the metrics in page order: by section (what comes before the first ``/``), each as it came."""
    found: list[Metric] = []
    charts = 0
    for key in in_sections(view.metrics):
        index = charts if key in series and len(series[key]) else None
        charts += index is not None
        found.append(Metric(key, view.metrics[key], index, view.definition(key)))
    return found


def in_sections(keys: Iterable[str]) -> list[str]:
    """Return names in page order: by what comes before the first ``/``, each as it came."""
    sections: dict[str, list[str]] = {}
    for key in keys:
        sections.setdefault(key.partition("/")[0] if "/" in key else "", []).append(key)
    return [key for names in sections.values() for key in names]


def charted(view: RunView) -> list[Metric]:
    """Return the metrics that have charts, as :func:`listed` numbers them, from the run document alone."""
    keys = [key for key in in_sections(view.metrics) if view.metrics[key].numeric]
    return [Metric(key, view.metrics[key], index, view.definition(key)) for index, key in enumerate(keys)]


def likely_goal(key: str) -> str | None:
    """Return which values of a metric are better, as its name says: ``min``, ``max`` or None."""
    name = key.lower()
    return "min" if _LOSS.search(name) else "max" if _SCORE.search(name) else None


def headline(metrics: Iterable[Metric]) -> list[Metric]:
    """Return the most telling metrics, at most six.

    Those with a goal; then losses, accuracies and the learning rate, those of validation first; then
    whatever there is, without counters of steps and time.
    """
    drawn = [metric for metric in metrics if metric.index is not None and not metric.hidden]
    chosen = [
        *(metric for metric in drawn if metric.goal),
        *_named(drawn, _LOSS, _MOST_LOSSES),
        *_named(drawn, _SCORE, _MOST_SCORES),
        *_named(drawn, _RATE, _MOST_RATES),
        *(metric for metric in drawn if not _BOOKKEEPING.search(metric.key.lower())),
    ]
    return list({metric.key: metric for metric in chosen}.values())[:HEADLINES]


def _named(metrics: list[Metric], pattern: re.Pattern[str], most: int) -> list[Metric]:
    found = [metric for metric in metrics if pattern.search(metric.key.lower())]
    return sorted(found, key=lambda metric: not _is_validation(metric.key))[:most]


def _is_validation(key: str) -> bool:
    return any(word in key.lower() for word in ("val", "eval", "test", "dev/"))
