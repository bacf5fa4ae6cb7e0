"""Which runs a command line means: named one by one, or picked from a project."""

import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from ..api.filters import parse_filter
from ..api.listing import Listed, list_runs, select
from ..api.nearby import no_such_project
from ..api.orders import parse_order
from ..errors import ArgumentError, RunNotFoundError
from ..record.paths import RunPath
from ..record.view import State
from ..storage import Store
from .options import Asked, Selection
from .plain import moment
from .screen import Column, print_table
from .target import find_project, find_run

__all__ = [
    "Chosen",
    "by_store",
    "choose",
    "conditions",
    "confirmed",
    "must_be_asked",
    "picked",
    "print_chosen",
]

_STATES: tuple[str, ...] = get_args(State)
_SHORT = re.compile(r"^\s*([^\s<>=!~]+)\s*(<=|>=|!=|=|<|>|~)\s*(.*?)\s*$", re.DOTALL)
_OPERATORS = {"<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte", "=": "$eq", "!=": "$ne", "~": "$regex"}


def conditions(selection: Selection) -> dict[str, Any]:
    """Return the filter, as :meth:`runhooks.api.Api.runs` takes it.

    Raises
    ------
    ArgumentError
        For a state or a filter that is none.
    """
    for state in selection.states:
        if state not in _STATES:
            raise ArgumentError(f"--state takes {', '.join(_STATES)}, not {state}")
    parts: list[Mapping[str, Any]] = [{"tags": tag} for tag in selection.tags]
    if selection.states:
        parts.append({"state": {"$in": list(selection.states)}})
    if selection.regex is not None:
        parts.append({"$or": [{name: {"$regex": selection.regex}} for name in ("name", "id")]})
    parts += map(_filter, selection.filters)
    return {"$and": parts} if parts else {}


def picked(selection: Selection, store: Store, runs: list[Listed], order: str | None = None) -> list[Listed]:
    """Return those of some runs that meet the conditions, in an order."""
    wanted = parse_filter(conditions(selection)) if selection else None
    return select(store, runs, wanted, None if order is None else parse_order(order))


def _filter(written: str) -> Mapping[str, Any]:
    if written.lstrip().startswith("{"):
        try:
            return dict(json.loads(written))
        except json.JSONDecodeError as error:
            raise ArgumentError(f"--filter {written} is no JSON: {error}") from error
    found = _SHORT.match(written)
    if not found:
        raise ArgumentError(
            f"--filter takes NAME OPERATOR VALUE, such as config.lr<0.01, or JSON; not {written}"
        )
    name, operator, value = found.groups()
    return {name: {_OPERATORS[operator]: value if operator == "~" else _value(value)}}


def _value(written: str) -> Any:
    """Return a number, true, false, null or list as JSON has them; everything else is a text."""
    try:
        return json.loads(written)
    except json.JSONDecodeError:
        return written


@dataclass(frozen=True, slots=True)
class Chosen:
    """A run that a command is to do something with."""

    store: Store
    path: RunPath
    name: str
    state: str
    created_at: int | None


def choose(words: Sequence[str], selection: Selection, asked: Asked) -> list[Chosen]:
    """Return the runs that are meant: those named, or with a selection those of the one project named.

    Raises
    ------
    ArgumentError
        When a selection goes with other than one project.
    RunNotFoundError
        When one of those named is not there.
    """
    if not selection:
        runs = [find_run(word, asked) for word in dict.fromkeys(words)]
        return [
            Chosen(
                run.store, RunPath(run.entity, run.project, run.id), run.name, run.state, run.view.created_at
            )
            for run in runs
        ]
    if len(words) != 1:
        raise ArgumentError("--state, --tag, --regex and --filter pick runs of one PROJECT; name just that")
    _ = conditions(selection)  # before anything is asked of the store
    api, entity, project = find_project(words[0], asked)
    found = list_runs(api.store, entity, project)
    if not found:
        raise RunNotFoundError(no_such_project(api.store, entity, project))
    return [
        Chosen(api.store, run.path, run.row["name"], run.row["state"], run.row["created_at"])
        for run in picked(selection, api.store, found)
        if run.row is not None
    ]


def by_store(runs: Sequence[Chosen]) -> list[tuple[Store, list[Chosen]]]:
    """Return the stores that runs are in, each with its runs."""
    found: dict[str, tuple[Store, list[Chosen]]] = {}
    for run in runs:
        found.setdefault(run.store.url, (run.store, []))[1].append(run)
    return list(found.values())


def print_chosen(runs: Sequence[Chosen]) -> None:
    """Print which runs are meant."""
    columns = [Column("RUN"), Column("NAME", "text"), Column("STATE", "state"), Column("STARTED (UTC)")]
    if runs:
        print_table(columns, [(str(run.path), run.name, run.state, moment(run.created_at)) for run in runs])


def must_be_asked(*, yes: bool) -> None:
    """Refuse, before anything is read, where nobody can be asked whether something is to be deleted.

    Raises
    ------
    ArgumentError
        When there is no terminal, and ``--yes`` was not given.
    """
    if not yes and not sys.stdin.isatty():
        raise ArgumentError("There is no terminal to ask at: say --yes, or --dry-run to see what would go")


def confirmed(question: str, *, yes: bool) -> bool:
    """Return whether the user wants it."""
    if yes:
        return True
    sys.stderr.write(f"runhooks: {question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")
