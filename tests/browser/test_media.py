"""Media on the run page: pictures of real libraries, looked at in a real browser."""

from collections import Counter
from pathlib import Path

import pytest
import trimesh
from playwright.sync_api import Locator, Page, expect

import runhooks
from runhooks.site.export import export_html
from runhooks.storage import LocalStore
from tests.browser.conftest import Open
from tests.browser.made import MadeStore
from tests.browser.states import log_media

pytestmark = pytest.mark.browser
for module in ("PIL", "matplotlib", "plotly", "pandas", "torch"):
    pytest.importorskip(module)

HOSTILE = "</script><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the run of examples/media.py."""
    store = tmp_path_factory.mktemp("store")
    log_media(store)
    return store


@pytest.fixture
def page(example: Path, made: MadeStore, open_page: Open) -> Page:
    made.root = example
    (document,) = example.glob("default/media/runs/*/index.html")
    return open_page(document)


def panel(page: Page, key: str) -> Locator:
    found = page.locator(f'.media-card[aria-label="{key}"]')
    found.scroll_into_view_if_needed()
    return found


def natural(picture: Locator) -> tuple[int, int]:
    expect(picture).to_have_js_property("complete", True)
    width, height = picture.evaluate("(i) => [i.naturalWidth, i.naturalHeight]")
    return width, height


def test_pictures_of_every_library_are_there_in_their_size(page: Page) -> None:
    assert natural(panel(page, "scene").locator("img").first) == (96, 96)
    assert natural(panel(page, "drawing").locator("img")) == (160, 100)
    assert natural(panel(page, "figure").locator("img")) == (400, 250)
    assert natural(panel(page, "film").locator("img")) == (96, 96)
    assert panel(page, "batch").locator("img").count() == 6
    expect(panel(page, "batch").locator(".media-caption").nth(2)).to_have_text("sample 2")


def test_a_slider_and_keys_go_through_the_steps(page: Page) -> None:
    scene = panel(page, "scene")
    expect(scene.locator(".media-caption")).to_have_text("step 3")
    scene.locator("input[type=range]").fill("1")
    expect(scene.locator(".media-caption")).to_have_text("step 1")
    scene.focus()
    scene.press("ArrowLeft")
    expect(scene.locator(".media-caption")).to_have_text("step 0")
    scene.press("End")
    expect(scene.locator(".media-step")).to_have_text("step 3")


def test_masks_and_boxes_lie_over_their_image_and_can_be_hidden(page: Page) -> None:
    scene = panel(page, "scene")
    mask, box = scene.locator(".image-mask"), scene.locator(".image-box").first
    assert natural(mask) == (96, 96)
    around, inside = scene.locator(".image-stack").bounding_box(), box.bounding_box()
    assert around
    assert inside
    # The disc of step 3: its middle is at 0.45, 0.4, and it is 0.36 wide.
    assert inside["x"] - around["x"] == pytest.approx(0.27 * around["width"], abs=1)
    assert inside["width"] == pytest.approx(0.36 * around["width"], abs=1)
    expect(box).to_contain_text("disc")
    scene.get_by_role("button", name="truth").click()
    expect(mask).to_be_hidden()
    scene.get_by_role("button", name="found").click()
    expect(box).to_be_hidden()


def test_a_table_opens_sorts_and_searches_over_all_its_rows(page: Page) -> None:
    table = panel(page, "predictions")
    expect(table.locator(".dim").first).to_have_text("5,000 rows")
    assert table.locator(".table-rows .table-row").count() < 100
    table.get_by_role("button", name="id").click()
    table.get_by_role("button", name="id").click()
    first = table.locator(".table-rows .table-row").first
    expect(first.locator(".table-cell").nth(1)).to_have_text("sample 4999")
    table.get_by_role("searchbox").fill("sample 123$")
    expect(table.locator(".dim").first).to_have_text("1 of 5,000 rows")
    table.get_by_role("searchbox").fill("")
    table.get_by_role("button", name="mixed").click()
    expect(first.locator(".table-cell").nth(4)).to_have_text("1")


def test_sound_is_decoded_and_histograms_have_a_map_over_steps(page: Page) -> None:
    tone = panel(page, "tone").locator("audio")
    page.wait_for_function("() => document.querySelector('audio').readyState >= 1")
    assert tone.evaluate("(a) => a.duration") == pytest.approx(1.0)
    weights = panel(page, "weights")
    expect(weights.locator("rect")).to_have_count(64)
    assert weights.locator("canvas").evaluate("(c) => [c.width, c.height]") == [4, 64]
    weights.locator(".heat-place").click(position={"x": 2, "y": 10})
    expect(weights.locator(".media-step")).to_have_text("step 0")


def test_markup_runs_in_a_frame_that_cannot_reach_the_page(page: Page) -> None:
    frame = panel(page, "page").locator("iframe")
    assert frame.get_attribute("sandbox") == "allow-scripts"
    inside = panel(page, "page").frame_locator("iframe").locator("body")
    expect(inside).to_contain_text("its script ran")
    assert inside.evaluate(
        "() => { try { return String(parent.document.title) } catch (e) { return e.name } }"
    ) == ("SecurityError")


def test_a_figure_of_plotly_is_drawn_when_it_is_asked_for(page: Page) -> None:
    figure = panel(page, "interactive")
    assert figure.locator("iframe").count() == 0
    figure.get_by_role("button", name="Draw the figure").click()
    expect(figure.locator('.plotly[data-drawn="yes"]')).to_be_visible(timeout=60_000)
    expect(figure.frame_locator("iframe").locator(".scatterlayer .point").first).to_be_visible()


def test_points_are_drawn_and_turn(page: Page) -> None:
    cloud = panel(page, "torus").locator("canvas")
    count = "(c) => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.filter((v) => v).length"
    page.wait_for_function("() => document.querySelector('canvas.cloud')?.width > 300")
    before = cloud.evaluate("(c) => c.toDataURL()")
    assert cloud.evaluate(count) > 10_000
    cloud.focus()
    cloud.press("ArrowLeft")
    page.wait_for_function("(old) => document.querySelector('canvas.cloud').toDataURL() !== old", arg=before)


def test_a_mesh_is_drawn_lit_and_in_its_colours(
    made: MadeStore, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNHOOKS_SILENT", "1")
    box = trimesh.creation.box((2, 2, 2))
    box.visual.vertex_colors = [255, 0, 0, 255]
    box.export(made.root.parent / "box.glb")
    with runhooks.init(store=str(made.root)) as run:
        run.log({"box": runhooks.Object3D(made.root.parent / "box.glb")})
    page = open_page(made.root / "default" / "Uncategorized" / "runs" / run.id / "index.html")
    mesh = panel(page, "box").get_by_role("img", name="Mesh of 12 triangles")
    page.wait_for_function("() => document.querySelector('canvas.cloud')?.width > 300")
    pixels = mesh.evaluate(
        "(c) => [...new Uint32Array(c.getContext('2d').getImageData(0, 0, c.width, c.height).data.buffer)]"
    )
    shades = Counter(pixel & 0xFF for pixel in pixels if pixel)
    assert all(pixel & 0xFFFF00 == 0 for pixel in pixels), "a red box has no green and no blue"
    assert len([shade for shade, many in shades.items() if many > 500]) == 3, "three sides, each in its light"


def test_plots_of_our_own_are_drawn(page: Page) -> None:
    roc = panel(page, "roc")
    expect(roc.locator(".figure path")).to_have_count(2)
    expect(roc.locator(".image-legend")).to_contain_text("catdog")
    confusion = panel(page, "confusion").locator("td")
    expect(confusion).to_have_count(4)
    assert sum(int(text) for text in confusion.all_inner_texts()) == 200


def test_a_panel_has_the_screen_to_itself_and_gives_it_back(page: Page) -> None:
    panel(page, "scene").get_by_role("button", name="Enlarge").click()
    dialog = page.locator("dialog.media-dialog")
    expect(dialog.locator("img").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_nothing_is_too_wide_on_a_phone(
    example: Path, made: MadeStore, open_page: Open, colours: str
) -> None:
    made.root = example
    (document,) = example.glob("default/media/runs/*/index.html")
    page = open_page(document, viewport={"width": 390, "height": 844}, color_scheme=colours)
    for key in ("scene", "predictions", "torus"):
        panel(page, key).locator("img, .table-row, canvas").first.wait_for()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390


def test_a_missing_picture_and_hostile_names_are_said_and_shown_as_text(
    made: MadeStore, open_page: Open, problems: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNHOOKS_SILENT", "1")
    square = [[0, 255], [255, 0]]
    import numpy as np

    svg = made.root.parent / "x.svg"
    svg.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script></svg>'
    )
    with runhooks.init(store=str(made.root)) as run:
        run.log(
            {"gone": runhooks.Image(np.array(square)), HOSTILE: runhooks.Image(np.array(square), HOSTILE)}
        )
        run.log({"svg": runhooks.Image(svg), "table": runhooks.Table(columns=[HOSTILE], data=[[HOSTILE]])})
    folder = made.root / "default" / "Uncategorized" / "runs" / run.id
    for path in folder.glob("files/media/image/gone/*"):
        path.unlink()
    page = open_page(folder / "index.html")
    expect(page.locator('.media-card[aria-label="gone"] .card-broken')).to_contain_text("is missing")
    expect(page.locator(".media-caption").filter(has_text="onerror")).to_have_text(HOSTILE)
    expect(page.locator(".table-rows .table-cell").first).to_have_text(HOSTILE)
    expect(page.locator('.media-card[aria-label="svg"] img')).to_be_visible()
    problems[:] = [said for said in problems if "ERR_FILE_NOT_FOUND" not in said]


def test_an_exported_page_holds_its_pictures(example: Path, made: MadeStore, open_page: Open) -> None:
    (document,) = example.glob("default/media/runs/*/index.html")
    folder = document.parent.relative_to(example).as_posix()
    exported = export_html(LocalStore(example), folder)
    made.root = made.root.parent / "mail"
    made.root.mkdir()
    (made.root / "one.html").write_bytes(exported.page)
    page = open_page(made.root / "one.html")
    assert natural(panel(page, "scene").locator("img").first) == (96, 96)
    assert natural(panel(page, "scene").locator(".image-mask")) == (96, 96)
    expect(page.get_by_role("alert")).to_contain_text("This file leaves out: logged HTML and plotly")
    assert exported.left_out == ["logged HTML and plotly's script"]
