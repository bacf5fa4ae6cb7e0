"""Reading MLflow's sqlite store: tables of runs, metrics, parameters and tags."""

import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from ..errors import RecordError
from ..record.view import State
from .imported import Imported, Logged
from .mlruns import take_artifacts, told
from .tables import as_value

__all__ = ["find_mlflow", "is_sqlite", "read_mlflow"]

_STATES: dict[Any, State] = {"FINISHED": "finished", "FAILED": "failed", "KILLED": "killed"}
"""A run that MLflow calls running or scheduled has no process any more."""
_MAGIC = b"SQLite format 3\0"


def is_sqlite(file: Path) -> bool:
    """Return whether a file is a database of sqlite."""
    with file.open("rb") as begin:
        return begin.read(len(_MAGIC)) == _MAGIC


def find_mlflow(file: Path) -> list[str]:
    """Return the ids of the runs in a database that were not deleted.

    Raises
    ------
    RecordError
        When it is no database of MLflow.
    """
    with _opened(file) as database:
        rows = database.execute(
            "select run_uuid from runs where lifecycle_stage = 'active' order by start_time"
        )
        return [str(id) for (id,) in rows]


def read_mlflow(file: Path, id: str) -> Imported:
    """Read a run of a database.

    Raises
    ------
    RecordError
        When the database is not what MLflow writes; the message names it.
    """
    with _opened(file) as database:
        question = """select r.name, r.status, r.start_time, r.end_time, e.name, r.artifact_uri from runs r
                      left join experiments e using (experiment_id) where run_uuid = ?"""
        name, status, began, ended, experiment, uri = database.execute(question, (id,)).fetchone()
        run = Imported(
            name or id, f"MLflow: {file}", id=id, began=int(began) * 1000, group=experiment,
            state=_STATES.get(status, "crashed"), ended=None if ended is None else int(ended) * 1000,
        )  # fmt: skip
        take_artifacts(run, file.parent, str(uri or ""))
        params = database.execute("select key, value from params where run_uuid = ?", (id,))
        run.config = {key: as_value(text) for key, text in params}
        told(run, dict(database.execute("select key, value from tags where run_uuid = ?", (id,)).fetchall()))
        run.rows = [
            Logged(step, time * 1000, {key: math.nan if is_nan else value})
            for key, value, time, step, is_nan in database.execute(
                "select key, value, timestamp, step, is_nan from metrics where run_uuid = ? "
                "order by timestamp, step, value",
                (id,),
            )
        ]
    return run


@contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    """Open a database to read, and tell what is wrong with it."""
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as database:
            yield database
    except (sqlite3.Error, ArithmeticError, TypeError, ValueError) as error:
        raise RecordError(f"{file} is not what MLflow writes: {error}") from error
