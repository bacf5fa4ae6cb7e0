"""The commands that change runs, and those that move and check them."""

from pathlib import Path
from typing import Annotated

import typer

from .options import AsJson, DryRun, Filters, Options, Regex, Runs, States, Store, Tags, Yes, selection

__all__ = ["manage_app"]

manage_app = typer.Typer()


@manage_app.command()
def edit(
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
    store: Store = None,
    storage_option: Options = None,
    state: States = None,
    tag: Tags = None,
    regex: Regex = None,
    filter: Filters = None,
    dry_run: DryRun = False,
    json: AsJson = False,
) -> int:
    """Change the name, notes or tags of runs, also of those that go on."""
    from .edit import Changes
    from .edit import edit as work

    changes = Changes(name, notes, set_tag, add_tag or (), remove_tag or ())
    chosen = selection(state, tag, regex, filter)
    return work(runs, chosen, changes, store, storage_option or [], dry_run=dry_run, as_json=json)


@manage_app.command()
def rm(
    runs: Runs,
    store: Store = None,
    storage_option: Options = None,
    state: States = None,
    tag: Tags = None,
    regex: Regex = None,
    filter: Filters = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    json: AsJson = False,
) -> int:
    """Put runs into the trash, after asking."""
    from .rm import rm as work

    chosen = selection(state, tag, regex, filter)
    return work(runs, chosen, store, storage_option or [], dry_run=dry_run, yes=yes, as_json=json)


@manage_app.command()
def restore(
    runs: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN... | PROJECT", help="Runs; or one project, to list what is in its trash."
        ),
    ],
    store: Store = None,
    storage_option: Options = None,
    json: AsJson = False,
) -> int:
    """Take runs out of the trash."""
    from .rm import restore as work

    return work(runs, store, storage_option or [], as_json=json)


@manage_app.command("empty-trash")
def empty_trash(
    project: Annotated[
        str | None, typer.Argument(metavar="[PROJECT]", help="Only of this project; by default of all.")
    ] = None,
    older_than: Annotated[
        str | None,
        typer.Option("--older-than", metavar="AGE", help="Only what was deleted so long ago, such as 30d."),
    ] = None,
    store: Store = None,
    storage_option: Options = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    json: AsJson = False,
) -> int:
    """Delete what is in the trash for good, after asking: it frees the space."""
    from .rm import empty as work

    return work(project, older_than, store, storage_option or [], dry_run=dry_run, yes=yes, as_json=json)


@manage_app.command()
def diff(
    one: Annotated[str, typer.Argument(metavar="RUN")],
    other: Annotated[str, typer.Argument(metavar="RUN")],
    markdown: Annotated[bool, typer.Option("--markdown", help="A table for a pull request.")] = False,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write a page of its own.")
    ] = None,
    store: Store = None,
    storage_option: Options = None,
    json: AsJson = False,
) -> int:
    """Show what differs between two runs: facts, config and summary."""
    from .diff import diff as work

    return work(one, other, store, storage_option or [], markdown=markdown, html=html, as_json=json)


_What = Annotated[
    str | None,
    typer.Argument(metavar="[RUN|PROJECT]", help="Only this run, or this project; by default all."),
]


@manage_app.command()
def verify(
    what: _What = None, store: Store = None, storage_option: Options = None, json: AsJson = False
) -> int:
    """Check that records and artifacts are as they were written: every checksum is compared."""
    from .verify import verify as work

    return work(what, store, storage_option or [], as_json=json)


@manage_app.command()
def du(what: _What = None, store: Store = None, storage_option: Options = None, json: AsJson = False) -> int:
    """Tell how much of the store runs take."""
    from .verify import du as work

    return work(what, store, storage_option or [], as_json=json)


@manage_app.command()
def view(
    where: Annotated[str | None, typer.Argument(metavar="[STORE]", help="As --store.")] = None,
    port: Annotated[int, typer.Option("--port", metavar="PORT", help="By default one that is free.")] = 0,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address.")] = False,
    store: Store = None,
    storage_option: Options = None,
    json: AsJson = False,
) -> int:
    """Serve the pages of a store on this machine, with buttons to edit and delete runs."""
    from .view import view as work

    return work(where or store, storage_option or [], port=port, browser=not no_browser, as_json=json)


@manage_app.command("import")
def import_(
    source: Annotated[
        Path,
        typer.Argument(metavar="SOURCE", help="A folder of TensorBoard, an mlruns folder, or a CSV file."),
    ],
    project: Annotated[str, typer.Argument(metavar="PROJECT", help="entity/project, or project.")],
    store: Store = None,
    storage_option: Options = None,
    json: AsJson = False,
) -> int:
    """Import runs that another program wrote."""
    from .imports import import_runs

    return import_runs(source, project, store, storage_option or [], as_json=json)
