"""How the process ended, told to the runs that are still open.

Hooks are chained, never replaced: the user's excepthook, signal handler and ``sys.exit`` do what they
did. They are put in place by the first open run and taken out after the last, where nobody else has
hooked in since.

Known limit: a ``raise SystemExit(n)`` that is no call of ``sys.exit`` reaches no hook in Python; such a
run is finished, unless it is used as a context manager.
"""

import atexit
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from opcode import opmap
from types import FrameType, TracebackType
from typing import Any, NoReturn, Protocol

from .outcome import exit_status

__all__ = ["Watched", "received_signal", "unwatch", "watch", "went_on"]


class Watched(Protocol):
    """What the lifecycle needs of a run."""

    def end_of_process(self, *, error: BaseException | None, exit_code: int, signal: str | None) -> None:
        """Finish, as the process ends."""

    def after_fork(self) -> None:
        """Let go, in a forked child, of what belongs to the parent."""


_RAISING = frozenset(opmap[name] for name in ("RERAISE", "RAISE_VARARGS"))

_INTERRUPTIONS = 5
"""How often an impatient user may press Ctrl-C while the end of the process is written down."""

_open: list[Watched] = []
_owner = 0
_error: BaseException | None = None
_uncaught: BaseException | None = None
_leaving: SystemExit | None = None
_seen: BaseException | None = None
_signal: str | None = None
_excepthook: Callable[..., Any] | None = None
_exit: Callable[..., NoReturn] | None = None
_quit: Callable[..., Any] | None = None
_registered = False


def watch(run: Watched) -> None:
    """Tell `run` when the process ends before it is unwatched."""
    global _owner, _registered
    if not _registered:
        atexit.register(_at_exit)
        os.register_at_fork(after_in_child=_in_child)
        _registered = True
    _owner = os.getpid()
    if not _open:
        _hook()
    _open.append(run)


def unwatch(run: Watched) -> None:
    """Forget `run`; after the last one, take the hooks out."""
    if run in _open:
        _open.remove(run)
        if not _open:
            _unhook()


def received_signal() -> str | None:
    """Return the name of the signal that told this process to end, if one did."""
    return _signal


def _hook() -> None:
    global _excepthook, _exit, _quit, _error, _leaving, _signal, _seen
    _error, _leaving, _signal = None, None, None
    _seen = getattr(sys, "last_value", None)
    if _excepthook is None:  # else somebody who hooked in after us still calls us
        _excepthook, sys.excepthook = sys.excepthook, _on_exception
    if _exit is None:
        _exit, sys.exit = sys.exit, _on_sys_exit
    if _quit is None and (quitter := _quitter()) is not None:
        _quit, quitter.__call__ = quitter.__call__, _on_quit
    if _in_main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _on_sigterm)


def _unhook() -> None:
    global _excepthook, _exit, _quit
    if sys.excepthook is _on_exception and _excepthook is not None:
        sys.excepthook, _excepthook = _excepthook, None
    if sys.exit is _on_sys_exit and _exit is not None:
        sys.exit, _exit = _exit, None
    if _quit is not None and (quitter := _quitter()) is not None and quitter.__call__ is _on_quit:
        quitter.__call__, _quit = _quit, None
    if _in_main_thread() and signal.getsignal(signal.SIGTERM) is _on_sigterm:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _quitter() -> Any:
    """Return the class of the builtins ``exit`` and ``quit``, which ``python -S`` does not have."""
    return getattr(sys.modules.get("_sitebuiltins"), "Quitter", None)


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def _on_exception(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    global _error, _uncaught
    _error = _uncaught = error
    (_excepthook or sys.__excepthook__)(kind, error, trace)


def _on_sys_exit(status: Any = None, /) -> NoReturn:
    _leave(status)


def _on_quit(_quitter: Any, code: Any = None) -> NoReturn:
    _leave(code)


def _leave(status: Any) -> NoReturn:
    """Raise SystemExit as ``sys.exit`` does, and remember the exception: see :func:`_exit_code`."""
    global _error, _leaving
    error = SystemExit(status)
    if _in_main_thread():
        _leaving = error
        if isinstance(answered := sys.exc_info()[1], KeyboardInterrupt):  # Lightning does so to Ctrl-C
            _error = answered
    raise error


def went_on() -> None:
    """Forget an exit that did not happen: the program caught it, and logs again."""
    global _leaving
    _leaving = None


def _exit_code() -> int:
    """Return the status with which this process ends."""
    return 0 if _leaving is None or _was_caught(_leaving) else exit_status(_leaving.code)


def _was_caught(error: BaseException) -> bool:
    """Tell whether an exception that was raised was caught, now that the program has ended.

    The outermost frame that its traceback names either stopped where the exception passed through it, at
    that instruction or at the raising again that ends a ``finally``, or it went on to another instruction.
    """
    trace = error.__traceback__
    if trace is None:  # no frame even looked at it (Python 3.11)
        return False
    frame = trace.tb_frame
    return frame.f_lasti != trace.tb_lasti and frame.f_code.co_code[frame.f_lasti] not in _RAISING


def _on_sigterm(_number: int, _frame: FrameType | None) -> None:
    global _signal
    _signal = "SIGTERM"
    if signal.getsignal(signal.SIGTERM) is not _on_sigterm:
        return  # somebody wrapped this handler and called it: they decide whether and how the process ends
    _end()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGTERM)


def _at_exit() -> None:
    for _ in range(_INTERRUPTIONS):
        # One while the recorder is waited for is told in the terminal; the run is no longer open then. One
        # before the end was written down must not keep it from being: again.
        with suppress(KeyboardInterrupt):
            _end()
            break
    if isinstance(_uncaught, KeyboardInterrupt):
        # The interpreter then dies by SIGINT, as shells expect. It knows this by a flag, which every exec()
        # of a text clears (importing dataclasses is enough) and one that is interrupted sets.
        with suppress(KeyboardInterrupt):
            exec("raise KeyboardInterrupt")  # noqa: S102


def _end() -> None:
    if os.getpid() != _owner:
        return
    error = _error
    last = getattr(sys, "last_value", None)
    if error is None and last is not _seen and not hasattr(sys, "ps1"):
        error = last  # somebody replaced our excepthook; the interpreter keeps what it passed to theirs
    for run in tuple(_open):  # each takes itself out
        run.end_of_process(error=error, exit_code=_exit_code(), signal=_signal)


def _in_child() -> None:
    for run in _open:
        run.after_fork()
