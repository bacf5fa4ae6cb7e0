"""Damaged data and odd values: the page says what it cannot show, and shows the rest."""

import json
import math
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, drawn
from tests.browser.made import MadeStore, curve
from tests.browser.test_run_page import card
from tests.programs import run

pytestmark = pytest.mark.browser


def wrong_types(data: bytes) -> bytes:
    """Put a number in the place of each text, and a text in that of all else."""
    call, _, payload = data.partition(b",")
    fields = json.loads(payload.strip().removesuffix(b");"))
    wrong = {key: 7 if isinstance(value, str) else "word" for key, value in fields.items()}
    return call + b"," + json.dumps(wrong).encode() + b");\n"


DAMAGES = {
    "missing": None,
    "cut": lambda data: data[: len(data) // 2],
    "empty": lambda data: b"",
    "another kind": lambda data: b'runhooks.put("live",{"run":"run1"});\n',
    "no data": lambda data: b"<!doctype html><title>404</title>",
    "emptied": lambda data: data.partition(b",")[0] + b",{});\n",
    "null": lambda data: data.partition(b",")[0] + b",null);\n",
    "wrong types": wrong_types,
}


def damage(file: Path, how: str) -> None:
    change = DAMAGES[how]
    if change is None:
        file.unlink()
    else:
        file.write_bytes(change(file.read_bytes()))


@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_charts_file_costs_its_charts_only(
    made: MadeStore, open_page: Open, problems: list[str], how: str
) -> None:
    file = made.add_run({f"m{i:02}": curve(5, i) for i in range(30)})
    damage(file.parent / "data" / "charts-1.js", how)
    page = open_page(file)
    drawn(page, "m00")
    page.get_by_label("Search charts by name").fill("m(01|29)")
    drawn(page, "m01")
    expect(card(page, "m29")).to_contain_text("This chart cannot be shown: data/charts-1.js ")
    problems.clear()


@pytest.mark.parametrize("how", DAMAGES)
def test_a_page_with_damaged_facts_keeps_what_the_html_says(
    made: MadeStore, open_page: Open, problems: list[str], how: str
) -> None:
    file = made.add_run({"loss": curve(20)}, config={"lr": 0.5})
    damage(file.parent / "data" / "run.js", how)
    page = open_page(file)
    expect(page.get_by_text("This page cannot show everything: data/run.js is missing")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text("brisk-meadow-7")
    expect(page.locator("body")).to_contain_text("0.5")
    problems.clear()


@pytest.mark.parametrize("how", DAMAGES)
def test_a_project_with_damaged_rows_keeps_what_the_html_says(
    made: MadeStore, open_page: Open, problems: list[str], how: str
) -> None:
    made.add_run({"loss": curve(20)})
    file = made.add_project()
    damage(file.parent / "data" / "project.js", how)
    page = open_page(file)
    expect(page.get_by_text("This page cannot show everything")).to_be_visible()
    expect(page.get_by_role("link", name="brisk-meadow-7")).to_be_visible()
    problems.clear()


@pytest.mark.parametrize("how", DAMAGES)
def test_a_store_page_with_damaged_data_keeps_what_the_html_says(
    made: MadeStore, open_page: Open, problems: list[str], how: str
) -> None:
    made.add_run({"loss": curve(20)})
    file = made.add_root()
    damage(file.parent / "data" / "root.js", how)
    page = open_page(file)
    expect(page.get_by_text("This page cannot show everything")).to_be_visible()
    expect(page.get_by_role("link", name="team/digits")).to_be_visible()
    problems.clear()


LOGGED = """
import numpy, runhooks
with runhooks.init(entity="team", project="digits", id="all", system_interval_s=0.05) as run:
    for step in range(20):
        run.log({"loss": 1 / (1 + step)})
    run.log({"picture": runhooks.Image(numpy.zeros((8, 8), numpy.uint8))})
    run.log({"table": runhooks.Table(columns=["a"], data=[[1]])})
    print("a line")
    with open(f"{run.dir}/notes.md", "w") as file:
        file.write("# Notes")
    model = runhooks.Artifact("model", "model")
    with model.new_file("weights.bin") as file:
        file.write("w")
    run.log_artifact(model)
"""
RUN = "team/digits/runs/all"
# The page, the view, the data file, what says so, and what is shown none the less.
PARTS = {
    "system": (RUN, "#tab=system", "data/system.js", ".panel .empty", ".run-head"),
    "system charts": (RUN, "#tab=system", "data/system-0.js", ".card-broken", ".section-name"),
    "log": (RUN, "#tab=logs", "data/log.js", ".log-notes", ".run-head"),
    "lines": (RUN, "#tab=logs", "data/log-0.js", ".log-missing", ".log-downloads a"),
    "files": (RUN, "#tab=files", "data/files.js", ".files-tree .empty", ".run-head"),
    "preview": (RUN, "#tab=files&file=notes.md", "data/preview-*.js", ".card-broken", ".files-row"),
    "media": (RUN, "", "data/media-*.js", ".media .card-broken", ".card canvas"),
    "content": (RUN, "", "data/content-*.js", ".media .card-broken", ".media img"),
    "artifacts": ("team/digits/artifacts", "", "../data/artifacts.js", ".notice", "text=model"),
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store whose run has every kind of data that its page shows."""
    base = tmp_path_factory.mktemp("whole")
    done = run(LOGGED, base, RUNHOOKS_STORE=str(base / "runs"), RUNHOOKS_SPOOL=str(base / "spool"))
    assert done.returncode == 0, done.stderr
    return base / "runs"


@pytest.mark.parametrize("how", DAMAGES)
@pytest.mark.parametrize("part", PARTS)
def test_a_damaged_part_is_named_and_the_rest_is_shown(
    whole: Path, made: MadeStore, open_page: Open, problems: list[str], part: str, how: str
) -> None:
    shutil.copytree(whole, made.root)
    folder, view, pattern, says, rest = PARTS[part]
    files = sorted((made.root / folder).glob(pattern))
    assert files
    for file in files:
        damage(file, how)
    thrown: list[str] = []
    page = open_page(made.root / folder / "index.html", view)
    page.on("pageerror", lambda error: thrown.append(str(error)))
    problems.clear()
    page.reload()
    expect(page.locator(says).first).to_contain_text(pattern.removeprefix("../").partition("*")[0])
    expect(page.locator(rest).first).to_be_visible()
    # A file that is cut, or is a web page, is no script: the browser says so.
    assert how in ("cut", "no data") or thrown == []
    problems.clear()


def test_an_image_that_is_none_is_said_to_be_so(
    whole: Path, made: MadeStore, open_page: Open, problems: list[str]
) -> None:
    shutil.copytree(whole, made.root)
    (file,) = (made.root / RUN / "files" / "media").rglob("*.png")
    file.write_bytes(b"no image")
    page = open_page(made.root / RUN / "index.html")
    expect(page.locator('.media-card[aria-label="picture"] .card-broken')).to_contain_text(file.name)
    drawn(page, "loss")
    problems.clear()


ODD = {
    "huge": [1e308, -1e308, 1e308],
    "nans": [math.nan, math.nan],
    "infinities": [math.inf, -math.inf],
    "one point": [3.0],
    "tiny": [5e-324, 0.0],
    "flat": [7.0] * 9,
    "both": [1e-300, 1e300],
}


def odd_run(made: MadeStore, id: str, sign: int) -> Path:
    metrics = {key: (range(len(values)), [sign * value for value in values]) for key, values in ODD.items()}
    config = {"x": sign * 1.7e308, "y": sign * math.inf, "z": math.nan}
    return made.add_run(metrics, id=id, name=id, config=config)


def test_odd_values_have_a_place_on_every_view_of_a_project(made: MadeStore, open_page: Open) -> None:
    odd_run(made, "plus", 1)
    odd_run(made, "minus", -1)
    page = open_page(
        made.add_project(), "#cols=config.x,config.y,config.z,summary.huge,summary.nans&sort=summary.huge"
    )
    for key, values in ODD.items():
        assert len(drawn(page, key, "minus")["value"]) == len(values)
    expect(page.locator(".runs")).to_contain_text("1.7e308")
    expect(page.locator(".runs")).to_contain_text("NaN")
    for view in (
        "tab=scatter&sx=config.x&sy=summary.huge",
        "tab=parallel&axes=config.x,config.y,summary.nans",
    ):
        page.evaluate("(hash) => { location.hash = hash }", view)
        expect(page.locator(".board-note")).to_contain_text("2 of 2 runs")
    page.evaluate("() => { location.hash = 'tab=compare&sel=plus,minus' }")
    expect(page.locator(".diff-table")).to_contain_text("1.7e308")


def test_odd_values_have_charts_that_say_what_they_are(made: MadeStore, open_page: Open) -> None:
    page = open_page(odd_run(made, "plus", 1))
    for key, values in ODD.items():
        assert list(map(str, drawn(page, key)["value"])) == list(map(str, values)), key
        page.locator(f'.card[aria-label^="{key}"]').first.hover()
    expect(card(page, "nans").locator(".card-warning")).to_have_attribute(
        "title", "2 values are NaN or infinite"
    )
    expect(page.locator(".tile", has_text="nans")).to_contain_text("no finite value")
    page.get_by_role("button", name="Log y").click()
    expect(card(page, "huge")).to_contain_text("not on a log scale")


def sideways(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


@pytest.mark.parametrize("width", [360, 1440])
def test_names_of_two_thousand_characters_fit(made: MadeStore, open_page: Open, width: int) -> None:
    long = "x" * 2000
    spaced = " ".join(["word"] * 400)
    facts = {
        "name": long,
        "notes": spaced,
        "reason": long,
        "group": long,
        "tags": [long, spaced],
        "config": {long: long, spaced: [long]},
        "environment": {"host": long, "command": spaced, "git": {"branch": long, "commit": long}},
    }
    run = made.add_run({long: curve(5), f"{long}/{long}": curve(5)}, state="failed", **facts)
    view = {"viewport": {"width": width, "height": 800}}
    page = open_page(run, **view)
    drawn(page, long)
    assert not sideways(page)
    for tab in page.get_by_role("tab").all():
        tab.click()
        assert not sideways(page)
    page = open_page(run, java_script_enabled=False, **view)
    assert not sideways(page)
    page = open_page(made.add_project(), **view)
    expect(page.locator(".run-name").first).to_be_visible()
    assert not sideways(page)
    page = open_page(made.add_root(), **view)
    assert not sideways(page)
