"""What a fault case did: how often it was tried, how often something was wrong, and the figure it gives.

Each case is one test that is given a :class:`Ledger`. In its short form, which CI runs, a case is tried a
few times; with RUNHOOKS_FAULTS=long at least 200 times where it can be. RUNHOOKS_FAULTS_ROWS names a file
that gets the rows of the table in docs/reliability.md.
"""

import json
import os
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import TypeVar

T = TypeVar("T")

LONG = os.environ.get("RUNHOOKS_FAULTS") == "long"
SEED = int(os.environ.get("RUNHOOKS_SEED", "20261123"))

_counting = threading.Lock()


@dataclass
class Ledger:
    """The tries of one case."""

    group: str
    case: str
    n: int = 0
    failures: int = 0
    seed: int = SEED
    figure: str = ""
    form: str = "long" if LONG else "short"
    on: str = ""
    told: list[str] = field(default_factory=list)

    @property
    def random(self) -> Random:
        """A fresh source of the case's own random numbers, the same each time."""
        return Random(f"{self.seed}-{self.case}")

    def tries(self, short: int, long: int = 200) -> range:
        """Return the numbers of the tries that this form of the case makes."""
        return range(long if LONG else short)

    @contextmanager
    def attempt(self, what: object = "") -> Iterator[None]:
        """Count one try; what goes wrong in it is a failure, and the next try goes on."""
        try:
            yield
        except Exception:  # noqa: BLE001  (whatever it is, it is one failure of many tries)
            self.told.append(f"{self.case}, {what}:\n{traceback.format_exc()}")
        with _counting:
            self.n += 1
            self.failures = len(self.told)

    def each(self, items: Iterable[T], work: Callable[[T], object], at_once: int = 3) -> None:
        """Try `work` for each item, some at once: most of their time they wait."""

        def attempt(item: T) -> None:
            with self.attempt(item):
                work(item)

        with ThreadPoolExecutor(at_once) as pool:
            list(pool.map(attempt, items))

    def close(self) -> None:
        """Tell the row, keep it for the table, and fail where something was wrong."""
        self.on = datetime.now(UTC).date().isoformat()
        row = asdict(self)
        del row["told"]
        counts = f"n={self.n} failures={self.failures} seed={self.seed}"
        sys.stderr.write(f"\n{self.group}: {self.case}: {counts} {self.figure}\n")
        if rows := os.environ.get("RUNHOOKS_FAULTS_ROWS"):
            with Path(rows).open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
        assert self.n > 0, "the case was not tried"
        assert not self.failures, "\n".join(self.told[:3])
