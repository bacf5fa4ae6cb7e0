"""What is common to all that is read of one run: where it is, and its document."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from ..errors import RunNotFoundError
from ..record.paths import RunPath
from ..record.view import RunView
from ..storage import Store
from .changes import Summary, editable
from .nearby import no_such_run
from .trash import why_deleted

__all__ = ["StoredRun", "moment"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class StoredRun:
    """A run's place in a store, and its document, which is read when it is first needed.

    Parameters
    ----------
    store : Store
    path : RunPath
    load : callable, optional
        Reads this run together with others of the page of a listing.
    row : dict, optional
        What the listing knows of it: see :data:`runhooks.site.project_page.COLUMNS`.

    Attributes
    ----------
    store : Store
        Where the run lies.
    """

    def __init__(
        self,
        store: Store,
        path: RunPath,
        load: Callable[[], None] | None = None,
        row: Mapping[str, Any] | None = None,
    ) -> None:
        self.store = store
        self._path = path
        self._load = load
        self._row = row
        self._loaded: RunView | None = None
        self._as_read: dict[str, Any] = {}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._path} in {self.store.url}>"

    def reload(self) -> Self:
        """Read the run again, now, and return it."""
        from ..record.read import read_view  # needs pyarrow: as late as can be

        if self._load is None and (deleted := why_deleted(self.store, self._path)):
            raise RunNotFoundError(deleted)
        try:
            self._loaded = read_view(self.store, self.folder)
            self._loaded.summary = Summary(self._loaded.summary)
            self._as_read = editable(self._loaded)
        except RunNotFoundError as error:
            raise RunNotFoundError(no_such_run(self.store, self._path)) from error
        return self

    @property
    def loaded(self) -> bool:
        """Whether the run document was read."""
        return self._loaded is not None

    @property
    def view(self) -> RunView:
        """Everything that the run document says, as plain data."""
        if self._loaded is None and self._load is not None:
            self._load()
        if self._loaded is None:
            self.reload()
        assert self._loaded is not None
        return self._loaded

    def _listed(self, name: str) -> Any:
        """Return a fact of the run: that of the listing it came from, while its document was not read."""
        if self._loaded is None and self._row is not None:
            return self._row[name]
        return getattr(self.view, name)

    @property
    def id(self) -> str:
        """The run's id."""
        return self._path.id

    @property
    def entity(self) -> str:
        """The run's entity."""
        return self._path.entity

    @property
    def project(self) -> str:
        """The run's project."""
        return self._path.project

    @property
    def path(self) -> str:
        """``entity/project/id``."""
        return str(self._path)

    @property
    def url(self) -> str:
        """Address of the run's page."""
        return self.store.page_url(f"{self.folder}/index.html")

    @property
    def folder(self) -> str:
        """The run's folder in the store: ``entity/project/runs/id``."""
        return self._path.folder


def moment(us: int) -> datetime:
    """Return a time, given in microseconds since the epoch, as a datetime in UTC."""
    return _EPOCH + timedelta(microseconds=us)
