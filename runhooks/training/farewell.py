"""What the terminal shows when a run ends."""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from ..journal import Journal
from ..record.media import is_media
from ..recorder.later import sync_command
from ..values import unpack
from .outcome import Outcome
from .place import Place
from .terminal import Terminal, number, sparkline, table

__all__ = ["farewell"]

_SHOWN = 20
"""Values of the summary in the terminal, at most."""


def farewell(
    terminal: Terminal,
    name: str,
    place: Place,
    end: Outcome,
    answer: Mapping[str, Any] | None,
    journal: Journal,
    options: Iterable[str] = (),
) -> None:
    """Say how a run ended, its history as sparklines, its summary, and where everything is.

    Parameters
    ----------
    answer : mapping or None
        The recorder's word, see :meth:`runhooks.recorder.recording.Recording.finish`; None when it did
        not come in time.
    options : iterable of str
        Names of the storage options, for the command that sends what is left.
    """
    if journal.lost:
        terminal.warn(f"{journal.lost} rows were lost: {journal.fault}")
    if answer is None:
        terminal.warn(
            f"run {name} is {end.state}; its record was not complete in time and is safe in {place.folder}",
            f"it is being completed in the background; if not: {sync_command(place.folder, options)}",
        )
    elif not place.folder.exists() and not place.mirrored:
        terminal.warn(f"run {name} is {end.state}; its folder was deleted, so nothing of it is kept")
    elif answer.get("error"):
        terminal.warn(
            f"run {name} is {end.state}; {answer['error']}",
            f"its record is kept on this machine; to send it: {sync_command(place.folder, options)}",
        )
    else:
        terminal.say(*_told(terminal, name, place, end, answer))


def _told(terminal: Terminal, name: str, place: Place, end: Outcome, answer: Mapping[str, Any]) -> list[str]:
    histories, (metrics, values) = answer["history"].items(), answer["counts"]
    shapes = {key: sparkline(points, unicode=terminal.unicode) for key, points in histories}
    values_shown = islice(unpack(answer["summary"]).items(), _SHOWN)
    summary = {key: number(value) for key, value in values_shown if not is_media(value)}
    ended = "" if end.reason is None else f" ({end.reason})"
    files = f"{answer['files']} file(s), {answer['bytes']:,} bytes"
    return [
        "",
        *table("Run history:", _with_rest(shapes, metrics)),
        "",
        *table("Run summary:", _with_rest(summary, values)),
        "",
        f"Run {name} {end.state}{ended}",
        f"View run at {place.page}",
        f"View project at {place.project_page}",
        f"Synced {files}, in {answer['where']}{_traffic(answer)}",
    ]


def _traffic(answer: Mapping[str, Any]) -> str:
    """Return what it took to send the run, where it was sent anywhere."""
    if not answer.get("requests"):
        return ""
    return f" ({answer['requests']:,} requests, {answer['sent']:,} bytes sent)"


def _with_rest(rows: dict[str, str], count: int) -> dict[str, str]:
    return rows if count <= len(rows) else {**rows, "…": f"and {count - len(rows)} more"}
