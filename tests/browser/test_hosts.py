"""The same pages in two browsers, from each kind of place that users have: folder, static host, bucket."""

import json
import mimetypes
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from runhooks.record.view import Heartbeat, Session
from tests.browser.conftest import drawn, watch
from tests.browser.made import MadeStore, curve, twenty
from tests.browser.test_run_page import now_us
from tests.servers.s3 import S3Server, ceph_server, why_no_ceph

pytestmark = pytest.mark.browser

Publish = Callable[[], str]
"""Brings the store's pages to where they are read, and returns the address of the store there."""


@pytest.fixture(scope="module")
def ceph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    if why_no_ceph():
        pytest.skip(why_no_ceph())
    with ceph_server(tmp_path_factory.mktemp("ceph")) as server:
        yield server


@pytest.fixture(params=["chromium", "firefox"])
def browser(request: pytest.FixtureRequest) -> Browser:
    found: Browser = request.getfixturevalue(request.param)
    return found


@pytest.fixture(params=["file", "host", "bucket"])
def publish(request: pytest.FixtureRequest, made: MadeStore) -> Publish:
    if request.param == "file":
        return made.root.as_uri
    if request.param == "host":
        # Under a sub-path, as a project site of a forge is.
        address = request.getfixturevalue("static_host")(made.root.parent)
        return lambda: f"{address}/{made.root.name}"
    server: S3Server = request.getfixturevalue("ceph")
    bucket = readable_bucket(server)
    return lambda: put_all(server, bucket, made.root)


def readable_bucket(server: S3Server) -> str:
    """Make a bucket whose objects anybody may read, and nobody list."""
    bucket = server.new_bucket()
    allow = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
    statement = {**allow, "Resource": f"arn:aws:s3:::{bucket}/*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    server.raw.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    return bucket


def put_all(server: S3Server, bucket: str, folder: Path) -> str:
    for file in folder.rglob("*"):
        if file.is_file():
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            key = f"runs/{file.relative_to(folder).as_posix()}"
            server.raw.put_object(Bucket=bucket, Key=key, Body=file.read_bytes(), ContentType=kind)
    return f"{server.endpoint}/{bucket}/runs"


@pytest.fixture
def visit(browser: Browser, publish: Publish, problems: list[str]) -> Iterator[Callable[[str], Page]]:
    """Open a page of the store where it is published; anything that goes wrong fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})

    def open_it(path: str) -> Page:
        store = publish()
        page = context.new_page()
        watch(page, problems, store)
        page.goto(f"{store}/{path}")
        return page

    yield open_it
    context.close()
    assert problems == []


def test_a_run_page_draws_zooms_and_opens_its_tabs(made: MadeStore, visit: Callable[[str], Page]) -> None:
    made.add_run(twenty(5_000), config={"lr": 0.125})
    page = visit("team/digits/runs/run1/index.html")
    assert drawn(page, "train/loss")["width"] == 16
    plot = page.locator('.card[aria-label^="train/loss"] .over')
    box = plot.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.4, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, middle, steps=3)
    page.mouse.up()
    page.wait_for_function("() => window.runhooks.series('train/loss')?.width < 16")
    assert "zoom=" in page.url
    page.get_by_role("tab", name="Overview").click()
    expect(page.get_by_role("region", name="Config")).to_contain_text("0.125")


def test_a_project_page_fills_its_table_filters_it_and_compares(
    made: MadeStore, visit: Callable[[str], Page]
) -> None:
    for n in range(12):
        made.add_run(twenty(40, seed=n), id=f"run{n}", name=f"run-{n}", config={"lr": n / 10})
    made.add_project()
    page = visit("team/digits/index.html")
    expect(page.locator(".runs tr[aria-rowindex]")).to_have_count(13)
    drawn(page, "train/loss", "run11")
    page.get_by_label("Filter expression").fill("config.lr < 0.3")
    expect(page.locator(".runs tr[aria-rowindex]")).to_have_count(4)
    page.get_by_role("tab", name="Scatter").click()
    expect(page.locator(".board-note")).to_contain_text("3 of 3 runs are left")


def test_a_live_page_follows_its_run(made: MadeStore, publish: Publish, visit: Callable[[str], Page]) -> None:
    def write(n: int, state: str = "running") -> None:
        beat = now_us()
        ended = None if state == "running" else beat
        facts: dict[str, Any] = {"ended_at": ended, "heartbeat": Heartbeat(beat, n)}
        made.add_run({"loss": curve(n)}, state=state, sessions=[Session("w0", beat - 10**7)], **facts)

    write(10)
    page = visit("team/digits/runs/run1/index.html")
    assert len(drawn(page, "loss")["step"]) == 10
    write(30, "finished")
    publish()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("header")).to_contain_text("finished")
    page.wait_for_function("() => window.runhooks.series('loss').step.length === 30")


def test_a_run_that_falls_silent_turns_to_crashed_on_its_open_page(
    made: MadeStore, visit: Callable[[str], Page]
) -> None:
    beat = now_us()
    alive: dict[str, Any] = {"ended_at": None, "heartbeat": Heartbeat(beat, 9)}
    made.add_run({"loss": curve(10)}, state="running", sessions=[Session("w0", beat - 10**7)], **alive)
    page = visit("team/digits/runs/run1/index.html")
    drawn(page, "loss")
    expect(page.locator("header")).to_contain_text("running")
    page.evaluate("{ const real = Date.now; Date.now = () => real() + 600_000 }")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("header")).to_contain_text("crashed")
    expect(page.locator("header")).to_contain_text("no heartbeat")
