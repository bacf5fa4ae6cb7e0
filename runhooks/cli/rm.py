"""``runhooks rm``."""

from collections.abc import Sequence

from ..api.trash import delete_runs
from ..api.unmaking import delete_made
from .options import Asked, Selection
from .plain import counted
from .screen import note, print_json, print_line, progress
from .selection import Chosen, by_store, choose, confirmed, must_be_asked, print_chosen

__all__ = ["rm"]


def rm(
    words: Sequence[str], selection: Selection, asked: Asked, *, artifacts: bool, dry_run: bool, yes: bool
) -> int:
    """Put runs into the trash; return the exit code: 1 when the user did not want it."""
    if not dry_run:
        must_be_asked(yes=yes)
    runs = choose(words, selection, asked)
    if not asked.as_json:
        print_chosen(runs)
    if not dry_run and runs:
        more = " and delete the artifact versions that they logged for good" if artifacts else ""
        if not confirmed(f"Put {counted(runs)} into the trash{more}?", yes=yes):
            note("nothing was deleted")
            return 1
    made = _made(runs, dry_run=dry_run) if artifacts else None
    if not dry_run:
        with progress("deleting", len(runs)) as done:
            for place, group in by_store(runs):
                delete_runs(place, [(run.path, run.name) for run in group], done)
    _tell(runs, made, asked, dry_run=dry_run)
    return 0


def _made(runs: Sequence[Chosen], *, dry_run: bool) -> dict[str, str | None]:
    """Delete the versions that these runs logged; return them, with why one was kept."""
    found: dict[str, str | None] = {}
    with progress("deleting artifacts", len(runs)) as done:
        for place, group in by_store(runs):
            found |= delete_made(place, [run.path for run in group], done, dry_run=dry_run)
    return found


def _tell(runs: Sequence[Chosen], made: dict[str, str | None] | None, asked: Asked, *, dry_run: bool) -> None:
    gone = [path for path, kept in (made or {}).items() if kept is None]
    kept = {path: why for path, why in (made or {}).items() if why is not None}
    if asked.as_json:
        more = {} if made is None else {"artifacts": gone, "kept": kept}
        print_json({"deleted": [str(run.path) for run in runs], "dry_run": dry_run, **more})
        return
    did = "would delete" if dry_run else "deleted"
    if runs:
        print_line(f"{did} {counted(runs)}; runhooks restore brings them back until the trash is emptied")
    else:
        print_line("no runs to delete")
    if made is not None:
        print_line(f"{did} {len(gone):,} artifact versions for good; runhooks gc frees what they held")
    for path, why in kept.items():
        note(f"{path} stays: {why}")
