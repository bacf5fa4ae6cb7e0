"""Pages of long runs and of large projects, in a real browser, from file://."""

import random
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.figures import Figure
from runhooks.record.document import to_bytes
from runhooks.record.parts import Part, Rows
from runhooks.record.view import MetricStats, RunView, Session
from runhooks.site.build import build_project, build_run
from runhooks.site.project_page import row_bytes
from runhooks.storage import Store, open_store

Steps = npt.NDArray[np.int64]
Curve = npt.NDArray[np.float64]

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START = 1_763_877_662_000_000
METRICS = 20
DRAWN = 10
"""Runs that a project's page draws unasked: in a large project the only ones with curves here."""
OPENINGS = 7


def long_run(store: Store, name: str, steps: int) -> Path:
    """Store a run of so many steps and twenty metrics; return its page."""
    folder = f"default/long/runs/{name}"
    view = RunView(id=name, entity="default", project="long", name=name, created_at=START, state="finished")
    view.ended_at = START + steps * 1000
    view.sessions = [Session("w", START, view.ended_at)]
    view.last_step, view.last_log_at = steps - 1, view.ended_at
    random_values = np.random.default_rng(0)
    for number, first in enumerate(range(0, steps, 50_000)):
        part, at = Part(), np.arange(first, min(first + 50_000, steps))
        log_metrics(view, part, at, np.exp(-at / steps * 3), random_values)
        store.write(f"{folder}/history/w-{number:08d}.parquet", part.to_bytes())
    store.write(f"{folder}/run.json", to_bytes(view))
    build_run(store, folder)
    assert store.root is not None
    return store.root / folder / "index.html"


def log_metrics(view: RunView, part: Part, at: Steps, curve: Curve, chance: np.random.Generator) -> None:
    """Log twenty noisy metrics that follow a curve at these steps."""
    for metric in range(METRICS):
        values = curve + chance.normal(0, 0.05, len(at))
        key = f"{('train', 'val', 'eval', 'data')[metric % 4]}/metric_{metric}"
        part.add(key, Rows(at, START + at * 1000, values, None, {}))
        stats = view.metrics.setdefault(key, MetricStats(first=float(values[0])))
        stats.count = stats.numeric = stats.count + len(at)
        stats.last, stats.last_step = float(values[-1]), int(at[-1])
        stats.min = min(stats.min or 0.0, float(values.min()))
        stats.max = max(stats.max or 0.0, float(values.max()))
        view.summary[key] = stats.last


def many_runs(store: Store, count: int) -> Path:
    """Store the documents and rows of so many runs of one project; return its page."""
    project = f"of-{count}"
    chance = random.Random(0)
    for number in range(count):
        view = RunView(
            f"r{number:07d}", "default", project, f"run-{number}", START + number * 10**6, "finished"
        )
        view.ended_at = view.created_at + 60 * 10**6
        view.config = {"lr": chance.random(), "depth": chance.randrange(9), "name": chance.choice("abc")}
        view.summary = {f"val/metric_{n}": chance.random() for n in range(8)}
        view.last_step = 1000
        folder = f"default/{project}/runs/{view.id}"
        if drawn := number >= count - DRAWN:
            part, at = Part(), np.arange(1000)
            log_metrics(view, part, at, np.exp(-at / 300), np.random.default_rng(number))
            store.write(f"{folder}/history/w-00000000.parquet", part.to_bytes())
        store.write(f"{folder}/run.json", to_bytes(view))
        store.write(f"default/{project}/index/{view.id}.json", row_bytes(view))
        if drawn:
            build_run(store, folder)
    build_project(store, "default", project)
    assert store.root is not None
    return store.root / "default" / project / "index.html"


def opened(browser: Any, page_file: Path, ready: str) -> tuple[float, float]:
    """Open a page some times; return median seconds until `ready` is true, and the bytes it loaded."""
    times, loaded = [], 0
    for _ in range(OPENINGS):
        page = browser.new_page(viewport={"width": 1440, "height": 900}, bypass_csp=True)
        requests: list[str] = []
        page.on("request", lambda request, requests=requests: requests.append(request.url))
        page.goto(page_file.as_uri(), wait_until="commit")
        page.wait_for_function(ready, polling="raf")
        times.append(page.evaluate("performance.now()") / 1e3)
        files = {url.removeprefix("file://").partition("?")[0] for url in requests if url.startswith("file:")}
        loaded = sum(Path(file).stat().st_size for file in files)
        page.close()
    return median(times), loaded


CHARTS = "performance.getEntriesByName('runhooks:chart').length >= 12"
TABLE = "document.querySelectorAll('.runs tr[aria-rowindex]').length >= 10"


def run_page(work: Path) -> Iterator[Figure]:
    """Open the pages of a run of 1,000,000 steps and one of 10,000, of twenty metrics each."""
    from playwright.sync_api import sync_playwright

    store = open_store(work / "runs")
    short, long = long_run(store, "short", 10_000), long_run(store, "long", 1_000_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        (base, base_bytes), (taken, size) = opened(browser, short, CHARTS), opened(browser, long, CHARTS)
        browser.close()
    yield Figure(
        "page of 1,000,000 x 20 (beside 10,000 x 20): charts", taken, "s", base, "<= 0.35 s", taken > 0.35
    )
    yield Figure("the same: bytes loaded", size / 1e6, "MB", base_bytes / 1e6, "<= 0.4 MB", size > 4e5)


def project_page(work: Path) -> Iterator[Figure]:
    """Open the pages of projects of 1,000 and of 10,000 runs."""
    from playwright.sync_api import sync_playwright

    store = open_store(work / "runs")
    pages = {count: many_runs(store, count) for count in (1_000, 10_000)}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        for count, ready, what, budget in (
            (1_000, TABLE, "table", 0.6),
            (1_000, CHARTS, "charts", 0.8),
            (10_000, TABLE, "table", 1.5),
            (10_000, CHARTS, "charts", 2.0),
        ):
            taken, size = opened(browser, pages[count], ready)
            name = f"project page of {count:,} runs: {what} ({size / 1e6:.2f} MB)"
            yield Figure(name, taken, "s", None, f"<= {budget} s", taken > budget)
        browser.close()
