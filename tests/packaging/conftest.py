"""What the packaging tests share: one commit of the working tree, and what is built from it."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.packaging.commands import UV, run

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def commit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with one commit of what is in the working tree and not ignored.

    On a clean tree that is HEAD; while somebody works, it is what they are about to commit.
    """
    if not (ROOT / ".git").exists():
        pytest.skip("what belongs to a clone is known only in a git checkout")
    repository = tmp_path_factory.mktemp("origin")
    for path in _tracked_files():
        target = repository / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, target, follow_symlinks=False)
    run("git", "init", "--quiet", cwd=repository)
    run("git", "add", "--all", cwd=repository)
    author = ["-c", "user.name=tests", "-c", "user.email=tests@example.invalid"]
    run("git", *author, "commit", "--quiet", "--message", "the working tree", cwd=repository)
    return repository


def _tracked_files() -> Iterator[str]:
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT)
    for path in filter(None, listed.split("\0")):
        if os.path.lexists(ROOT / path):  # deleted here, and not yet in the index
            yield path


@pytest.fixture(scope="session")
def clone(commit: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone as `git clone` makes it: no bundle, no npm packages."""
    folder = tmp_path_factory.mktemp("clone") / "runhooks"
    run("git", "clone", "--quiet", commit, folder, cwd=commit)
    return folder


@pytest.fixture(scope="session")
def distributions(clone: Path) -> Path:
    """The folder with the sdist and the wheel that is built from the sdist."""
    run(*UV, "build", "--quiet", "--out-dir", clone / "dist", clone, cwd=clone)
    return clone / "dist"


@pytest.fixture(scope="session")
def sdist(distributions: Path) -> Path:
    (path,) = distributions.glob("*.tar.gz")
    return path


@pytest.fixture(scope="session")
def wheel_through_sdist(distributions: Path) -> Path:
    (path,) = distributions.glob("*.whl")
    return path


@pytest.fixture(scope="session")
def wheel(clone: Path, distributions: Path) -> Path:
    """The wheel built straight from the clone."""
    run(*UV, "build", "--quiet", "--wheel", "--out-dir", clone / "direct", clone, cwd=clone)
    (path,) = (clone / "direct").glob("*.whl")
    return path
