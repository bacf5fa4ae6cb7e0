"""Counters that only grow, read as amounts a second."""

__all__ = ["Rates"]


class Rates:
    """Remembers counters from one reading to the next."""

    def __init__(self) -> None:
        self._before: dict[str, tuple[float, float]] = {}

    def per_second(self, counters: dict[str, float], now: float) -> dict[str, float]:
        """Return how fast each counter grew since the last call.

        A counter that is new, or that went back (a device came back, a process of several ended), has no
        rate this time: absent, and not zero.

        Parameters
        ----------
        counters : dict
            Name to count.
        now : float
            Seconds of a clock that only goes forward.
        """
        found = {}
        for name, count in counters.items():
            before, then = self._before.get(name, (count, now))
            if now > then and count >= before:
                found[name] = (count - before) / (now - then)
        self._before = {name: (count, now) for name, count in counters.items()}
        return found
