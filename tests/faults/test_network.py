"""The network between a run and its bucket, broken in every way: in front of a real S3 server."""

import itertools
import queue
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from typing import Final

import pytest

from runhooks.storage import Retry, Store, open_store
from tests.faults.check import alike, whole
from tests.faults.ledger import LONG, Ledger
from tests.faults.rehearsal import FOLDER, ROWS, play, sync
from tests.servers.faulty import FaultyProxy, faulty_proxy
from tests.servers.s3 import S3Server

pytestmark = [pytest.mark.faults, pytest.mark.slow]

Plan = Callable[[int, str, str], str]

KINDS: Final = ("reset", "lost", "silence", "cut", "500", "503", "429", "409", "403")
AT_ONCE: Final = 3


class Theatre:
    """Runs that are played before one S3 server, some at once, each in a folder of its own."""

    def __init__(self, moto: S3Server, folder: Path) -> None:
        self._moto, self._folder = moto, folder
        self._bucket = moto.new_bucket()
        self._numbers = itertools.count()
        self._proxies: queue.SimpleQueue[FaultyProxy] = queue.SimpleQueue()

    @contextmanager
    def opened(self, many: int = AT_ONCE) -> Iterator["Theatre"]:
        """Have so many proxies: a run that is played has one for itself."""
        with ExitStack() as proxies:
            for _ in range(many):
                self._proxies.put(proxies.enter_context(faulty_proxy(self._moto.endpoint)))
            yield self

    def play(self, plan: Plan, *, must_arrive: bool = True, read_timeout: float = 1) -> tuple[Store, int]:
        """Play a run while requests fail by `plan`; what did not arrive is sent by a sync without faults.

        Returns its store, seen without faults, and how many requests it took.
        """
        name, proxy = str(next(self._numbers)), self._proxies.get()
        root, url = self._folder / name, f"s3://{self._bucket}/{name}"
        brief = {"connect_timeout": 2, "read_timeout": read_timeout}
        options = {**self._moto.storage_options, "endpoint_url": proxy.endpoint, "config_kwargs": brief}
        try:
            proxy.fail()
            proxy.plan = plan
            answer = play(root, url, options)
            requests = len(proxy.requests)
            proxy.fail()
            kept = (root / FOLDER).exists()
            assert kept == bool(answer["error"]), answer["error"]
            assert not (kept and must_arrive), answer["error"]
            if kept:
                assert sync(root, url, options)["error"] is None
            assert not (root / FOLDER).exists()
        finally:
            self._proxies.put(proxy)
        return open_store(url, self._moto.storage_options), requests


@pytest.fixture(scope="module")
def theatre(moto: S3Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    """Pauses between tries are short here; how long they are has its own test."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("_LAST", "_USUAL"):
            short = Retry(deadline=30, first=0.01, longest=0.05)
            patch.setattr(f"runhooks.recorder.sending.{name}", short)
        with Theatre(moto, tmp_path_factory.mktemp("theatre")).opened() as theatre:
            yield theatre


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

    def fail(chosen: tuple[int, str]) -> None:
        k, kind = chosen
        # A refusal is taken at its word: the run is kept, said so, and sent later.
        stormy, _ = theatre.play(at(k, kind), must_arrive=kind != "403")
        whole(stormy, ROWS)
        alike(reference, stormy)

    ledger.each(tries if LONG else ledger.random.sample(tries, 12), fail, AT_ONCE)
    ledger.figure = (
        f"{requests} requests a run, {len(KINDS)} kinds of fault; every record equal to the calm one"
    )


def often(kind: str, share: float = 0.3) -> Callable[[Random], Plan]:
    return lambda random: lambda *_: kind if random.random() < share else ""


WEATHERS: dict[str, Callable[[Random], Plan]] = {
    "30 % of connections are reset": often("reset"),
    "30 % of requests are answered 500": often("500"),
    "30 % of requests are answered 503": often("503"),
    "30 % of requests are answered 429": often("429"),
    "30 % of requests meet a conflict, 409": often("409"),
    "30 % of bodies are cut": often("cut"),
    "the answer to every third PUT is lost": lambda _: _lost_puts(),
    "every listing is answered SlowDown twice": lambda _: _slow_listings(),
    "requests are refused with 403 for a while, then served": lambda _: _refused(4),
}


def _lost_puts() -> Plan:
    puts = itertools.count()
    return lambda _number, method, _path: "lost" if method == "PUT" and next(puts) % 3 == 0 else ""


def _slow_listings() -> Plan:
    listings = itertools.count()
    return lambda _n, _m, path: "SlowDown" if "list-type=2" in path and next(listings) % 3 < 2 else ""


def _refused(first: int) -> Plan:
    return lambda number, _method, _path: "403" if number < first else ""


@pytest.mark.parametrize(
    "weather", [pytest.param(name, marks=pytest.mark.case("Network", name)) for name in WEATHERS]
)
def test_in_bad_weather_a_run_arrives_whole(
    theatre: Theatre, calm: tuple[Store, int], ledger: Ledger, weather: str
) -> None:
    most = []

    def storm(n: int) -> None:
        stormy, requests = theatre.play(WEATHERS[weather](Random(f"{ledger.seed}-{weather}-{n}")))
        whole(stormy, ROWS)
        alike(calm[0], stormy)
        most.append(requests)

    ledger.each(ledger.tries(1), storm, AT_ONCE)
    ledger.figure = f"all arrived; at most {max(most, default=0)} requests a run"


@pytest.mark.case("Network", "latency of 2 s for each request (in short: 0.1 s)")
def test_a_slow_store_gets_it_all(
    moto: S3Server, calm: tuple[Store, int], ledger: Ledger, tmp_path: Path
) -> None:
    """Nearly all of it is waiting, so that many wait at once."""
    most = []

    def crawl(_: int) -> None:
        stormy, requests = slow.play(lambda *_: f"delay:{2 if LONG else 0.1}", read_timeout=15)
        whole(stormy, ROWS)
        alike(calm[0], stormy)
        most.append(requests)

    with Theatre(moto, tmp_path).opened(50 if LONG else 1) as slow:
        ledger.each(ledger.tries(1), crawl, 50)
    ledger.figure = f"all arrived; at most {max(most, default=0)} requests a run"


REFUSALS = ("403", "ExpiredToken", "InvalidAccessKeyId", "SignatureDoesNotMatch", "RequestTimeTooSkewed")


@pytest.mark.case(
    "Network", f"refused until the end, then served: {', '.join(REFUSALS)} (expired or wrong credentials)"
)
def test_credentials_that_are_refused_for_a_while_cost_nothing(
    theatre: Theatre, calm: tuple[Store, int], ledger: Ledger
) -> None:
    most = []

    def refuse(n: int) -> None:
        kind = REFUSALS[n % len(REFUSALS)]
        stormy, requests = theatre.play(lambda *_: kind, must_arrive=False)
        whole(stormy, ROWS)
        alike(calm[0], stormy)
        most.append(requests)

    ledger.each(ledger.tries(len(REFUSALS)), refuse, AT_ONCE)
    ledger.figure = f"kept, then sent by sync; {max(most, default=0)} requests while refused"
