"""The network between a run and its bucket, broken in every way: in front of a real S3 server."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from runhooks.storage import Retry, Store, open_store
from tests.faults.check import alike, whole
from tests.faults.ledger import LONG, Ledger
from tests.faults.rehearsal import FOLDER, ROWS, play, sync
from tests.servers.faulty import FaultyProxy
from tests.servers.s3 import S3Server

pytestmark = [pytest.mark.faults, pytest.mark.slow]

Plan = Callable[[int, str, str], str]

KINDS: Final = ("reset", "lost", "silence", "cut", "500", "503", "429", "409", "403")
BRIEF = {"connect_timeout": 2, "read_timeout": 1}


class Theatre:
    """Runs that are played before one S3 server, each in a folder of its own."""

    def __init__(self, moto: S3Server, proxy: FaultyProxy, folder: Path) -> None:
        self.proxy, self._moto, self._folder = proxy, moto, folder
        self._bucket = moto.new_bucket()
        self._options = {**moto.storage_options, "endpoint_url": proxy.endpoint, "config_kwargs": BRIEF}
        self._played = 0

    def play(self, plan: Plan, *, must_arrive: bool = True) -> tuple[Store, int]:
        """Play a run while requests fail by `plan`; what did not arrive is sent by a sync without faults.

        Returns its store, seen without faults, and how many requests it took.
        """
        self._played += 1
        root, url = self._folder / str(self._played), f"s3://{self._bucket}/{self._played}"
        self.proxy.fail()
        self.proxy.plan = plan
        answer = play(root, url, self._options)
        requests = len(self.proxy.requests)
        self.proxy.fail()
        kept = (root / FOLDER).exists()
        assert kept == bool(answer["error"]), answer["error"]
        assert not (kept and must_arrive), answer["error"]
        if kept:
            assert sync(root, url, self._options)["error"] is None
        assert not (root / FOLDER).exists()
        return open_store(url, self._moto.storage_options), requests


@pytest.fixture(scope="module")
def theatre(
    moto: S3Server, proxy: FaultyProxy, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Theatre]:
    """Pauses between tries are short here; how long they are has its own test."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("_LAST", "_USUAL"):
            short = Retry(deadline=30, first=0.01, longest=0.05)
            patch.setattr(f"runhooks.recorder.sending.{name}", short)
        yield Theatre(moto, proxy, tmp_path_factory.mktemp("theatre"))


@pytest.fixture(scope="module")
def calm(theatre: Theatre) -> tuple[Store, int]:
    """A run without faults, and how many requests it took."""
    store, requests = theatre.play(lambda *_: "")
    whole(store, ROWS)
    return store, requests


def at(k: int, kind: str) -> Plan:
    """Break request k, and the one after it: the transport repeats one whose connection broke by itself."""
    twice = kind in {"reset", "lost"}
    return lambda number, _method, _path: kind if number in ((k, k + 1) if twice else (k,)) else ""


@pytest.mark.case(
    "Network",
    "request k fails: every k of a run, by reset, lost answer, silence, cut body, 500, 503, 429, 409 or 403",
)
def test_whichever_request_fails_the_record_is_the_same(
    theatre: Theatre, calm: tuple[Store, int], ledger: Ledger
) -> None:
    reference, requests = calm
    tries = [(k, kind) for kind in KINDS for k in range(requests)]
    if not LONG:
        tries = ledger.random.sample(tries, 12)
    for k, kind in tries:
        with ledger.attempt((k, kind)):
            # A refusal is taken at its word: the run is kept, said so, and sent later.
            stormy, _ = theatre.play(at(k, kind), must_arrive=kind != "403")
            whole(stormy, ROWS)
            alike(reference, stormy)
    ledger.figure = (
        f"{requests} requests a run, {len(KINDS)} kinds of fault; every record equal to the calm one"
    )


def often(random: Any, kind: str, share: float) -> Plan:
    return lambda *_: kind if random.random() < share else ""


WEATHERS: dict[str, Callable[[Any], Plan]] = {
    "30 % of connections are reset": lambda random: often(random, "reset", 0.3),
    "30 % of requests are answered 500": lambda random: often(random, "500", 0.3),
    "30 % of requests are answered 503": lambda random: often(random, "503", 0.3),
    "30 % of requests are answered 429": lambda random: often(random, "429", 0.3),
    "the answer to every third PUT is lost": lambda _: _every_third_put(),
    "30 % of requests meet a conflict, 409": lambda random: often(random, "409", 0.3),
    "30 % of bodies are cut": lambda random: often(random, "cut", 0.3),
    "every listing is answered SlowDown twice": lambda _: _slow_listings(),
    "latency of 0.2 s": lambda _: lambda *_: "delay:0.2",
}


def _every_third_put() -> Plan:
    puts = iter(range(10**9))
    return lambda _number, method, _path: "lost" if method == "PUT" and next(puts) % 3 == 0 else ""


def _slow_listings() -> Plan:
    listings = iter(range(10**9))
    return lambda _number, _method, path: "503" if "list-type=2" in path and next(listings) % 3 < 2 else ""


@pytest.mark.parametrize(
    "weather", [pytest.param(name, marks=pytest.mark.case("Network", name)) for name in WEATHERS]
)
def test_in_bad_weather_a_run_arrives_whole(
    theatre: Theatre, calm: tuple[Store, int], ledger: Ledger, weather: str
) -> None:
    random, most = ledger.random, 0
    for n in ledger.tries(1):
        with ledger.attempt(n):
            stormy, requests = theatre.play(WEATHERS[weather](random))
            whole(stormy, ROWS)
            alike(calm[0], stormy)
            most = max(most, requests)
    ledger.figure = f"all arrived; at most {most} requests a run"


@pytest.mark.case("Network", "refused with 403 until the end, then fine")
def test_credentials_that_are_refused_for_a_while_cost_nothing(
    theatre: Theatre, calm: tuple[Store, int], ledger: Ledger
) -> None:
    for n in ledger.tries(1):
        with ledger.attempt(n):
            stormy, requests = theatre.play(lambda *_: "403", must_arrive=False)
            whole(stormy, ROWS)
            alike(calm[0], stormy)
    ledger.figure = f"kept, then sent by sync; {requests} requests while refused"
