"""However runhooks is installed, all its modules import and its pages find their front end."""

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from runhooks.site.assets import ASSETS
from tests.packaging.commands import UV, run

# One worker builds for all of them.
pytestmark = pytest.mark.xdist_group("packaging")

BUNDLE = {*ASSETS, "plotly-frame.js"}
IMPORT_ALL = Path(__file__).with_name("import_all.py")
# What only an extra installs, and the only modules that may need it.
OPTIONAL = ("runhooks.cli.server", "runhooks.integrations.", "runhooks.testing")


@pytest.mark.parametrize("what", ["clone", "sdist", "wheel", "wheel_through_sdist"])
def test_every_module_imports_and_the_front_end_is_there(
    what: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    python = install(request.getfixturevalue(what), tmp_path)

    found = json.loads(run(python, "-I", "-W", "error", IMPORT_ALL, cwd=tmp_path))

    assert Path(found["file"]).is_relative_to(tmp_path), (
        "imported from the checkout, not from what was installed"
    )
    assert set(found["static"]) >= BUNDLE
    assert {name for name in found["skipped"] if not name.startswith(OPTIONAL)} == set()
    unseen = modules_of(request.getfixturevalue("commit")) - set(found["modules"]) - set(found["skipped"])
    assert {name for name in unseen if name.rpartition(".")[0] not in found["skipped"]} == set()
    assert "runhooks" in run(python.with_name("runhooks"), "--help", cwd=tmp_path)


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_with_the_frameworks_installed_no_module_is_left_out(backend: str, tmp_path: Path) -> None:
    missing = [name for name in ("lightning", "transformers", "keras", backend) if find_spec(name) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}; the extra `test` has them")
    done = subprocess.run(
        [sys.executable, IMPORT_ALL],
        cwd=tmp_path,
        env={**os.environ, "KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["skipped"] == {}


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path, clone: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}

    tracked = set(run("git", "ls-files", "runhooks", cwd=clone).splitlines())
    assert names == tracked | {f"runhooks/site/static/{name}" for name in BUNDLE}


def test_the_wheel_through_the_sdist_is_the_wheel(wheel: Path, wheel_through_sdist: Path) -> None:
    assert contents(wheel_through_sdist) == contents(wheel)


def test_the_sdist_holds_all_sources_and_the_built_front_end(sdist: Path, clone: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    tracked = set(run("git", "ls-files", cwd=clone).splitlines())
    # The links would be the same modules twice; the rest serves the repository only.
    left_out = {"integrations", "storage", ".ci/run", ".gitattributes", ".pre-commit-config.yaml"}
    assert tracked - names == left_out
    assert names - tracked == {"PKG-INFO", *(f"runhooks/site/static/{name}" for name in BUNDLE)}


def install(source: Path, folder: Path) -> Path:
    """Install into a fresh environment; return its Python."""
    run(*UV, "venv", "--quiet", "--python", sys.executable, folder / "venv", cwd=folder)
    python = folder / "venv" / "bin" / "python"
    run(*UV, "pip", "install", "--quiet", "--python", python, source, cwd=folder)
    return python


def modules_of(repository: Path) -> set[str]:
    sources = (path.relative_to(repository) for path in (repository / "runhooks").rglob("*.py"))
    dotted = (".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in sources)
    return {name for name in dotted if not name.endswith("__main__")}


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
