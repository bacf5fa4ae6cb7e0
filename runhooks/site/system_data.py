"""What the System tab's data files hold. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import orjson

from .data import Chart, charts_payload, revision_of, script, shown
from .metrics import GROUP_SIZE
from .series import OVERVIEW_LIMIT, Buckets, SeriesSet

__all__ = ["system_files"]

_ORDER: Final = ("gpu", "process", "machine", "container", "disk", "network")
_FIRST: Final = ("cpu_percent", "utilization_percent")


def system_files(
    run: str, system: Mapping[str, SeriesSet], *, details: bool
) -> tuple[dict[str, bytes], str | None]:
    """Return the System tab's files, and the revision of all of them; nothing where nothing was sampled.

    Parameters
    ----------
    run : str
        The run's id.
    system : mapping
        Node to its metrics' series.
    details : bool
        Whether the charts zoom to more than the overview.
    """
    found = list(_listed(system))
    if not found:
        return {}, None
    charts = [_chart(index, key, buckets, details=details) for index, (_, key, buckets) in enumerate(found)]
    starts = range(0, len(charts), GROUP_SIZE)
    payloads = [charts_payload(run, at // GROUP_SIZE, charts[at : at + GROUP_SIZE]) for at in starts]
    files = {f"data/system-{payload['group']}.js": script("charts", payload) for payload in payloads}
    for chart, (_, key, buckets) in zip(charts, found, strict=True):
        if chart.detail:
            fine = Chart(key, chart.index, chart.count, buckets, detail=False)
            payload = charts_payload(run, chart.index // GROUP_SIZE, [fine])
            files[f"data/system-detail-{chart.index}.js"] = script("detail", payload)
    rows = [_row(host, chart, points) for (host, _, points), chart in zip(found, charts, strict=True)]
    revision = revision_of(orjson.dumps(rows), *(p["revision"].encode() for p in payloads))
    files["data/system.js"] = script("system", {"run": run, "revision": revision, "metrics": rows})
    return files, revision


def _listed(system: Mapping[str, SeriesSet]) -> Iterator[tuple[str, str, Buckets]]:
    """Yield node, metric and points in page order: by section, name and node."""
    keys: dict[str, None] = {}
    for host in sorted(system):
        keys |= dict.fromkeys(system[host])
    for key in sorted(keys, key=_place):
        for host in sorted(system):
            if key in system[host] and len(buckets := system[host][key]):
                yield host, key, buckets


def _place(key: str) -> tuple[int, str, bool, str]:
    prefix, _, name = key.partition("/")
    kind = prefix.rstrip("0123456789")
    number = prefix[len(kind) :]
    place = _ORDER.index(kind) if kind in _ORDER else len(_ORDER)
    return place, f"{kind}{number:>6}", name not in _FIRST, name


def _chart(index: int, key: str, buckets: Buckets, *, details: bool) -> Chart:
    overview = buckets.coarsened(OVERVIEW_LIMIT)
    fine = details and overview.width > buckets.width
    return Chart(key, index, int(buckets.count.sum()), overview, detail=fine)


def _row(host: str, chart: Chart, buckets: Buckets) -> dict[str, Any]:
    row = {
        "key": chart.key,
        "host": host,
        "group": chart.index // GROUP_SIZE,
        "index": chart.index,
        "last": float(buckets.mean[-1]),
        "min": float(np.min(buckets.min)),
        "max": float(np.max(buckets.max)),
    }
    converted: dict[str, Any] = shown(row)
    return converted
