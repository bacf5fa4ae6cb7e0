"""The commands and their options. What they do is imported when they are called: help shows at once."""

from pathlib import Path
from typing import Annotated

import typer

from .. import __version__
from .artifact_app import artifact_app
from .manage_app import manage_app
from .options import AsJson as _Json
from .options import Filters as _Filters
from .options import Options as _Options
from .options import Regex as _Regex
from .options import States as _States
from .options import Store as _Store
from .options import Tags as _Tags
from .options import selection

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


@app.command()
def ls(
    project: Annotated[
        str | None, typer.Argument(metavar="[PROJECT]", help="entity/project, or project.")
    ] = None,
    store: _Store = None,
    storage_option: _Options = None,
    state: _States = None,
    tag: _Tags = None,
    regex: _Regex = None,
    filter: _Filters = None,
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
    json: _Json = False,
) -> int:
    """List the runs of a project, newest first, or the projects where none is named and there are several."""
    from .ls import ls as work

    chosen = selection(state, tag, regex, filter)
    return work(project, chosen, order, columns, store, storage_option or [], as_json=json)


@app.command()
def show(
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="entity/project/id, project/id, or a run's folder or page.")
    ],
    store: _Store = None,
    storage_option: _Options = None,
    json: _Json = False,
) -> int:
    """Show one run: how it went, its config, summary and metrics, and where it is."""
    from .show import show as work

    return work(run, store, storage_option or [], as_json=json)


@app.command()
def render(
    what: Annotated[
        str | None,
        typer.Argument(metavar="[RUN|PROJECT]", help="Only this run, or this project; by default all."),
    ] = None,
    store: _Store = None,
    workers: Annotated[
        int,
        typer.Option("--workers", metavar="N", min=1, help="Processes that render at the same time."),
    ] = 1,
    force: Annotated[bool, typer.Option("--force", help="Render what did not change, too.")] = False,
    storage_option: _Options = None,
    json: _Json = False,
) -> int:
    """Write the pages of a store again from its records, as far as these changed."""
    from .render import render as work

    return work(what, store, storage_option or [], workers=workers, force=force, as_json=json)


@app.command()
def stop(
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="entity/project/id, project/id, or a run's folder or page.")
    ],
    store: _Store = None,
    storage_option: _Options = None,
    json: _Json = False,
) -> int:
    """Ask the process of a run to stop, wherever it runs."""
    from .stop import stop as work

    return work(run, store, storage_option or [], as_json=json)


@app.command()
def export(
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="entity/project/id, project/id, or a run's folder or page.")
    ],
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
    anonymous: Annotated[
        bool,
        typer.Option("--anonymous", help="Take out names, hosts, paths and addresses, and list what was."),
    ] = False,
    store: _Store = None,
    storage_option: _Options = None,
    json: _Json = False,
) -> int:
    """Write a run as one file."""
    given = {"html": html, "parquet": parquet, "csv": csv, "zip": zipped}
    files = {kind: file for kind, file in given.items() if file is not None}
    if len(files) > 1:
        raise typer.BadParameter(f"one file at a time, not {' and '.join(f'--{kind}' for kind in files)}")
    if html is None and files:
        from .export_data import export_data

        kind, file = files.popitem()
        return export_data(run, kind, file, store, storage_option or [], as_json=json)
    from .export import export as work

    return work(run, html, store, storage_option or [], anonymous=anonymous, as_json=json)


@app.command()
def sync(
    folder: Annotated[
        str | None,
        typer.Argument(
            metavar="[FOLDER]", help="A run's folder, a spool or a store; by default the spool and the store."
        ),
    ] = None,
    store: _Store = None,
    storage_option: _Options = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on until Ctrl-C, and send offline runs while they go on.")
    ] = False,
    json: _Json = False,
) -> int:
    """Complete runs whose process is gone, and send what waits for its store."""
    from .sync import sync as work

    return work(folder, store, storage_option or [], as_json=json, watch=watch)


@app.command()
def gc(
    store: _Store = None,
    storage_option: _Options = None,
    older_than: Annotated[
        float,
        typer.Option(
            "--older-than",
            metavar="HOURS",
            help="Leave what is younger (24 by default): an upload may be under way.",
        ),
    ] = 24.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be deleted.")] = False,
    json: _Json = False,
) -> int:
    """Delete artifact content that no version of any artifact names."""
    from .gc import gc as work

    return work(store, storage_option or [], older_than, dry_run=dry_run, as_json=json)
