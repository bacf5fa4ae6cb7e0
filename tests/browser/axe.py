"""axe-core, which finds what keeps people from using a page."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
VIOLATIONS = """async () => {
  const found = await axe.run({preload: false})
  return found.violations.map((v) => [v.id, v.nodes.map((n) => n.html)])
}"""

needs_axe = pytest.mark.skipif(
    not AXE.exists(), reason="axe-core is not here: run `npm ci` in frontend/ (`make test` does it)"
)


def violations(page: Page) -> Any:
    """Return what axe finds in a page as it is now: rules, and the elements that break them."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    return page.evaluate(VIOLATIONS)
