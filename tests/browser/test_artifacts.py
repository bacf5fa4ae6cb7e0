"""Artifacts, as a reader meets them: on a run's page, and on the page of all of a project's."""

import pytest
from playwright.sync_api import expect

import runhooks
from tests.browser.conftest import Open
from tests.browser.made import MadeStore

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=alert(1)>.txt"


@pytest.fixture
def logged(made: MadeStore, monkeypatch: pytest.MonkeyPatch, tmp_path) -> str:
    """Log a data set twice, use it, and log one that is gone."""
    monkeypatch.setenv("RUNHOOKS_SILENT", "1")
    with runhooks.init(project="p", id="maker", store=made.root) as run:
        for content in ("one", "two"):
            artifact = runhooks.Artifact("data", "dataset", "<b>what</b>", {"content": content})
            for path in ("top.txt", "sub/deep.txt", HOSTILE):
                with artifact.new_file(path) as file:
                    file.write(content)
            run.log_artifact(artifact, aliases=["best"]).wait(60)
        run.use_artifact("data:v0")
        gone = runhooks.Artifact("gone", "model")
        (tmp_path / "gone.bin").write_bytes(b"x")
        gone.add_file(tmp_path / "gone.bin")
        (tmp_path / "gone.bin").unlink()
        run.log_artifact(gone)
    return "default/p/runs/maker"


def test_a_run_shows_what_it_made_and_used(made: MadeStore, open_page: Open, logged: str) -> None:
    page = open_page(made.root / logged / "index.html", "#tab=artifacts")

    outputs, inputs = page.get_by_label("Outputs"), page.get_by_label("Inputs")
    expect(outputs.locator(".artifact-name")).to_have_text(["data:v0", "data:v1", "gone"])
    expect(inputs.locator(".artifact-name")).to_have_text(["data:v0"])
    expect(outputs.locator(".artifact-problem")).to_contain_text("gone.bin is gone")
    outputs.locator(".artifact-row").first.click()
    detail = outputs.locator(".artifact-detail").first
    expect(detail.locator("code").first).to_have_text("runhooks artifact get default/p/data:v0")
    expect(detail.get_by_text("<b>what</b>")).to_be_visible()
    expect(detail.locator(".file .file-name")).to_have_text([HOSTILE, "top.txt"])
    expect(detail.locator(".file-folder .dim")).to_have_text("1 files, 3 B")
    expect(detail.get_by_role("link", name="default/p/maker")).to_have_count(2)
    detail.locator(".file-folder > summary").click()
    expect(detail.get_by_text("deep.txt")).to_be_visible()


def test_a_project_has_a_page_of_its_artifacts(made: MadeStore, open_page: Open, logged: str) -> None:
    page = open_page(made.root / "default/p/index.html")
    page.get_by_role("link", name="Artifacts").click()

    expect(page.locator("h1")).to_have_text("Artifacts")
    expect(page.get_by_label("data", exact=True).locator(".artifact-name")).to_have_text(["v1", "v0"])
    expect(page.locator(".artifact-aliases").first).to_have_text("bestlatest")
    page.locator(".artifact-row").nth(1).click()
    page.get_by_role("link", name="default/p/maker").first.click()
    expect(page.locator("h1")).to_be_visible()
    assert page.url.endswith(f"{logged}/index.html")


def test_without_scripts_they_are_listed(made: MadeStore, open_page: Open, logged: str) -> None:
    run = open_page(made.root / logged / "index.html", java_script_enabled=False)
    expect(run.get_by_text("default/p/data:v1")).to_be_visible()
    listed = open_page(made.root / "default/p/artifacts/index.html", java_script_enabled=False)
    expect(listed.get_by_role("row")).to_have_count(3)
