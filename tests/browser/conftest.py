"""A real Chromium for the pages, and stores to open in it."""

import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, Playwright, expect, sync_playwright

from tests.browser.made import MadeStore
from tests.browser.states import make_all

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    expect.set_options(timeout=30_000)  # a loaded machine is slow, not wrong
    with sync_playwright() as found:
        yield found


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def firefox(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if shutil.which("firefox-esr") is None:
        pytest.skip("there is no Firefox here: apt-get install --no-install-recommends firefox-esr")
    program = tmp_path_factory.mktemp("firefox") / "firefox"
    driver = Path(__file__).with_name("firefox.py")
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{driver}" "$@"\n')
    program.chmod(0o755)
    browser = playwright.firefox.launch(channel="moz-firefox", executable_path=program)
    yield browser
    browser.close()


@pytest.fixture
def made(tmp_path: Path) -> MadeStore:
    return MadeStore(tmp_path / "store")


@pytest.fixture
def problems() -> list[str]:
    """What the browser complained of, and requests that left the store: any makes the test fail."""
    return []


def watch(page: Page, problems: list[str], store: str) -> None:
    """Note in `problems` what a page complains of, and each request that leaves the store."""

    def refuse(dialog: Dialog) -> None:
        problems.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.set_default_timeout(30_000)
    page.on("console", lambda said: problems.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("dialog", refuse)
    # The browser's own viewer of PDF is an extension in it.
    inside = (store, "data:", "chrome-extension://", "chrome://")
    page.on("request", lambda r: None if r.url.startswith(inside) else problems.append(r.url))


@pytest.fixture
def open_page(chromium: Browser, made: MadeStore, problems: list[str]) -> Iterator[Open]:
    """Open a file in a fresh browser profile, with anything that goes wrong noted in ``problems``."""
    contexts: list[BrowserContext] = []

    def open_it(file: Path, view: str = "", **options: Any) -> Page:
        context = chromium.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        watch(page, problems, made.root.as_uri())
        page.goto(file.as_uri() + view)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert problems == []


class _Quiet(SimpleHTTPRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


class _Host(ThreadingHTTPServer):
    # A page asks for many files at once; with the usual queue of five, some would wait for seconds.
    request_queue_size = 128


@pytest.fixture
def static_host() -> Iterator[Callable[[Path], str]]:
    """Serve a folder as a plain static host does, and return its address."""
    servers: list[_Host] = []

    def serve(folder: Path) -> str:
        server = _Host(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def drawn(page: Page, key: str, run: str | None = None) -> dict[str, Any]:
    """Wait until a chart is drawn and return the arrays that it draws."""
    page.wait_for_function("([key, run]) => window.runhooks?.series?.(key, run ?? undefined)", arg=[key, run])
    # NaN and infinities do not pass through JSON.
    found: dict[str, Any] = page.evaluate(
        """([key, run]) => Object.fromEntries(Object.entries(window.runhooks.series(key, run ?? undefined))
             .map(([name, v]) => [name, v instanceof Float64Array ? [...v].map(String) : v]))""",
        [key, run],
    )
    return {name: [float(x) for x in v] if isinstance(v, list) else v for name, v in found.items()}


@pytest.fixture(scope="session")
def every_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store in which each of the states is found."""
    root = tmp_path_factory.mktemp("every") / "store"
    make_all(MadeStore(root))
    return root
