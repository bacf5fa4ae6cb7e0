"""The programs in `docs/reading.md` read a store with no runhooks, and agree."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runhooks.storage import LocalStore, Store, open_store
from tests.api.made import make
from tests.programs import environment
from tests.servers.s3 import S3Server, moto_server

TEXT = (Path(__file__).parents[2] / "docs/reading.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"```python\n(.+?)```", TEXT.partition("## Without runhooks")[2], re.DOTALL)
NUMBER = re.compile(r"(?<![\w.])0\.\d+")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with moto_server(tmp_path_factory.mktemp("moto")) as found:
        yield found


@pytest.mark.parametrize("where", ["folder", "bucket"])
@pytest.mark.parametrize("program", PROGRAMS, ids=["duckdb", "polars", "dask"])
def test_best_validation_loss_by_learning_rate_straight_from_the_store(
    here: Path, program: str, where: str, server: S3Server
) -> None:
    store: Store = LocalStore(here / "runs", durable=False)
    variables = {}
    if where == "bucket":
        url = f"s3://{server.new_bucket()}/runs"
        store, variables = open_store(url, server.storage_options), server.variables
        assert 'runs = "runs/default/digits"' in program
        program = program.replace('"runs/default/digits"', f'"{url}/default/digits"')
    for number in range(12):
        rows = [{"val/loss": 0.5 + number / 1000 + step / 10, "loss": 0.0} for step in range(3)]
        make(store, f"r{number}", rows, config={"lr": (0.1, 0.01, 0.001)[number % 3], "number": number})

    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=here,
        env=environment(**variables),
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    assert "import runhooks" not in program
    found = [float(number) for number in NUMBER.findall(done.stdout)]
    assert found == [0.001, 0.502, 0.01, 0.501, 0.1, 0.5], done.stdout
