"""Every page as a picture, in light, in dark and on a phone, to be looked at.

They lie in pytest's folder of the session, or in $RUNHOOKS_SCREENSHOTS; two of them are the README's.
"""

import os
from pathlib import Path
from random import Random

import pytest
from playwright.sync_api import Page

from runhooks.record.read import read_view
from runhooks.storage import LocalStore
from tests.browser.conftest import Open
from tests.browser.made import START, MadeStore, curve
from tests.programs import run

pytestmark = pytest.mark.browser

HOUR_US = 3600 * 10**6
TRAINING = """
import math, os, random, time
import numpy, runhooks
from tqdm import tqdm
chance = random.Random(0)
config = {"lr": 3e-4, "batch_size": 64, "model": {"name": "vit-small", "depth": 12, "heads": 6}, "seed": 0}
with runhooks.init(entity="team", project="digits", id="shown", name="amber-meadow-24", config=config,
                   tags=["baseline"], notes="The first one with warm-up.", system_interval_s=0.3) as run:
    run.define_metric("val/accuracy", goal="maximize")
    for step in tqdm(range(400), desc="training"):
        fall = math.exp(-step / 90)
        run.log({
            "train/loss": 0.2 + 2.1 * fall + chance.gauss(0, 0.04),
            "train/grad_norm": 1 + 3 * fall * chance.random(),
            "train/learning_rate": 3e-4 * min(1, step / 40) * (1 + math.cos(math.pi * step / 400)) / 2,
            "train/samples_per_second": 3100 + chance.gauss(0, 80),
        }, step=step)
        if step % 20 == 19:
            run.log({"val/loss": 0.3 + 2 * fall + chance.gauss(0, 0.02),
                     "val/accuracy": 0.94 - 0.8 * fall + chance.gauss(0, 0.005)}, step=step)
            print(f"\\033[32mstep {step}\\033[0m accuracy {0.94 - 0.8 * fall:.4f}")
        time.sleep(0.005)
    print("\\033[33mWARNING\\033[0m a class has two samples only")
    x, y = numpy.meshgrid(numpy.linspace(-2, 2, 96), numpy.linspace(-2, 2, 96))
    for n in range(4):
        picture = numpy.uint8(127 + 127 * numpy.sin(x * y * (n + 2)))
        run.log({"samples": runhooks.Image(picture, caption=f"class {n}")})
    run.log({"weights": runhooks.Histogram([chance.gauss(0, 1) for _ in range(2000)])})
    with open(os.path.join(run.dir, "notes.md"), "w") as file:
        file.write("# What was tried\\n\\nWarm-up over 40 steps.\\n")
    model = runhooks.Artifact("classifier", "model", metadata={"accuracy": 0.94})
    with model.new_file("weights.bin") as file:
        file.write("w" * 5000)
    run.log_artifact(model, aliases=["best"])
"""
NAMES = [
    f"{a}-{b}"
    for a in ("calm", "brisk", "frosty", "eager", "deft")
    for b in ("lake", "ridge", "dune", "willow")
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> MadeStore:
    """Return a project of 20 runs whose curves are made, and of one that a program really logged."""
    made = MadeStore(tmp_path_factory.mktemp("shown") / "runs")
    chance = Random(0)
    for number, name in enumerate(NAMES):
        lr, depth = 10 ** chance.uniform(-4.5, -2.5), chance.choice([6, 12, 24])
        good = 0.95 - 0.05 * abs(abs(lr - 3e-4) / 3e-3) - 0.002 * depth / 6
        metrics = {
            "train/loss": curve(300, number, 2.3, 1.1 - good),
            "train/grad_norm": curve(300, 50 + number, 4, 0.8),
            "train/accuracy": curve(300, 90 + number, 0.1, good),
            "val/loss": curve(40, 130 + number, 2.3, 1.2 - good),
            "val/accuracy": curve(40, 170 + number, 0.1, good - 0.02),
            "val/f1": curve(40, 210 + number, 0.1, good - 0.03),
        }
        config = {"lr": float(f"{lr:.2g}"), "batch_size": chance.choice([32, 64]), "model": {"depth": depth}}
        state = "failed" if number == 7 else "killed" if number == 13 else "finished"
        made.add_run(
            metrics, id=f"r{number:02}", name=f"{name}-{number + 1}", state=state, config=config,
            created_at=START - number * HOUR_US,
        )  # fmt: skip
    made.add_project()
    made.add_root()
    done = run(
        TRAINING,
        made.root.parent,
        RUNHOOKS_STORE=str(made.root),
        RUNHOOKS_SPOOL=str(made.root.parent / "spool"),
    )
    assert done.returncode == 0, done.stderr
    # Its recorder knows of no others: these have no documents.
    made.views["team", "digits"].insert(0, read_view(LocalStore(made.root), "team/digits/runs/shown"))
    made.add_project(artifacts=True)
    made.add_root()
    return made


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(os.environ.get("RUNHOOKS_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


SHOWN, PROJECT = "team/digits/runs/shown/index.html", "team/digits/index.html"
TABLE = "cols=state,summary.val/accuracy,config.lr&sort=-summary.val/accuracy"
PAGES = {
    "run-workspace": (SHOWN, "", "canvas"),
    "run-overview": (SHOWN, "#tab=overview", "text=batch_size"),
    "run-system": (SHOWN, "#tab=system", "canvas"),
    "run-logs": (SHOWN, "#tab=logs", "text=a class has two samples only"),
    "run-files": (SHOWN, "#tab=files", "text=notes.md"),
    "run-artifacts": (SHOWN, "#tab=artifacts", "text=classifier"),
    "project-charts": (PROJECT, f"#{TABLE}&base=r00", "canvas"),
    "project-parallel": (PROJECT, f"#tab=parallel&{TABLE}", ".runs tr[aria-rowindex]"),
    "project-scatter": (PROJECT, f"#tab=scatter&{TABLE}", ".runs tr[aria-rowindex]"),
    "project-compare": (PROJECT, f"#tab=compare&sel=r00,r01&{TABLE}", ".compare"),
    "project-artifacts": ("team/digits/artifacts/index.html", "", "text=classifier"),
    "root": ("index.html", "", "text=digits"),
}
LOOKS = {
    "light": {"viewport": {"width": 1440, "height": 900}},
    "dark": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 780}, "device_scale_factor": 2, "has_touch": True},
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_its_window(
    store: MadeStore, made: MadeStore, open_page: Open, pictures: Path, name: str, look: str
) -> None:
    made.root = store.root
    file, view, there = PAGES[name]
    page = open_page(store.root / file, view, **LOOKS[look])
    page.locator(there).first.wait_for()
    page.wait_for_load_state("networkidle")
    settled(page)
    page.screenshot(path=pictures / f"{name}-{look}.png")
    assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0


def settled(page: Page) -> None:
    """Wait until the page draws nothing more."""
    page.evaluate("() => new Promise((done) => requestIdleCallback(() => requestAnimationFrame(done)))")
