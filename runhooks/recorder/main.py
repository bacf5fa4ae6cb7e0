"""The recorder's loop: hear the training process, keep its runs, outlive it."""

import os
import select
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from time import monotonic, sleep
from typing import Any, TypeVar

from .. import errors
from ..errors import RunhooksError
from ..record.paths import parse_run_path
from .control import Control
from .heirs import Heirs
from .later import sync_command
from .mirror import fetch
from .orders import Order
from .origins import fork, rewind
from .probe import probe
from .protocol import Lines, encode
from .recording import Busy, Recording
from .secondary import recording_of

__all__ = ["main", "serve"]

T = TypeVar("T")

_TICK_S = 1.0
_TAKE_OVER_S = 10.0


def main() -> None:
    """Run as the process that :mod:`.spawn` starts: commands on stdin, replies on stdout."""
    with suppress(AttributeError, OSError):  # only Linux has it
        # A recorder that wakes up does not push a training step off its processor.
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    os.closerange(3, 4096)  # what the training process left inheritable is not ours to hold open
    os.chdir(tempfile.gettempdir())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGTERM, lambda *_: None)
    replies = os.dup(1)
    os.dup2(2, 1)  # whatever a library prints must not reach the replies
    sys.stdout = sys.stderr
    serve(0, replies, woken)


def serve(commands: int, replies: int, woken: int | None = None) -> None:
    """Keep runs until the other end of `commands` is closed and all of them are complete.

    Parameters
    ----------
    commands, replies : int
        Pipe ends, see :mod:`.protocol`.
    woken : int, optional
        Becomes readable when this process is told to end.
    """
    Desk(replies).serve(commands, woken)


class Desk:
    """The runs of one training process."""

    def __init__(self, replies: int) -> None:
        self._replies = replies
        self._recordings: dict[str, Recording] = {}
        self._waiting: dict[str, Order] = {}
        self._told: dict[str, str | None] = {}
        self._ended: set[str] = set()
        self._heirs = Heirs()

    def serve(self, commands: int, woken: int | None) -> None:
        """See :func:`serve`."""
        lines, poll = Lines(), select.poll()
        for fd in (commands, woken):
            if fd is not None:
                poll.register(fd, select.POLLIN)
        while True:
            ready = [fd for fd, _ in poll.poll(_TICK_S * 1000)]
            if woken is not None and woken in ready:
                self._each(Recording.save)
                return
            if commands in ready:
                data = os.read(commands, 65536)
                if not data:
                    break
                messages = list(lines.feed(data))
                self._ended |= {str(m.get("run")) for m in messages if m.get("command") == "finish"}
                for message in messages:
                    self._hear(message)
            self._take_over()
            self._each(Recording.tick)
            self._heirs.tick()
        self._take_over(wait_s=_TAKE_OVER_S)
        for run in list(self._recordings):
            self._finish(run)
        while self._heirs.tick() and not select.select([] if woken is None else [woken], [], [], _TICK_S)[0]:
            pass

    def _hear(self, message: dict[str, Any]) -> None:
        run = str(message.get("run"))
        if message.get("command") == "open":
            self._waiting[run] = Order.of(message)
            self._take_over()
        elif message.get("command") == "fetch":
            found = self._guard(
                run, partial(fetch, Order.of(message), download=bool(message.get("download")))
            )
            self._reply(run=run, event="fetched", found=found)
        elif message.get("command") == "probe":
            self._reply(run=run, event="probed", error=self._guard(run, partial(probe, Order.of(message))))
        elif message.get("command") == "ask":
            from .requests import answer  # of stores that live in this process only

            self._reply(run=run, event="answered", answer=answer(message["request"]))
        elif message.get("command") == "adopt":
            self._heirs.add(Order.of(message), has_others=False)
        elif message.get("command") in ("polls", "heard"):
            self._hear_of_stop(run, str(message["command"]))
        elif message.get("command") == "prepare":
            self._prepare(run, message)
        elif message.get("command") == "finish":
            self._take_over(wait_s=_TAKE_OVER_S)
            self._finish(run, {name: message.get(name) for name in ("state", "reason", "exit")})
            self._ended.discard(run)

    def _hear_of_stop(self, run: str, command: str) -> None:
        """Learn that the program reads whether it is to stop, or that it has read so."""
        recording = self._recordings.get(run)
        if recording is None:
            if run in self._waiting:
                self._waiting[run] = replace(self._waiting[run], stops_itself=True)
        elif command == "heard":
            self._guard(run, recording.heard)
        else:
            recording.stops_itself = True

    def _prepare(self, run: str, message: dict[str, Any]) -> None:
        """Rewind or fork for a process that waits for it; what it asked wrongly it is told, by name."""
        order, step = Order.of(message), int(message["step"])
        try:
            if message.get("source"):
                fork(order, parse_run_path(message["source"]), step)
            else:
                rewind(order, step)
        except (RunhooksError, OSError) as error:
            kinds = [kind.__name__ for kind in type(error).__mro__ if kind.__name__ in errors.__all__]
            self._reply(run=run, event="prepared", error=next(iter(kinds), ""), text=str(error))
        else:
            self._reply(run=run, event="prepared", error=None)

    def _take_over(self, *, wait_s: float = 0.0) -> None:
        """Begin recording what was ordered, as soon as no earlier recorder has it."""
        deadline = monotonic() + wait_s
        for run, order in list(self._waiting.items()):
            while not self._begin(run, order) and monotonic() < deadline:
                sleep(0.05)

    def _begin(self, run: str, order: Order) -> bool:
        if Control(order, None).is_resumed:
            del self._waiting[run]
            self._yielded(run)
            return True
        try:
            recording = self._guard(run, partial(recording_of, order))
        except Busy as busy:
            if self._told.get(run) != str(busy):
                self._told[run] = str(busy)
                self._problem(run, f"{busy}; it is taken over when that one ends")
            return False
        del self._waiting[run]
        if recording is not None:
            self._recordings[run] = recording
            recording.say = lambda message: self._reply(run=run, **message)
            self._guard(run, partial(recording.begin, ended=run in self._ended))
            self._report(run, recording)
        return True

    def _each(self, do: Callable[[Recording], None]) -> None:
        for run, recording in list(self._recordings.items()):
            if recording.gone:
                self._drop(run)
                continue
            if recording.control.is_resumed:
                self._recordings.pop(run)
                self._guard(run, recording.save)
                recording.close()
                self._yielded(run)
                continue
            self._guard(run, partial(do, recording))
            self._report(run, recording)

    def _drop(self, run: str) -> None:
        self._recordings.pop(run).close()
        self._told[run] = "its folder was deleted"
        self._problem(run, f"run {run} was deleted; what is logged now is kept nowhere")

    def _yielded(self, run: str) -> None:
        self._told[run] = f"run {run} was resumed by another process, which completes its record"
        self._problem(
            run, f"{self._told[run]}; what this process logs from now on is kept, and superseded by that one"
        )

    def _finish(self, run: str, outcome: dict[str, Any] | None = None) -> None:
        if run in self._recordings and self._recordings[run].gone:
            self._drop(run)
        recording = self._recordings.get(run)
        answer = None if recording is None else self._guard(run, partial(recording.finish, outcome))
        if recording is not None and answer is None:
            recording.close()
        if recording is not None:
            self._remark(run, recording)
        self._recordings.pop(run, None)
        if recording is not None:
            self._heirs.add(recording.order, has_others=recording.has_others)
        self._reply(
            run=run,
            event="finished",
            **(answer or {"error": self._told.get(run) or "it could not be recorded"}),
        )

    def _remark(self, run: str, recording: Recording) -> None:
        for remark in recording.remarks():
            self._problem(run, remark)

    def _report(self, run: str, recording: Recording) -> None:
        self._remark(run, recording)
        if recording.trouble != self._told.get(run):
            self._told[run] = recording.trouble
            if recording.trouble is not None:
                command = sync_command(recording.order.folder, recording.order.storage_options)
                self._problem(
                    run, f"{recording.trouble}\nwhat is logged is kept on this machine; to send it: {command}"
                )

    def _guard(self, run: str, work: Callable[[], T]) -> T | None:
        """Do one run's work. A fault in it is told and written down; the others, and the recorder, go on."""
        try:
            return work()
        except Busy:
            raise
        # A full disk, a damaged record, a fault of ours: the journal is safe, so go on.
        except Exception as error:  # noqa: BLE001
            told = f"recording {run}: {type(error).__name__}: {error}"
            if self._told.get(run) != told:
                self._told[run] = told
                self._problem(run, told)
                self._write_down(run)
            return None

    def _write_down(self, run: str) -> None:
        recording = self._recordings.get(run)
        if recording is not None:
            with (
                suppress(OSError),
                (recording.order.folder / "recorder.log").open("a", encoding="utf-8") as file,
            ):
                file.write(traceback.format_exc())

    def _problem(self, run: str, text: str) -> None:
        self._reply(run=run, event="problem", text=text)

    def _reply(self, **message: Any) -> None:
        with suppress(OSError):  # the training process is gone, or too busy to read
            os.write(self._replies, encode(message))
