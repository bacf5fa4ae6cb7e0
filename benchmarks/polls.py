"""What an open page of a project or a run loads at each look, from a static host: bytes with heads."""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import time
from typing import Any

from benchmarks.figures import Figure
from benchmarks.live import traffic
from benchmarks.pages import ARGUMENTS
from runhooks.record.view import Heartbeat, Session
from tests.browser.made import Curve, MadeStore, curve, run_of

LOOK_S = 30
"""So often a page looks, at least: time is made to pass."""

UNCHANGED_B = 1000
"""A few hundred bytes, and as much again for the head of the answer."""

BUDGET = f"1 to {UNCHANGED_B} B"


class _Quiet(SimpleHTTPRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def polls(work: Path) -> Iterator[Figure]:
    """Watch pages of projects of 1,000 and 10,000 runs, and that of a run of fifty metrics."""
    from playwright.sync_api import sync_playwright

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(work)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        watch = partial(Watched, browser, f"http://127.0.0.1:{server.server_port}", work)
        for count in (1_000, 10_000):
            yield from of_project(MadeStore(work / str(count)), count, watch)
        yield from of_run(MadeStore(work / "run"), watch)
        browser.close()
    server.shutdown()
    server.server_close()


class Watched:
    """An open page whose looks are weighed."""

    def __init__(self, browser: Any, address: str, work: Path, file: Path) -> None:
        self.page = browser.new_page(viewport={"width": 1440, "height": 900})
        self.sizes = traffic(self.page)
        self.page.clock.install()
        self.page.goto(f"{address}/{file.relative_to(work).as_posix()}")
        self.page.wait_for_selector("canvas")
        self.look()

    def look(self) -> dict[str, int]:
        """Let the time of a look pass, and return what was loaded meanwhile, by name."""
        self.sizes.clear()
        self.page.clock.run_for(LOOK_S * 1000)
        self.page.wait_for_load_state("networkidle")
        for _ in range(4):
            self.page.clock.run_for(10)
            self.page.wait_for_timeout(150)
        return {name: sum(sizes) for name, sizes in self.sizes.items()}


def of_project(made: MadeStore, count: int, watch: Callable[[Path], Watched]) -> Iterator[Figure]:
    """Weigh the looks of a project's page of which one run goes on."""

    def going(steps: int) -> None:
        beat = int(time() * 1e6)
        alive: dict[str, Any] = {"heartbeat": Heartbeat(beat, steps)}
        alive["sessions"] = [Session("w", beat - 10**7)]
        made.views.setdefault(("team", "digits"), [])[:1] = []
        view, series = run_of(
            metrics(steps), id="going", state="running", ended_at=None, created_at=beat, **alive
        )
        made.add_view(view, series)
        views = made.views["team", "digits"]
        views.insert(0, views.pop())
        made.add_project()

    made.views["team", "digits"] = [run_of({})[0]]
    for number in range(count):
        config = {"lr": number / count, "depth": number % 9, "name": "abc"[number % 3]}
        summary = {f"val/metric_{n}": (number * 7919 + n) % 997 / 997 for n in range(8)}
        view, _ = run_of({}, id=f"r{number:07d}", name=f"run-{number}", config=config, summary=summary)
        made.add_row(view)
    going(100)
    page = watch(made.root / "team" / "digits" / "index.html")
    name = f"project of {count:,} runs, a look"
    quiet = sum(page.look().values())
    yield Figure(f"{name}: nothing new", quiet, "B", None, BUDGET, not 0 < quiet <= UNCHANGED_B)
    going(200)
    yield Figure(f"{name}: a run went on", sum(page.look().values()), "B")
    made.add_row(run_of({}, id="new", created_at=int(time() * 1e6))[0])
    made.add_project()
    yield Figure(f"{name}: a run was added", sum(page.look().values()), "B")
    page.page.close()


def of_run(made: MadeStore, watch: Callable[[Path], Watched]) -> Iterator[Figure]:
    """Weigh the looks of the page of a run of fifty metrics of some 10,000 steps."""

    def write(train: int, rest: int) -> None:
        beat = int(time() * 1e6)
        made.add_run(
            metrics(train, rest), state="running", ended_at=None, heartbeat=Heartbeat(beat, train),
            sessions=[Session("w", beat - 10**7)],
        )  # fmt: skip

    write(10_000, 10_000)
    page = watch(made.root / "team" / "digits" / "runs" / "run1" / "index.html")
    page.page.mouse.wheel(0, 4000)
    page.look()
    quiet = page.look()
    live = quiet.get("live.js", 0) // max(1, len(page.sizes["live.js"]))
    name = "run of 50 metrics, a look"
    yield Figure(f"{name}: nothing new", live, "B", None, BUDGET, not 0 < live <= UNCHANGED_B)
    write(10_100, 10_000)
    yield Figure(f"{name}: 24 metrics went on", sum(page.look().values()), "B")
    write(10_200, 10_100)
    yield Figure(f"{name}: all went on", sum(page.look().values()), "B")
    page.page.close()


def metrics(train: int, rest: int | None = None) -> dict[str, Curve]:
    """Return fifty metrics: 24 of training of so many steps, and others of as many or fewer."""
    found = {f"train/m{n}": curve(train, n) for n in range(24)}
    return found | {f"{('val', 'eval')[n % 2]}/m{n}": curve(rest or train, 50 + n) for n in range(26)}
