"""Options that commands share."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from .selection import Selection

__all__ = [
    "AsJson", "DryRun", "Filters", "Options", "Regex", "Runs", "States", "Store", "Tags", "Yes", "selection",
]  # fmt: skip

Store = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="STORE",
        help="A folder or an address such as s3://bucket/runs. By default $RUNHOOKS_STORE, else ./runs.",
    ),
]
Options = Annotated[
    list[str] | None,
    typer.Option(
        "--storage-option",
        metavar="KEY=VALUE",
        help="For the store's filesystem, such as anon=true. Several may be given.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
States = Annotated[
    list[str] | None,
    typer.Option(
        "--state",
        metavar="STATE",
        help="Only runs in this state: running, finished, failed, killed or crashed. Several may be given.",
    ),
]
Regex = Annotated[
    str | None,
    typer.Option("--regex", metavar="REGEX", help="Only runs whose name or id has a match of this."),
]
Tags = Annotated[
    list[str] | None,
    typer.Option("--tag", metavar="TAG", help="Only runs with this tag. Several may be given: all of them."),
]
Filters = Annotated[
    list[str] | None,
    typer.Option(
        "--filter",
        metavar="FILTER",
        help="Such as 'config.lr<0.01', 'name~^base' or JSON as the Api takes it. Several may be given: "
        "all of them.",
    ),
]
Runs = Annotated[
    list[str],
    typer.Argument(
        metavar="RUN... | PROJECT", help="Runs; or one project, to pick runs of it by the options."
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def selection(
    state: list[str] | None, tag: list[str] | None, regex: str | None, filter: list[str] | None
) -> "Selection":
    """Return the conditions that the options of a command line set."""
    from .selection import Selection

    return Selection(state or (), tag or (), regex, filter or ())
