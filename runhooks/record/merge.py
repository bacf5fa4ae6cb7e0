"""Two documents of one run made one: it was resumed elsewhere before all of its first session was sent."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from .view import RunView

__all__ = ["merge"]


def merge(
    earlier: RunView,
    later: RunView,
    pending: Mapping[str, int],
    pending_alerts: Collection[int] = (),
) -> RunView:
    """Return the document of both: how the later one went on and ended counts. Metrics are to be recounted.

    Parameters
    ----------
    earlier, later : RunView
        The run as it was left, and as it was resumed.
    pending : mapping
        Writer to the number of its first segment that is in no part. It is applied to the result from
        its beginning, so that nothing of it may be in the result yet.
    pending_alerts : collection of int
        Times of the alerts in these segments.
    """
    sessions = {session.writer: session for session in (*later.sessions, *earlier.sessions)}
    alerts = {(alert.get("time"), alert.get("title")): alert for alert in (*earlier.alerts, *later.alerts)}
    return replace(
        later,
        heartbeat=None,
        config={**earlier.config, **later.config},
        summary={**earlier.summary, **later.summary},
        definitions={**earlier.definitions, **later.definitions},
        environment={**earlier.environment, **later.environment},
        metrics={**earlier.metrics, **later.metrics},
        sessions=sorted(
            (session for session in sessions.values() if pending.get(session.writer) != 0),
            key=lambda session: session.started_at,
        ),
        alerts=[alert for (time, _), alert in sorted(alerts.items()) if time not in pending_alerts],
        last_step=_later(earlier.last_step, later.last_step),
        last_log_at=_later(earlier.last_log_at, later.last_log_at),
        applied={**later.applied, **earlier.applied, **{writer: [n, 0] for writer, n in pending.items()}},
    )


def _later(*values: int | None) -> int | None:
    return max((value for value in values if value is not None), default=None)
