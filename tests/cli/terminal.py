"""The command as a process of its own: in a pipe, and in a terminal of a certain width."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from contextlib import suppress
from pathlib import Path

from tests.programs import environment

PROGRAM = [sys.executable, "-c", "import sys; from runhooks.cli import main; sys.exit(main())"]


def piped(*words: str, **variables: str) -> "subprocess.CompletedProcess[bytes]":
    """Run `runhooks` with its output in pipes."""
    return subprocess.run(
        [*PROGRAM, *words],
        env=environment(**variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
    )


def in_terminal(folder: Path, columns: int, *words: str) -> str:
    """Run `runhooks` in a terminal and return what it shows there, without colours."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    variables = environment(TERM="xterm")
    variables.pop("COLUMNS", None)
    with subprocess.Popen(
        [*PROGRAM, *words], cwd=folder, env=variables, stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # Linux says EIO when the other end is closed
            while data := os.read(ours, 65536):
                shown += data
        os.close(ours)
        assert process.wait(60) == 0, shown
    return re.sub(r"\x1b\[[0-9;]*m", "", shown.decode()).replace("\r\n", "\n")
