"""A metric as a small line in the page itself, for readers without scripts."""

import numpy as np
import numpy.typing as npt

from .html import Html, h
from .series import Buckets

__all__ = ["sparkline"]

WIDTH, HEIGHT = 240, 48
_POINTS = 32
_ROOM = 2
_LARGEST = float(np.finfo(np.float32).max)

_Floats = npt.NDArray[np.float64]


def sparkline(buckets: Buckets, label: str) -> Html | None:
    """Return a line of the means over the steps, on a band from least to greatest; None with nothing to draw.

    Presentation attributes, not styles: the line is right without the style sheet too, and the
    Content-Security-Policy forbids inline styles.
    """
    few = buckets.coarsened(_POINTS)
    seen = (few.count > 0) & np.isfinite(few.mean)
    if not seen.any():
        return None
    x = _scaled(few.step.astype(np.float64), WIDTH, *_ends(few.step.astype(np.float64)))
    low, high = (band.astype(np.float64).clip(-_LARGEST, _LARGEST) for band in (few.min, few.max))
    ends = float(low[seen].min()), float(high[seen].max())
    line = _runs(x, _down(few.mean, ends), seen)
    band = _band(x, _down(low, ends), _down(high, ends), seen) if few.width > 1 else ""
    return h(
        "svg",
        {
            "class": "stat-line",
            "viewBox": f"0 0 {WIDTH} {HEIGHT}",
            "width": WIDTH // 2,
            "height": HEIGHT // 2,
            "preserveAspectRatio": "none",
            "role": "img",
            "aria-label": label,
        },
        h("path", {"d": band, "fill": "currentColor", "fill-opacity": "0.2"}) if band else None,
        h("path", {"d": line, "fill": "none", "stroke": "currentColor", "stroke-width": "2"}),
    )


def _ends(values: _Floats) -> tuple[float, float]:
    return float(values[0]), float(values[-1])


def _scaled(values: _Floats, size: int, low: float, high: float) -> _Floats:
    """Return values from `low` to `high` as places from 0 to `size`, in the middle when these are equal."""
    if not high > low:
        return np.full(len(values), size / 2)
    half = high / 2 - low / 2  # halves: the difference of two large floats may be infinite
    return np.asarray(((values / 2 - low / 2) / half).clip(0, 1) * size)


def _down(values: _Floats, ends: tuple[float, float]) -> _Floats:
    with np.errstate(invalid="ignore"):
        return HEIGHT - _ROOM - _scaled(values, HEIGHT - 2 * _ROOM, *ends)


def _runs(x: _Floats, y: _Floats, seen: npt.NDArray[np.bool_]) -> str:
    """Return a path that is lifted at gaps; a point alone is a short dash."""
    path, pen = [], "M"
    for at, value, drawn in zip(x.tolist(), y.tolist(), seen.tolist(), strict=True):
        if drawn:
            path.append(f"{pen}{round(at)} {round(value)}" + ("h1" if pen == "M" else ""))
        pen = "L" if drawn else "M"
    return "".join(path)


def _band(x: _Floats, low: _Floats, high: _Floats, seen: npt.NDArray[np.bool_]) -> str:
    places = np.rint(np.stack((x, high, low))[:, seen]).astype(int).T.tolist()
    there = "L".join(f"{at} {top}" for at, top, _ in places)
    back = "L".join(f"{at} {bottom}" for at, _, bottom in reversed(places))
    return f"M{there}L{back}Z"
