"""One run, as its recorder keeps it: journal in; document, parts, pages and copies out."""

import fcntl
import os
from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from time import monotonic, time_ns
from typing import Any

from ..errors import RunBusyError, RunhooksError
from ..record.clock import StoreClock
from ..record.deleted import read_deleted
from ..record.document import from_bytes, to_bytes
from ..record.folder import writers
from ..record.labels import read_labels, relabelled
from ..record.replay import apply
from ..record.reserve import free_room
from ..record.staging import is_staged
from ..record.view import Heartbeat
from ..storage import LocalStore, open_store
from ..values import pack
from .artifacts import Artifacts
from .code import keep_code
from .console.keeping import ConsoleLog
from .control import Control
from .intake import Intake
from .machine import of_machine
from .orders import Order
from .others import Others, samplers_of_others
from .pages import RunPages
from .saved import SavedFiles
from .sending import Sending
from .stopping import Stopping
from .system.keeping import SystemMetrics
from .system.sampler import Sampler
from .webhook import Webhook

__all__ = ["Busy", "Recording"]

_POINTS, _SHOWN = 40, 20


class Busy(RunBusyError):
    """Another recorder has this run."""


class Recording:
    """Keeps the record of one run up to date until it ends.

    Parameters
    ----------
    order : Order

    Raises
    ------
    Busy
        When another process records this run.
    RecordError
        When the run document cannot be read.
    """

    def __init__(self, order: Order) -> None:
        self.order = order
        self._lock = _lock(order)
        try:
            self._load(order)
        except BaseException:
            self._let_go()
            raise

    def _load(self, order: Order) -> None:
        self._store = open_store(order.root)
        self._folder = order.path.folder
        self.view = from_bytes(self._store.read(f"{self._folder}/run.json"), f"{self._folder}/run.json")
        self._saved = SavedFiles(order.folder, order.root, self._stay_alive)
        self._webhook = Webhook(order.alert_webhook, order.page)
        self._intake = Intake(order, self._store, self.view, self._write_document, self._alerted)
        self._compaction = self._intake.compaction
        others = samplers_of_others(self._store, self._folder) if order.shared else ()
        self._system = SystemMetrics(self._store, self._folder, order.root, _sampler(order), others)
        self._console = ConsoleLog(self._store, self._folder, order.root, order.path.id)
        pages = LocalStore(order.root, durable=False)
        self._pages = RunPages(pages, self._folder, order.refresh_s, details=not order.mirrored)
        self._unkept: str | None = None
        self._sending = Sending(order, pages)
        self._others: Others | None = None
        if order.shared and order.secondary is None:
            where = self._sending.remote or self._store
            self._others = Others(where, self.view, self._folder, self._compaction, self._system)
        self.artifacts = Artifacts(order, self.view)
        self.control = Control(order, None if order.secondary else self._sending.remote)
        self.say: Callable[[dict[str, Any]], None] = lambda _: None
        self.stops_itself = order.stops_itself
        self._stopping: Stopping | None = None
        self._dirty = True
        self._labels: dict[str, Any] = {}
        self._purged = False
        self._beat_at = 0.0
        self._clock = StoreClock()

    def begin(self, *, ended: bool = False) -> None:
        """Gather the machine's facts and write the first page.

        Parameters
        ----------
        ended : bool
            Whether the run is to be finished at once, so that nobody would see a first page of it.
        """
        self._read()
        self.view.environment |= of_machine(self.order.cwd)
        if ended:
            self._keep_code()
            self._look()
            return
        self._beat()
        self._keep_code()
        self._look()
        self._render()
        self._send(project_now=True)

    def tick(self) -> None:
        """Read what is new, and do what is due."""
        self._read()
        self._heed()
        self._look()
        self._store_artifacts()
        self._saved.tick(self.view.saves)
        if monotonic() >= self._beat_at:
            self._beat()
        is_due = monotonic() >= self._sending.due_at
        if is_due:
            self._take_others()
        if self._dirty:
            self._render()
        if is_due:
            self._send()

    @property
    def trouble(self) -> str | None:
        """Why the record is not where it belongs, for the user; None where all is well."""
        return self._sending.trouble

    @property
    def gone(self) -> bool:
        """Whether somebody deleted the run: it does not come back."""
        return self._purged or os.fstat(self._lock).st_nlink == 0

    def finish(self, outcome: dict[str, Any] | None = None) -> dict[str, Any]:
        """Complete the record and return what the terminal shows.

        A run that has neither a finish event nor an `outcome` crashed: its process went without a word.

        Parameters
        ----------
        outcome : dict, optional
            State, reason and exit as the training process told them, for a journal on a full disk.
        """
        free_room(self.order.folder)
        self._read(closed=True)
        self._look(last=True)
        self._take_others()
        if self.view.state == "running" and outcome is not None:
            finish = {"type": "finish", "time": time_ns() // 1000, "writer": self.order.writer, **outcome}
            apply(self.view, [finish])
        if self.view.state == "running":
            self._crash()
        self._saved.tick(self.view.saves, last=True)
        self.artifacts.complete(self._stay_alive)
        self._sending.carry(self._stay_alive)
        self._webhook.close()
        self.view.heartbeat = None
        self._write_document()
        self._hear()
        self._render(last=True)
        answer = self._told()
        self._send(project_now=True, last=True)
        if self._others is not None and self.trouble is None:
            with suppress(RunhooksError):
                self._others.clean()
        traffic = self._sending.traffic
        answer |= {"error": self.trouble, "requests": traffic.requests, "sent": traffic.sent}
        self.artifacts.clear()
        self.close()
        return answer

    @property
    def has_others(self) -> bool:
        """Whether secondary writers on other nodes go on with the run, or may be about to begin."""
        return self._others is not None and (not self._others.known or bool(self._others.living()))

    def settle(self) -> None:
        """Make parts of all that the run's journals have, but for those that a process still writes."""
        self._read(closed=True)

    def remarks(self) -> list[str]:
        """Return what the user should be told once, and has not been yet."""
        found = [*self.artifacts.remarks, *self._webhook.remarks]
        self.artifacts.remarks.clear()
        self._webhook.remarks.clear()
        return found

    def close(self) -> None:
        """Let go of the run; another recorder may take it."""
        self._system.close(compact=False)
        self._let_go()

    def _let_go(self) -> None:
        fd, self._lock = self._lock, -1
        if fd >= 0:
            os.close(fd)

    def save(self) -> None:
        """Write down how far the journal has been read: the recorder is told to end before the run does."""
        self._read()
        self._write_document()
        self.close()

    def _read(self, *, closed: bool = False) -> None:
        if self._intake.read(closed=closed):
            self._announce()

    def _take_others(self) -> None:
        """Take in what secondary writers have stored. A store that fails is told of by who sends."""
        if self._others is not None and self.trouble is None:
            with suppress(RunhooksError):
                if self._others.take():
                    self._write_document()
                    self._announce()

    def _alerted(self, event: dict[str, Any]) -> None:
        self._webhook.send(self.view, event)

    def _announce(self) -> None:
        """Let pages and store have what is new as soon as their pace allows."""
        self._dirty = True
        self._sending.hasten()

    def _keep_code(self) -> None:
        """Write down packages, changes and code. A disk that takes none costs nothing but these."""
        order = self.order
        repository = order.cwd if "git" in self.view.environment else None
        try:
            keep_code(self._store, self._folder, order.import_path, repository, order.program)
        except (OSError, RunhooksError) as error:
            self._unkept = f"packages and code cannot be kept: {error}"

    def _look(self, *, last: bool = False) -> None:
        """Sample the machine when it is time, and read the console. A full disk costs nothing but these."""
        try:
            self._dirty |= self._system.tick(now=last)
            if self._console.tick():
                self._announce()
            if last:
                self._system.close()
                self._console.finish()
        except (OSError, RunhooksError) as error:
            self._unkept = f"console output and samples of the machine cannot be kept: {error}"

    def _crash(self) -> None:
        last = max(self.view.last_log_at or 0, self.view.heartbeat.own if self.view.heartbeat else 0)
        self.view.state, self.view.reason = (
            "crashed",
            "the process ended without a word (killed, out of memory, or a fault)",
        )
        if self.view.stop is not None and self.view.stop["signals"]:
            self.view.state, self.view.reason = "killed", f"stop requested by {self.view.stop['by']}"
        self.view.ended_at = last or self.view.created_at
        for session in self.view.sessions:
            session.ended_at = session.ended_at or max(self.view.ended_at, session.started_at)

    def _beat(self) -> None:
        self._stamp(self.view.heartbeat.seq + 1 if self.view.heartbeat else 1)
        self._write_document()
        known = self._clock.ahead_s
        self._hear()
        if self._clock.ahead_s != known and self.view.heartbeat is not None:
            self._stamp(self.view.heartbeat.seq)
            self._write_document()
        self._dirty = True
        self._beat_at = monotonic() + self.order.heartbeat_s

    def _stamp(self, seq: int) -> None:
        ahead = int(self._clock.ahead_s * 1e6)
        self.view.heartbeat = Heartbeat(time_ns() // 1000 + ahead, seq, ahead)

    def _heed(self) -> None:
        """Look for a request to stop. What follows from it comes a tick later, when the process was told."""
        if self._stopping is not None:
            self._stopping.tick(stops_itself=self.stops_itself)
        elif (request := self.control.stop_request()) is not None:
            asked = {"by": request["by"], "requested_at": request["time"], "seen_at": time_ns() // 1000}
            self.view.stop = {**asked, "heard_at": None, "signals": []}
            self._stopping = Stopping(self.order, self._signalled)
            self.say({"event": "stop", "by": request["by"]})
            self._note_stop()

    def heard(self) -> None:
        """Take note that the program knows of a request to stop, and stops by itself."""
        if self._stopping is not None and self.view.stop is not None:
            self._stopping.heard()
            self.view.stop["heard_at"] = time_ns() // 1000
            self._note_stop()

    def _signalled(self, name: str) -> None:
        if self.view.stop is not None:
            self.view.stop["signals"].append(name)
        self.say({"event": "interrupted"})
        self._note_stop()

    def _note_stop(self) -> None:
        self._write_document()
        self._dirty = True

    def _store_artifacts(self) -> None:
        if self.artifacts.tick():
            self._write_document()
            self._dirty = True

    def _stay_alive(self) -> None:
        """Give signs of life while the last artifacts and large files are stored."""
        if monotonic() >= self._beat_at:
            self._beat()
            self._send()

    def _hear(self) -> None:
        """Learn what people did meanwhile: other labels, for the pages; or they deleted the run for good."""
        if self.trouble is not None:
            return  # a store that does not answer is asked by one hand only
        store = self._sending.remote or self._store
        if store is self._store:
            self._clock.compare(self.order.folder / "run.json")
        with suppress(RunhooksError):  # unreachable, or labels that cannot be read: as before
            self._labels = read_labels(store, self._folder)
            marker = read_deleted(store, self.order.path)
            self._purged = marker is not None and marker.purged_at is not None
            self._clock.ask(store)

    def _write_document(self) -> None:
        self._store.write(f"{self._folder}/run.json", to_bytes(self.view))

    def _render(self, *, last: bool = False) -> None:
        """Bring the run's page up to date. A page that cannot be written costs nothing but the page."""
        try:
            view, series = relabelled(self.view, self._labels), self._compaction.series
            if self._pages.refresh(view, series, self._system.series, self._console, last=last):
                self._dirty = False
        except RunhooksError as error:
            self._sending.trouble = str(error)

    def _send(self, *, project_now: bool = False, last: bool = False) -> None:
        view, fault = relabelled(self.view, self._labels), self.artifacts.trouble or self._unkept
        self._sending.send(view, project_now=project_now, last=last, waiting=self._is_waiting, fault=fault)

    def _is_waiting(self) -> bool:
        return bool(writers(self.order.folder) or self.artifacts.waiting)

    def _told(self) -> dict[str, Any]:
        found = self.order.folder.rglob("*")
        files = [path for path in found if path.is_file() and not is_staged(path)]
        series, summary = self._compaction.series, self.view.summary
        return {
            "state": self.view.state,
            "where": self.order.store if self.order.online else str(self.order.folder),
            "files": len(files),
            "bytes": sum(path.stat().st_size for path in files),
            "artifacts": self.artifacts.results(),
            "counts": [len(series), len(summary)],
            "summary": pack(summary),
            "history": {key: series[key].coarsened(_POINTS).mean.tolist() for key in islice(series, _SHOWN)},
        }


def _sampler(order: Order) -> Sampler | None:
    if order.pid is None or not order.system_interval_s:
        return None
    lock = None if order.secondary is None else order.root.parent
    return Sampler(order.folder, order.pid, order.system_interval_s, lock)


def _lock(order: Order) -> int:
    """Take the run's folder for this process; the kernel gives it back when the process is gone."""
    fd = os.open(order.folder, os.O_RDONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(fd)
        raise Busy(f"run {order.path} is being recorded by another process") from error
    return fd
