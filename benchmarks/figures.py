"""A measured figure and how it is printed."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter


@dataclass(frozen=True)
class Figure:
    """One line: what was measured, its baseline in the same run, and the budget."""

    what: str
    value: float
    unit: str
    baseline: float | None = None
    budget: str = ""
    missed: bool = False

    def line(self) -> str:
        """Return the figure as one line of the table; a missed budget is marked."""
        base = "" if self.baseline is None else f"{self.baseline:,.4g} {self.unit}"
        ratio = "" if not self.baseline else f"{self.value / self.baseline:.2f}"
        mark = "  MISSED" if self.missed else ""
        return (
            f"{self.what:<54}{f'{self.value:,.4g} {self.unit}':>12}{base:>12}{ratio:>8}  {self.budget}{mark}"
        )


def middle(work: Callable[[], object], times: int) -> float:
    """Return the median of the seconds that `work` takes, after one run that does not count."""
    work()
    found = []
    for _ in range(times):
        began = perf_counter()
        work()
        found.append(perf_counter() - began)
    return median(found)
