"""How fast a training goes, and when it will have ended."""

from math import inf
from time import monotonic

__all__ = ["Pace"]


class Pace:
    """The speed from one lap to the next, pauses left out, and the time left, pauses counted in.

    Parameters
    ----------
    done : int
        Steps that were done before this training.
    total : float
        Steps that will have been done in the end, as far as that is known; else infinite.
    """

    def __init__(self, done: int = 0, total: float = inf) -> None:
        self.done, self.total = done, total
        self._first, self._began = done, monotonic()
        self._since = self._paused_at = self._began
        self._counts: dict[str, int] = {}

    def count(self, **counts: int) -> None:
        """Add to the counts of this lap, such as ``samples`` and ``tokens``."""
        for name, number in counts.items():
            self._counts[name] = self._counts.get(name, 0) + number

    def pause(self, at: float | None = None) -> None:
        """Begin to leave out time, now or `at` an earlier time by the monotonic clock, in seconds."""
        self._paused_at = monotonic() if at is None else at

    def go_on(self) -> None:
        """End a pause."""
        self.leave_out(monotonic() - self._paused_at)

    def leave_out(self, seconds: float) -> None:
        """Leave out time of this lap."""
        self._since += seconds

    def lap(self, done: int, at: float | None = None) -> dict[str, float]:
        """Return the speed since the lap before, by metric, now that `done` steps are done.

        Parameters
        ----------
        done : int
            In all.
        at : float, optional
            When the last of them was done, by the monotonic clock, in seconds; by default now.
        """
        now = monotonic() if at is None else at
        seconds, steps, counts = now - self._since, done - self.done, self._counts
        self.done, self._since, self._counts = done, now, {}
        if seconds <= 0 or steps <= 0:
            return {}
        speed = {"train/steps_per_second": steps / seconds}
        speed |= {f"train/{name}_per_second": number / seconds for name, number in counts.items() if number}
        if done <= self.total < inf:
            speed["train/eta_seconds"] = (now - self._began) / (done - self._first) * (self.total - done)
        return speed

    def since_lap(self, at: float | None = None) -> float:
        """Return the seconds from the lap before to `at`, by default now, pauses left out."""
        return (monotonic() if at is None else at) - self._since
