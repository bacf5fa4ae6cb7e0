"""The runs table of a project page: groups, baseline, selection, columns, colours, marks, CSV."""

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, drawn
from tests.browser.made import MadeStore, curve
from tests.browser.sweeps import TOTAL, make_sweep, names

pytestmark = pytest.mark.browser


@pytest.fixture
def sweep(made: MadeStore) -> Path:
    return make_sweep(made)


def heads(page: Page) -> list[str]:
    return page.locator(".runs thead th button").all_inner_texts()


def test_runs_are_grouped_with_their_mean_and_range_and_drawn_as_one_line(
    sweep: Path, open_page: Open
) -> None:
    page = open_page(sweep)
    page.get_by_role("button", name="Group").click()
    page.get_by_role("checkbox", name="config.model.name").click()
    page.keyboard.press("Escape")
    groups = page.locator(".runs tr.group")
    expect(groups).to_have_count(2)
    expect(groups.nth(0)).to_contain_text("model.name = vit")
    expect(groups.nth(0)).to_contain_text("12")
    cell = groups.nth(0).locator("td.num", has_text="\u2013").first
    ends = [curve(50, 100 + i, 0.1, 0.9)[1][-1] for i in range(1, 24, 2)]
    title = str(cell.get_attribute("title"))
    assert title.startswith("mean ")
    assert title.endswith(" of 12")
    assert abs(float(title.split()[1].rstrip(",")) - sum(ends) / 12) < 1e-9
    expect(page.locator(".card").first).to_have_attribute("aria-label", "train/loss: 24 runs")
    page.get_by_role("button", name="model.name = mlp 12").click()
    expect(page.get_by_role("link", name="run-22")).to_be_visible()
    page.get_by_role("button", name="Hide model.name = mlp in the charts").click()
    page.wait_for_function("() => window.runhooks.series('train/loss', 'r0022') === null")
    again = open_page(sweep, page.url[page.url.index("#") :])
    expect(again.get_by_role("link", name="run-22")).to_be_visible()


def test_a_baseline_stays_on_top_and_the_others_tell_their_difference(sweep: Path, open_page: Open) -> None:
    page = open_page(sweep)
    row = page.locator(".runs tr[data-run=r0020]")
    row.hover()
    row.get_by_role("button", name="Compare all with this run").click()
    expect(page.locator(".runs tbody.pinned")).to_contain_text("run-20")
    delta = page.locator(".runs tr[data-run=r0023] .delta").first
    by = curve(50, 123, 0.1, 0.9)[1][-1] - curve(50, 120, 0.1, 0.9)[1][-1]
    expect(delta).to_have_class(f"delta {'better' if by > 0 else 'worse'}")
    page.locator(".runs").evaluate("box => box.scrollTo(0, box.scrollHeight)")
    expect(page.locator(".runs tbody.pinned")).to_contain_text("run-20")
    assert "base=r0020" in page.url


def test_runs_are_selected_one_by_one_and_in_ranges(sweep: Path, open_page: Open) -> None:
    page = open_page(sweep)
    page.get_by_label("Select run-22").click()
    page.get_by_label("Select run-19").click(modifiers=["Shift"])
    expect(page.locator(".table-foot")).to_contain_text("4 selected")
    page.get_by_role("button", name="Draw only these").click()
    drawn(page, "train/loss", "r0019")
    page.wait_for_function("() => window.runhooks.series('train/loss', 'r0023') === null")
    expect(page.locator(".table-foot")).to_contain_text("4 runs drawn")


def test_the_table_is_walked_and_worked_by_keys(sweep: Path, open_page: Open) -> None:
    page = open_page(sweep)
    page.get_by_role("link", name="run-23").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="run-22")).to_be_focused()
    page.keyboard.press("x")
    expect(page.get_by_label("Select run-22")).to_be_checked()
    expect(page.get_by_role("link", name="run-22")).to_be_focused()
    page.keyboard.press("e")
    page.wait_for_function("() => window.runhooks.series('train/loss', 'r0022') === null")
    for _ in range(21):
        page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="run-1", exact=True)).to_be_focused()


def test_columns_are_moved_by_keys_and_the_order_is_kept(sweep: Path, open_page: Open) -> None:
    page = open_page(sweep)
    before = heads(page)
    page.get_by_role("button", name=before[2], exact=True).focus()
    page.keyboard.press("Alt+ArrowLeft")
    expect(page.locator(".runs thead th button").nth(1)).to_have_text(before[2])
    expect(page.get_by_role("button", name=before[2], exact=True)).to_be_focused()
    again = open_page(sweep, page.url[page.url.index("#") :])
    expect(again.locator(".runs thead th button").nth(1)).to_have_text(before[2])


def test_a_run_takes_the_colour_that_the_reader_gives(sweep: Path, open_page: Open) -> None:
    page = open_page(sweep)
    row = page.locator(".runs tr[data-run=r0023]")
    row.hover()
    row.get_by_role("button", name="Colour: run-23").click()
    page.get_by_role("button", name="Colour 5", exact=True).click()
    expect(row.locator(".eye path")).to_have_attribute("stroke", "var(--c4)")
    again = open_page(sweep, page.url[page.url.index("#") :])
    expect(again.locator(".runs tr[data-run=r0023] .eye path")).to_have_attribute("stroke", "var(--c4)")


def test_the_listed_runs_are_saved_as_csv_without_formulas(made: MadeStore, open_page: Open) -> None:
    made.add_run({"loss": curve(5)}, id="r1", name='=HYPERLINK("x")', config={"note": "+1"})
    made.add_run({"loss": curve(5)}, id="r2", name="plain, with a comma", config={"note": "x"})
    page = open_page(made.add_project(), "#cols=summary.loss,config.note")
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    assert download.value.suggested_filename == "digits.csv"
    rows = list(csv.reader(Path(download.value.path()).read_text().splitlines()))
    assert rows[0] == ["id", "name", "summary.loss", "config.note"]
    by_id = {row[0]: row[1:] for row in rows[1:]}
    assert by_id["r1"] == ['\'=HYPERLINK("x")', str(float(curve(5)[1][-1])), "'+1"]
    assert by_id["r2"][0] == "plain, with a comma"


def test_marking_an_axis_of_the_parallel_coordinates_filters_the_table(sweep: Path, open_page: Open) -> None:
    page = open_page(sweep, "#tab=parallel&axes=config.lr,summary.val/acc")
    board = page.locator(".board [role=img]")
    box = board.bounding_box()
    assert box
    # From the foot of the first axis to its middle: rates of 0.0001 and 0.001.
    x, foot = box["x"] + 64, box["y"] + box["height"] - 28
    page.mouse.move(x, foot)
    page.mouse.down()
    page.mouse.move(x, foot - 40)
    page.mouse.move(x, box["y"] + box["height"] / 2)
    page.mouse.up()
    expect(page.locator(TOTAL)).to_have_text("12 of 24 runs")
    assert set(names(page)) == {f"run-{i}" for i in range(24) if i % 4 in (2, 3)}
    page.get_by_role("button", name="lr 0.0001").click()
    expect(page.locator(TOTAL)).to_have_text("24 runs")


def test_marking_the_scatter_plot_filters_the_table_and_a_click_selects(sweep: Path, open_page: Open) -> None:
    page = open_page(sweep, "#tab=scatter&sx=config.lr&sy=config.lr")
    box = page.locator(".board [role=img]").bounding_box()
    assert box
    left, foot = box["x"] + 64, box["y"] + box["height"] - 44
    page.mouse.click(left, foot)
    expect(page.locator(".table-foot")).to_contain_text("1 selected")
    page.mouse.move(left - 10, foot + 10)
    page.mouse.down()
    page.mouse.move(left + 20, foot - 20)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.up()
    expect(page.locator(TOTAL)).to_have_text("12 of 24 runs")


def test_one_run_and_values_that_are_no_numbers_still_have_views(made: MadeStore, open_page: Open) -> None:
    made.add_run({"loss": ([0], [float("nan")])}, config={"x": float("inf"), "word": "a"})
    page = open_page(made.add_project(), "#tab=scatter")
    expect(page.locator(".board-note")).to_contain_text("1 of 1 runs")
    for tab in ("Parallel", "Charts"):
        page.get_by_role("tab", name=tab).click()
        expect(page.get_by_role("tab", name=tab)).to_have_attribute("aria-selected", "true")
