"""Options that commands share, each written once: a parameter of one kind stands for a group of them."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer

__all__ = ["Asked", "DryRun", "Run", "Runs", "Selection", "What", "Yes", "command"]

Run = Annotated[
    str, typer.Argument(metavar="RUN", help="entity/project/id, project/id, or a run's folder or page.")
]
Runs = Annotated[
    list[str],
    typer.Argument(
        metavar="RUN... | PROJECT", help="Runs; or one project, to pick runs of it by the options."
    ),
]
What = Annotated[
    str | None,
    typer.Argument(metavar="[RUN|PROJECT]", help="Only this run, or this project; by default all."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


@dataclass(frozen=True, slots=True)
class Asked:
    """What every command is told.

    Attributes
    ----------
    store : str or None
        A folder or an address.
    pairs : sequence of str
        ``KEY=VALUE`` of the storage options.
    as_json : bool
        Whether to answer with one JSON document.
    """

    store: str | None = None
    pairs: Sequence[str] = ()
    as_json: bool = False


@dataclass(frozen=True, slots=True)
class Selection:
    """Conditions that runs of a project meet: all of them.

    Attributes
    ----------
    states, tags : sequence of str
        One of the states, every one of the tags.
    regex : str or None
        Found in the name or the id.
    filters : sequence of str
        ``config.lr<0.01``, or JSON as the Api takes it.
    """

    states: Sequence[str] = ()
    tags: Sequence[str] = ()
    regex: str | None = None
    filters: Sequence[str] = ()

    def __bool__(self) -> bool:
        return bool(self.states or self.tags or self.regex is not None or self.filters)


_Option = tuple[str, Any, Any]
"""A parameter's name, its annotation, and its default."""

_Text, _Texts = str | None, list[str]
_GROUPS: dict[type, list[_Option]] = {
    Selection: [
        ("state", Annotated[_Texts, typer.Option(
            "--state", metavar="STATE",
            help="Only runs in this state: running, finished, failed, killed or crashed. Several may be "
            "given.",
        )], []),
        ("tag", Annotated[_Texts, typer.Option(
            "--tag", metavar="TAG", help="Only runs with this tag. Several may be given: all of them.",
        )], []),
        ("regex", Annotated[_Text, typer.Option(
            "--regex", metavar="REGEX", help="Only runs whose name or id has a match of this.",
        )], None),
        ("filter", Annotated[_Texts, typer.Option(
            "--filter", metavar="FILTER",
            help="Such as 'config.lr<0.01', 'name~^base' or JSON as the Api takes it. Several may be given: "
            "all of them.",
        )], []),
    ],
    Asked: [
        ("store", Annotated[_Text, typer.Option(
            "--store", metavar="STORE",
            help="A folder or an address such as s3://bucket/runs. By default $RUNHOOKS_STORE, else ./runs.",
        )], None),
        ("storage_option", Annotated[_Texts, typer.Option(
            "--storage-option", metavar="KEY=VALUE",
            help="For the store's filesystem, such as anon=true. Several may be given.",
        )], []),
        ("json", Annotated[bool, typer.Option("--json", help="Print one JSON document.")], False),
    ],
}  # fmt: skip


def command(app: typer.Typer, name: str | None = None) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Make a function a command of an app.

    A parameter that is an :class:`Asked` or a :class:`Selection` stands for the options that these hold.
    """

    def add(work: Callable[..., int]) -> Callable[..., int]:
        app.command(name)(_spread(work))
        return work

    return add


def _spread(work: Callable[..., int]) -> Callable[..., int]:
    """Return a function that has the options of each group in place of the group."""
    signature = inspect.signature(work, eval_str=True)
    groups = {name: one.annotation for name, one in signature.parameters.items() if one.annotation in _GROUPS}
    own = [one for name, one in signature.parameters.items() if name not in groups]
    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for group in _GROUPS
        if group in groups.values()
        for name, kind, default in _GROUPS[group]
    ]

    def run(**given: Any) -> int:
        for name, group in groups.items():
            given[name] = group(*(given.pop(option) for option, _, _ in _GROUPS[group]))
        return work(**given)

    parameters = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own] + shared
    run.__name__, run.__doc__ = work.__name__, work.__doc__
    run.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    return run
