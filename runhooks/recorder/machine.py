"""The overview's facts that take time to gather: git, operating system, hardware."""

import os
import platform
import shutil
import subprocess
from pathlib import Path
from typing import Any

import psutil

from .. import __version__
from ..redact import redact_text

__all__ = ["of_machine"]

_GIT_S = 5.0


def of_machine(cwd: str | None) -> dict[str, Any]:
    """Return facts of this machine and of the git repository around `cwd`; what cannot be found is absent."""
    facts: dict[str, Any] = {
        "runhooks": __version__,
        "os": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
        "cpu_count": psutil.cpu_count(logical=False) or psutil.cpu_count(),
        "cpu_threads": psutil.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
    }
    if cwd is not None and Path(cwd).is_dir():
        facts["disk_bytes"] = psutil.disk_usage(cwd).total
        if git := _git_facts(cwd):
            facts["git"] = git
    if gpus := _gpus():
        facts["gpus"] = gpus
    return {name: value for name, value in facts.items() if value is not None}


def _git_facts(cwd: str) -> dict[str, Any]:
    commit = _git(cwd, "rev-parse", "HEAD")
    if not commit:
        return {}
    facts: dict[str, Any] = {
        "commit": commit,
        "dirty": bool(_git(cwd, "status", "--porcelain", "--untracked-files=no")),
    }
    if branch := _git(cwd, "symbolic-ref", "--short", "--quiet", "HEAD"):
        facts["branch"] = branch
    if remote := _git(cwd, "config", "--get", "remote.origin.url"):
        facts["remote"] = redact_text(remote)
    return facts


def _git(cwd: str, *words: str) -> str:
    """Return what git prints, or nothing. No lock is taken: the repository is not touched."""
    if shutil.which("git") is None:
        return ""
    try:
        done = subprocess.run(
            ["git", "--no-optional-locks", *words],
            cwd=cwd,
            env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_GIT_S,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _gpus() -> list[dict[str, Any]]:
    """Return name and memory of each NVIDIA GPU; nothing where there is no driver."""
    import pynvml

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return []
    try:
        found = []
        for index in range(pynvml.nvmlDeviceGetCount()):
            handle = pynvml.nvmlDeviceGetHandleByIndex(index)
            memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
            found.append({"name": str(pynvml.nvmlDeviceGetName(handle)), "memory_bytes": int(memory.total)})
        return found
    except pynvml.NVMLError:
        return []
    finally:
        pynvml.nvmlShutdown()
