"""Reading an ``mlruns`` folder, MLflow's file store: a folder a run, a file a metric, parameter or tag."""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml

from ..errors import RecordError
from ..record.view import State
from .below import Told, telling
from .imported import Imported, Logged
from .saved import gather
from .tables import as_value

__all__ = ["find_mlruns", "read_mlruns", "take_artifacts", "told"]

_DELETED = b"lifecycle_stage: deleted"
_STATES: dict[Any, State] = {3: "finished", 4: "failed", 5: "killed"}
"""MLflow's numbers; a run that it calls running or scheduled has no process any more."""

_ODD = (
    OSError,
    yaml.YAMLError,
    ArithmeticError,
    AttributeError,
    KeyError,
    RecursionError,
    TypeError,
    ValueError,
)


def find_mlruns(folder: Path, told: Told) -> dict[str, Path]:
    """Return the folders of the runs in a file store by their ids, or those of one experiment of it."""
    runs: dict[str, Path] = {}
    for file in sorted([*folder.glob("*/*/meta.yaml"), *folder.glob("*/meta.yaml")]):
        with telling(file, told):
            if (file.parent / "metrics").is_dir() and _DELETED not in file.read_bytes():
                runs[file.parent.name] = file.parent
    return runs


def read_mlruns(folder: Path) -> Imported:
    """Read a run. Parameters, which MLflow keeps as texts, become numbers and bools where they look so.

    Raises
    ------
    RecordError
        When a file is not what MLflow writes; the message names it.
    """
    try:
        meta = yaml.safe_load((folder / "meta.yaml").read_text(encoding="utf-8"))
        name, began = str(meta.get("run_name") or folder.name), int(meta["start_time"]) * 1000
        state = _STATES.get(meta.get("status"), "crashed")
    except _ODD as error:
        raise RecordError(f"{folder / 'meta.yaml'} is not what MLflow writes: {error}") from error
    ended = meta.get("end_time")
    run = Imported(name, f"MLflow: {folder}", id=folder.name, began=began)
    run.state = state
    run.ended = int(ended) * 1000 if isinstance(ended, int) else None
    run.config = {key: as_value(text) for key, text in _texts(folder / "params")}
    told(run, dict(_texts(folder / "tags")))
    run.group = _experiment(folder.parent / "meta.yaml")
    if os.path.lexists(folder / "artifacts"):
        gather(folder / "artifacts", run.files)
    else:
        take_artifacts(run, folder, str(meta.get("artifact_uri") or ""))
    rows = [row for file, key in _files(folder / "metrics") for row in _rows(file, key)]
    run.rows = sorted(rows, key=lambda row: row.time)
    return run


def take_artifacts(run: Imported, base: Path, uri: str) -> None:
    """Take the files of a run's artifacts where they lie below a folder; count them where they do not.

    Parameters
    ----------
    run : Imported
    base : Path
        A run's folder, or the one in which a database is.
    uri : str
        Where MLflow says they are. A store that was moved has them at the same place within it.
    """
    where, base = urlsplit(uri), base.resolve()
    is_local = where.scheme in ("", "file")
    parts = [part for part in unquote(where.path if where.scheme else uri).split("/") if part]
    said = Path("/" if where.scheme or uri.startswith("/") else base, *parts)
    places = [base / name / Path(*parts[-3:]) for name in ("mlruns", "mlartifacts") if parts]
    for place in [said, *places] if is_local else places:
        if place.is_dir() and place.resolve().is_relative_to(base):
            gather(place.resolve(), run.files)
            return
    if not is_local or said.is_dir():
        run.left_out["folders of artifacts elsewhere"] = 1


def told(run: Imported, tags: Mapping[str, str]) -> None:
    """Put MLflow's tags where they belong: its own are facts, those of people the run's tags."""
    run.notes = tags.get("mlflow.note.content")
    run.tags = [f"{key}:{text}" for key, text in tags.items() if not key.startswith("mlflow.")]
    facts = {
        "author": tags.get("mlflow.user"),
        "program": tags.get("mlflow.source.name"),
        "git": {"commit": tags["mlflow.source.git.commit"]} if "mlflow.source.git.commit" in tags else None,
    }
    run.environment |= {name: fact for name, fact in facts.items() if fact}


def _experiment(file: Path) -> str | None:
    with suppress(*_ODD):
        name = yaml.safe_load(file.read_text(encoding="utf-8")).get("name")
        return None if name is None else str(name)
    return None


def _files(folder: Path) -> Iterator[tuple[Path, str]]:
    for file in sorted(folder.rglob("*")):
        if file.is_file() and not file.is_symlink():
            yield file, file.relative_to(folder).as_posix()


def _texts(folder: Path) -> Iterator[tuple[str, str]]:
    for file, key in _files(folder):
        yield key, file.read_text(encoding="utf-8", errors="replace")


def _rows(file: Path, key: str) -> Iterator[Logged]:
    """Yield a metric's values: time in milliseconds, value, and step in a line."""
    for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        words = line.split()
        try:
            yield Logged(int(words[2]) if len(words) > 2 else 0, int(words[0]) * 1000, {key: float(words[1])})
        except (ValueError, IndexError) as error:
            raise RecordError(f"{file}, line {number} is no value of MLflow: {line[:80]!r}") from error
