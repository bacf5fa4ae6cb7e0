"""What a run is, as readers see it: plain data, with no I/O.

:class:`RunView` is the stored run document in memory. :mod:`runhooks.record.replay` changes it
event by event; pages, Api and command line read it.
"""

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal

__all__ = ["STALE_AFTER_S", "Cut", "Heartbeat", "MetricStats", "RunView", "Session", "State"]

State = Literal["running", "finished", "failed", "killed", "crashed"]

STALE_AFTER_S = 150
"""A running run whose last heartbeat is older than this is shown as crashed (seconds)."""


@dataclass(slots=True, repr=False)
class Heartbeat:
    """The recorder's sign of life.

    Attributes
    ----------
    at : int
        When, in microseconds since the epoch, by the store's clock.
    seq : int
        Its number.
    ahead : int
        How far that clock is ahead of the recorder's, which dates everything else (microseconds).
    """

    at: int
    seq: int
    ahead: int = 0

    @property
    def own(self) -> int:
        """When, by the recorder's clock."""
        return self.at - self.ahead


@dataclass(slots=True, repr=False)
class Session:
    """One process's share of a run; a resumed run has several."""

    writer: str
    started_at: int
    ended_at: int | None = None
    primary: bool = True


@dataclass(slots=True, repr=False)
class Cut:
    """Up to where a writer's events count, since a later session began.

    Attributes
    ----------
    writer : str
    step : int or None
        Rows of later steps do not count: the run was rewound to this one.
    time : int or None
        Events of a later time do not count: another process goes on with the run since then.
    """

    writer: str
    step: int | None = None
    time: int | None = None


@dataclass(slots=True, repr=False)
class MetricStats:
    """What is known of a metric without reading its history.

    Attributes
    ----------
    count : int
        Values logged.
    first, last : Any
        The value first and last logged: a number, bool, string or None.
    last_step, last_time : int
        Its step, and its time in microseconds since the epoch.
    min, max : float or None
        Over the finite numbers; None when there were none.
    total : float
        Sum of the finite numbers.
    nonfinite : int
        NaNs and infinities logged.
    numeric : int
        Values that are numbers and so have a place in a chart.
    """

    count: int = 0
    first: Any = None
    last: Any = None
    last_step: int = 0
    last_time: int = 0
    min: float | None = None
    max: float | None = None
    total: float = 0.0
    nonfinite: int = 0
    numeric: int = 0


@dataclass(slots=True, repr=False)
class RunView:
    """A run as readers see it. Times are microseconds since the epoch (int)."""

    id: str
    entity: str
    project: str
    name: str
    created_at: int
    state: State = "running"
    reason: str | None = None
    ended_at: int | None = None
    heartbeat: Heartbeat | None = None
    config: dict[str, Any] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, MetricStats] = field(default_factory=dict)
    definitions: dict[str, dict[str, Any]] = field(default_factory=dict)
    sessions: list[Session] = field(default_factory=list)
    environment: dict[str, Any] = field(default_factory=dict)
    exit: dict[str, Any] | None = None
    alerts: list[dict[str, Any]] = field(default_factory=list)
    artifacts: list[dict[str, Any]] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    notes: str | None = None
    group: str | None = None
    job_type: str | None = None
    last_step: int | None = None
    last_log_at: int | None = None
    superseded: list[Cut] = field(default_factory=list)
    rewinds: list[dict[str, int]] = field(default_factory=list)
    """``time`` and ``step`` of each: rows of later steps that earlier sessions wrote are superseded."""
    forked_from: dict[str, Any] | None = None
    """``run``, the path of a run whose history this one begins with, and ``step``, the last taken over."""
    stop: dict[str, Any] | None = None
    """``by``, ``requested_at``, ``seen_at``, ``heard_at`` and ``signals`` of a request to stop it."""
    saves: list[dict[str, str]] = field(default_factory=list)
    """``glob``, ``base`` and ``policy`` of each order to save files, of the present session."""
    others: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Of each secondary writer ``host``, ``label``, ``state``, ``reason``, ``started_at``, ``ended_at``."""
    applied: dict[str, list[int]] = field(default_factory=dict)
    """Per writer: number of the segment and offset in it up to which events are in this view."""

    @property
    def path(self) -> str:
        """``entity/project/id``."""
        return f"{self.entity}/{self.project}/{self.id}"

    def definition(self, key: str) -> dict[str, Any]:
        """Return what ``define_metric`` said of a metric: by name, else by the first pattern that fits."""
        if (exact := self.definitions.get(key)) is not None:
            return exact
        patterns = (name for name in self.definitions if "*" in name and fnmatchcase(key, name))
        return self.definitions.get(next(patterns, ""), {})

    def _until(self, session: Session) -> int:
        """When a session ended, or, while it goes on, its last sign of life."""
        if session.ended_at is not None:
            return session.ended_at
        signs = [session.started_at, self.last_log_at or 0, self.heartbeat.own if self.heartbeat else 0]
        return max(signs)

    @property
    def duration_s(self) -> float:
        """Active time in seconds: all sessions added, what several share counted once."""
        total, end = 0, 0
        for started, ended in sorted((s.started_at, self._until(s)) for s in self.sessions):
            total += max(0, ended - max(started, end))
            end = max(end, ended)
        return total / 1e6

    @property
    def runtime_s(self) -> float:
        """From the first start to the last end, in seconds; pauses count."""
        if not self.sessions:
            return 0.0
        return max(0, max(map(self._until, self.sessions)) - self.sessions[0].started_at) / 1e6
