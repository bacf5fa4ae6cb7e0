"""Deleting the artifact versions that runs made, for good."""

from collections.abc import Callable, Sequence

from ..errors import ArtifactNotFoundError
from ..record.manifest import parse_artifact_path
from ..record.paths import RunPath
from ..record.versions import delete_version, read_manifest, users
from ..storage import Store, together

__all__ = ["delete_made"]


def delete_made(
    store: Store,
    runs: Sequence[RunPath],
    done: Callable[[str], None] = lambda _done: None,
    *,
    dry_run: bool = False,
) -> dict[str, str | None]:
    """Delete the artifact versions that some runs made, but for those that other runs used.

    Their content stays until ``runhooks gc``: another version may hold the same.

    Returns
    -------
    dict
        Path of each version, and why it was kept; None where it is gone, or on trial would be.

    Raises
    ------
    RunNotFoundError, RecordError, StoreError
    """
    leaving = {str(run) for run in runs}

    def of_one(run: RunPath) -> dict[str, str | None]:
        found = {path: _unmade(store, run, path, leaving, dry_run=dry_run) for path in _logged(store, run)}
        done(str(run))
        return {path: why for path, (ours, why) in found.items() if ours}

    return {path: why for found in together(store, of_one, runs) for path, why in found.items()}


def _logged(store: Store, run: RunPath) -> list[str]:
    from ..record.read import read_view  # needs pyarrow

    found = read_view(store, run.folder).artifacts
    return [one["path"] for one in found if one["direction"] == "output" and one["path"] is not None]


def _unmade(
    store: Store, run: RunPath, written: str, leaving: set[str], *, dry_run: bool
) -> tuple[bool, str | None]:
    """Delete a version; return whether it is one of these runs' own, and why it was kept."""
    path = parse_artifact_path(written, run.entity, run.project)
    try:
        ours = read_manifest(store, path).made_by in leaving
    except ArtifactNotFoundError:  # deleted before
        return False, None
    others = [run for run in users(store, path) if run not in leaving]
    if ours and not others and not dry_run:
        delete_version(store, path)
    return ours, f"{', '.join(others)} used it" if others else None
