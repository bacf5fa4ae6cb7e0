"""Which events of a run count still, once a later session rewound it or took it over.

Nothing is deleted: the run document names, writer by writer, up to where its events count. No numpy
here: the training process replays its own journal with this.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from .view import Cut, RunView

__all__ = ["add_cuts", "is_counted", "split", "take_over"]


def add_cuts(cuts: list[Cut], new: Iterable[Cut]) -> None:
    """Add cuts to those that a run has; of several for one writer the earliest place holds."""
    known = {cut.writer: cut for cut in cuts}
    for cut in new:
        if (old := known.get(cut.writer)) is None:
            known[cut.writer] = cut
            cuts.append(cut)
        else:
            old.step, old.time = _lower(old.step, cut.step), _lower(old.time, cut.time)


def _lower(one: int | None, other: int | None) -> int | None:
    found = [value for value in (one, other) if value is not None]
    return min(found, default=None)


def is_counted(cut: Cut, event: Mapping[str, Any]) -> bool:
    """Tell whether an event of the cut's writer counts; that the writer ended always does."""
    if cut.time is not None and event.get("type") != "finish" and event.get("time", 0) > cut.time:
        return False
    return cut.step is None or event.get("type") != "log" or event.get("step", 0) <= cut.step


def split(
    cuts: Iterable[Cut], writer: str, events: Iterable[dict[str, Any]]
) -> tuple[Iterable[dict[str, Any]], list[dict[str, Any]]]:
    """Return a writer's events that count, and those that do not."""
    cut = next((cut for cut in cuts if cut.writer == writer), None)
    if cut is None:
        return events, []
    counted: list[dict[str, Any]] = []
    superseded: list[dict[str, Any]] = []
    for event in events:
        (counted if is_counted(cut, event) else superseded).append(event)
    return counted, superseded


def take_over(view: RunView, events: Iterable[Mapping[str, Any]]) -> None:
    """Note what a session that begins says of processes that were still writing: see the event ``start``."""
    for event in events:
        found = event.get("supersedes", ()) if event.get("type") == "start" else ()
        if isinstance(found, list):
            fitting = [cut for cut in found if isinstance(cut, dict) and isinstance(cut.get("writer"), str)]
            add_cuts(view.superseded, [Cut(cut["writer"], None, cut.get("time")) for cut in fitting])
        if event.get("type") == "start":
            return  # a journal begins with it, and has one
