"""The project page, as a reader meets it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from runhooks.site.build import Pages, build_project, build_run
from tests.browser.conftest import Open, drawn
from tests.browser.made import MadeStore, curve, run_of
from tests.browser.sweeps import facts_of, make_sweep, names
from tests.site.test_points import FOLDER, record

pytestmark = pytest.mark.browser


@pytest.fixture
def sweep(made: MadeStore) -> Path:
    return make_sweep(made)


def test_the_newest_ten_runs_are_drawn_in_colours_of_their_own(sweep: Path, open_page: Open) -> None:
    page = open_page(sweep)
    for i in range(14, 24):
        assert drawn(page, "train/loss", f"r{i:04d}")["value"] == list(curve(50, i)[1])
    assert page.evaluate("() => window.runhooks.series('train/loss', 'r0013')") is None
    colours = page.locator(".eye path[stroke]").evaluate_all("all => all.map(p => p.getAttribute('stroke'))")
    assert len(set(colours)) == 10
    assert names(page)[:2] == ["run-23", "run-22"]


def test_the_eye_hides_and_shows_a_run(sweep: Path, open_page: Open) -> None:
    page = open_page(sweep)
    drawn(page, "train/loss", "r0023")
    page.get_by_role("button", name="Hide run-23 in the charts").click()
    page.wait_for_function("() => window.runhooks.series('train/loss', 'r0023') === null")
    page.get_by_role("button", name="Show run-5 in the charts", exact=True).click()
    assert drawn(page, "train/loss", "r0005")["value"] == list(curve(50, 5)[1])
    again = open_page(sweep, page.url[page.url.index("#") :])
    drawn(again, "train/loss", "r0005")
    assert again.evaluate("() => window.runhooks.series('train/loss', 'r0023')") is None


def test_the_run_that_is_pointed_at_stands_out_in_the_charts(sweep: Path, open_page: Open) -> None:
    page = open_page(sweep)
    drawn(page, "train/loss", "r0023")
    faded = """(before) => {
        const now = document.querySelector('.card canvas').toDataURL()
        return before === '' ? now : now !== before && now
    }"""
    before = page.evaluate(faded, "")
    page.get_by_role("link", name="run-20").hover()
    pointed = page.wait_for_function(faded, arg=before).json_value()
    page.get_by_label("Search runs by name").hover()
    assert page.wait_for_function(faded, arg=pointed).json_value() == before


def test_only_the_files_of_charts_in_view_are_loaded(made: MadeStore, open_page: Open) -> None:
    many = {f"m{n:03d}/loss": curve(5, n) for n in range(100)}
    run = made.add_run(many, id="r1")
    for n in (2, 3):
        (run.parent / "data" / f"charts-{n}.js").unlink()
    page = open_page(made.add_project(), viewport={"width": 900, "height": 300})
    drawn(page, "m000/loss", "r1")
    page.get_by_label("Search charts").fill("m099")
    assert drawn(page, "m099/loss", "r1")["value"] == list(curve(5, 99)[1])
    expect(page.locator(".notice")).to_have_count(0)


def test_another_metric_is_the_x_axis_and_outliers_are_cut(made: MadeStore, open_page: Open) -> None:
    steps, values = curve(100)
    values[50] = 1e9
    made.add_run({"loss": (steps, values), "epoch": (steps, steps / 10)}, id="r1")
    page = open_page(made.add_project())
    drawn(page, "loss", "r1")
    page.get_by_role("button", name="Epoch").click()
    page.get_by_role("button", name="Cut outliers").click()
    expect(page.locator(".card", has_text="loss")).to_contain_text("1 outlier beyond the axis")
    page.locator(".card .over").first.hover()
    expect(page.locator(".tip").first).to_contain_text("epoch ")
    page.get_by_role("group", name="X axis").locator("..").get_by_role("button", name="Metric").click()
    page.get_by_role("radio", name="loss").click()
    expect(page.locator(".axis-metric")).to_have_text("loss")
    assert "x=:loss" in page.url


def test_sorting_by_a_column_puts_its_runs_into_the_charts(sweep: Path, open_page: Open) -> None:
    page = open_page(sweep)
    page.get_by_role("button", name="Name", exact=True).click()
    expect(page.locator(".runs .run-name a").first).to_have_text("run-0")
    expect(page.get_by_role("columnheader", name="Name", exact=True)).to_have_attribute(
        "aria-sort", "ascending"
    )
    drawn(page, "train/loss", "r0000")
    page.get_by_role("button", name="lr", exact=True).click()
    expect(page.get_by_role("columnheader", name="lr", exact=True)).to_have_attribute(
        "aria-sort", "descending"
    )
    assert {names(page)[i] for i in range(6)} == {f"run-{i}" for i in range(0, 24, 4)}


def test_runs_are_found_by_pattern_state_and_expression(sweep: Path, open_page: Open) -> None:
    page = open_page(sweep)
    page.get_by_label("Search runs by name").fill("run-1.$|best")
    expect(page.locator("h1 + .section-count")).to_have_text("11 of 24 runs")
    page.get_by_role("button", name="failed").click()
    expect(page.locator("h1 + .section-count")).to_have_text("2 of 24 runs")
    assert list(names(page)) == ["run-17", "run-13"]
    page.get_by_label("Filter expression").fill("model.name = vit and created < 2026-11-19T01:00")
    expect(page.locator(".filter-said")).to_contain_text(
        "config.model.name = vit and created < 2026-11-19T01:00"
    )
    expect(page.locator("h1 + .section-count")).to_have_text("1 of 24 runs")


def test_the_place_of_an_error_in_an_expression_is_marked(sweep: Path, open_page: Open) -> None:
    page = open_page(sweep)
    page.get_by_label("Filter expression").fill("config.lr < 0.01 and statee = failed")
    expect(page.locator(".filter-said mark")).to_have_text("statee")
    expect(page.locator(".filter-said")).to_contain_text("no run has “statee”")
    expect(page.locator("h1 + .section-count")).to_have_text("24 runs")


def test_names_in_an_expression_are_completed(sweep: Path, open_page: Open) -> None:
    page = open_page(sweep)
    box = page.get_by_label("Filter expression")
    box.press_sequentially("model")
    expect(page.get_by_role("option", name="config.model.name")).to_be_visible()
    box.press("Tab")
    expect(box).to_have_value("config.model.name ")
    box.press_sequentially("= mlp")
    expect(page.locator("h1 + .section-count")).to_have_text("12 of 24 runs")


def test_columns_are_chosen_and_kept_in_the_address(sweep: Path, open_page: Open) -> None:
    page = open_page(sweep)
    page.get_by_role("button", name="Columns").click()
    page.get_by_label("Search columns").fill("val/acc")
    page.get_by_role("checkbox", name="summary.val/acc").click()
    page.keyboard.press("Escape")
    chosen = page.get_by_role("columnheader", name="val/acc").count()
    again = open_page(sweep, page.url[page.url.index("#") :])
    expect(again.get_by_role("columnheader", name="val/acc")).to_have_count(chosen)


def test_ten_thousand_runs_scroll_like_ten(made: MadeStore, open_page: Open) -> None:
    for i in range(10_000):
        if i >= 9_995:
            made.add_run({"loss": curve(20, i)}, **facts_of(i))
        else:
            made.add_row(run_of({}, **facts_of(i))[0])
    page = open_page(made.add_project())
    expect(page.locator("h1 + .section-count")).to_have_text("10,000 runs")
    assert drawn(page, "loss", "r9999")["value"] == list(curve(20, 9_999)[1])
    assert page.locator(".runs tr").count() < 100
    page.locator(".runs").evaluate("box => box.scrollTo(0, box.scrollHeight)")
    expect(page.get_by_role("link", name="run-0", exact=True)).to_be_visible()
    assert page.locator(".runs tr").count() < 100


def test_a_run_whose_charts_are_missing_is_named(
    made: MadeStore, open_page: Open, problems: list[str]
) -> None:
    lost = made.add_run({"loss": curve(5)}, id="lost", name="lost-run")
    made.add_run({"loss": curve(5)}, id="kept")
    (lost.parent / "data" / "charts-0.js").unlink()
    page = open_page(made.add_project())
    drawn(page, "loss", "kept")
    expect(page.locator(".notice")).to_contain_text("lost-run (runs/lost/data/charts-0.js is missing)")
    problems.clear()


def test_a_chart_is_saved_as_a_picture_and_has_a_legend_on_the_whole_screen(
    sweep: Path, open_page: Open
) -> None:
    page = open_page(sweep, "#full=train/loss&n=3")
    large = page.locator("dialog .card")
    expect(large.locator(".legend .tip-value")).to_have_count(3)  # drawn once the data is there
    values = large.locator(".legend .tip-value").evaluate_all("all => all.map((e) => Number(e.title))")
    assert values == sorted((curve(50, i)[1][-1] for i in (21, 22, 23)), reverse=True)
    large.locator(".over").hover()
    expect(page.locator("dialog .tip")).to_contain_text("step")
    plot, legend = large.locator(".stage").bounding_box(), large.locator(".legend").bounding_box()
    assert plot
    assert legend
    assert plot["y"] + plot["height"] <= legend["y"] + 1
    with page.expect_download() as download:
        large.get_by_role("button", name="Save as a PNG picture").click()
    assert download.value.suggested_filename == "train-loss.png"
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")


def test_a_zoom_shows_every_logged_point_of_each_run(made: MadeStore, open_page: Open) -> None:
    values = np.random.default_rng(5).normal(size=20_000)
    store = record(made.root, {"train/loss": values})
    build_run(store, FOLDER, Pages(store, made.assets))
    entity, project = FOLDER.split("/")[:2]
    build_project(store, entity, project, Pages(store, made.assets))
    page = open_page(made.root / entity / project / "index.html", "#zoom=10000_10030")
    page.wait_for_function("() => window.runhooks?.series?.('train/loss')?.width === 1")
    found = drawn(page, "train/loss")
    shown = dict(zip(found["step"], found["value"], strict=True))
    assert [shown[step] for step in range(10_000, 10_031)] == list(values[10_000:10_031])


def test_an_empty_table_has_a_way_back(sweep: Path, open_page: Open) -> None:
    page = open_page(sweep, "#f=config.lr > 5&s=x")
    expect(page.locator(".project-right .empty")).to_have_text("No run matches.")
    page.get_by_role("button", name="Show all runs").click()
    drawn(page, "train/loss", "r0023")
    assert page.get_by_label("Search runs by name").input_value() == ""


def test_a_project_without_runs_says_so(made: MadeStore, open_page: Open) -> None:
    page = open_page(made.add_project())
    expect(page.locator("body")).to_contain_text("No runs yet")


def test_markup_in_names_of_runs_and_columns_is_text(made: MadeStore, open_page: Open) -> None:
    made.add_run(
        {"<b>x</b>": curve(5), "__proto__": curve(5, 1)},
        name="<img src=x onerror=alert(1)>",
        config={"__proto__": 1, "<i>k</i>": "<u>v</u>"},
        tags=["<s>t</s>"],
    )
    page = open_page(made.add_project(), "#cols=config.<i>k</i>,config.__proto__,tags")
    expect(page.locator(".run-name a")).to_have_text("<img src=x onerror=alert(1)>")
    expect(page.locator(".runs tbody")).to_contain_text("<u>v</u>")
    expect(page.locator(".runs tbody")).to_contain_text("<s>t</s>")
    assert len(drawn(page, "__proto__")["step"]) == 5
    assert page.locator("main b, main img, main u, main s").count() == 0


def test_a_run_name_leads_to_its_page_and_back(sweep: Path, open_page: Open) -> None:
    page = open_page(sweep)
    page.get_by_role("link", name="run-23").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("run-23")
    page.get_by_role("link", name="digits").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("digits")


def test_pages_work_from_any_static_host(
    made: MadeStore, sweep: Path, chromium: Browser, static_host: Callable[[Path], str]
) -> None:
    page = chromium.new_page()
    errors: list[str] = []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.goto(f"{static_host(made.root)}/team/digits/index.html")
    drawn(page, "train/loss", "r0023")
    page.get_by_role("link", name="run-23").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("run-23")
    assert drawn(page, "train/loss")["value"] == list(curve(50, 23)[1])
    page.close()
    assert errors == []
