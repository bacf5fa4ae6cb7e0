"""A project of runs that differ, for the tests of its page."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.browser.made import START, MadeStore, curve

HOUR_US = 3600_000_000
STATES = ("finished", "failed", "killed", "crashed")
TOTAL = "h1 + .section-count"
"""Where the page says how many runs are listed."""


def facts_of(i: int) -> dict[str, Any]:
    return {
        "id": f"r{i:04d}",
        "name": f"run-{i}",
        "state": STATES[i % 4],
        "created_at": START + i * HOUR_US,
        "config": {"lr": 10.0 ** -(1 + i % 4), "model": {"name": ("mlp", "vit")[i % 2]}},
        "tags": ["best"] if i == 3 else [],
    }


def make_sweep(made: MadeStore) -> Path:
    """Make a project of 24 runs with two metrics each."""
    for i in range(24):
        made.add_run({"train/loss": curve(50, i), "val/acc": curve(50, 100 + i, 0.1, 0.9)}, **facts_of(i))
    return made.add_project()


def names(page: Page) -> Sequence[str]:
    """Return the names in the table, as far as it is drawn."""
    return page.locator(".runs .run-name a").all_inner_texts()
