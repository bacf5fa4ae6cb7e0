"""The commands that the packaging tests run."""

import subprocess
import sys
from pathlib import Path

UV = [sys.executable, "-m", "uv"]


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command that must succeed; return its output."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, f"{command} failed in {cwd}:\n{done.stdout}"
    return done.stdout
