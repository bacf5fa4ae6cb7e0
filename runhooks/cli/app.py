"""The commands and their options. What they do is imported when they are called: help shows at once."""

from pathlib import Path
from typing import Annotated

import typer

from .. import __version__
from .artifact_app import artifact_app
from .manage_app import manage_app
from .options import Asked, DryRun, Run, Runs, Selection, What, command

__all__ = ["app"]

app = typer.Typer(
    name="runhooks",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(artifact_app)
app.add_typer(manage_app)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"runhooks {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def runhooks(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001  (its callback does the work)
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Print the version.")
    ] = False,
) -> None:
    """Look at runs of ML training, render their pages, and complete their records."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@command(app)
def ls(
    asked: Asked,
    selection: Selection,
    project: Annotated[
        str | None, typer.Argument(metavar="[PROJECT]", help="entity/project, or project.")
    ] = None,
    order: Annotated[
        str | None,
        typer.Option("--order", metavar="ORDER", help="Such as +summary.loss; by default -created_at."),
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(
            "--columns", metavar="NAMES", help="Such as id,state,config.lr,summary.loss: these, in full."
        ),
    ] = None,
) -> int:
    """List the runs of a project, newest first, or the projects where none is named and there are several."""
    from .ls import ls as work

    return work(project, selection, order, columns, asked)


@command(app)
def show(asked: Asked, run: Run) -> int:
    """Show one run: how it went, its config, summary and metrics, and where it is."""
    from .show import show as work

    return work(run, asked)


@command(app)
def render(
    asked: Asked,
    what: What = None,
    workers: Annotated[
        int,
        typer.Option("--workers", metavar="N", min=1, help="Processes that render at the same time."),
    ] = 1,
    force: Annotated[bool, typer.Option("--force", help="Render what did not change, too.")] = False,
) -> int:
    """Write the pages of a store again from its records, as far as these changed."""
    from .render import render as work

    return work(what, asked, workers=workers, force=force)


@command(app)
def stop(asked: Asked, run: Run) -> int:
    """Ask the process of a run to stop, wherever it runs."""
    from .stop import stop as work

    return work(run, asked)


@command(app)
def export(
    asked: Asked,
    selection: Selection,
    runs: Runs,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="The run's page in one file, to mail or keep."),
    ] = None,
    parquet: Annotated[
        Path | None, typer.Option("--parquet", metavar="FILE", help="The history: a row a step.")
    ] = None,
    csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="The same as CSV.")] = None,
    zipped: Annotated[
        Path | None, typer.Option("--zip", metavar="FILE", help="All of the run, with its page.")
    ] = None,
    tensorboard: Annotated[
        Path | None,
        typer.Option("--tensorboard", metavar="FOLDER", help="Event files, in a folder for each run."),
    ] = None,
    anonymous: Annotated[
        bool,
        typer.Option("--anonymous", help="Take out names, hosts, paths and addresses, and list what was."),
    ] = False,
) -> int:
    """Write a run as one file; of several runs, one each into a folder."""
    from .export import export as work

    given = {"html": html, "parquet": parquet, "csv": csv, "zip": zipped, "tensorboard": tensorboard}
    files = {kind: file for kind, file in given.items() if file is not None}
    return work(runs, selection, files, asked, anonymous=anonymous)


@command(app)
def sync(
    asked: Asked,
    folder: Annotated[
        str | None,
        typer.Argument(
            metavar="[FOLDER]", help="A run's folder, a spool or a store; by default the spool and the store."
        ),
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on until Ctrl-C, and send offline runs while they go on.")
    ] = False,
) -> int:
    """Complete runs whose process is gone, and send what waits for its store."""
    from .sync import sync as work

    return work(folder, asked, watch=watch)


@command(app)
def gc(
    asked: Asked,
    older_than: Annotated[
        float,
        typer.Option(
            "--older-than",
            metavar="HOURS",
            help="Leave what is younger (24 by default): an upload may be under way.",
        ),
    ] = 24.0,
    dry_run: DryRun = False,
) -> int:
    """Delete artifact content that no version of any artifact names."""
    from .gc import gc as work

    return work(older_than, asked, dry_run=dry_run)
