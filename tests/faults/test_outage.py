"""A training that goes on while its bucket is silent, dead or fails now and then: as users start it."""

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from runhooks.storage import open_store
from tests.faults.check import whole
from tests.faults.ledger import LONG, Ledger
from tests.faults.training import Training
from tests.programs import wait_until
from tests.servers.faulty import FaultyProxy, faulty_proxy
from tests.servers.s3 import S3Server

pytestmark = [pytest.mark.faults, pytest.mark.slow]

MINUTE_S = 60 if LONG else 4
SOAK_S = 3600 if LONG else 4
KINDS = ("reset", "lost", "silence", "cut", "500", "503", "429", "409", "SlowDown", "delay:1")


@pytest.fixture
def weather(moto: S3Server) -> Iterator[FaultyProxy]:
    """A proxy of the test's own: a program that outlives its test must not meet the faults of the next."""
    with faulty_proxy(moto.endpoint) as proxy:
        yield proxy


def through(proxy: FaultyProxy, moto: S3Server, read_timeout: float) -> dict[str, Any]:
    timeouts = {"connect_timeout": 5, "read_timeout": read_timeout}
    return {**moto.storage_options, "endpoint_url": proxy.endpoint, "config_kwargs": timeouts}


def has_sent(proxy: FaultyProxy) -> bool:
    return any("/history/" in path or "/journal/" in path for _, path in proxy.requests)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(fault, marks=pytest.mark.case("Network", name))
        for fault, name in {
            "silence": "a store that is silent for a minute in a loop of 100 steps/s",
            "reset": "a server that is dead for a minute in a loop of 100 steps/s",
        }.items()
    ],
)
def test_an_outage_costs_the_training_nothing(
    moto: S3Server, weather: FaultyProxy, ledger: Ledger, tmp_path: Path, fault: str
) -> None:
    """Two programs side by side, of which one has the outage: whatever else the machine does, both have."""
    healthy, stores = moto.storage_options, [f"s3://{moto.new_bucket()}/runs" for _ in range(2)]
    stormy = through(weather, moto, 15 if LONG else 2)
    with (
        ledger.attempt(fault),
        Training(tmp_path / "healthy", stores[0], healthy) as beside,
        Training(tmp_path / "training", stores[1], stormy) as training,
    ):
        wait_until(lambda: has_sent(weather), 90)
        time.sleep(MINUTE_S / 4)
        began, weather.plan = time.time(), lambda *_: fault
        time.sleep(MINUTE_S)
        ended, weather.plan = time.time(), lambda *_: ""
        time.sleep(MINUTE_S / 4)
        (beside.folder / "stop").touch()  # both end at once
        found, other = training.stop(), beside.stop()
        for program, measured, store in ((training, found, stores[1]), (beside, other, stores[0])):
            program.settle()
            whole(open_store(store, moto.storage_options), measured.rows)
        grown, usual = found.growth(began, ended), other.growth(began, ended)
        ledger.figure = (
            f"{found.rows:,} rows, 0 lost; outage {ended - began:.0f} s; in it p99.9 of log() "
            f"{found.p999(began, ended) * 1e6:.0f} us, of the same loop beside it with a healthy store "
            f"{other.p999(began, ended) * 1e6:.0f} us; memory grew by {grown[0]:,} KiB in the trainer, "
            f"{grown[1]:,} KiB in the recorder (beside it {usual[0]:,} and {usual[1]:,} KiB)"
        )


@pytest.mark.case("Load", "an hour's soak at 5 % random faults of ten kinds, 20 rows/s")
@pytest.mark.timeout(SOAK_S + 600)
def test_faults_now_and_then_for_an_hour_cost_nothing(
    moto: S3Server, weather: FaultyProxy, ledger: Ledger, tmp_path: Path
) -> None:
    store, met = f"s3://{moto.new_bucket()}/runs", Counter[str]()
    weather.plan = _now_and_then(ledger.random, met)
    with (
        ledger.attempt(),
        Training(tmp_path / "training", store, through(weather, moto, 5), every=0.05, most=100_000) as soaked,
    ):
        wait_until(lambda: has_sent(weather), 90)
        began = time.time()
        time.sleep(SOAK_S)
        found = soaked.stop()
        weather.plan = lambda *_: ""
        soaked.settle()
        whole(open_store(store, moto.storage_options), found.rows)
        # What a process needs anew in its first minutes it does not need again.
        grown = found.growth(began + SOAK_S / 6, began + SOAK_S)
        ledger.figure = (
            f"{SOAK_S:,} s; {found.rows:,} rows, 0 lost; {met.total()} of {len(weather.requests):,} requests "
            f"broken; longest log() {max(found.took) * 1e3:.1f} ms; after its first sixth memory grew by "
            f"{grown[0]:,} KiB in the trainer, {grown[1]:,} KiB in the recorder"
        )


def _now_and_then(random: Random, met: Counter[str]) -> Any:
    def plan(*_: object) -> str:
        if random.random() >= 0.05:
            return ""
        kind = random.choice(KINDS)
        met[kind] += 1
        return kind

    return plan
