"""Stores of every format that was released: this code reads them, goes on with their runs, and sends them."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import runhooks
from runhooks.record.read import read_view
from runhooks.storage import open_store
from tests.cli.terminal import piped
from tests.faults.check import rows
from tests.faults.ledger import Ledger
from tests.record.golden import FOLDER, REWOUND, RUN

pytestmark = [pytest.mark.faults, pytest.mark.slow]

FORMATS = sorted(path.name for path in FOLDER.glob("format-*"))


@pytest.mark.case("Upgrade", "the golden store of every released format is read, resumed and synced")
def test_a_store_of_an_earlier_format_is_gone_on_with(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for format in FORMATS:
        with ledger.attempt(format):
            here, there = tmp_path / format / "runs", tmp_path / format / "elsewhere"
            shutil.copytree(FOLDER / format, here)
            store = open_store(here)
            before, rewound = rows(store, RUN), rows(store, REWOUND)
            assert before["acc"][-1] == (7, 7)
            with runhooks.init(project="digits", id="k3f9a0b1", store=here, resume="must") as run:
                assert run.config["layers"] == [32, 10]
                run.log({"acc": 8.5})
            view, after = read_view(store, RUN), rows(store, RUN)
            assert (view.state, view.last_step, len(view.sessions)) == ("finished", 8, 3)
            assert as_text({**before, "acc": [*before["acc"], (8, 8.5)]}) == as_text(after)
            assert rows(store, REWOUND) == rewound
            assert not list(store.list(f"{RUN}/journal")), "what was left in a journal is a part now"
            _leave(here, tmp_path / format / "spool" / "part", str(there))
            monkeypatch.setenv("RUNHOOKS_SPOOL", str(tmp_path / format / "spool"))
            done = piped("sync")
            assert done.returncode == 0, done.stderr
            assert as_text(rows(open_store(there), RUN)) == as_text(after)
            assert rows(open_store(there), REWOUND) == rewound
    ledger.figure = f"{', '.join(FORMATS)}: every value as before, and a resumed run goes on"


def as_text(found: Mapping[str, list[tuple[int, Any]]]) -> str:
    """Return rows so that a NaN is equal to a NaN."""
    return repr(sorted(found.items()))


def _leave(store: Path, spool: Path, address: str) -> None:
    """Leave a store's runs in a spool, as a machine that never reached their store does."""
    for run in (RUN, REWOUND):
        shutil.copytree(store / run, spool / run)
    (spool / "store.json").write_text(f'{{"store": "{address}"}}')
