"""When a run is sent to its store next: soon at first, then every ten seconds, later where much is sent."""

from ..storage import Traffic

__all__ = ["Pace"]

_FIRST_S, _USUAL_S, _MOST_S = 1.0, 10.0, 60.0
"""The longest leaves room for a heartbeat of 30 s before readers call a run crashed."""

_REQUESTS, _REQUESTS_A_S = 60.0, 1.0
_BYTES, _BYTES_A_S = 8.0 * 2**20, 2.0**18


class Pace:
    """Keeps what a run sends within bounds: two buckets that are filled at a rate, for requests and bytes.

    A run sends at most 60 requests and 8 MiB at once, and 1 request and 256 KiB a second over time. Beyond
    what 60 s of that allow, it is sent once a minute, however much it is.

    Parameters
    ----------
    now : float
        The time in seconds by a clock that only goes forward.
    """

    def __init__(self, now: float) -> None:
        self._every = _FIRST_S
        self._at = now
        self._seen = Traffic()
        self._requests, self._bytes = _REQUESTS, _BYTES

    def pause(self, now: float, traffic: Traffic) -> float:
        """Return the seconds to wait, after something was sent and `traffic` counted it."""
        gone, self._at = now - self._at, now
        requests, sent = traffic.requests - self._seen.requests, traffic.sent - self._seen.sent
        self._seen = Traffic(requests=traffic.requests, sent=traffic.sent)
        self._requests = min(_REQUESTS, self._requests + gone * _REQUESTS_A_S) - requests
        self._bytes = min(_BYTES, self._bytes + gone * _BYTES_A_S) - sent
        self._every = min(_USUAL_S, self._every * 1.5)
        owed = max(-self._requests / _REQUESTS_A_S, -self._bytes / _BYTES_A_S)
        return min(_MOST_S, max(self._every, owed))
