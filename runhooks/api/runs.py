""":class:`Runs`: the runs of a project that a question found."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import overload

from ..errors import RecordError, RunNotFoundError
from ..storage import Store, together
from .listing import Listed
from .run import ApiRun

__all__ = ["Runs"]


class Runs(Sequence[ApiRun]):
    """Runs in an order, as the project was when it was asked.

    Their names, states and times are known from the listing. Their documents are read when another property
    is asked for, those of a page of neighbours together, at most 16 at once: going through thousands of runs
    in a bucket takes two requests for each, and none waits for the one before.

    Parameters
    ----------
    store : Store
    runs : sequence of Listed
    per_page : int
        How many are read together.
    """

    def __init__(self, store: Store, runs: Sequence[Listed], per_page: int = 50) -> None:
        self._runs: list[ApiRun] = []
        for start in range(0, len(runs), per_page):
            page: list[ApiRun] = []
            load = partial(_load, store, page)
            page += [ApiRun(store, run.path, load, run.row) for run in runs[start : start + per_page]]
            self._runs += page

    def __len__(self) -> int:
        return len(self._runs)

    def __iter__(self) -> Iterator[ApiRun]:
        return iter(self._runs)

    @overload
    def __getitem__(self, at: int) -> ApiRun: ...

    @overload
    def __getitem__(self, at: slice) -> list[ApiRun]: ...

    def __getitem__(self, at: int | slice) -> ApiRun | list[ApiRun]:
        return self._runs[at]

    def __repr__(self) -> str:
        return f"<Runs: {len(self):,}>"


def _load(store: Store, page: list[ApiRun]) -> None:
    """Read what was not read yet of a page; who is broken or gone says so when it is asked itself."""

    def load(run: ApiRun) -> None:
        with suppress(RunNotFoundError, RecordError):
            run.reload()

    together(store, load, [run for run in page if not run.loaded])
