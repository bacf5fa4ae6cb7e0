"""Finding and changing runs in a bucket: ten thousand on the tests' S3 server, beside plain s3fs requests."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import s3fs

from benchmarks.figures import Figure
from runhooks import Api
from runhooks.api.trash import delete_runs
from runhooks.record.document import to_bytes
from runhooks.record.paths import parse_run_path
from runhooks.record.view import MetricStats, RunView, Session
from runhooks.site.build import build_project
from runhooks.site.project_page import row_bytes
from runhooks.storage import MeteredStore, open_store
from tests.api.made import make
from tests.servers.s3 import S3Server, ceph_server, moto_server, why_no_ceph

RUNS = int(os.environ.get("RUNHOOKS_BENCH_RUNS", "10000"))
BEGAN = 1_763_877_662_000_000
PROJECT = "default/digits"
THOUSAND = int(os.environ.get("RUNHOOKS_BENCH_QUERIED", "1000"))


def views() -> Iterator[RunView]:
    """Yield runs as a sweep leaves them: ten config values, ten metrics."""
    for number in range(RUNS):
        values = {f"val/m{index}": 1 / (number + index + 1) for index in range(10)}
        began = BEGAN + number * 60_000_000
        yield RunView(
            id=f"r{number:07d}", entity="default", project="digits", name=f"calm-lake-{number}",
            created_at=began, ended_at=began + 50_000_000, state="failed" if number % 49 == 0 else "finished",
            config={"lr": 10.0 ** -(1 + number % 5), **{f"p{index}": number * index for index in range(9)}},
            summary=values, tags=["sweep"], sessions=[Session("w-r0", began, began + 50_000_000)],
            metrics={key: MetricStats(1, x, x, 0, began, x, x, x, 0, 1) for key, x in values.items()},
        )  # fmt: skip


def filled(server: S3Server) -> str:
    """Put the runs into a new bucket, and return its name."""
    bucket = server.new_bucket()

    def put(view: RunView) -> None:
        for path, data in (
            (f"runs/{view.id}/run.json", to_bytes(view)),
            (f"index/{view.id}.json", row_bytes(view)),
        ):
            server.raw.put_object(Bucket=bucket, Key=f"{PROJECT}/{path}", Body=data)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(put, views()))
    return bucket


def measured(store: MeteredStore, work: Callable[[], Any]) -> tuple[float, float, int, Any]:
    """Return seconds, CPU seconds of this process, requests, and what the work gives."""
    before, began, cpu = store.traffic.requests, perf_counter(), process_time()
    found = work()
    return perf_counter() - began, process_time() - cpu, store.traffic.requests - before, found


def plain(server: S3Server, bucket: str, work: str, times: int) -> float:
    """Return the seconds of so many bare s3fs requests, sixteen at once as runhooks does them."""
    fs = s3fs.S3FileSystem(**server.storage_options, use_listings_cache=False, skip_instance_cache=True)
    if work == "list":
        began = perf_counter()
        fs.find(f"{bucket}/{PROJECT}/runs")
        fs.find(f"{bucket}/{PROJECT}/index")
        return perf_counter() - began
    paths = [f"{bucket}/{PROJECT}/runs/r{number:07d}/run.json" for number in range(times)]
    began = perf_counter()
    if work == "get":
        fs.cat(paths, batch_size=16)
    else:
        fs.pipe({f"{bucket}/plain/{number}": b"x" * 60 for number in range(times)}, batch_size=16)
    return perf_counter() - began


def managing(work: Path) -> Iterator[Figure]:
    """List, filter, open and delete among ten thousand runs."""
    with ExitStack() as opened:
        made = moto_server if why_no_ceph() else ceph_server
        server = opened.enter_context(made(work))
        bucket = filled(server)
        api = Api(f"s3://{bucket}", server.storage_options)
        store = api.store = MeteredStore(open_store(f"s3://{bucket}", server.storage_options))
        took, _, requests, _ = measured(store, lambda: build_project(store, *PROJECT.split("/")))
        yield Figure(f"{RUNS:,} runs in S3: project page anew ({requests:,} requests)", took, "s")

        listing = plain(server, bucket, "list", 0)
        wanted = {"config.lr": {"$lt": 0.01}, "state": "failed"}
        took, cpu, requests, found = measured(store, lambda: api.runs("digits", wanted))
        yield Figure(
            f"  a filter: {len(found):,} found ({requests} requests, {cpu:.1f} s CPU)", took, "s", listing
        )

        program = Path(sys.executable).with_name("runhooks")
        command = [program, "ls", "digits", "--filter", "config.lr<0.01", "--state", "failed"]
        command += ["--json", "--store", f"s3://{bucket}"]
        began = perf_counter()
        subprocess.run(command, env={**os.environ, **server.variables}, check=True, capture_output=True)
        yield Figure(
            "  runhooks ls with that filter, the whole command", perf_counter() - began, "s", listing
        )

        def first_page() -> list[Any]:
            return [(run.name, run.state, run.config, run.summary) for run in api.runs("digits")[:50]]

        bare = listing + plain(server, bucket, "get", 50)
        took, cpu, requests, _ = measured(store, first_page)
        yield Figure(f"  first page of 50 ({requests} requests, {cpu:.1f} s CPU)", took, "s", bare)

        def names() -> int:
            return len([(run.name, run.state, run.created_at) for run in api.runs("digits")])

        took, cpu, requests, _ = measured(store, names)
        yield Figure(f"  names and states of all ({requests} requests, {cpu:.1f} s CPU)", took, "s", listing)

        def delete() -> int:
            gone = api.runs("digits", {"name": {"$regex": r"^calm-lake-\d*[05]\d$"}})[:500]
            paths = [(parse_run_path(run.path), run.name) for run in gone]
            delete_runs(store, paths)
            return len(paths)

        bare = listing + plain(server, bucket, "put", 500)
        took, cpu, requests, count = measured(store, delete)
        yield Figure(f"  {count} deleted by regex ({requests} requests, {cpu:.1f} s CPU)", took, "s", bare)


def queries(work: Path) -> Iterator[Figure]:
    """Run the programs of docs/reading.md over a thousand runs in a bucket, beside plain reads of it all."""
    text = (Path(__file__).parents[1] / "docs/reading.md").read_text(encoding="utf-8")
    programs = re.findall(r"```python\n(.+?)```", text.partition("## Without runhooks")[2], re.DOTALL)
    with ExitStack() as opened:
        made = moto_server if why_no_ceph() else ceph_server
        server = opened.enter_context(made(work))
        url = f"s3://{server.new_bucket()}"
        store = open_store(url, server.storage_options)
        with ThreadPoolExecutor(8) as threads:
            runs = range(THOUSAND)
            list(threads.map(lambda number: _made(store, number), runs))
        fs = s3fs.S3FileSystem(**server.storage_options, use_listings_cache=False, skip_instance_cache=True)
        began = perf_counter()
        fs.cat(fs.glob(f"{url}/{PROJECT}/runs/*/history/*.parquet"), batch_size=16)
        fs.cat(fs.glob(f"{url}/{PROJECT}/index/*.json"), batch_size=16)
        bare = perf_counter() - began
        for name, program in zip(("DuckDB", "Polars", "Dask"), programs, strict=True):
            code = program.replace('"runs/default/digits"', f'"{url}/{PROJECT}"')
            began = perf_counter()
            subprocess.run(
                [sys.executable, "-c", code],
                env={**os.environ, **server.variables},
                check=True,
                capture_output=True,
            )
            yield Figure(
                f"best loss by lr, {THOUSAND:,} runs in S3, {name}", perf_counter() - began, "s", bare
            )


def _made(store: Any, number: int) -> None:
    rows = [{"val/loss": 1 / (number + step + 1), "loss": 1.0} for step in range(100)]
    make(store, f"r{number:04d}", rows, config={"lr": (0.1, 0.01, 0.001)[number % 3]})
