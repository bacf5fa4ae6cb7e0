"""Reading a record."""

import json
from collections.abc import Iterator
from pathlib import Path

import runhooks
from benchmarks.figures import Figure, middle
from benchmarks.hot import CALLS, _rows


def history_to_pandas(work: Path) -> Iterator[Figure]:
    """Read 100,000 steps of ten scalars into a pandas frame, beside json.loads of the same rows into one."""
    import pandas as pd

    rows = _rows(CALLS)
    with runhooks.init(id="long", reinit="create_new") as run, (work / "baseline.jsonl").open("w") as file:
        for row in rows:
            run.log(row)
            file.write(json.dumps(row) + "\n")

    def plain() -> None:
        with (work / "baseline.jsonl").open() as file:
            pd.DataFrame([json.loads(line) for line in file])

    api = runhooks.Api("runs")
    taken = middle(lambda: api.run("default/Uncategorized/long").history(), 7)
    frame = api.run("default/Uncategorized/long").history()
    assert frame.shape == (CALLS, len(rows[0]))
    assert frame.iloc[-1].to_dict() == rows[-1]
    yield Figure("the same: whole history into pandas", taken, "s", middle(plain, 3), "<= 0.2 s", taken > 0.2)
