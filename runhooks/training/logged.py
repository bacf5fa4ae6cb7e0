"""The part of a run that takes rows: steps, media, what devices still compute, further processes."""

import os
from collections.abc import Callable, Mapping
from functools import partial
from itertools import count
from time import time_ns
from typing import TYPE_CHECKING, Any

from ..errors import ArgumentError, RunFinishedError
from ..journal import MOST_STEP, Journal, encode_event
from ..values import Unstorable
from .connection import Connection, adopt
from .device import DeferredRows
from .environment import rank
from .labelled import Labelled
from .naming import generate_writer
from .rows import careful, fast

if TYPE_CHECKING:
    from ..settings import Settings
    from .media.keeping import Keeper
    from .place import Place
    from .terminal import Terminal

__all__ = ["Logged", "discard"]


class Logged(Labelled):
    """What :meth:`log` needs, and no more.

    Attributes
    ----------
    id : str
    path : str
        ``entity/project/id``.
    finished : bool
    terminal : Terminal
    """

    id: str
    path: str
    terminal: "Terminal"
    _service: Callable[[int], None]

    def __init__(
        self, place: "Place", settings: "Settings", journal: Journal | None, first_step: int
    ) -> None:
        self.finished = False
        self._place = place
        self._settings = settings
        self._journal = journal
        self._connection: Connection | None = None
        self._last_step = first_step - 1
        self._take_step = count(first_step).__next__
        self._deferred = DeferredRows()
        self._keeper: Keeper | None = None
        self._warned: set[str] = set()
        self._append: Callable[[bytes], None] = journal.append if journal is not None else discard
        self._served = 0
        self._service_at = 0 if journal is not None else 2**63

    def log(self, data: Mapping[str, Any], step: int | None = None, commit: bool | None = None) -> None:
        """Record metrics. Returns once the line is in the kernel; never waits for a store or a device.

        Parameters
        ----------
        data : mapping
            Names to numbers, bools, strings or None; numpy, torch, jax or tensorflow scalars; media such as
            :class:`runhooks.Image`, and figures of matplotlib or plotly, alone or in a list. Nested
            mappings flatten with dots; ``/`` in a name groups charts.
        step : int, optional
            The row's step, in any order. Without it, calls are counted.
        commit : bool, optional
            False keeps the counter, so that the next call goes to the same step.

        Raises
        ------
        TypeError
            When `data` is no mapping with string keys, or `step` no integer.
        RunFinishedError
            After :meth:`finish`.
        """
        body = fast(data)
        if body is None:
            body = self._careful(data, step)
        if step is None and commit is None:
            self._last_step = step = self._take_step()
        else:
            step = self._given_step(step, commit)
        now = time_ns() // 1000
        self._append(b'{"type":"log","step":%d,"time":%d,"data":%b' % (step, now, body))
        if not self._served <= now < self._service_at:  # also where the clock was set back
            self._service(now)

    @property
    def step(self) -> int:
        """The step that the next :meth:`log` without a step gets."""
        return self._last_step + 1

    def become_second(self) -> None:
        """Write, from the next call on, as a further process of the run."""
        self._journal = None
        self._served, self._service_at = 0, 2**63
        self._deferred = DeferredRows()
        self._append = self._append_first

    def _append_first(self, body: bytes) -> None:
        try:
            journal = Journal(
                self._place.folder / "journal", generate_writer(rank(), secondary=self._settings.secondary)
            )
        except OSError as error:
            self._warn_once("second", f"this process cannot write to run {self.path}: {error}")
            return
        journal.event("start", writer=journal.writer, primary=False, pid=os.getpid())
        self._journal, self._append = journal, journal.append
        journal.append(body)
        from ..record.folder import has_ended  # for further processes of a run

        if has_ended(self._place.folder):
            adopt(self._place, self._settings, self.path)

    def _given_step(self, step: int | None, commit: bool | None) -> int:
        if step is None:
            step = self._last_step + 1
            if commit is False:
                return step
        elif not isinstance(step, int):
            try:
                step = step.__index__()
            except AttributeError:
                raise TypeError(f"step must be an integer, not {type(step).__name__}") from None
        if not -MOST_STEP < step < MOST_STEP:
            raise ArgumentError(f"step must be within 2**62 of 0, not {step}")
        if step > self._last_step:
            self._last_step = step if commit is not False else step - 1
            self._take_step = count(self._last_step + 1).__next__
        return step

    def _careful(self, data: Mapping[str, Any], step: int | None) -> bytes:
        row = careful(data, None if self._idle else partial(self._keep_media, step))
        for key, why in row.unstorable.items():
            self._warn_once(
                key,
                f"{key!r} cannot be stored and is kept as text ({why}). Log a number, bool, string or None.",
            )
        if row.deferred:
            self._deferred.add(self._at(step), time_ns() // 1000, row.deferred)
        return row.encode()

    @property
    def _idle(self) -> bool:
        """Whether what is logged goes nowhere."""
        return self.finished or self._append is discard

    def _at(self, step: int | None) -> int:
        """Return the step of a row that is being encoded."""
        return self._last_step + 1 if step is None else int(step)

    def _keep_media(self, step: int | None, key: str, value: Any) -> Any:
        if self._keeper is None:
            try:
                from .media.keeping import Keeper  # for whoever logs more than numbers
            except OSError as error:  # no file number is free to read it
                raise Unstorable(str(error)) from error
            self._keeper = Keeper(self._place.folder / "files", self._warn_once)
        return self._keeper.keep(key, value, self._at(step))

    def _warn_once(self, about: str, message: str) -> None:
        if about not in self._warned:
            self._warned.add(about)
            self.terminal.warn(message)

    def _read_deferred(self, *, wait: bool) -> None:
        for step, time, values in self._deferred.read(wait=wait):
            body = careful(values).encode()
            self._append(b'{"type":"log","step":%d,"time":%d,"data":%b' % (step, time, body))

    def _event(self, kind: str, **fields: Any) -> None:
        if self.finished:
            self._refuse(b"")
        self._append(encode_event(kind, **fields))

    def _refuse(self, _body: bytes) -> None:
        raise RunFinishedError(
            f"run {self.path} has finished and takes no more data; its record is complete. "
            f"Open it again with runhooks.init(id={self.id!r}, resume='must')"
        )

    def _wake(self) -> None:
        if self._connection is not None:
            self._connection.wake()


def discard(body: bytes) -> None:
    """Take the rows of a disabled run."""
