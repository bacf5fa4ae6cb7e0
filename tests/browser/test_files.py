"""The Files tab: the tree, previews that open from a folder, and what was passed over."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from playwright.sync_api import Page, expect

import runhooks
from runhooks.training.media.film import encoded_film
from tests.browser.conftest import Open
from tests.browser.made import MadeStore
from tests.browser.states import PNG

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def page(made: MadeStore, open_page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Page:
    monkeypatch.setenv("RUNHOOKS_SILENT", "1")
    work = tmp_path / "work"
    (work / "out").mkdir(parents=True)
    monkeypatch.chdir(work)
    (work / "out" / "config.json").write_text('{"lr":0.1,"layers":[1,2]}')
    (work / "out" / "table.csv").write_text('name,score\n"a, b",1\nc,2\n')
    (work / "out" / "notes.txt").write_text(HOSTILE)
    (work / "out" / "page.html").write_text("<script>alert(1)</script>")
    (work / "out" / "dot.png").write_bytes(PNG)
    (work / "out" / "weights.bin").write_bytes(bytes(2048))
    frames = np.zeros((8, 30, 40, 3), np.uint8)
    (work / "out" / "film.mp4").write_bytes(encoded_film(frames, 8, "mp4"))
    figure = Figure()
    figure.savefig(work / "out" / "figure.pdf")
    (work / "out" / "link").symlink_to("/etc/passwd")
    with runhooks.init(store=str(made.root)) as run:
        run.save("out/*", policy="now")
        run.log({"loss": 1.0})
    folder = made.root / "default" / "Uncategorized" / "runs" / run.id
    return open_page(folder / "index.html", "#tab=files")


def choose(page: Page, name: str) -> None:
    page.locator(f'.files-row[data-path="out/{name}"]').click()


def test_files_are_a_tree_with_previews_from_a_folder(page: Page) -> None:
    expect(page.locator(".files-folder", has_text="out/").first).to_be_visible()
    choose(page, "config.json")
    expect(page.locator(".file-text")).to_contain_text('"lr": 0.1')
    choose(page, "table.csv")
    expect(page.locator(".file-table td").first).to_have_text("a, b")
    choose(page, "notes.txt")
    expect(page.locator(".file-text")).to_have_text(HOSTILE)
    choose(page, "page.html")
    expect(page.locator(".file-text")).to_have_text("<script>alert(1)</script>")
    choose(page, "dot.png")
    expect(page.locator(".file-picture")).to_have_js_property("naturalWidth", 1)
    choose(page, "film.mp4")
    expect(page.locator("video.player")).to_have_js_property("videoWidth", 40)
    expect(page.locator("video.player")).to_have_js_property("duration", 1)
    choose(page, "weights.bin")
    expect(page.locator(".files-pane")).to_contain_text("2,048 bytes that this page cannot show")
    link = page.get_by_role("link", name="Download")
    assert link.get_attribute("href") == "files/out/weights.bin"
    assert "file=out/weights.bin" in page.url
    page.locator(".files-skipped summary").click()
    expect(page.locator(".files-skipped li")).to_contain_text("it is a link")


def test_a_pdf_is_shown_by_the_browsers_own_viewer(page: Page) -> None:
    with page.expect_event("framenavigated", lambda frame: frame.url.startswith("chrome-extension://")):
        choose(page, "figure.pdf")
    expect(page.locator(".file-pdf")).to_be_visible()
    assert page.frames[1].url.endswith("/files/out/figure.pdf")
