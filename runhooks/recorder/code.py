"""What a run was made with: its packages, the changes to its code, and its script where that is asked for."""

import re
from collections.abc import Iterable
from pathlib import Path

from ..redact import redact_text
from ..storage import Store
from .git import diff

__all__ = ["keep_code", "requirements"]

MOST_CODE = 2**20
"""Bytes of a script that are kept."""

_INSTALLED = re.compile(r"(?P<name>.+?)-(?P<version>[^-]+)(?:-py[\d.]+)?\.(?:dist|egg)-info")


def keep_code(
    store: Store, folder: str, import_path: Iterable[str], repository: str | None, program: str | None
) -> None:
    """Write ``requirements.txt``, ``diff.patch`` and the script into a run's files, as far as there are such.

    Parameters
    ----------
    store : Store
    folder : str
        The run's folder.
    import_path : iterable of str
        The training process's ``sys.path``.
    repository : str or None
        Where it was started, when that is in a git repository.
    program : str or None
        The script, where it is to be kept.
    """
    files = {"requirements.txt": requirements(import_path)}
    if repository is not None:
        files["diff.patch"] = diff(repository)
    if program is not None:
        files[f"code/{Path(program).name}"] = _script(Path(program))
    for name, text in files.items():
        if text:
            store.write(f"{folder}/files/{name}", text.encode("utf-8", "replace"))


def requirements(import_path: Iterable[str]) -> str:
    """Return the packages on an import path, ``name==version`` a line, as pip writes them.

    Of two versions the first on the path counts, as for ``import``. The names of the folders say enough
    (PEP 376, PEP 427): no package's metadata is read.
    """
    found: dict[str, str] = {}
    for place in import_path:
        try:
            names = sorted(entry.name for entry in Path(place or ".").iterdir())
        except OSError:  # a zip file, or a folder that is gone
            continue
        for match in filter(None, map(_INSTALLED.fullmatch, names)):
            name = match["name"].replace("_", "-")
            found.setdefault(name.lower(), f"{name}=={match['version']}")
    return "".join(f"{found[name]}\n" for name in sorted(found))


def _script(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_CODE + 1)
    except OSError:
        return ""
    text = redact_text(data[:MOST_CODE].decode("utf-8", "replace"))
    return text if len(data) <= MOST_CODE else f"{text}\n# cut here: longer than {MOST_CODE:,} bytes\n"
