"""``runhooks export``: a run as one file, or several runs as one file each in a folder."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..api import ApiRun
from ..errors import ArgumentError
from .export_data import WRITERS, Writer
from .options import Asked, Selection
from .screen import note, print_json, print_line, progress
from .selection import choose

__all__ = ["export"]


def export(
    words: Sequence[str],
    selection: Selection,
    files: Mapping[str, Path],
    asked: Asked,
    *,
    anonymous: bool,
) -> int:
    """Write runs; return the exit code.

    Parameters
    ----------
    files : mapping
        Kind of file, and where it goes: exactly one.
    """
    if len(files) != 1:
        said = " and ".join(f"--{kind}" for kind in files) or "nothing"
        raise ArgumentError(
            f"say one file to write: --html, --parquet, --csv, --zip or --tensorboard; not {said}"
        )
    [(kind, target)] = files.items()
    if anonymous and kind != "html":
        raise ArgumentError(f"--anonymous goes with --html: --{kind} would hold what it takes out")
    if not target.parent.is_dir():
        raise ArgumentError(f"there is no folder {target.parent}")
    writer = WRITERS["anonymous html" if anonymous else kind]
    runs = [ApiRun(run.store, run.path) for run in choose(words, selection, asked)]
    many = bool(selection) or len(runs) > 1 or kind == "tensorboard"
    places = _places(runs, kind, target) if many else [target]
    written = []
    with progress("exporting", len(runs)) as done:
        for run, place in zip(runs, places, strict=True):
            written.append(_written(run, place, writer))
            done(run.path)
    _tell(written, as_json=asked.as_json)
    return 0


def _places(runs: Sequence[ApiRun], kind: str, folder: Path) -> list[Path]:
    """Return a file a run in a folder, which is made; runs of several projects are told apart by them."""
    if folder.exists() and not folder.is_dir():
        raise ArgumentError(f"several runs go into a folder, and {folder} is a file")
    folder.mkdir(exist_ok=True)
    projects = {(run.entity, run.project) for run in runs}
    ending = "" if kind == "tensorboard" else f".{kind}"
    names = [run.id if len(projects) == 1 else f"{run.entity}-{run.project}-{run.id}" for run in runs]
    return [folder / f"{name}{ending}" for name in names]


def _written(run: ApiRun, file: Path, writer: Writer) -> dict[str, Any]:
    """Write one file, whole or not at all."""
    temporary = file.with_name(f".{file.name}.part")
    try:
        facts = writer(run, temporary)
        temporary.replace(file)
    finally:
        if temporary.is_file():
            temporary.unlink()
    size = sum(f.stat().st_size for f in file.iterdir()) if file.is_dir() else file.stat().st_size
    return {"path": run.path, "file": str(file), "bytes": size, **facts}


def _tell(written: Sequence[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print_json({"exported": list(written)})
        return
    for one in written:
        counts = [f"{one[what]:,} {what}" for what in ("rows", "objects", "values", "bytes") if what in one]
        print_line(f"wrote {one['file']}: {', '.join(counts)}")
        for what in one.get("removed", ()):
            print_line(f"  removed: {what}")
        left = one.get("left_out", [])
        for what in left if isinstance(left, list) else (f"{n:,} {kind}" for kind, n in left.items()):
            note(f"left out: {what}")
    if not written:
        print_line("no runs to export")
