"""How often a run is sent, with time and traffic that the test makes."""

import pytest

from runhooks.recorder.pace import Pace
from runhooks.storage import Traffic


def hour(requests: int, sent: int) -> tuple[Traffic, list[float]]:
    """Send so much each time for an hour; return what came together, and the pauses."""
    now, traffic, pace, pauses = 0.0, Traffic(), Pace(0.0), []
    while now < 3600:
        traffic.requests += requests
        traffic.sent += sent
        pauses.append(pace.pause(now, traffic))
        now += pauses[-1]
    return traffic, pauses


def test_the_first_seconds_are_sent_soon_and_the_rest_every_ten() -> None:
    _, pauses = hour(5, 10_000)
    assert pauses[0] == 1.5
    assert pauses[:6] == sorted(pauses[:6])
    assert set(pauses[6:]) == {10.0}


@pytest.mark.parametrize("files", [1, 7, 30, 60])
def test_requests_are_bounded_however_many_files_change(files: int) -> None:
    traffic, pauses = hour(files, 1000)
    assert traffic.requests <= 3600 + 60 + files
    assert max(pauses) <= 60


@pytest.mark.parametrize("size", [10**5, 2**20, 8 * 2**20, 15 * 2**20])
def test_bytes_are_bounded_however_large_the_files_are(size: int) -> None:
    traffic, _ = hour(5, size)
    assert traffic.sent <= 3600 * 2**18 + 8 * 2**20 + size


def test_a_heartbeat_is_sent_in_time_whatever_else_is_sent() -> None:
    """Readers call a run crashed after 150 s, and a heartbeat is up to 30 s old when it is sent."""
    _, pauses = hour(1000, 10**9)
    assert set(pauses) == {60.0}
