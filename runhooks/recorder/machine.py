"""The overview's facts that take time to gather: git, operating system, hardware."""

import os
import platform
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from .. import __version__
from .git import git_facts
from .system.driver import has_driver

__all__ = ["of_machine"]

_NAMESPACE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")


def of_machine(cwd: str | None) -> dict[str, Any]:
    """Return facts of this machine and of the git repository around `cwd`; what cannot be found is absent."""
    facts: dict[str, Any] = {
        "runhooks": __version__,
        "os": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
        "cpu": _cpu_model(),
        "cpu_count": psutil.cpu_count(logical=False) or psutil.cpu_count(),
        "cpu_threads": psutil.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
    }
    if cwd is not None and Path(cwd).is_dir():
        facts["disk_bytes"] = psutil.disk_usage(cwd).total
        if git := git_facts(cwd):
            facts["git"] = git
    if gpus := _gpus():
        facts["gpus"] = gpus
    facts["kubernetes"] = _pod()
    return {name: value for name, value in facts.items() if value is not None}


def _cpu_model() -> str | None:
    """Return the name of the processor, as Linux tells it; elsewhere what Python knows."""
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8", errors="replace") as file:
            names = (line.partition(":")[2].strip() for line in file if line.startswith("model name"))
            return next(names, None)
    except OSError:
        return platform.processor() or None


def _pod() -> dict[str, str] | None:
    """Return the Kubernetes pod that this is, and its namespace."""
    if "KUBERNETES_SERVICE_HOST" not in os.environ:
        return None
    pod = {"pod": os.environ.get("POD_NAME") or platform.node()}
    with suppress(OSError):
        pod["namespace"] = _NAMESPACE.read_text(encoding="utf-8").strip()
    return pod


def _gpus() -> list[dict[str, Any]]:
    """Return name and memory of each NVIDIA GPU; nothing where there is no driver."""
    if not has_driver():
        return []
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
