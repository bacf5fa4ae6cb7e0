from collections.abc import Callable, Iterator
from itertools import count

import pytest

from runhooks.errors import ObjectNotFoundError, StoreError, StorePermissionError, StoreUnreachableError
from runhooks.storage import Retry, RetryStore, Store, open_store
from runhooks.testing import FailingStore, Failure, StoreContract

Plan = Callable[[int, str, str], Failure | None]


class Time:
    """A clock that only pauses move."""

    def __init__(self) -> None:
        self.gone = 0.0
        self.pauses: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.gone += seconds

    def clock(self) -> float:
        return self.gone


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def behind(request: pytest.FixtureRequest) -> Iterator[Store]:
    store = open_store(f"memory://{request.node.name}", retry=None)
    yield store
    for entry in [*store.list()]:
        store.delete(entry.path)


def retrying(behind: Store, time: Time, plan: Plan, deadline: float = 30.0) -> RetryStore:
    return RetryStore(
        FailingStore(behind, plan), Retry(deadline=deadline), sleep=time.sleep, clock=time.clock
    )


def first(n: int, failure: Failure) -> Plan:
    return lambda number, _method, _path: failure if number < n else None


class TestRetryStore(StoreContract):
    """Two of five calls to the store behind fail: before their work is done, and after it."""

    @pytest.fixture
    def store(self, behind: Store, time: Time) -> Store:
        self.behind = behind
        turn = count()

        def plan(_number: int, _method: str, _path: str) -> Failure | None:
            return (Failure(), None, None, Failure(done=True), None)[next(turn) % 5]

        return retrying(behind, time, plan)

    def raw_read(self, store: Store, path: str) -> bytes | None:
        try:
            return self.behind.read(path)
        except ObjectNotFoundError:
            return None

    def raw_write(self, store: Store, path: str, data: bytes) -> None:
        self.behind.write(path, data)

    @pytest.mark.skip(reason="with a lost answer the bytes decide: see test_after_a_lost_answer_…")
    def test_an_object_is_created_once(self, store: Store) -> None: ...


def test_a_store_that_answers_again_is_used(behind: Store, time: Time) -> None:
    behind.write("a", b"x")
    assert retrying(behind, time, first(4, Failure())).read("a") == b"x"
    assert len(time.pauses) == 4


def test_a_store_that_stays_silent_is_given_up_before_the_deadline(behind: Store, time: Time) -> None:
    store = retrying(behind, time, lambda *_: Failure(), deadline=20)
    with pytest.raises(StoreUnreachableError):
        store.read("a")
    assert time.gone < 20
    assert len(time.pauses) > 3


@pytest.mark.parametrize("error", [StorePermissionError, ObjectNotFoundError, StoreError, KeyError])
def test_what_will_not_get_better_is_not_tried_again(
    behind: Store, time: Time, error: type[Exception]
) -> None:
    store = retrying(behind, time, first(1, Failure(error)))
    with pytest.raises(error):
        store.read("a")
    assert time.pauses == []


def test_pauses_are_random_and_grow_to_a_bound() -> None:
    retry = Retry(first=0.2, longest=5)
    for tries, bound in ((0, 0.2), (1, 0.4), (3, 1.6), (5, 5), (1000, 5)):
        pauses = [retry.pause(tries) for _ in range(300)]
        assert 0 <= min(pauses) < bound * 0.1
        assert bound * 0.9 < max(pauses) <= bound


def test_after_a_lost_answer_a_created_object_is_the_creators(behind: Store, time: Time) -> None:
    assert retrying(behind, time, first(1, Failure(done=True))).create("a", b"writer 1") is True
    assert behind.read("a") == b"writer 1"


def test_after_a_lost_answer_an_object_of_another_is_not(behind: Store, time: Time) -> None:
    behind.write("a", b"writer 2")
    assert retrying(behind, time, first(1, Failure(done=True))).create("a", b"writer 1") is False


def test_without_a_lost_answer_equal_bytes_are_anothers(behind: Store, time: Time) -> None:
    behind.write("a", b"the same")
    assert retrying(behind, time, first(0, Failure())).create("a", b"the same") is False


def test_an_object_deleted_before_the_look_back_was_anothers(behind: Store, time: Time) -> None:
    behind.write("a", b"other")

    def plan(number: int, method: str, _path: str) -> Failure | None:
        if method == "read":
            behind.delete("a")
        return Failure() if number == 0 else None

    assert retrying(behind, time, plan).create("a", b"mine") is False


@pytest.mark.parametrize("kind", [Failure(), Failure(done=True)], ids=["refused", "answer lost"])
@pytest.mark.parametrize("k", range(8))
def test_whichever_call_fails_the_result_is_the_same(
    behind: Store, time: Time, k: int, kind: Failure
) -> None:
    store = retrying(behind, time, lambda number, *_: kind if number == k else None)
    store.write("a", b"1")
    assert store.create("b", b"2") is True
    assert store.create("b", b"3") is False
    assert sorted(entry.path for entry in store.list()) == ["a", "b"]
    store.delete("a")
    store.write("c", b"4")
    assert store.read("b") == b"2"
    assert sorted(entry.path for entry in store.list()) == ["b", "c"]
