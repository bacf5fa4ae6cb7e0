"""Every page of a store, in the states that readers bring it to: what holds for all is tested on these."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import runhooks
from runhooks.record.console import ConsoleFacts
from runhooks.record.view import Heartbeat
from runhooks.site.export import export_html
from runhooks.site.files import file_pages
from runhooks.site.log_data import log_files
from runhooks.site.run_page import render_run
from runhooks.storage import LocalStore
from tests.browser.made import START, MadeStore, Points, curve, run_of, sampled, twenty
from tests.browser.sweeps import facts_of
from tests.programs import example

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)
FILES = {
    "config.json": b'{"lr":0.1,"layers":[1,2]}',
    "table.csv": b'name,score\n"a, b",1\nc,2\n',
    "notes.txt": b"some words\n" * 200,
    "dot.png": PNG,
    "weights.bin": bytes(2048),
}

Act = Callable[[Page], object]


@dataclass(frozen=True)
class State:
    """A page of the store, the view in its address, what a reader does there, and what is seen then."""

    file: str
    """Where the page is in the store; `*` stands for an id that is made up."""
    view: str
    seen: str
    acts: tuple[Act, ...] = ()

    def page_in(self, root: Path) -> Path:
        """Return the file of the page."""
        (found,) = root.glob(self.file)
        return found

    def show(self, page: Page) -> None:
        """Bring an opened page to this state."""
        for act in self.acts:
            act(page)
        expect(page.locator(self.seen).first).to_be_visible()


def button(name: str) -> Act:
    """Return the act of pressing a button."""
    return lambda page: page.get_by_role("button", name=name, exact=True).first.click()


def press(where: str) -> Act:
    """Return the act of pressing something else."""
    return lambda page: page.locator(where).first.click()


def point(where: str) -> Act:
    """Return the act of pointing at something."""
    return lambda page: page.locator(where).first.hover()


def key(where: str, name: str) -> Act:
    """Return the act of pressing a key on something."""
    return lambda page: page.locator(where).first.press(name)


def write(label: str, text: str) -> Act:
    """Return the act of typing."""
    return lambda page: page.get_by_label(label).press_sequentially(text)


def enlarge(panel: str) -> Act:
    """Return the act of giving a panel of media the whole screen."""

    def act(page: Page) -> None:
        card = page.locator(f'.media-card[aria-label="{panel}"]')
        card.scroll_into_view_if_needed()
        card.get_by_role("button", name="Enlarge").click()

    return act


RUNS = "team/digits/runs"
FULL = f"{RUNS}/full/index.html"
DIGITS = "team/digits/index.html"
KEPT = "default/kept/runs/maker/index.html"
MEDIA = "default/media/runs/*/index.html"
ROWS = ".runs tr[aria-rowindex]"
DIALOG = "dialog.media-dialog"

STATES = {
    "run": State(FULL, "", ".card canvas"),
    "run, pointed at": State(FULL, "", ".tip", (point(".card .over"),)),
    "run, zoomed": State(FULL, "#zoom=10_20&smooth=ema:0.5", ".zoom-reset"),
    "run, log scales, outliers cut": State(FULL, "#log=1&logx=1&cut=1", ".card-scale"),
    "run, one chart on the screen": State(FULL, "#full=train/loss", ".card.large canvas"),
    "run, axis being chosen": State(FULL, "", ".chooser:visible", (button("Metric"),)),
    "run, section folded": State(FULL, "", '[aria-expanded="false"]', (press(".section-fold"),)),
    "run, no chart found": State(FULL, "#q=nothing-like-it", ".empty"),
    "run, overview": State(FULL, "#tab=overview", ".exit-failed .trace"),
    "run, environment": State(FULL, "#tab=overview", "text=node1", (press(".environment > summary"),)),
    "run, config searched": State(
        FULL, "#tab=overview", ".leaf", (lambda page: page.get_by_role("searchbox").first.fill("^model"),)
    ),
    "run, system": State(FULL, "#tab=system", ".panel:not([hidden]) .card canvas"),
    "run, logs": State(FULL, "#tab=logs", ".log-line"),
    "run, logs searched": State(
        FULL,
        "#tab=logs",
        ".log-line mark",
        (write("Search the log", "tw."), key('[aria-label^="Search the log"]', "Enter")),
    ),
    "run, error in the log": State(FULL, "#tab=logs", ".log-marked", (button("1 error"),)),
    "run, files": State(FULL, "#tab=files", ".files-row"),
    **{
        f"run, file {name}": State(FULL, f"#tab=files&file={name}", seen)
        for name, seen in {
            "config.json": ".file-text", "table.csv": ".file-table", "notes.txt": ".file-text",
            "dot.png": ".file-picture", "weights.bin": ".files-pane >> text=bytes",
        }.items()
    },
    "run, artifacts": State(KEPT, "#tab=artifacts", ".artifact-row"),
    "run, artifact open": State(
        KEPT, "#tab=artifacts", ".artifact-detail .file-name", (press(".artifact-row"),)
    ),
    "run, running": State(f"{RUNS}/live/index.html", "", ".state-running"),
    "run, crashed": State(f"{RUNS}/silent/index.html", "#tab=overview", ".state-crashed"),
    "run, nothing logged": State(f"{RUNS}/nothing/index.html", "", ".empty"),
    "run, chart broken": State("team/broken/runs/chart/index.html", "", ".card-broken"),
    "run, page broken": State("team/broken/runs/facts/index.html", "", ".notice"),
    "media": State(MEDIA, "", ".media-card img"),
    **{
        f"media, {name} enlarged": State(MEDIA, "", f"{DIALOG} {seen}", (enlarge(name),))
        for name, seen in {
            "scene": "img", "batch": "img", "film": "img", "tone": "audio", "weights": "rect",
            "page": "iframe", "predictions": ".table-row", "interactive": "button", "torus": "canvas",
            "roc": "path", "confusion": "td",
        }.items()
    },
    "run as one file": State("mailed.html", "", ".card canvas"),
    "run as one file, overview": State("mailed.html", "#tab=overview", ".fact-list"),
    "project": State(DIGITS, "", ".card canvas"),
    "project, table alone": State(DIGITS, "#wide=1", ROWS),
    "project, row pointed at": State(DIGITS, "", ".row-tool", (point(".runs tbody tr"),)),
    "project, colour being chosen": State(
        DIGITS, "", ".swatches", (point(".runs tbody tr"), press('[aria-label^="Colour: "]'))
    ),
    "project, columns being chosen": State(DIGITS, "", ".chooser:visible", (button("Columns"),)),
    "project, groups being chosen": State(DIGITS, "", ".chooser:visible", (button("Group"),)),
    "project, grouped": State(DIGITS, "#group=config.model.name", ".runs tr.group"),
    "project, group open": State(
        DIGITS, "#group=state", ".group-fold[aria-expanded=true]", (press(".group-fold"),)
    ),
    "project, selected against a baseline": State(DIGITS, "#base=r0002&sel=r0000,r0001", ".runs .delta"),
    "project, sorted and coloured by a value": State(
        DIGITS, "#sort=-config.lr&paint=config.lr&cols=state,tags,config.lr", ROWS
    ),
    "project, filtered": State(DIGITS, "#f=config.lr < 0.05&states=failed", ".filter-said:not(:empty)"),
    "project, filter wrong": State(DIGITS, "#f=config.lr < 0.01 and statee = failed", ".filter-said mark"),
    "project, filter being completed": State(DIGITS, "", ".names li", (write("Filter expression", "model"),)),
    "project, no run found": State(DIGITS, "#s=nothing-like-it", ".table-empty"),
    "project, one chart on the screen": State(DIGITS, "#full=train/loss", ".card.large .legend li"),
    "project, parallel coordinates": State(DIGITS, "#tab=parallel", ".board canvas"),
    "project, axes marked": State(
        DIGITS, "#tab=parallel&axes=config.lr,summary.val/acc&brush=config.lr:0.001_0.1", ".chips .chip"
    ),
    "project, scatter": State(DIGITS, "#tab=scatter&sx=config.lr&sy=summary.val/acc", ".board canvas"),
    "project, compare without runs": State(DIGITS, "#tab=compare", ".compare"),
    "project, compare": State(
        DIGITS, "#tab=compare&sel=r0000,r0001&base=r0000", ".diff-curves >> text=step"
    ),
    "project, compare all": State(DIGITS, "#tab=compare&sel=r0000,r0001&all=1", ".diff-table td"),
    "project, empty": State("team/empty/index.html", "", "text=No runs yet"),
    "project, page broken": State("team/broken/index.html", "", ".notice"),
    "artifacts": State("default/kept/artifacts/index.html", "", ".artifact-row"),
    "artifacts, one open": State(
        "default/kept/artifacts/index.html", "", ".artifact-detail .file-name", (press(".artifact-row"),)
    ),
    "root": State("index.html", "", ".project"),
    "root, searched": State("index.html", "", ".project", (write("Search projects", "digits"),)),
    "root, empty": State("nothing/index.html", "", "text=No runs yet"),
    "root, page broken": State("broken/index.html", "", ".notice"),
}  # fmt: skip


def make_all(made: MadeStore) -> None:
    """Write a store in which each of :data:`STATES` is found."""
    log_kept(made.root)
    log_media(made.root)
    one = export_html(LocalStore(made.root), "default/kept/runs/maker")
    (made.root / "mailed.html").write_bytes(one.page)
    for i in range(12):
        made.add_run({"train/loss": curve(50, i), "val/acc": curve(50, 100 + i, 0.1, 0.9)}, **facts_of(i))
    add_full(made)
    # Of tomorrow, so that these run on however long the tests take.
    beat = Heartbeat(time.time_ns() // 1000 + 86_400_000_000, 3)
    going = {"state": "running", "ended_at": None}
    made.add_run({"train/loss": curve(9)}, id="live", name="live-one", heartbeat=beat, **going)
    made.add_run(
        {"train/loss": curve(9)}, id="silent", name="silent-one", heartbeat=Heartbeat(START, 3), **going
    )
    made.add_run({}, id="nothing", name="nothing-yet", heartbeat=beat, last_step=None, **going)
    made.add_project()
    made.add_project(project="empty")
    made.add_root()
    add_broken(made)
    MadeStore(made.root / "nothing").add_root()


def add_full(made: MadeStore) -> None:
    """Add a run with something on each of its tabs."""
    metrics: dict[str, Points] = {**twenty(50), "odd/nan": (range(3), [1.0, float("nan"), 2.0])}
    error = {"type": "ValueError", "message": "loss is NaN", "traceback": 'File "train.py"\nValueError'}
    view, series = run_of(
        metrics,
        id="full",
        name="full-of-everything",
        state="failed",
        reason="ValueError: loss is NaN",
        exit={"exit_code": 1, "error": error, "signal": None},
        alerts=[{"time": START, "title": "Odd", "text": "look", "level": "warning"}],
        config={"lr": 0.1, "model": {"name": "mlp", "width": 8}, "at": "https://example.org/r"},
        environment={"host": "node1", "git": {"remote": "https://example.org/r", "commit": "abc"}},
        tags=["one", "two"],
        notes="What was tried.",
        definitions={"val/loss": {"step_metric": "data/epoch"}},
    )
    made.add_row(view)
    folder = f"{view.entity}/{view.project}/runs/{view.id}"
    store = LocalStore(made.root)
    for name, data in FILES.items():
        store.write(f"{folder}/files/{name}", data)
    listed = ",".join(f'["{name}",{len(data)},0]' for name, data in FILES.items())
    skipped = '{"link":"it is a link"}'
    store.write(f"{folder}/files.json", f'{{"files":[{listed}],"total":5,"skipped":{skipped}}}'.encode())
    words = ["one", "\x1b[31mERROR\x1b[0m: two", *(f"\x1b[3{n}mcolour\x1b[0m" for n in range(8))]
    log = log_files(view.id, [(word, START) for word in words], ConsoleFacts(left_out=9, not_text=2))
    system = sampled(process__memory_bytes=[1e9, 2e9], gpu0__power_watts=[90.0, 80.0])
    saved = dict(file_pages(store, folder))
    made._write(
        made.root / folder,
        render_run(
            view, series, made.assets, system={"node1": system, "node2": system}, log=log, saved=saved
        ),
    )


def add_broken(made: MadeStore) -> None:
    """Add pages whose data files hold nothing."""
    chart = made.add_run({"loss": curve(5)}, project="broken", id="chart")
    facts = made.add_run({"loss": curve(5)}, project="broken", id="facts", config={"lr": 1})
    project = made.add_project(project="broken")
    other = MadeStore(made.root / "broken", made.views)
    root = other.add_root()
    for file in (
        chart.parent / "data/charts-0.js",
        facts.parent / "data/run.js",
        project.parent / "data/project.js",
        root.parent / "data/root.js",
    ):
        file.write_bytes(file.read_bytes().partition(b",")[0] + b",{});\n")


def log_kept(root: Path) -> None:
    """Log artifacts, one of them twice, and one that cannot be kept."""
    with runhooks.init(project="kept", id="maker", store=root) as run:
        for content in ("one", "two"):
            artifact = runhooks.Artifact("data", "dataset", "what it is", {"content": content})
            for path in ("top.txt", "sub/deep.txt"):
                with artifact.new_file(path) as file:
                    file.write(content)
            run.log_artifact(artifact, aliases=["best"]).wait(60)
        run.use_artifact("data:v0")
        gone = runhooks.Artifact("gone", "model")
        lost = root.parent / "gone.bin"
        lost.write_bytes(b"x")
        gone.add_file(lost)
        lost.unlink()
        run.log_artifact(gone)
        run.log({"loss": 1.0})


def log_media(root: Path) -> None:
    """Run examples/media.py into a store."""
    for module in ("PIL", "matplotlib", "plotly", "pandas", "torch"):
        pytest.importorskip(module)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RUNHOOKS_STORE", str(root))
        patch.setenv("RUNHOOKS_SILENT", "1")
        example("media").log_all(steps=4)
