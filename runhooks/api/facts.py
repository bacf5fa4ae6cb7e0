"""What a run's document says, a property each."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ..record.view import State
from .stored import StoredRun, moment

__all__ = ["RunFacts"]


class RunFacts(StoredRun):
    """The part of a run that its document tells."""

    @property
    def name(self) -> str:
        """The name for people; other runs may have the same."""
        value: str = self._listed("name")
        return value

    @name.setter
    def name(self, name: str) -> None:
        self.view.name = name

    @property
    def state(self) -> State:
        """``running``, ``finished``, ``failed``, ``killed`` or ``crashed``."""
        value: State = self._listed("state")
        return value

    @property
    def reason(self) -> str | None:
        """Why the run ended as it did, in a line; None for a run that goes on or finished."""
        return self.view.reason

    @property
    def config(self) -> dict[str, Any]:
        """The run's config, nested as it was given."""
        return self.view.config

    @property
    def summary(self) -> dict[str, Any]:
        """The last value of each metric, or what the run put there itself."""
        return self.view.summary

    @property
    def metrics(self) -> list[str]:
        """Names of the logged metrics, in the order in which they were first logged."""
        return list(self.view.metrics)

    @property
    def created_at(self) -> datetime:
        """When the run was made (UTC)."""
        return moment(self._listed("created_at"))

    @property
    def ended_at(self) -> datetime | None:
        """When the run ended (UTC); for a crashed one its last sign of life, None while it goes on."""
        ended = self._listed("ended_at")
        return None if ended is None else moment(ended)

    @property
    def duration(self) -> float:
        """Seconds in which the run was active: all its sessions added."""
        value: float = self._listed("duration_s")
        return value

    @property
    def runtime(self) -> float:
        """Seconds from the first start to the last end; pauses count."""
        return self.view.runtime_s

    @property
    def last_step(self) -> int | None:
        """The highest step that was logged."""
        value: int | None = self._listed("last_step")
        return value

    @property
    def resumed(self) -> bool:
        """Whether the run was opened again after its first session."""
        return sum(session.primary for session in self.view.sessions) > 1

    @property
    def rewinds(self) -> list[dict[str, Any]]:
        """``time`` (UTC) and ``step`` of each time that the run was taken back to an earlier step."""
        return [{**rewind, "time": moment(rewind["time"])} for rewind in self.view.rewinds]

    @property
    def forked_from(self) -> dict[str, Any] | None:
        """``run``, a path, and ``step`` of the run whose history this one began with; None without one."""
        return self.view.forked_from

    @property
    def tags(self) -> list[str]:
        """The run's tags; change them in place, or as a whole, and call ``update``."""
        return self.view.tags

    @tags.setter
    def tags(self, tags: Sequence[str]) -> None:
        self.view.tags = list(tags)

    @property
    def notes(self) -> str | None:
        """What the run's author wrote about it."""
        return self.view.notes

    @notes.setter
    def notes(self, notes: str | None) -> None:
        self.view.notes = notes

    @property
    def group(self) -> str | None:
        """The group that the run belongs to."""
        value: str | None = self._listed("group")
        return value

    @property
    def job_type(self) -> str | None:
        """The kind of work, such as ``train`` or ``eval``."""
        value: str | None = self._listed("job_type")
        return value

    @property
    def environment(self) -> dict[str, Any]:
        """Facts of host, command, interpreter, git and hardware; what could not be found is absent."""
        return self.view.environment

    @property
    def exit(self) -> dict[str, Any] | None:
        """``exit_code``, ``signal`` and ``error`` (``type``, ``message``, ``traceback``) of a run that ended.

        None while it goes on, and for a crashed run: nobody was there to tell.
        """
        return self.view.exit

    @property
    def alerts(self) -> list[dict[str, Any]]:
        """The alerts that the run raised: ``time`` (UTC), ``title``, ``text`` and ``level`` of each."""
        return [{**alert, "time": moment(alert["time"])} for alert in self.view.alerts]
