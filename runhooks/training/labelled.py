"""What people call a run: its name, notes and tags, which may be set while it goes on."""

from collections.abc import Callable, Iterable

from ..redact import redact_text
from ..values import text

__all__ = ["Labelled"]


class Labelled:
    """The part of a run that says what it is called and where it is, as W&B's scripts ask for it.

    Attributes
    ----------
    url, project, project_url : str
    resumed_from : str or None
    """

    url: str
    project: str
    project_url: str
    resumed_from: str | None
    _name: str
    _notes: str | None
    _tags: tuple[str, ...]
    _event: Callable[..., None]

    @property
    def name(self) -> str:
        """The name for people."""
        return self._name

    @name.setter
    def name(self, name: str) -> None:
        self._name = redact_text(text(str(name)))
        self._event("label", name=self._name)

    @property
    def notes(self) -> str | None:
        """What is written about the run."""
        return self._notes

    @notes.setter
    def notes(self, notes: str | None) -> None:
        self._notes = None if notes is None else redact_text(text(str(notes)))
        self._event("label", notes=self._notes)

    @property
    def tags(self) -> tuple[str, ...]:
        """The run's tags."""
        return self._tags

    @tags.setter
    def tags(self, tags: Iterable[str]) -> None:
        given = [tags] if isinstance(tags, str) else tags
        self._tags = tuple(redact_text(text(str(tag))) for tag in dict.fromkeys(given))
        self._event("label", tags=list(self._tags))

    @property
    def resumed(self) -> bool:
        """Whether the run went on with one that was there."""
        return self.resumed_from is not None

    def project_name(self) -> str:
        """Return the project's name."""
        return self.project

    def get_url(self) -> str:
        """Return the address of the run's page."""
        return self.url

    def get_project_url(self) -> str:
        """Return the address of the project's page."""
        return self.project_url
