"""The commands that change runs, and those that move and check them."""

from pathlib import Path
from typing import Annotated

import typer

from .options import Asked, DryRun, Runs, Selection, What, Yes, command

__all__ = ["manage_app"]

manage_app = typer.Typer()


@command(manage_app)
def edit(
    asked: Asked,
    selection: Selection,
    runs: Runs,
    name: Annotated[str | None, typer.Option("--name", help="The new name.")] = None,
    notes: Annotated[str | None, typer.Option("--notes", help="The new notes.")] = None,
    set_tag: Annotated[
        list[str] | None, typer.Option("--set-tag", metavar="TAG", help="In place of all tags.")
    ] = None,
    add_tag: Annotated[
        list[str] | None, typer.Option("--add-tag", metavar="TAG", help="One more tag.")
    ] = None,
    remove_tag: Annotated[
        list[str] | None, typer.Option("--remove-tag", metavar="TAG", help="One tag less.")
    ] = None,
    dry_run: DryRun = False,
) -> int:
    """Change the name, notes or tags of runs, also of those that go on."""
    from .edit import Changes
    from .edit import edit as work

    changes = Changes(name, notes, set_tag, add_tag or (), remove_tag or ())
    return work(runs, selection, changes, asked, dry_run=dry_run)


@command(manage_app)
def rm(
    asked: Asked,
    selection: Selection,
    runs: Runs,
    artifacts: Annotated[
        bool, typer.Option("--artifacts", help="And the artifact versions that they logged, for good.")
    ] = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> int:
    """Put runs into the trash, after asking."""
    from .rm import rm as work

    return work(runs, selection, asked, artifacts=artifacts, dry_run=dry_run, yes=yes)


@command(manage_app)
def restore(
    asked: Asked,
    runs: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN... | PROJECT", help="Runs; or one project, to list what is in its trash."
        ),
    ],
) -> int:
    """Take runs out of the trash."""
    from .trash import restore as work

    return work(runs, asked)


@command(manage_app, "empty-trash")
def empty_trash(
    asked: Asked,
    project: Annotated[
        str | None, typer.Argument(metavar="[PROJECT]", help="Only of this project; by default of all.")
    ] = None,
    older_than: Annotated[
        str | None,
        typer.Option("--older-than", metavar="AGE", help="Only what was deleted so long ago, such as 30d."),
    ] = None,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> int:
    """Delete what is in the trash for good, after asking: it frees the space."""
    from .trash import empty as work

    return work(project, older_than, asked, dry_run=dry_run, yes=yes)


@command(manage_app)
def diff(
    asked: Asked,
    one: Annotated[str, typer.Argument(metavar="RUN")],
    other: Annotated[str, typer.Argument(metavar="RUN")],
    markdown: Annotated[bool, typer.Option("--markdown", help="A table for a pull request.")] = False,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write a page of its own.")
    ] = None,
) -> int:
    """Show what differs between two runs: facts, config and summary."""
    from .diff import diff as work

    return work(one, other, asked, markdown=markdown, html=html)


@command(manage_app)
def verify(asked: Asked, what: What = None) -> int:
    """Check that records and artifacts are as they were written: every checksum is compared."""
    from .verify import verify as work

    return work(what, asked)


@command(manage_app)
def du(asked: Asked, what: What = None) -> int:
    """Tell how much of the store runs take."""
    from .du import du as work

    return work(what, asked)


@command(manage_app)
def view(
    asked: Asked,
    where: Annotated[str | None, typer.Argument(metavar="[STORE]", help="As --store.")] = None,
    port: Annotated[int, typer.Option("--port", metavar="PORT", help="By default one that is free.")] = 0,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address.")] = False,
) -> int:
    """Serve the pages of a store on this machine, with buttons to edit and delete runs."""
    from .view import view as work

    return work(where, asked, port=port, browser=not no_browser)


@command(manage_app, "import")
def import_(
    asked: Asked,
    source: Annotated[
        Path,
        typer.Argument(
            metavar="SOURCE",
            help="A folder that W&B (offline), TensorBoard, MLflow or Neptune's exporter wrote, mlflow.db, "
            "or a CSV file.",
        ),
    ],
    project: Annotated[str, typer.Argument(metavar="PROJECT", help="entity/project, or project.")],
) -> int:
    """Import runs that another program wrote."""
    from .imports import import_runs

    return import_runs(source, project, asked)
