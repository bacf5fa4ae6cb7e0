"""The training process's end of the recorder: start it, speak to it, hear it. Light, and without threads."""

import contextlib
import os
import select
import sys
import threading
from importlib import import_module
from pathlib import Path
from time import monotonic
from typing import Any

from ..journal import above_stdio
from .protocol import Lines, encode

__all__ = ["Recorder", "interpreter", "start"]

_ROOT = str(Path(__file__).resolve().parents[2])


class Recorder:
    """A recorder process, or, where none can be started, the same code in a thread.

    Parameters
    ----------
    in_process : bool
        Use a thread at once: for a store that lives in this process (``memory://``).

    Attributes
    ----------
    owner : int
        Process id of the training process.
    pid : int
        The recorder's process id, 0 for a thread.
    """

    def __init__(self, *, in_process: bool = False) -> None:
        self.owner = os.getpid()
        self.pid = 0
        self._thread: threading.Thread | None = None
        self._lines = Lines()
        self._unheard: dict[str, list[dict[str, Any]]] = {}
        self._reading = threading.RLock()  # a signal's handler may end a run while another call reads
        commands, self._to = _pipe()
        self._from, replies = _pipe()
        try:
            if in_process:
                raise OSError
            self.pid = _spawn(commands, replies)
            os.close(commands)
            os.close(replies)
        except OSError:  # asked for, or no process can be started: no memory, no right, a limit
            self._start_thread(commands, replies)
        os.set_blocking(self._from, False)

    def _start_thread(self, commands: int, replies: int) -> None:
        # It registers itself with the interpreter, which refuses that once the program has come to its end: a
        # short one may have before the thread has imported what it needs.
        import_module("concurrent.futures.thread")

        def run() -> None:
            from .main import serve

            serve(commands, replies)
            os.close(commands)
            os.close(replies)

        self._thread = threading.Thread(target=run, name="runhooks-recorder", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether it runs and belongs to this process (a forked child's does not)."""
        if self.owner != os.getpid() or self._to < 0:
            return False
        if self._thread is not None:
            return self._thread.is_alive()
        try:
            return os.waitpid(self.pid, os.WNOHANG)[0] == 0
        except ChildProcessError:  # reaped before, here or by the user's own wait()
            return False

    def send(self, **message: Any) -> bool:
        """Send a command; False when the recorder is gone."""
        if self._to < 0 or self.owner != os.getpid():
            return False
        line = encode(message)
        try:
            return os.write(self._to, line) == len(line)
        except OSError:
            return False

    def hear(self, run: str, timeout: float = 0.0) -> list[dict[str, Any]]:
        """Return the messages about a run that came, waiting up to `timeout` seconds for any.

        Those about other runs wait for their own.
        """
        if self._from < 0 or self.owner != os.getpid():
            return []
        if timeout > 0 and run not in self._unheard:
            poll = select.poll()  # select() fails where a process has more than 1,024 files open
            poll.register(self._from, select.POLLIN)
            poll.poll(timeout * 1000)
        with self._reading:
            with contextlib.suppress(OSError):  # nothing more yet, or a program that closed our pipe
                while data := os.read(self._from, 65536):
                    for message in self._lines.feed(data):
                        self._unheard.setdefault(str(message.get("run")), []).append(message)
            return self._unheard.pop(run, [])

    def await_event(
        self, run: str, event: str, timeout: float
    ) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
        """Wait for an event of a run; return it, and what else came about the run before it.

        The event is None after `timeout` seconds, or when the recorder died.
        """
        deadline = monotonic() + timeout
        others: list[dict[str, Any]] = []
        while True:
            left = deadline - monotonic()
            for message in self.hear(run, min(max(left, 0.0), 0.25)):
                if message.get("event") == event:
                    return message, others
                others.append(message)
            if left <= 0 or not self.alive:
                return None, others

    def close(self) -> None:
        """Let go of it: it finishes what it has and ends."""
        for fd in (self._to, self._from):
            if fd >= 0:
                with contextlib.suppress(OSError):
                    os.close(fd)
        self._to = self._from = -1


def _pipe() -> tuple[int, int]:
    reading, writing = os.pipe()
    return above_stdio(reading), above_stdio(writing)


def _flags() -> list[str]:
    """Return the flags that keep this interpreter from looking where the recorder must not look either."""
    if sys.flags.isolated:
        return ["-I"]
    chosen = [("-E", sys.flags.ignore_environment), ("-s", sys.flags.no_user_site), ("-P", True)]
    return [flag for flag, wanted in chosen if wanted]


def interpreter(code: str) -> list[str]:
    """Return the command that runs code in this interpreter, with this runhooks."""
    # -P keeps the script's folder off the path (a user's `queue.py` must not be imported); the package's
    # own root goes last, for a runhooks that was found through that folder.
    whole = f"import sys; sys.path.append({_ROOT!r}); {code}"
    return [sys.executable or "python3", *_flags(), "-c", whole]


def _spawn(commands: int, replies: int) -> int:
    """Start the recorder process with these two pipe ends as stdin and stdout; return its pid.

    posix_spawn, because a fork of a process with tens of GiB and hundreds of threads is slow and unsafe.
    """
    actions = [
        (os.POSIX_SPAWN_DUP2, commands, 0),
        (os.POSIX_SPAWN_DUP2, replies, 1),
        (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
    ]
    return start("runhooks.recorder.main", actions)


def start(module: str, actions: list[tuple[Any, ...]], *arguments: str) -> int:
    """Start a process that runs the ``main`` of a module of ours; return its pid.

    Raises
    ------
    OSError
        When no process can be started.
    """
    argv = [*interpreter(f"from {module} import main; main()"), *arguments]
    try:  # a session of its own: Ctrl-C and a closed terminal reach the trainer only
        return os.posix_spawnp(argv[0], argv, os.environ, file_actions=actions, setsid=True)
    except NotImplementedError:  # an old C library
        return os.posix_spawnp(argv[0], argv, os.environ, file_actions=actions, setpgroup=0)
