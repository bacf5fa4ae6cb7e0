"""Options that commands share."""

from typing import Annotated

import typer

__all__ = ["AsJson", "Options", "States", "Store"]

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
