"""Plotly's own script beside the pages, for the figures that it draws.

It needs ``eval`` and inline styles, which the pages do without. So it runs in a frame with a policy of its
own, without the page's origin, and gets figures as messages: see ``frontend/src/frames/plotly.ts``. The
scripts lie in the frame's HTML, because a frame without an origin may load no file of a folder.
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from runhooks.errors import ObjectNotFoundError, SiteError
from runhooks.storage import Store

from .assets import STATIC

__all__ = ["publish_plotly"]

_FRAME: Final = "assets/plotly/frame.html"
_POLICY: Final = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'"
)
_HEAD: Final = (
    f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Plotly</title>\n'
    f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
).encode()
_FULL: Final = _HEAD + b'<meta name="plotly" content="yes">\n'


def publish_plotly(store: Store, static: Path = STATIC) -> bool:
    """Put the frame with plotly's script into the store, unless it is there.

    Returns
    -------
    bool
        Whether figures can be drawn: the script comes with the installed ``plotly``, and where that is
        missing, the page says so in the place of a figure.

    Raises
    ------
    SiteError
        When the front end was not built.
    StoreError
    """
    try:
        there = store.read(_FRAME, 0, len(_FULL))
    except ObjectNotFoundError:
        there = b""
    if there == _FULL:
        return True
    plotly = _installed()
    if plotly is not None or not there:
        head = _HEAD if plotly is None else _FULL + _element(plotly)
        store.write(_FRAME, head + b"</head><body>" + _element(_frame(static)) + b"</body></html>\n")
    return plotly is not None


def _frame(static: Path) -> Path:
    path = static / "plotly-frame.js"
    if not path.is_file():
        raise SiteError(f"the pages' {path.name} was not built: run `npm ci && npm run build` in frontend/")
    return path


def _element(script: Path) -> bytes:
    """Return a script as an element: what looks like its end within a text is escaped."""
    return b"<script>" + script.read_bytes().replace(b"</script", b"<\\/script") + b"</script>\n"


@cache
def _installed() -> Path | None:
    """Return where the installed plotly has its script, without importing it."""
    try:
        spec = find_spec("plotly")
    except (ImportError, ValueError):
        return None
    if spec is None or spec.origin is None:
        return None
    script = Path(spec.origin).parent / "package_data" / "plotly.min.js"
    return script if script.is_file() else None
