"""How a run ended: from an exit code, an exception or a signal to a state and a reason."""

import operator
from contextlib import suppress
from typing import Any, Literal, NamedTuple

from ..redact import redact_text
from ..values import text

__all__ = ["Outcome", "exit_status", "outcome"]

_MOST_TRACEBACK = 20_000


class Outcome(NamedTuple):
    """A state that ends a run, a one-line reason, and the facts behind it."""

    state: Literal["finished", "failed", "killed"]
    reason: str | None
    exit: dict[str, Any]


def outcome(
    exit_code: int | None = None, error: BaseException | None = None, signal: str | None = None
) -> Outcome:
    """Return what an end means.

    A signal or KeyboardInterrupt: killed. Any other exception, and a non-zero exit code: failed.
    """
    exit_code = None if exit_code is None else exit_status(exit_code)
    if signal is not None:
        return Outcome("killed", signal, {"exit_code": exit_code, "signal": signal, "error": None})
    if isinstance(error, SystemExit) and isinstance(error.__context__, KeyboardInterrupt):
        error = error.__context__
    elif isinstance(error, SystemExit):
        exit_code, error = exit_status(error.code), None
    if error is not None:
        told = _tell(error)
        killed = isinstance(error, KeyboardInterrupt)
        reason = "KeyboardInterrupt" if killed else f"{told['type']}: {told['message']}".rstrip(": ")
        found = {"exit_code": exit_code or 1, "signal": "SIGINT" if killed else None, "error": told}
        return Outcome("killed" if killed else "failed", _first_line(reason)[:300], found)
    if exit_code:
        return Outcome(
            "failed", f"exit code {exit_code}", {"exit_code": exit_code, "signal": None, "error": None}
        )
    return Outcome("finished", None, {"exit_code": 0, "signal": None, "error": None})


def exit_status(code: Any) -> int:
    """Return the status that a process ends with for an argument of ``sys.exit``: 0 to 255."""
    if code is None:
        return 0
    try:
        return operator.index(code) & 0xFF if -(2**31) <= operator.index(code) < 2**31 else 0xFF
    except TypeError:  # a text is printed, and counts as 1
        return 1


def _first_line(reason: str) -> str:
    kind, _, message = reason.partition(": ")
    line = next((line.strip() for line in message.splitlines() if line.strip()), "")
    return f"{kind}: {line}" if line else kind


def _tell(error: BaseException) -> dict[str, str]:
    message, trace = "(the exception cannot be shown)", ""
    with suppress(Exception):  # foreign __str__ and foreign frames; or no file number is free for the module
        message = redact_text(text(str(error)))
        import traceback

        trace = redact_text(text("".join(traceback.format_exception(error))))
    if len(trace) > _MOST_TRACEBACK:
        trace = "…\n" + trace[-_MOST_TRACEBACK:]
    return {"type": type(error).__name__, "message": message[:_MOST_TRACEBACK], "traceback": trace}
