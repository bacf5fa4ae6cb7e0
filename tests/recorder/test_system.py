"""System metrics from the sampler to the record, the page and the Api."""

import os
import re
from pathlib import Path

import pytest

from runhooks.api import Api
from runhooks.record.system import host_of, system_history
from runhooks.recorder.system.keeping import SystemMetrics
from runhooks.recorder.system.sampler import Sampler
from runhooks.site.build import build_run
from runhooks.storage import open_store
from tests.programs import ended, run

RUN = "default/p/runs/mine"

PROGRAM = """
import pathlib, time, runhooks
run = runhooks.init(project="p", id="mine", system_interval_s=%s, quiet=True)
run.log({"a": 1})
def samples():
    folder = pathlib.Path(run.dir).parent
    return sum(path.read_bytes().count(b"log") for path in folder.glob("system/*/*.jsonl"))
deadline = time.time() + 60
while samples() < %s and time.time() < deadline:
    time.sleep(0.05)
run.finish()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / RUN).mkdir(parents=True)
    return tmp_path / RUN


def keeping(root: Path, sampler: Sampler | None = None) -> SystemMetrics:
    return SystemMetrics(open_store(root), RUN, root, sampler)


def sampler_of(folder: Path) -> Sampler:
    return Sampler(folder, os.getpid(), 10.0)


def counts(root: Path) -> dict[str, int]:
    found: dict[str, int] = {}
    for _, key, rows in system_history(open_store(root), RUN):
        found[key] = found.get(key, 0) + len(rows.steps)
    return found


def test_a_run_has_samples_in_the_record_on_the_page_and_in_the_api(tmp_path):
    done = run(PROGRAM % (1, 2), tmp_path)
    assert done.returncode == 0, done.stderr
    view = ended(tmp_path)
    frame = Api(tmp_path / "runs").run(view.path).system_metrics()
    assert len(frame) >= 3  # at the start, each second, at the end
    assert frame.index.name == "time"
    assert frame.index.is_monotonic_increasing
    assert str(frame.index.tz) == "UTC"
    assert frame["process/memory_bytes"].min() > 1e6
    assert frame["process/threads"].notna().all()
    assert frame["process/cpu_percent"].notna().sum() >= 2
    assert not [name for name in frame if frame[name].isna().all()]
    folder = tmp_path / "runs" / RUN
    assert not list(folder.glob("system/*/"))
    assert not list(folder.glob(".sampler*"))
    assert '"key":"process/cpu_percent"' in (folder / "data" / "system.js").read_text()


def test_the_page_is_the_same_when_it_is_rendered_again(tmp_path):
    run(PROGRAM % (1, 1), tmp_path)
    ended(tmp_path)
    data = tmp_path / "runs" / RUN / "data"
    before = {path.name: path.read_bytes() for path in data.iterdir()}
    build_run(open_store(tmp_path / "runs"), RUN)
    assert {path.name: path.read_bytes() for path in data.iterdir()} == before
    assert "system.js" in before


def test_an_interval_of_nothing_samples_nothing(tmp_path):
    run(PROGRAM % (0, 0), tmp_path)
    ended(tmp_path)
    folder = tmp_path / "runs" / RUN
    assert not (folder / "system").exists()
    assert not (folder / "data" / "system.js").exists()
    assert re.search(r'"system":false', (folder / "data" / "run.js").read_text())


def test_one_sampler_a_node(tmp_path, folder):
    first, second = sampler_of(folder), sampler_of(folder)
    assert first.sample(now=True)
    assert second.sample(now=True) is None
    first.close()
    assert second.sample(now=True)
    second.close()


def test_a_recorder_that_is_killed_loses_no_sample(tmp_path, folder):
    killed = sampler_of(folder)
    metrics = keeping(tmp_path, killed)
    for _ in range(5):
        metrics.tick(now=True)
    assert counts(tmp_path)["machine/memory_percent"] == 5  # read from the journal
    os.close(killed._lock)  # as the kernel does at its death
    assert killed._journal is not None
    os.close(killed._journal._fd)
    after = keeping(tmp_path, sampler_of(folder))
    assert not list(folder.glob("system/*/*.jsonl"))
    assert counts(tmp_path)["machine/memory_percent"] == 5
    after.tick(now=True)
    after.close()
    assert counts(tmp_path)["machine/memory_percent"] == 6
    assert len(list(folder.glob("system/*.parquet"))) == 2
    (series,) = keeping(tmp_path).series.values()
    assert len(series["machine/memory_percent"]) == 6


def test_a_living_samplers_journal_is_left_alone(tmp_path, folder):
    living = sampler_of(folder)
    living.sample(now=True)
    keeping(tmp_path)
    assert len(list(folder.glob("system/*/*.jsonl"))) == 1
    living.close()


def test_a_long_run_has_several_parts(tmp_path, folder, monkeypatch):
    monkeypatch.setattr("runhooks.recorder.system.sampler._SAMPLES", 3)
    metrics = keeping(tmp_path, sampler_of(folder))
    for _ in range(7):
        metrics.tick(now=True)
    metrics.close()
    assert len(list(folder.glob("system/*.parquet"))) == 3
    assert counts(tmp_path)["machine/memory_percent"] == 7


def test_a_writer_tells_its_node():
    assert host_of("20261125T223214715791-gpu-node.7-eaa374") == "gpu-node.7"


def test_several_nodes_are_columns_by_node(tmp_path, folder, monkeypatch):
    from runhooks.record.document import to_bytes
    from runhooks.record.view import RunView

    (folder / "run.json").write_bytes(to_bytes(RunView("mine", "default", "p", "n", 1)))
    for host in ("node1", "node2"):
        monkeypatch.setattr("runhooks.recorder.system.sampler.os.uname", lambda name=host: Named(name))
        metrics = keeping(tmp_path, sampler_of(folder))
        metrics.tick(now=True)
        metrics.close()
    frame = Api(tmp_path).run("p/mine").system_metrics()
    assert {"node1:machine/memory_percent", "node2:machine/memory_percent"} <= set(frame.columns)
    assert set(keeping(tmp_path).series) == {"node1", "node2"}


class Named:
    def __init__(self, nodename: str) -> None:
        self.nodename = nodename
