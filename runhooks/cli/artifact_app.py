"""The commands of ``runhooks artifact`` and their options."""

from typing import Annotated

import typer

from .options import Asked, command

__all__ = ["artifact_app"]

artifact_app = typer.Typer(
    name="artifact",
    help="List, show, download and verify artifacts.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_Artifact = Annotated[
    str,
    typer.Argument(
        metavar="ARTIFACT", help="[entity/]project/name[:version or alias]; by default the latest."
    ),
]


@command(artifact_app)
def ls(
    asked: Asked,
    project: Annotated[
        str,
        typer.Argument(metavar="PROJECT", help="entity/project, or project; project/name: for all versions."),
    ],
) -> int:
    """List the artifacts of a project, or all versions of one."""
    from .artifact import ls as work

    return work(project, asked)


@command(artifact_app)
def show(asked: Asked, artifact: _Artifact) -> int:
    """Show a version of an artifact: its files, metadata and aliases, who made it and who used it."""
    from .artifact import show as work

    return work(artifact, asked)


@command(artifact_app)
def get(
    asked: Asked,
    artifact: _Artifact,
    root: Annotated[
        str | None, typer.Option("--root", metavar="FOLDER", help="By default artifacts/NAME/VERSION here.")
    ] = None,
    prefix: Annotated[
        str | None, typer.Option("--prefix", metavar="PREFIX", help="Only files whose path begins so.")
    ] = None,
) -> int:
    """Download a version of an artifact; what is there already is kept, what was broken off is completed."""
    from .artifact import get as work

    return work(artifact, root, prefix, asked)


@command(artifact_app)
def verify(
    asked: Asked,
    artifact: _Artifact,
    root: Annotated[
        str | None,
        typer.Option("--root", metavar="FOLDER", help="A folder to compare; by default the store's content."),
    ] = None,
) -> int:
    """Compare all content of a version with its digests."""
    from .artifact import verify as work

    return work(artifact, root, asked)
