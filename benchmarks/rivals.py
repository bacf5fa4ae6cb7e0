"""TensorBoard's and trackio's pages beside ours, on the same values, in the same browser.

`python -m benchmarks rivals` brings the two from PyPI into an environment of its own. Theirs come from
servers that have read everything before the browser asks; ours from file://.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import psutil

from benchmarks.figures import Figure
from benchmarks.pages import ARGUMENTS, CHARTS, TABLE, long_run, many_runs
from runhooks.record.read import history, read_view
from runhooks.storage import Store, open_store

FILL = """
import os, sys
import numpy as np
program, source, target = sys.argv[1:]
runs = {
    name: {key: values.tolist() for key, values in data.item().items()}
    for name, data in np.load(source, allow_pickle=True).items()
}
if program == "tensorboard":
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.event_file_writer import EventFileWriter
    for name, data in runs.items():
        writer = EventFileWriter(os.path.join(target, name))
        for step, row in enumerate(zip(*data.values())):
            values = [Summary.Value(tag=key, simple_value=value) for key, value in zip(data, row)]
            writer.add_event(Event(step=step, wall_time=1.76e9 + step, summary=Summary(value=values)))
        writer.close()
else:
    from trackio.sqlite_storage import SQLiteStorage
    for name, data in runs.items():
        rows = [dict(zip(data, row)) for row in zip(*data.values())]
        for begin in range(0, len(rows), 20_000):
            some = rows[begin : begin + 20_000]
            SQLiteStorage.bulk_log("p", name, some, steps=list(range(begin, begin + len(some))))
"""
OPENINGS = 3
LONGEST_S = 120
DRAWN_LINE = """[...document.querySelectorAll('line-chart-axis[axis=x] text')].some(
    tick => parseFloat(tick.textContent.replaceAll(',', '')) > 100)"""


@dataclass(frozen=True)
class Program:
    """How a program is started, and by what its page shows that it is there.

    Attributes
    ----------
    box : str
        Where a reader types a pattern that names of runs shall match.
    only : str
        True when the table lists one run only, the given one.
    """

    name: str
    command: tuple[str, ...]
    charts: str
    table: str
    box: str
    only: str


OURS = Program(
    "runhooks",
    (),
    CHARTS,
    TABLE,
    "[aria-label^='Search runs by name']",
    """run => { const rows = [...document.querySelectorAll('.runs tr[aria-rowindex] .run-name')];
             return rows.length === 1 && rows[0].textContent.includes(run) }""",
)
RIVALS = [
    Program(
        "tensorboard",
        ("tensorboard", "--logdir", ".", "--port", "0", "--host", "127.0.0.1"),
        DRAWN_LINE,
        "document.querySelectorAll('runs-data-table tb-data-table-content-row').length >= 10",
        "input[placeholder='Filter runs (regex)']",
        """run => { const rows = [...document.querySelectorAll('runs-data-table tb-data-table-content-row')];
                 return rows.length === 1 && rows[0].textContent.includes(run) }""",
    ),
    Program(
        "trackio",
        ("trackio", "show", "--project", "p"),
        "document.querySelector('.vega-embed canvas.marks') !== null",
        "document.querySelectorAll('.run-name').length >= 10",
        "input[placeholder='Type to filter...']",
        """run => { const rows = [...document.querySelectorAll('.run-name')];
                 return rows.length === 1 && rows[0].textContent.includes(run) }""",
    ),
]


def rivals(work: Path) -> Iterator[Figure]:
    """Open a run of 10,000 and of 1,000,000 steps x 20, and projects of 1,000 and of 10,000 runs."""
    from playwright.sync_api import sync_playwright

    store = open_store(work / "runs")
    programs = installed(work)
    cases = {
        "10,000 x 20, charts": (long_run(store, "short", 10_000), "charts"),
        "1,000,000 x 20, charts": (long_run(store, "long", 1_000_000), "charts"),
        "1,000 runs, table": (many_runs(store, 1_000), "table"),
        "10,000 runs, table": (many_runs(store, 10_000), "table"),
    }
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        for what, (page, kind) in cases.items():
            ours = opened(browser, page.as_uri(), OURS, kind)
            yield from told(f"{what}: runhooks", ours, None)
            values = work / "values.npz"
            np.savez(values, **values_of(store, page.parent.relative_to(work / "runs")))
            for rival in RIVALS:
                with served(programs, rival, values, work / f"{rival.name}-{page.parent.name}") as address:
                    theirs = opened(browser, address, rival, kind)
                yield from told(f"{what}: {rival.name}", theirs, ours)
        browser.close()


def told(what: str, measured: "Opened", ours: "Opened | None") -> Iterator[Figure]:
    """Say seconds and megabytes; the baseline is ours, so that a ratio says how many times ours it is."""
    name = f"{what} ({measured.requests} requests)"
    yield Figure(name, measured.seconds, "s", ours.seconds if ours else None)
    yield Figure("  bytes loaded", measured.size / 1e6, "MB", ours.size / 1e6 if ours else None)
    if measured.filtered is not None:
        yield Figure("  one run found by its name", measured.filtered, "s", ours.filtered if ours else None)


def values_of(store: Store, folder: Path) -> dict[str, Any]:
    """Return the curves of a run, or of each of a project's; without a history, its summary as one step."""
    if folder.parent.name == "runs":
        return {"run": curves(store, folder.as_posix())}
    return {path.name: curves(store, path.as_posix()) for path in run_folders(store, folder)}


def run_folders(store: Store, project: Path) -> list[Path]:
    assert store.root is not None
    return [path.parent.relative_to(store.root) for path in (store.root / project).glob("runs/*/run.json")]


def curves(store: Store, folder: str) -> dict[str, Any]:
    found: dict[str, list[Any]] = {}
    for key, rows in history(store, folder):
        found.setdefault(key, []).append(np.asarray(rows.decoded(), dtype=np.float64))
    if not found:
        return {key: np.array([value]) for key, value in read_view(store, folder).summary.items()}
    return {key: np.concatenate(pieces) for key, pieces in found.items()}


def installed(work: Path) -> Path:
    """Bring the rivals' newest releases; return the folder of their commands."""
    uv, folder = [sys.executable, "-m", "uv"], work / "rivals"
    subprocess.run([*uv, "venv", "-q", folder], check=True)
    wanted = ["tensorboard", "setuptools", "trackio"]
    subprocess.run([*uv, "pip", "install", "-q", "--python", folder / "bin/python", *wanted], check=True)
    return folder / "bin"


@contextmanager
def served(programs: Path, rival: Program, values: Path, folder: Path) -> Iterator[str]:
    """Give a rival the values, start its server, and wait until it has read them."""
    folder.mkdir()
    given = {**os.environ, "TRACKIO_DIR": str(folder), "BROWSER": "true", "PYTHONUNBUFFERED": "1"}
    fill = [str(programs / "python"), "-c", FILL, rival.name, str(values), str(folder)]
    subprocess.run(fill, env=given, check=True, stdout=subprocess.DEVNULL)
    said = folder / "said"
    with said.open("wb") as out:
        server = subprocess.Popen(
            [programs / rival.command[0], *rival.command[1:]], cwd=folder, env=given, stdout=out, stderr=out
        )
    try:
        while not (address := re.search(r"http://(?:localhost|127\.0\.0\.1):\d+/\S*", said.read_text())):
            time.sleep(0.1)
        idle, before = 0, 0.0
        while idle < 3:
            time.sleep(1)
            spent = cpu_s(server.pid)
            idle, before = (idle + 1 if spent - before < 0.2 else 0), spent
        yield re.sub(r"\x1b\[\d+m", "", address[0])
    finally:
        server.terminate()
        server.wait()


def cpu_s(pid: int) -> float:
    """Return the processor time in seconds of a process and its children."""
    parent = psutil.Process(pid)
    times = [one.cpu_times() for one in (parent, *parent.children(recursive=True))]
    return sum(one.user + one.system for one in times)


@dataclass(frozen=True)
class Opened:
    """What it took until a page was ready; infinite seconds where it never was."""

    seconds: float
    size: int
    requests: int
    filtered: float | None
    """Seconds from a name in the box to the table that lists that run alone; None without a table."""


def opened(browser: Any, address: str, program: Program, kind: str) -> Opened:
    """Open a page some times, or once where it never gets ready; return the medians."""
    tries = [once(browser, address, program, kind)]
    while len(tries) < OPENINGS and tries[0].seconds < LONGEST_S:
        tries.append(once(browser, address, program, kind))
    filtered = [one.filtered for one in tries if one.filtered is not None]
    seconds, size, requests = (
        median(getattr(one, name) for one in tries) for name in ("seconds", "size", "requests")
    )
    return Opened(seconds, size, requests, median(filtered) if filtered else None)


def once(browser: Any, address: str, program: Program, kind: str) -> Opened:
    from playwright.sync_api import TimeoutError as NeverError

    page = browser.new_page(viewport={"width": 1440, "height": 900}, bypass_csp=True)
    sizes: dict[str, int] = {}
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.on(
        "Network.dataReceived",
        lambda e: sizes.update({e["requestId"]: sizes.get(e["requestId"], 0) + e["encodedDataLength"]}),
    )
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    try:
        page.goto(address, wait_until="commit")
        page.wait_for_function(getattr(program, kind), polling="raf", timeout=LONGEST_S * 1000)
        seconds = page.evaluate("performance.now()") / 1e3
    except NeverError:
        seconds = float("inf")
    loaded = list(asked), sum(sizes.values())
    filtered = found(page, program) if kind == "table" and seconds < LONGEST_S else None
    files = {url.removeprefix("file://").partition("?")[0] for url in loaded[0] if url.startswith("file:")}
    size = sum(Path(file).stat().st_size for file in files) or loaded[1]
    page.close()
    return Opened(seconds, size, len(loaded[0]), filtered)


def found(page: Any, program: Program) -> float:
    """Type a run's name into a page that is at rest; return how long after the last key it is alone."""
    from playwright.sync_api import TimeoutError as NeverError

    with suppress(NeverError):  # trackio's asks for everything again each second
        page.wait_for_load_state("networkidle", timeout=10_000)
    run, pattern = ("run-777", "run-777$") if program is OURS else ("r0000777", "r0000777")
    page.evaluate("addEventListener('input', () => { window.typed = performance.now() }, true)")
    try:
        page.locator(program.box).press_sequentially(pattern, timeout=LONGEST_S * 1000)
        page.wait_for_function(program.only, arg=run, polling="raf", timeout=LONGEST_S * 1000)
        return float(page.evaluate("performance.now() - window.typed")) / 1e3
    except NeverError:
        return float("inf")
