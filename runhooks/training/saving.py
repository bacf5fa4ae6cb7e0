"""What ``run.save()`` orders: checked here, done by the recorder."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..errors import ArgumentError
from ..record.staging import encode_local

__all__ = ["POLICIES", "files_folder", "save_order"]

POLICIES = ("live", "now", "end")


def save_order(pattern: Any, base_path: Any, policy: str) -> dict[str, str]:
    """Return the event of an order to save files: absolute paths, so that the recorder may be anywhere.

    Raises
    ------
    ArgumentError
        For an unknown policy, and where `base_path` does not hold what is to be saved.
    """
    if policy not in POLICIES:
        raise ArgumentError(f"policy must be one of {', '.join(POLICIES)}, not {policy!r}")
    given = _absolute(pattern)
    base = _base(given) if base_path is None else _absolute(base_path)
    if not given.startswith(base.rstrip("/") + "/"):
        raise ArgumentError(f"{given} does not lie in base_path {base}")
    return {"glob": encode_local(given), "base": encode_local(base), "policy": policy}


def files_folder(run: Path, *, kept: bool) -> str:
    """Return a run's folder for files, made; for a run that is not `kept` a folder that is for nothing."""
    if not kept:
        from tempfile import mkdtemp  # for whoever writes files of a disabled run

        return mkdtemp(prefix="runhooks-")
    folder = run / "files"
    with suppress(OSError):  # the run's folder was deleted, or the disk is full: the user's own write tells
        folder.mkdir(exist_ok=True)
    return str(folder)


def _absolute(path: Any) -> str:
    try:
        given = os.path.expanduser(os.fsdecode(path))  # noqa: PTH111
        return os.path.abspath(given)  # noqa: PTH100  (nothing is resolved: links are the user's)
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"save() takes a path or a pattern, not {path!r}") from error


def _base(given: str) -> str:
    """Return the folder that paths in the run begin from: where the program runs, else the pattern's."""
    here = os.getcwd()  # noqa: PTH109
    if given.startswith(here.rstrip("/") + "/"):
        return here
    import glob  # with all that it brings, 5 ms that few runs need

    folder = os.path.dirname(given)  # noqa: PTH120
    while glob.has_magic(folder):
        folder = os.path.dirname(folder)  # noqa: PTH120
    return folder
