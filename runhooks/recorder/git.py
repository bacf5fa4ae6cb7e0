"""What git says of the code. The repository is only read: no lock is taken, nothing is refreshed."""

import os
import re
import shutil
import subprocess
import threading
from typing import Any

from ..redact import redact_text

__all__ = ["diff", "git_facts"]

MOST_DIFF = 2**20
"""Bytes of a diff that are kept."""

_GIT_S = 5.0
_BRANCHES = "refs/heads/"
# Whatever `diff` is told of locks, it writes the index anew where a file has another time and the same
# content, unless it may not look for such files; it names them then, without a change.
_QUIET = (
    "--no-optional-locks",
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.quotePath=false"),
    *("-c", "diff.autoRefreshIndex=false"),
)
_UNCHANGED = re.compile(r"^diff --git .*\n(?=diff --git |\Z)", re.MULTILINE)


def git_facts(cwd: str) -> dict[str, Any]:
    """Return commit, branch, whether there are changes, and the remote without credentials.

    What there is not, such as the branch of a commit that was checked out by itself, is left out.
    """
    commit, _, ref = _git(cwd, "rev-parse", "HEAD", "--symbolic-full-name", "HEAD").partition("\n")
    facts: dict[str, Any] = {}
    if commit:
        facts["commit"] = commit
        facts["dirty"] = bool(_git(cwd, "status", "--porcelain", "--untracked-files=no"))
    else:  # without a commit there is a branch to be, without a repository there is none
        ref = _git(cwd, "symbolic-ref", "--quiet", "HEAD")
        if not ref:
            return {}
    if ref.startswith(_BRANCHES):  # else no branch is checked out
        facts["branch"] = ref.removeprefix(_BRANCHES)
    if remote := _git(cwd, "config", "--get", "remote.origin.url"):
        facts["remote"] = redact_text(remote)
    return facts


def diff(cwd: str) -> str:
    """Return the changes to tracked files since the commit, secrets redacted; nothing where there are none.

    A longer one than a megabyte is cut at a line, and says so.
    """
    words = ("diff", "HEAD", "--no-ext-diff", "--no-textconv", "--no-color", "--submodule=short")
    text = _output(cwd, *words, most=MOST_DIFF + 1)
    if len(text) <= MOST_DIFF:
        return redact_text(_UNCHANGED.sub("", text.decode("utf-8", "replace")))
    kept = text[:MOST_DIFF].rpartition(b"\n")[0].decode("utf-8", "replace")
    return redact_text(kept) + f"\n\n# cut here: the changes are longer than {MOST_DIFF:,} bytes\n"


def _git(cwd: str, *words: str) -> str:
    return _output(cwd, *words, most=2**16).decode("utf-8", "replace").strip()


def _output(cwd: str, *words: str, most: int) -> bytes:
    """Return what git prints, at most so many bytes; nothing when it fails or takes too long."""
    if shutil.which("git") is None:
        return b""
    try:
        with subprocess.Popen(
            ["git", *_QUIET, *words],
            cwd=cwd,
            env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process:
            late = threading.Timer(_GIT_S, process.kill)
            late.start()
            try:
                assert process.stdout is not None
                found = process.stdout.read(most)
                enough = len(found) == most
                if enough:
                    process.kill()
                return found if process.wait() == 0 or enough else b""
            finally:
                late.cancel()
    except OSError:
        return b""
