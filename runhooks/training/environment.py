"""What this process knows of itself: command, interpreter, place, job. Cheap; no subprocess, no file read.

What takes longer (git, hardware, packages) is gathered by the recorder, in :mod:`runhooks.recorder.machine`.
"""

import os
import sys
from typing import Any

from ..redact import redact_argv, redact_text
from ..values import text

__all__ = ["of_process", "rank", "working_folder"]

_JOB_VARIABLES = (
    "SLURM_JOB_ID",
    "SLURM_JOB_NAME",
    "SLURM_JOB_PARTITION",
    "SLURM_CLUSTER_NAME",
    "SLURM_ARRAY_JOB_ID",
    "SLURM_ARRAY_TASK_ID",
    "SLURM_JOB_NUM_NODES",
    "SLURM_NODELIST",
    "SLURM_NODEID",
    "SLURM_NTASKS",
    "SLURM_PROCID",
    "SLURM_RESTART_COUNT",
    "KUBERNETES_SERVICE_HOST",
    "JOB_COMPLETION_INDEX",
    "MASTER_ADDR",
    "WORLD_SIZE",
    "LOCAL_WORLD_SIZE",
    "RANK",
    "LOCAL_RANK",
    "GROUP_RANK",
    "TORCHELASTIC_RUN_ID",
    "TORCHELASTIC_RESTART_COUNT",
    "CUDA_VISIBLE_DEVICES",
)


def of_process() -> dict[str, Any]:
    """Return the facts of the overview that this process knows, secrets redacted."""
    argv = redact_argv(getattr(sys, "orig_argv", sys.argv))
    named = (os.environ.get(name) for name in ("RUNHOOKS_AUTHOR", "USER", "LOGNAME"))
    facts: dict[str, Any] = {
        "author": next(filter(None, named), None) or _account(),
        "command": " ".join(argv),
        "program": sys.argv[0] if sys.argv else "",
        "executable": sys.executable,
        "python": sys.version.split()[0],
        "host": os.uname().nodename,
        "cwd": working_folder(),
        "pid": os.getpid(),
    }
    job = {name: text(redact_text(os.environ[name])) for name in _JOB_VARIABLES if name in os.environ}
    if job:
        facts["job"] = job
    cleaned = {name: text(value) if isinstance(value, str) else value for name, value in facts.items()}
    return {name: value for name, value in cleaned.items() if value not in (None, "")}


def _account() -> str | None:
    """Return the name of the account, which containers often have no variable for."""
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError):  # no such system, no such account
        return None


def working_folder() -> str | None:
    """Return the current folder, None when it was removed."""
    try:
        return os.getcwd()  # noqa: PTH109  (pathlib is not needed here, and this file is imported at start)
    except OSError:
        return None


def rank() -> int:
    """Return the global rank of this process as launchers tell it, 0 without one."""
    for name in ("RANK", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK"):
        value = os.environ.get(name, "")
        if value.isdigit() and (name != "SLURM_PROCID" or "SLURM_STEP_ID" in os.environ):
            return int(value)
    return 0
