"""From a command line to an exit code: 0 done, 1 failed, 2 asked for what cannot be."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import cast

from ..errors import (
    ArgumentError,
    ArtifactNotFoundError,
    RunhooksError,
    RunNotFoundError,
    StoreNotFoundError,
    StoreUrlError,
)
from .plain import plain

__all__ = ["main"]

_WRONG_USE = (ArgumentError, ArtifactNotFoundError, RunNotFoundError, StoreNotFoundError, StoreUrlError)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; what goes wrong is one line on stderr.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments without the program's name; by default those of this process.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError, OSError):  # replaced by something that is no text file
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        code = _run(argv)
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # `runhooks ls | head`: the reader has what it wanted
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130
    except _WRONG_USE as error:
        return _told(error, 2)
    except (RunhooksError, OSError) as error:
        return _told(error, 1)
    # A fault of ours, or a record that nobody thought of: a line, too. Nothing is swallowed in Python's own
    # development mode.
    except Exception as error:
        if sys.flags.dev_mode:
            raise
        return _told(f"unexpected {type(error).__name__}: {error} (PYTHONDEVMODE=1 shows where)", 1)


def _run(argv: Sequence[str] | None) -> int:
    import typer

    from .app import app

    # Their modules differ between versions of typer, their places in its tree do not.
    _, usage_error, shown_error = cast("tuple[type[Exception], ...]", typer.BadParameter.__mro__[:3])
    arguments = None if argv is None else list(argv)
    try:
        code = app(args=arguments, prog_name="runhooks", standalone_mode=False)
    except typer.Abort:
        return 130
    except shown_error as error:
        wrong_use = isinstance(error, usage_error)
        return _told(_usage(error) if wrong_use else error, 2 if wrong_use else 1)
    return code if isinstance(code, int) else 0


def _usage(error: BaseException) -> str:
    """Return what was wrong with the command line, and where help is."""
    asked = getattr(getattr(error, "ctx", None), "command_path", "runhooks")
    said = getattr(error, "format_message", error.__str__)().rstrip(".")
    return f"{said}; see: {asked} --help"


def _told(error: BaseException | str, code: int) -> int:
    with suppress(OSError, ValueError):  # stderr is closed
        sys.stderr.write(f"runhooks: {plain(str(error))}\n")
    return code
