""":class:`ApiRun`: one stored run."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Literal, overload

from ..errors import ArgumentError, RunNotFoundError, WaitTimeoutError
from ..record.paths import RunPath
from ..record.view import RunView, State
from ..storage import Store
from .nearby import no_such_run
from .trash import delete_runs, refresh_projects, restore_runs, why_deleted

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from .files import ApiFile
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
    load : callable, optional
        Reads this run together with others of the page of a listing.

    Attributes
    ----------
    store : Store
        Where the run lies.
    """

    def __init__(self, store: Store, path: RunPath, load: Callable[[], None] | None = None) -> None:
        self.store = store
        self._path = path
        self._load = load
        self._loaded: RunView | None = None
        self._as_read: dict[str, Any] = {}

    def __repr__(self) -> str:
        return f"<ApiRun {self._path} in {self.store.url}>"

    def reload(self) -> "ApiRun":
        """Read the run again, now, and return it."""
        from ..record.read import read_view  # needs pyarrow: as late as can be

        if self._load is None and (deleted := why_deleted(self.store, self._path)):
            raise RunNotFoundError(deleted)
        try:
            self._loaded = read_view(self.store, self.folder)
            self._as_read = _editable(self._loaded)
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

    @name.setter
    def name(self, name: str) -> None:
        self.view.name = name

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
    def resumed(self) -> bool:
        """Whether the run was opened again after its first session."""
        return sum(session.primary for session in self.view.sessions) > 1

    @property
    def rewinds(self) -> list[dict[str, Any]]:
        """``time`` (UTC) and ``step`` of each time that the run was taken back to an earlier step."""
        return [{**rewind, "time": _moment(rewind["time"])} for rewind in self.view.rewinds]

    @property
    def forked_from(self) -> dict[str, Any] | None:
        """``run``, a path, and ``step`` of the run whose history this one began with; None without one."""
        return self.view.forked_from

    def stop(self) -> dict[str, Any]:
        """Ask the run's process to stop, wherever it runs. Its recorder sees that within ten seconds.

        A callback then ends the training loop on all ranks; a program without one gets a KeyboardInterrupt,
        and SIGTERM where it goes on after that. :attr:`view` says how far it is, after :meth:`reload`.

        Returns
        -------
        dict
            ``time`` (microseconds since the epoch) and ``by`` of the request, and ``is_new``: False where
            the present session of the run was asked before.

        Raises
        ------
        RunFinishedError
            When the run does not go on.
        RunNotFoundError, RecordError, StoreError
            As for the properties.
        """
        from .stopping import request_stop

        return request_stop(self.store, self.folder, self.reload().view)

    @property
    def tags(self) -> list[str]:
        """The run's tags; change them in place, or as a whole, and call :meth:`update`."""
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

    def logged_artifacts(self) -> list[dict[str, Any]]:
        """Return what the run logged as artifacts.

        Each has ``name``, ``type``, ``path`` (for :meth:`runhooks.Api.artifact`), ``version``, ``aliases`` as
        they were given, ``size``, ``files``, ``digest``; ``path`` is None while it is not stored, and
        ``problem`` says why it will not be.
        """
        return [dict(found) for found in self.view.artifacts if found["direction"] == "output"]

    def used_artifacts(self) -> list[dict[str, Any]]:
        """Return the artifacts that the run used, with the same keys but for ``aliases`` and ``problem``."""
        return [dict(found) for found in self.view.artifacts if found["direction"] == "input"]

    @overload
    def history(
        self,
        keys: Sequence[str] | None = None,
        samples: int | None = None,
        x_axis: str = "_step",
        *,
        stream: Literal["default", "system"] = "default",
        format: Literal["pandas"] = "pandas",
    ) -> "pd.DataFrame": ...

    @overload
    def history(
        self,
        keys: Sequence[str] | None = None,
        samples: int | None = None,
        x_axis: str = "_step",
        *,
        stream: Literal["default", "system"] = "default",
        format: Literal["pyarrow"],
    ) -> "pa.Table": ...

    @overload
    def history(
        self,
        keys: Sequence[str] | None = None,
        samples: int | None = None,
        x_axis: str = "_step",
        *,
        stream: Literal["default", "system"] = "default",
        format: Literal["polars"],
    ) -> "pl.DataFrame": ...

    @overload
    def history(
        self,
        keys: Sequence[str] | None = None,
        samples: int | None = None,
        x_axis: str = "_step",
        *,
        stream: Literal["default", "system"] = "default",
        pandas: Literal[False],
    ) -> list[dict[str, Any]]: ...

    def history(
        self,
        keys: Sequence[str] | None = None,
        samples: int | None = None,
        x_axis: str = "_step",
        *,
        stream: Literal["default", "system"] = "default",
        format: Literal["pandas", "pyarrow", "polars"] = "pandas",
        pandas: bool = True,
    ) -> "pd.DataFrame | pa.Table | pl.DataFrame | list[dict[str, Any]]":
        """Read all that was logged.

        Parameters
        ----------
        keys : sequence of str, optional
            Only these metrics, as columns in this order; one that was not logged is an empty column. By
            default all of them, in the order in which they were first logged.
        samples : int, optional
            At most so many rows, evenly spaced, the first and the last among them. By default every row.
        x_axis : str
            ``_step``; ``_timestamp``, the time at which a row was logged; or a metric: then only the steps
            at which it has a value.
        stream : {"default", "system"}
            What was logged, or all that was sampled of the machine, against ``_timestamp``.
        format : {"pandas", "pyarrow", "polars"}
            What is returned.
        pandas : bool
            False, as in W&B's Api, for a list of rows as :meth:`scan_history` yields them.

        Returns
        -------
        pandas.DataFrame
            A column a metric and a row a step, of shape (steps, metrics); the index is int64, named
            ``step`` and ascending, or the values of `x_axis` in the order of the steps, with its name.
            Numbers are float64, exactly as they were logged, NaN where a metric has
            no value at a step; of several values for one step the last that was logged counts. A metric
            with texts, bools, None or integers beyond 2**53 is a column of Python objects.
        pyarrow.Table or polars.DataFrame
            The same, where the index is the first column (``_step``, or the name of `x_axis`), what is
            missing is null, and a metric that is not all numbers, texts or bools is JSON text.

        Raises
        ------
        MissingExtraError
            When pandas or polars is not installed.
        ArgumentError
            When `keys` is no sequence of texts, or another argument cannot be used.
        RunNotFoundError, RecordError, StoreError
            As for the properties.
        """
        from .table import need, to_arrow, to_frame, to_rows

        if format not in ("pandas", "pyarrow", "polars"):
            raise ArgumentError(f"format must be pandas, pyarrow or polars, not {format!r}")
        if stream not in ("default", "system"):
            raise ArgumentError(f"stream must be default or system, not {stream!r}")
        if samples is not None and (not isinstance(samples, int) or samples < 1):
            raise ArgumentError(f"samples must be a whole number of 1 or more, not {samples!r}")
        if pandas and format != "pyarrow":
            need(format)
        if stream == "system":
            found = self._system_table()
            table = replace(found, axis=("_timestamp", found.steps.astype("datetime64[ms]")))
        else:
            table = self._table(keys, x_axis)
        table = table.spread(samples)
        if not pandas:
            return list(to_rows(table, _moment))
        if format == "pandas":
            return to_frame(table)
        arrow = to_arrow(table)
        if format == "pyarrow":
            return arrow
        import polars as pl

        frame = pl.from_arrow(arrow)
        assert isinstance(frame, pl.DataFrame)
        return frame

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
        from .table import need, to_frame

        need("pandas")
        import pandas as pd

        frame = to_frame(self._system_table())
        frame.index = pd.to_datetime(frame.index, unit="ms", utc=True).rename("time")
        return frame

    def update(
        self,
        *,
        name: str | None = None,
        notes: str | None = None,
        tags: Sequence[str] | None = None,
        config: Mapping[str, Any] | None = None,
    ) -> None:
        """Store what was changed of this object's name, notes, tags, config and summary, and what is given.

        It goes into the run's ``labels.json``; what the run itself wrote stays as it is. A run that goes on
        can be changed, too. Of two people who change one run in the same moment, one loses.

        Parameters
        ----------
        name, notes, tags : optional
        config : mapping, optional
            Keys to set; others stay.

        Raises
        ------
        ArgumentError
            When one of these is not what it must be; nothing is changed then.
        RunNotFoundError, RecordError, StoreError
            As for the properties.
        """
        from .edit import edit_run

        now = _editable(self.view)
        changes = _changed(self._as_read, now)
        given = {"name": name, "notes": notes, "tags": tags}
        changes |= {key: value for key, value in given.items() if value is not None}
        if config:
            changes["config"] = {**changes.get("config", {}), **config}
        if changes:
            self._loaded = edit_run(self.store, self._path, changes)
            self._as_read = _editable(self._loaded)
            refresh_projects(self.store, [self._path])

    def delete(self) -> None:
        """Put the run into the trash: no listing and no page has it, and :meth:`restore` brings it back.

        Its space is freed when the trash is emptied (``runhooks empty-trash``). A run that goes on can be
        deleted, too: it does not come back by itself. Its id is not used again.

        Raises
        ------
        RunNotFoundError, RecordError, StoreError
            As for the properties.
        """
        delete_runs(self.store, [(self._path, self.name)])
        self._loaded = None

    def restore(self) -> "ApiRun":
        """Bring the run back from the trash.

        Raises
        ------
        RunNotFoundError
            When it is not there, or was deleted for good.
        StoreError
        """
        restore_runs(self.store, [self._path])
        return self

    def wait_until_finished(self, timeout: float | None = None, poll_s: float = 5.0) -> "ApiRun":
        """Wait until the run has ended, in whatever state, and return it as it is then.

        Parameters
        ----------
        timeout : float, optional
            Seconds; by default for ever.
        poll_s : float
            Seconds between two looks.

        Raises
        ------
        WaitTimeoutError
            When it is still running after that time.
        RunNotFoundError, RecordError, StoreError
            As for the properties.
        """
        deadline = None if timeout is None else monotonic() + timeout
        while self.reload().state == "running":
            left = poll_s if deadline is None else deadline - monotonic()
            if left <= 0:
                raise WaitTimeoutError(f"run {self._path} is still running after {timeout:g} s")
            sleep(min(poll_s, left))
        return self

    def _system_table(self) -> "Table":
        """Return the system metrics, whose steps are milliseconds since the epoch."""
        from ..record.system import system_history
        from .table import Table

        _ = self.view  # finds out that there is no such run
        found = list(system_history(self.store, self.folder))
        several = len({host for host, _, _ in found}) > 1
        pieces = [(f"{host}:{key}" if several else key, rows) for host, key, rows in found]
        return Table.of(pieces, sorted({key for key, _ in pieces}), None)

    def files(self) -> "list[ApiFile]":
        """Return the files that the run saved, by name, media and what was recorded without asking included.

        Raises
        ------
        RunNotFoundError, RecordError, StoreError
            As for the properties.
        """
        from .files import files_of

        _ = self.view  # finds out that there is no such run
        return list(files_of(self.store, self.folder))

    def _table(self, keys: Sequence[str] | None, x_axis: str = "_step") -> "Table":
        from ..record.read import history
        from .table import Table

        wanted = None if keys is None else _checked(keys)
        known = self.view.metrics  # also finds out that there is no such run
        asked = wanted if wanted is None or x_axis in (*wanted, "_step", "_timestamp") else [*wanted, x_axis]
        pieces = [] if asked == [] else history(self.store, self.folder, asked)
        table = Table.of(pieces, known, asked)
        return table if x_axis == "_step" else table.against(x_axis, keep=wanted is None or asked == wanted)


def _checked(keys: Sequence[str]) -> list[str]:
    if isinstance(keys, str):
        raise ArgumentError(f"keys must be a list of metrics: history([{keys!r}])")
    found = list(keys)
    if any(not isinstance(key, str) for key in found):
        raise ArgumentError(f"keys must be a list of metrics, not {keys!r}")
    return list(dict.fromkeys(found))


def _editable(view: RunView) -> dict[str, Any]:
    """Return a copy of what :meth:`ApiRun.update` stores."""
    return {key: deepcopy(getattr(view, key)) for key in ("name", "notes", "tags", "config", "summary")}


def _changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    changes = {key: now[key] for key in ("name", "notes", "tags") if now[key] != before[key]}
    for key in ("config", "summary"):
        old, new = before[key], now[key]
        found = {name: new[name] for name in new if name not in old or repr(old[name]) != repr(new[name])}
        if found:
            changes[key] = found
    return changes


def _moment(us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=us)
