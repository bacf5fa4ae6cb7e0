"""The code of this process: its script, or the cells that a notebook has run."""

import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..redact import redact_text
from ..values import text

__all__ = ["cells", "keep_cells", "script"]


def script() -> str | None:
    """Return the path of the script that this process runs, None where there is none."""
    file = getattr(sys.modules.get("__main__"), "__file__", None)
    return str(Path(file).absolute()) if isinstance(file, str) else None


def keep_cells(folder: Path) -> None:
    """Write the cells that a notebook has run into a run's files; nothing where this is no notebook."""
    with suppress(Exception):  # foreign objects, a full disk: the run is complete without it
        if (ran := cells()) is not None:
            (folder / "files" / "code").mkdir(parents=True, exist_ok=True)
            (folder / "files" / "code" / "notebook.py").write_text(ran, encoding="utf-8")


def cells() -> str | None:
    """Return the cells that a notebook has run so far, secrets redacted; None where this is no notebook."""
    shell: Any = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is None:
        return None
    ran = [cell for cell in shell.user_ns.get("In", ()) if isinstance(cell, str) and cell.strip()]
    parts = [f"# In [{number}]\n{text(cell).rstrip()}\n" for number, cell in enumerate(ran, 1)]
    return redact_text("\n".join(parts)) if parts else None
