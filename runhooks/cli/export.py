"""``runhooks export``."""

from collections.abc import Sequence
from pathlib import Path

from ..api.nearby import no_such_run
from ..errors import ArgumentError, RunNotFoundError
from ..record.paths import RunPath
from ..site.export import export_html
from .screen import note, print_json, print_line
from .target import find_run, options_of

__all__ = ["export"]


def export(
    word: str, html: Path | None, store: str | None, pairs: Sequence[str], *, anonymous: bool, as_json: bool
) -> int:
    """Write a run as one file; return the exit code."""
    if html is None:
        raise ArgumentError("say which file to write: --html, --parquet, --csv or --zip FILE")
    if not html.parent.is_dir():
        raise ArgumentError(f"there is no folder {html.parent}")
    run = find_run(word, store, options_of(pairs))
    try:
        made = export_html(run.store, run.folder, unnamed=anonymous)
    except RunNotFoundError as error:
        path = RunPath(run.entity, run.project, run.id)
        raise RunNotFoundError(no_such_run(run.store, path)) from error
    html.write_bytes(made.page)
    if as_json:
        size = len(made.page)
        print_json({"file": str(html), "bytes": size, "removed": made.removed, "left_out": made.left_out})
        return 0
    print_line(f"wrote {html}, {len(made.page) / 1e6:,.1f} MB, which needs no other file")
    for what in made.removed:
        print_line(f"  removed: {what}")
    for what in made.left_out:
        note(f"left out for the size: {what}")
    return 0
