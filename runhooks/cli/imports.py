"""``runhooks import``."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from ..api.trash import refresh_projects
from ..errors import ArgumentError, RecordError, RunExistsError
from ..importing.below import Told, files_below, telling
from ..importing.imported import Imported, write_imported
from ..importing.mlflow_db import find_mlflow, is_sqlite, read_mlflow
from ..importing.mlruns import find_mlruns, read_mlruns
from ..importing.neptune import find_neptune, read_neptune
from ..importing.tables import read_csv
from ..importing.tensorboard import find_tensorboard, read_tensorboard
from ..importing.wandb_runs import find_wandb, read_wandb
from ..record.paths import RunPath
from ..training.naming import generate_id
from .options import Asked
from .screen import note, print_json, print_line, progress
from .target import api_of

__all__ = ["import_runs"]

_Source = tuple[str, Callable[[], Imported]]
_TABLES, _DATABASES = (".csv",), (".db", ".sqlite", ".sqlite3")
_UNFIT = re.compile(r"[/\\#?%:;,'\x00-\x1f\x7f\ud800-\udfff]+")


def import_runs(source: Path, project: str, asked: Asked) -> int:
    """Import runs of another program; return the exit code: 1 when one could not be read or was there."""
    failed: dict[str, str] = {}
    found = list(_found(source, failed))
    if not found and not failed:
        raise ArgumentError(
            f"{source} holds nothing that W&B (run-*.wandb), TensorBoard, MLflow (mlruns, mlflow.db) or "
            "Neptune's exporter wrote, and no CSV file"
        )
    api = api_of(asked)
    entity, name = api.project_path(project)
    done_: list[tuple[RunPath, Imported]] = []
    with progress("importing", len(found)) as done:
        for label, read in found:
            path = RunPath(entity, name, _id_of(label))
            try:
                run = _read(read)
                write_imported(api.store, path, run)
                done_.append((path, run))
                failed.update(run.files.unread)
                counts = {"passed over": len(run.files.skipped), "replaced by later ones": run.files.replaced}
                run.left_out |= {f"files {what}": count for what, count in counts.items() if count}
            except (RecordError, RunExistsError) as error:
                failed[label] = str(error)
            done(label)
    refresh_projects(api.store, [path for path, _ in done_])
    _tell(done_, failed, as_json=asked.as_json)
    return 1 if failed else 0


def _read(read: Callable[[], Imported]) -> Imported:
    try:
        return read()
    except OSError as error:
        where = f"{error.filename} cannot" if error.filename else "a file of it cannot"
        raise RecordError(f"{where} be read: {error.strerror or error}") from error


def _found(source: Path, failed: Told) -> Iterator[_Source]:
    """Yield the name of each run, and what reads it; note what cannot be looked at."""
    if source.is_file():
        with telling(source, failed):
            yield from _in_file(source)
        return
    if not source.is_dir():
        raise ArgumentError(f"there is no file or folder {source}")
    below = files_below(source, failed)
    for name, files in find_tensorboard(source, below).items():
        yield name, partial(read_tensorboard, name, files)
    for name, folder in find_mlruns(source, failed).items():
        yield name, partial(read_mlruns, folder)
    for name, files in find_wandb(below).items():
        yield name, partial(read_wandb, name, files)
    for name, files in find_neptune(below, failed).items():
        yield name, partial(read_neptune, name, files)
    with telling(source, failed):
        for file in sorted(file for file in source.iterdir() if file.suffix in (*_TABLES, *_DATABASES)):
            with telling(file, failed):
                if file.is_file():
                    yield from _in_file(file)


def _in_file(file: Path) -> Iterator[_Source]:
    if file.suffix in _TABLES:
        yield file.stem, partial(read_csv, file)
    elif is_sqlite(file):
        for id in find_mlflow(file):
            yield id, partial(read_mlflow, file, id)
    elif file.suffix == ".wandb":
        name = file.stem.removeprefix("run-")
        yield name, partial(read_wandb, name, [file])
    elif "tfevents" in file.name:
        yield file.parent.resolve().name, partial(read_tensorboard, file.parent.resolve().name, [file])


def _id_of(label: str) -> str:
    """Return an id made of a run's own name, so that importing twice does not make two runs of one."""
    plain = _UNFIT.sub("-", label).strip(" .-")[:64].strip(" .-")
    return plain or generate_id()


def _tell(done: Sequence[tuple[RunPath, Imported]], failed: dict[str, str], *, as_json: bool) -> None:
    if as_json:
        runs = [{"path": str(path), "rows": len(run.rows), "left_out": run.left_out} for path, run in done]
        print_json({"imported": runs, "failed": failed})
        return
    for path, run in done:
        left = ", ".join(f"{count:,} {kind}" for kind, count in run.left_out.items())
        print_line(f"imported {path}: {len(run.rows):,} rows" + (f"; left out: {left}" if left else ""))
    for label, problem in failed.items():
        note(f"{label} was not imported: {problem}")
