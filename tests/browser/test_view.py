"""`runhooks view` in a browser: the buttons, and what others cannot do with them."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import orjson
import psutil
import pytest
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import Error as PlaywrightError

from runhooks import Api
from runhooks.site.build import build_root
from runhooks.site.render import build_site
from tests.api.made import make
from tests.browser.axe import needs_axe, violations
from tests.cli.terminal import PROGRAM
from tests.programs import environment, wait_until

pytestmark = pytest.mark.browser

LIVE = """
import time, runhooks
run = runhooks.init(project="digits", id="live", name="live-one")
print("going", flush=True)
try:
    while True:
        run.log({"loss": 1})
        time.sleep(0.2)
except KeyboardInterrupt:
    print("stopped", flush=True)
    raise
"""


@pytest.fixture
def api(tmp_path: Path) -> Api:
    api = Api(tmp_path / "runs")
    make(api.store, "one", [{"loss": 0.5}], name="calm-lake-1")
    make(api.store, "two", name="wild-sea-2")
    api.store.write(
        "default/digits/runs/one/files/evil.html",
        b"<title>evil</title><script>document.title = 'ran';"
        b"fetch('/-/delete', {method: 'POST', headers: {'content-type': 'application/json'},"
        b" body: JSON.stringify({run: 'default/digits/two'})})</script>",
    )
    build_site(api.store)
    build_root(api.store)
    return api


@pytest.fixture
def served(api: Api, tmp_path: Path) -> Iterator[str]:
    """Start the command as people do, and return the address that it prints."""
    with subprocess.Popen(
        [*PROGRAM, "view", "runs", "--no-browser", "--json"],
        cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        printed = ""
        while not printed.endswith("}\n"):
            printed += process.stdout.readline()
        yield str(orjson.loads(printed)["url"])
        open_ports = psutil.Process(process.pid).net_connections()
        process.terminate()
        process.wait(60)
    assert {port.laddr.ip for port in open_ports if port.status == "LISTEN"} == {"127.0.0.1"}


@pytest.fixture
def page(chromium: Browser, served: str) -> Iterator[Page]:
    """Open the printed address in a fresh profile; what the pages ask is answered with yes."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.on("dialog", lambda dialog: dialog.accept())
    for _ in range(100):  # until the server listens
        try:
            page.goto(served)
            break
        except PlaywrightError:  # it is told before it listens
            page.wait_for_timeout(100)
    yield page
    context.close()


def run_page(page: Page, id: str) -> None:
    page.goto(f"{origin(page)}/default/digits/runs/{id}/index.html")


def origin(page: Page) -> str:
    return "/".join(page.url.split("/")[:3])


def button(page: Page, name: str) -> Any:
    return page.get_by_role("button", name=name, exact=True)


def test_a_run_is_edited_deleted_and_undeleted_by_its_buttons(page: Page, api: Api) -> None:
    run_page(page, "one")
    button(page, "Edit").click()
    page.get_by_label("Name", exact=True).fill("best <b>of</b> all")
    page.get_by_label("Notes", exact=True).fill("why & how")
    page.get_by_label("Tags, separated by commas").fill("x, y , x")
    with page.expect_navigation():
        button(page, "Save").click()

    expect(page.get_by_role("heading", name="best <b>of</b> all")).to_be_visible()
    run = api.run("digits/one")
    assert (run.name, run.notes, run.tags) == ("best <b>of</b> all", "why & how", ["x", "y"])

    button(page, "Delete").click()
    expect(button(page, "Undelete")).to_be_visible()
    assert [run.id for run in api.runs("digits")] == ["two"]

    with page.expect_navigation():
        button(page, "Undelete").click()
    assert {run.id for run in api.runs("digits")} == {"one", "two"}
    expect(button(page, "Delete")).to_be_visible()


@needs_axe
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_where_runs_are_managed(page: Page, scheme: Literal["light", "dark"]) -> None:
    page.emulate_media(color_scheme=scheme)
    run_page(page, "one")
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 844})
        expect(button(page, "Delete")).to_be_visible()
        assert violations(page) == []
    button(page, "Edit").click()
    expect(page.get_by_label("Name", exact=True)).to_be_visible()
    assert violations(page) == []


def test_a_run_is_stopped_by_its_button(page: Page, api: Api, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", LIVE], cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        while "going" not in process.stdout.readline():
            pass
        wait_until((tmp_path / "runs/default/digits/runs/live/index.html").exists, 60)
        run_page(page, "live")
        button(page, "Stop").click()
        expect(button(page, "Stop requested")).to_be_disabled()
        assert "stopped" in process.stdout.read()
        assert process.wait(60) != 0

    wait_until(lambda: api.run("digits/live").state == "killed", 60)


def test_a_page_of_another_origin_can_change_and_read_nothing(
    page: Page, api: Api, static_host: Callable[[Path], str], tmp_path: Path
) -> None:
    here = origin(page)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/evil.html").write_text("<title>evil</title>")
    page.goto(f"{static_host(tmp_path / 'elsewhere')}/evil.html")

    tried = page.evaluate(
        """async (here) => {
            const body = JSON.stringify({run: "default/digits/two"});
            const ways = [
                {mode: "no-cors", method: "POST", credentials: "include", body},
                {method: "POST", credentials: "include", headers: {"content-type": "application/json"}, body},
            ];
            const answers = [];
            for (const way of ways) {
                const asked = fetch(`${here}/-/delete`, way);
                answers.push(await asked.then((a) => a.type + a.status, () => "refused"));
            }
            const read = fetch(`${here}/default/digits/runs/one/run.json`, {credentials: "include"});
            answers.push(await read.then((a) => a.status, () => "refused"));
            return answers;
        }""",
        here,
    )

    assert tried == ["opaque0", "refused", "refused"]
    assert {run.id for run in api.runs("digits")} == {"one", "two"}


def test_markup_that_a_run_saved_runs_no_script(page: Page, api: Api) -> None:
    run_page(page, "one")
    page.goto(page.url.replace("index.html", "files/evil.html"))

    assert page.title() == "evil"
    assert {run.id for run in api.runs("digits")} == {"one", "two"}
