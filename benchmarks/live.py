"""A run watched live from a bucket: how long from log() to the page, and how many bytes a look takes.

`python -m benchmarks live` watches for ten minutes; RUNHOOKS_LIVE_S says otherwise.
"""

import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from benchmarks.figures import Figure
from benchmarks.pages import ARGUMENTS

TRAIN = """
import os, time, runhooks
began, last = time.time(), float(os.environ["SECONDS"])
options = {"endpoint_url": os.environ["ENDPOINT"], "key": os.environ["KEY"], "secret": os.environ["SECRET"]}
store = os.environ["STORE"]
with runhooks.init(project="live", id="watched", store=store, storage_options=options) as run:
    while time.time() < began + last:
        run.log({"sent": time.time() - began, **{f"train/m{n}": time.time() % (n + 2) for n in range(10)}})
        time.sleep(1)
"""


def live(work: Path) -> Iterator[Figure]:
    """Watch a run that logs once a second into Ceph's S3."""
    from playwright.sync_api import sync_playwright

    from tests.servers.s3 import ceph_server

    seconds = float(os.environ.get("RUNHOOKS_LIVE_S", "600"))
    (work / "ceph").mkdir()
    with ceph_server(work / "ceph") as server, sync_playwright() as playwright:
        bucket = server.new_bucket()
        server.raw.put_bucket_policy(Bucket=bucket, Policy=json.dumps(readable(bucket)))
        given = {"ENDPOINT": server.endpoint, "KEY": server.key, "SECRET": server.secret}
        given |= {
            "STORE": f"s3://{bucket}/runs",
            "SECONDS": str(seconds),
            "RUNHOOKS_SPOOL": str(work / "spool"),
        }
        began = time.time()
        training = subprocess.Popen([sys.executable, "-c", TRAIN], env={**os.environ, **given})
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        address = f"{server.endpoint}/{bucket}/runs/default/live/runs/watched/index.html"
        while (answer := page.goto(address)) is None or answer.status != 200:
            page.wait_for_timeout(500)
        asked = traffic(page)
        lags = watched(page, began, seconds)
        browser.close()
        training.wait()
    yield Figure("live from S3: log() to the page, median", median(lags), "s")
    yield Figure("the same: 95th percentile", quantiles(lags, n=20)[-1], "s")
    for name, sizes in sorted(asked.items()):
        yield Figure(f"a fetch of {name} ({len(sizes)} times), median", median(sizes), "B")
    yield Figure("bytes a minute, all together", sum(map(sum, asked.values())) / seconds * 60, "B")


def readable(bucket: str) -> dict[str, Any]:
    """Return a policy by which anybody may read the objects of a bucket."""
    allow = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
    return {"Version": "2012-10-17", "Statement": [{**allow, "Resource": f"arn:aws:s3:::{bucket}/*"}]}


def traffic(page: Any) -> dict[str, list[int]]:
    """Return what will have been loaded, by the files' names: bytes with heads."""
    sizes: dict[str, list[int]] = defaultdict(list)
    names: dict[str, str] = {}
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")

    def finished(event: dict[str, Any]) -> None:
        name = names.pop(event["requestId"], "?").partition("?")[0].rpartition("/")[2]
        sizes[name].append(int(event["encodedDataLength"]))

    network.on("Network.requestWillBeSent", lambda e: names.update({e["requestId"]: e["request"]["url"]}))
    network.on("Network.loadingFinished", finished)
    return sizes


def watched(page: Any, began: float, seconds: float) -> list[float]:
    """Return, for each new point that the chart draws, how long ago it was logged."""
    lags: list[float] = []
    last = 0.0
    while time.time() < began + seconds:
        page.wait_for_timeout(200)
        drawn = page.evaluate("() => window.runhooks?.series?.('sent')?.value?.at(-1) ?? 0")
        if drawn > last:
            lags.append(time.time() - began - drawn)
            last = drawn
    return lags
