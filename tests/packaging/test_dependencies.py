"""What pyproject.toml asks for is what the sources import: nothing missing, nothing idle."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CORE = PROJECT["dependencies"]
EXTRAS = [
    line for name, lines in PROJECT["optional-dependencies"].items() if name != "test" for line in lines
]
# Where these are imported something that needs them too is there; PyYAML: where a config comes from a file.
# Of xgboost's two distributions the tests take the one without a GPU.
COMES_ALONG = {
    "aiohttp", "azure-storage-blob", "lightning-utilities", "pytest", "pyyaml", "torch", "xgboost-cpu",
}  # fmt: skip


def test_every_import_of_the_package_is_a_dependency_or_an_extra() -> None:
    imported = {distribution(name) for name in imports(ROOT.glob("runhooks/**/*.py"))}

    assert imported - names(CORE) - names(EXTRAS) - COMES_ALONG == set()


def test_no_dependency_is_idle() -> None:
    imported = {distribution(name) for name in imports(ROOT.glob("runhooks/**/*.py"))}

    assert names(CORE) - imported == set()


def test_every_dependency_has_an_oldest_version() -> None:
    assert [line for line in CORE + EXTRAS if ">=" not in line] == []


def imports(paths: Iterable[Path]) -> set[str]:
    """Return the top-level names that the files import, without those of Python and of runhooks."""
    found = {name for path in paths for name in _imports(ast.parse(path.read_text()))}
    return found - sys.stdlib_module_names - {"runhooks"}


def _imports(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.module.partition(".")[0]


def distribution(name: str) -> str:
    """Return the name under which a registry has the module."""
    return packages_distributions().get(name, [name])[0].lower()


def names(lines: Iterable[str]) -> set[str]:
    return {re.split(r"[<>=\[; ]", line, maxsplit=1)[0].lower() for line in lines}
