""":class:`ApiRun`: one stored run."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ..errors import ArgumentError, RunNotFoundError
from ..record.paths import RunPath
from ..record.view import RunView, State
from ..storage import Store
from .nearby import no_such_run

if TYPE_CHECKING:
    import pandas as pd

    from .table import Table

__all__ = ["ApiRun"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class ApiRun:
    """A stored run, as it was when it was read; :meth:`reload` reads it again.

    The run document is read when the first property is asked for, the history at each call of
    :meth:`history`. A run that is still going on, or crashed, is read as exactly as a finished one.

    Every property but `id`, `entity`, `project`, `path`, `folder` and `url` raises

    - :class:`~runhooks.errors.RunNotFoundError` when there is no such run; the message names similar ones,
    - :class:`~runhooks.errors.RecordError` when its document cannot be read, and
      :class:`~runhooks.errors.FormatVersionError` when a newer runhooks wrote it,
    - :class:`~runhooks.errors.StoreError` when the store cannot be read.

    Parameters
    ----------
    store : Store
    path : RunPath

    Attributes
    ----------
    store : Store
        Where the run lies.
    """

    def __init__(self, store: Store, path: RunPath) -> None:
        self.store = store
        self._path = path
        self._loaded: RunView | None = None

    def __repr__(self) -> str:
        return f"<ApiRun {self._path} in {self.store.url}>"

    def reload(self) -> "ApiRun":
        """Read the run again, now, and return it."""
        from ..record.read import read_view  # needs pyarrow: as late as can be

        try:
            self._loaded = read_view(self.store, self.folder)
        except RunNotFoundError as error:
            raise RunNotFoundError(no_such_run(self.store, self._path)) from error
        return self

    @property
    def view(self) -> RunView:
        """Everything that the run document says, as plain data."""
        if self._loaded is None:
            self.reload()
        assert self._loaded is not None
        return self._loaded

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

    @property
    def name(self) -> str:
        """The name for people; other runs may have the same."""
        return self.view.name

    @property
    def state(self) -> State:
        """``running``, ``finished``, ``failed``, ``killed`` or ``crashed``."""
        return self.view.state

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
        return _moment(self.view.created_at)

    @property
    def ended_at(self) -> datetime | None:
        """When the run ended (UTC); for a crashed one its last sign of life, None while it goes on."""
        return None if self.view.ended_at is None else _moment(self.view.ended_at)

    @property
    def duration(self) -> float:
        """Seconds in which the run was active: all its sessions added."""
        return self.view.duration_s

    @property
    def runtime(self) -> float:
        """Seconds from the first start to the last end; pauses count."""
        return self.view.runtime_s

    @property
    def last_step(self) -> int | None:
        """The highest step that was logged."""
        return self.view.last_step

    @property
    def tags(self) -> list[str]:
        """The run's tags."""
        return list(self.view.tags)

    @property
    def notes(self) -> str | None:
        """What the run's author wrote about it."""
        return self.view.notes

    @property
    def group(self) -> str | None:
        """The group that the run belongs to."""
        return self.view.group

    @property
    def job_type(self) -> str | None:
        """The kind of work, such as ``train`` or ``eval``."""
        return self.view.job_type

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
        return [{**alert, "time": _moment(alert["time"])} for alert in self.view.alerts]

    def history(self, keys: Sequence[str] | None = None) -> "pd.DataFrame":
        """Read all that was logged.

        Parameters
        ----------
        keys : sequence of str, optional
            Only these metrics, as columns in this order; one that was not logged is an empty column. By
            default all of them, in the order in which they were first logged.

        Returns
        -------
        pandas.DataFrame
            A column a metric and a row a step, of shape (steps, metrics); the index is int64, named
            ``step`` and ascending. Numbers are float64, exactly as they were logged, NaN where a metric has
            no value at a step; of several values for one step the last that was logged counts. A metric
            with texts, bools, None or integers beyond 2**53 is a column of Python objects.

        Raises
        ------
        MissingExtraError
            When pandas is not installed.
        ArgumentError
            When `keys` is no sequence of texts.
        RunNotFoundError, RecordError, StoreError
            As for the properties.
        """
        from .table import need_pandas, to_frame

        need_pandas()
        return to_frame(self._table(keys))

    def scan_history(self, keys: Sequence[str] | None = None) -> Iterator[dict[str, Any]]:
        """Yield what was logged, a mapping a step, by step. Needs no pandas.

        Parameters
        ----------
        keys : sequence of str, optional
            Only these metrics, and only steps at which one of them has a value.

        Yields
        ------
        dict
            ``_step`` (int), ``_time`` (datetime in UTC: when a value of this step was last logged), and the
            metrics that have a value at this step.

        Raises
        ------
        ArgumentError, RunNotFoundError, RecordError, StoreError
            As for :meth:`history`, when this is called.
        """
        from .table import to_rows

        return to_rows(self._table(keys), _moment)

    def system_metrics(self) -> "pd.DataFrame":
        """Read what was sampled of the machine: CPU, memory, disks, network, GPUs.

        Returns
        -------
        pandas.DataFrame
            A column a metric and a row a sample; the index is the time (datetime in UTC), named ``time`` and
            ascending. A name ends in its unit (``process/cpu_percent``, ``gpu0/memory_bytes``). A metric that
            a sample does not have is NaN: it is not known, and not zero. Where several nodes were sampled,
            each column's name begins with its node: ``node3:gpu0/memory_bytes``.

        Raises
        ------
        MissingExtraError
            When pandas is not installed.
        RunNotFoundError, RecordError, StoreError
            As for the properties.
        """
        from ..record.system import system_history
        from .table import Table, need_pandas, to_frame

        need_pandas()
        import pandas as pd

        _ = self.view  # finds out that there is no such run
        found = list(system_history(self.store, self.folder))
        several = len({host for host, _, _ in found}) > 1
        pieces = [(f"{host}:{key}" if several else key, rows) for host, key, rows in found]
        frame = to_frame(Table.of(pieces, sorted({key for key, _ in pieces}), None))
        frame.index = pd.to_datetime(frame.index, unit="ms", utc=True).rename("time")
        return frame

    def _table(self, keys: Sequence[str] | None) -> "Table":
        from ..record.read import history
        from .table import Table

        wanted = None if keys is None else _checked(keys)
        known = self.view.metrics  # also finds out that there is no such run
        pieces = [] if wanted == [] else history(self.store, self.folder, wanted)
        return Table.of(pieces, known, wanted)


def _checked(keys: Sequence[str]) -> list[str]:
    if isinstance(keys, str):
        raise ArgumentError(f"keys must be a list of metrics: history([{keys!r}])")
    found = list(keys)
    if any(not isinstance(key, str) for key in found):
        raise ArgumentError(f"keys must be a list of metrics, not {keys!r}")
    return list(dict.fromkeys(found))


def _moment(us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=us)
