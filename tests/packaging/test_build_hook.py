"""The build hook, with stand-ins for npm on PATH: what it runs, and what it says when it cannot."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from runhooks.site.assets import ASSETS
from tests.packaging.commands import UV, run

pytestmark = pytest.mark.xdist_group("packaging")

NO_REGISTRY = "echo 'npm error code ECONNREFUSED' >&2; echo 'npm error the registry is away' >&2; exit 1"
BUNDLE = (*ASSETS, "plotly-frame.js")


@pytest.fixture
def sources(commit: Path, tmp_path: Path) -> Path:
    """The clone's sources, with nothing built."""
    return Path(shutil.copytree(commit, tmp_path / "sources", symlinks=True))


def test_a_bundle_is_taken_as_it_is_where_npm_cannot_be_had(sources: Path, tmp_path: Path) -> None:
    static = sources / "runhooks" / "site" / "static"
    static.mkdir()
    for name in BUNDLE:
        (static / name).write_text("built yesterday")

    done = build(sources, path_with(tmp_path, npm=NO_REGISTRY))

    assert done.returncode == 0, done.stdout
    assert "as it was last built: `npm ci` failed: the registry is away" in done.stdout


def test_with_neither_bundle_nor_npm_one_line_says_what_to_do(sources: Path, tmp_path: Path) -> None:
    done = build(sources, path_with(tmp_path, npm=NO_REGISTRY))

    assert done.returncode != 0
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("runhooks: ")]
    assert "`npm ci` failed: the registry is away" in line
    assert "install a released wheel or sdist" in line
    assert "Traceback" not in done.stdout


def test_sources_that_do_not_build_fail_even_beside_an_old_bundle(sources: Path, tmp_path: Path) -> None:
    static = sources / "runhooks" / "site" / "static"
    static.mkdir()
    for name in BUNDLE:
        (static / name).write_text("built yesterday")

    done = build(sources, path_with(tmp_path, npm='[ "$1" = ci ]'))

    assert done.returncode != 0
    assert "`npm run build` failed" in done.stdout


def test_what_an_older_version_built_is_in_no_wheel(sources: Path, tmp_path: Path) -> None:
    static = sources / "runhooks" / "site" / "static"
    static.mkdir()
    (static / "app.js").write_text("of a version before")
    makes = f'[ "$1" = ci ] || (mkdir -p {static} && cd {static} && touch {" ".join(BUNDLE)})'

    done = build(sources, path_with(tmp_path, npm=makes))

    assert done.returncode == 0, done.stdout
    assert {file.name for file in static.iterdir()} == set(BUNDLE)


def test_npm_runs_no_install_script_of_a_package(sources: Path, tmp_path: Path) -> None:
    log = tmp_path / "npm.log"

    build(sources, path_with(tmp_path, npm=f'echo "$@" >> {log}; exit 1'))

    assert log.read_text() == "ci --ignore-scripts\n"


def test_an_sdist_installs_without_npm(sdist: Path, tmp_path: Path) -> None:
    run("tar", "-xzf", sdist, cwd=tmp_path)
    (unpacked,) = tmp_path.glob("runhooks-*/")
    log = tmp_path / "npm.log"

    done = build(unpacked, path_with(tmp_path, npm=f'echo "$@" >> {log}; exit 1'))

    assert done.returncode == 0, done.stdout
    assert not log.exists()


def path_with(folder: Path, npm: str) -> str:
    """Return a PATH whose first node is new, and whose first npm is the given shell script."""
    commands = folder / "bin"
    commands.mkdir()
    for name, script in {"node": "echo v99.0.0", "npm": npm}.items():
        (commands / name).write_text(f"#!/bin/sh\n{script}\n")
        (commands / name).chmod(0o755)
    return f"{commands}{os.pathsep}{os.environ['PATH']}"


def build(sources: Path, path: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*UV, "build", "--wheel", "--out-dir", str(sources / "dist"), str(sources)],
        env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=240,
    )
