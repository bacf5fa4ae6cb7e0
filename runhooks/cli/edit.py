"""``runhooks edit``."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..api.edit import checked, edit_run, new_tags
from ..api.trash import refresh_projects
from ..errors import ArgumentError
from ..record.read import read_view
from ..storage import together
from .options import Asked, Selection
from .plain import counted
from .screen import print_json, print_line, progress
from .selection import Chosen, by_store, choose, print_chosen

__all__ = ["Changes", "edit"]


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be changed; None and empty for nothing."""

    name: str | None = None
    notes: str | None = None
    tags: Sequence[str] | None = None
    add: Sequence[str] = ()
    remove: Sequence[str] = ()

    def of(self, tags: Sequence[str]) -> dict[str, Any]:
        """Return the changes of a run that has these tags."""
        found: dict[str, Any] = {"name": self.name, "notes": self.notes}
        found = {key: value for key, value in found.items() if value is not None}
        if self.tags or self.add or self.remove:
            found["tags"] = new_tags(self.tags or tags, self.add, self.remove)
        return found


def edit(
    words: Sequence[str],
    selection: Selection,
    changes: Changes,
    asked: Asked,
    *,
    dry_run: bool,
) -> int:
    """Change names, notes and tags of runs; return the exit code."""
    if not checked(changes.of(())):
        raise ArgumentError("nothing to change: give --name, --notes, --set-tag, --add-tag or --remove-tag")
    runs = choose(words, selection, asked)
    if not asked.as_json:
        print_chosen(runs)
    if not dry_run:
        _change(runs, changes)
    if asked.as_json:
        print_json({"edited": [str(run.path) for run in runs], "dry_run": dry_run})
    else:
        print_line(f"{'would change' if dry_run else 'changed'} {counted(runs)}")
    return 0


def _change(runs: Sequence[Chosen], changes: Changes) -> None:
    with progress("changing", len(runs)) as done:

        def one(run: Chosen) -> None:
            view = read_view(run.store, run.path.folder)
            edit_run(run.store, run.path, changes.of(view.tags))
            done(str(run.path))

        for place, group in by_store(runs):
            together(place, one, group)
            refresh_projects(place, [run.path for run in group])
