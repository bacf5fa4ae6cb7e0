""":class:`ApiProject`: a project of a store."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .runs import Runs

if TYPE_CHECKING:
    from .entry import Api

__all__ = ["ApiProject"]


@dataclass(frozen=True, slots=True)
class ApiProject:
    """A project of a store.

    Attributes
    ----------
    entity, name : str
    """

    entity: str
    name: str
    _api: "Api" = field(repr=False, compare=False)

    @property
    def path(self) -> str:
        """``entity/project``."""
        return f"{self.entity}/{self.name}"

    @property
    def url(self) -> str:
        """Address of the project's page."""
        return self._api.store.page_url(f"{self.path}/index.html")

    def runs(
        self,
        filters: Mapping[str, Any] | None = None,
        order: str = "-created_at",
        per_page: int = 50,
    ) -> Runs:
        """Return the project's runs. See :meth:`Api.runs`."""
        return self._api.runs(self.path, filters, order, per_page)
