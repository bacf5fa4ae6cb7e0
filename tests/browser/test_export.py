"""A run as one file, opened from a folder that has nothing else."""

import time
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from runhooks.record.document import to_bytes
from runhooks.record.view import Heartbeat, RunView, Session
from runhooks.site.export import export_html
from runhooks.storage import LocalStore
from tests.browser.axe import needs_axe, violations
from tests.browser.conftest import Open, drawn
from tests.browser.made import MadeStore
from tests.site.test_points import FOLDER, record

pytestmark = pytest.mark.browser


@pytest.fixture
def one_file(made: MadeStore) -> Path:
    logged = {"loss": np.random.default_rng(0).normal(size=40_000), "__proto__": np.arange(3.0)}
    record(made.root / "elsewhere", logged)
    file = made.root / "mailed.html"
    file.write_bytes(export_html(LocalStore(made.root / "elsewhere"), FOLDER).page)
    return file


def test_it_is_whole_without_any_request(one_file: Path, open_page: Open) -> None:
    page = open_page(one_file, "#zoom=100_120")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    page.wait_for_function("() => window.runhooks.series('loss')?.width === 1")
    found = drawn(page, "loss")
    assert found["value"] == np.random.default_rng(0).normal(size=40_000)[:32_768].tolist()
    assert [url.partition("#")[0] for url in asked if not url.startswith("data:")] == [one_file.as_uri()]
    assert drawn(page, "__proto__")["value"] == [0.0, 1.0, 2.0]


def test_its_policy_runs_this_script_and_no_other(
    one_file: Path, open_page: Open, problems: list[str]
) -> None:
    page = open_page(one_file)
    drawn(page, "loss")
    page.evaluate(
        """() => {
          const script = document.createElement('script')
          script.text = 'window.owned = 1'
          document.head.append(script)
        }"""
    )
    assert page.evaluate("() => window.owned") is None
    assert problems
    assert all("Content Security Policy" in problem for problem in problems)
    problems.clear()
    assert "'self'" not in one_file.read_text("utf-8").partition("</head>")[0].partition("<style>")[0]


def test_its_way_up_is_no_link(one_file: Path, open_page: Open) -> None:
    page = open_page(one_file)
    expect(page.get_by_role("heading", level=1)).to_have_text("long")
    expect(page.get_by_role("link")).to_have_count(0)
    page = open_page(one_file, java_script_enabled=False)
    expect(page.get_by_role("heading", level=1)).to_contain_text("long")
    expect(page.get_by_role("link")).to_have_count(0)


def test_a_run_that_goes_on_is_shown_as_it_was(made: MadeStore, open_page: Open) -> None:
    now = time.time_ns() // 1000
    view = RunView("long", "team", "digits", "long", now - 10**7, sessions=[Session("w", now - 10**7)])
    view.heartbeat = Heartbeat(now - 10**6, 3)
    store = LocalStore(made.root / "elsewhere")
    store.write(f"{FOLDER}/run.json", to_bytes(view))
    file = made.root / "mailed.html"
    file.write_bytes(export_html(store, FOLDER).page)
    page = open_page(file)
    page.clock.install()
    page.reload()
    page.clock.fast_forward("10:00")
    expect(page.locator(".title .state")).to_have_text("running")


@needs_axe
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_one_file(one_file: Path, open_page: Open, scheme: str) -> None:
    page = open_page(one_file, color_scheme=scheme, bypass_csp=True)
    drawn(page, "loss")
    assert violations(page) == []
    page.get_by_role("tab", name="Overview").click()
    assert violations(page) == []
