"""What holds after every fault: one function for all cases."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from runhooks.journal import parse
from runhooks.record.parts import read_part
from runhooks.record.read import history, read_view
from runhooks.record.view import RunView
from runhooks.storage import Store

FOLDER = "default/p/runs/mine"


def whole(
    store: Store,
    acknowledged: int,
    *,
    folder: str = FOLDER,
    key: str = "loss",
    states: Sequence[str] = ("finished",),
    lost: bool = False,
    alone: bool = True,
) -> RunView:
    """See that a run's record is what it must be after any fault.

    Parameters
    ----------
    acknowledged : int
        Rows that `log()` returned for; row n has step n and value n / 2.
    states : sequence of str
        Those that tell what happened.
    lost : bool
        Whether rows may be missing, as on a full disk; those that are there are still a prefix.
    alone : bool
        Whether the store has no other run, so that nothing may lie outside of this one.
    """
    objects = {entry.path: store.read(entry.path) for entry in store.list("" if alone else folder)}
    for path, data in objects.items():
        parse_object(path, data)
        assert belongs(path, folder), f"{path} was written outside of the run"
    view = read_view(store, folder)
    assert view.state in states, (view.state, view.reason)
    found = rows(store, folder).get(key, [])
    assert found == [(step, step / 2) for step in range(len(found))], (
        "no prefix, or a row twice, or a wrong value"
    )
    assert lost or len(found) >= acknowledged, f"{acknowledged - len(found)} rows of {acknowledged} are lost"
    assert (view.metrics[key].count if key in view.metrics else 0) == len(found)
    return view


def rows(store: Store, folder: str = FOLDER) -> Mapping[str, list[tuple[int, Any]]]:
    """Return each metric's steps and values, in the order in which readers see them."""
    found: dict[str, list[tuple[int, Any]]] = {}
    for key, piece in history(store, folder):
        found.setdefault(key, []).extend(zip(piece.steps.tolist(), piece.decoded(), strict=True))
    return found


def parse_object(path: str, data: bytes) -> None:
    """Read an object as what its name says it is."""
    if path.endswith(".json"):
        orjson.loads(data)
    elif path.endswith(".jsonl"):
        parsed = parse(data)
        list(parsed)
        assert parsed.damaged == 0, f"{path} has {parsed.damaged} damaged lines"
    elif path.endswith(".parquet"):
        assert sum(len(piece.steps) for _, piece in read_part(data, path)) > 0
    elif path.endswith(".js") and "/data/" in f"/{path}":
        assert data.startswith(b"runhooks.put("), path
        assert data.rstrip().endswith(b");"), path
    elif path.endswith(".html"):
        assert data.startswith(b"<!doctype html>"), path
        assert data.rstrip().endswith(b"</html>"), path


def belongs(path: str, folder: str) -> bool:
    """Tell whether an object is the run's own, or one of the derived pages above it."""
    project = folder.rsplit("/", 2)[0]
    pages = (f"{project}/data/", f"{project}/index/", "assets/", "data/")
    return path.startswith((f"{folder}/", *pages)) or path in {f"{project}/index.html", "index.html"}


def alike(store: Store, other: Store, folder: str = FOLDER, *, pages: bool = False) -> None:
    """See that two stores hold equal records, object by object.

    Parameters
    ----------
    pages : bool
        Whether all that is derived is compared byte by byte, too; else only that it is there.
    """
    here, there = _record(store, folder, pages), _record(other, folder, pages)
    assert sorted(here) == sorted(there)
    for path, content in here.items():
        assert there[path] == content, path


def _record(store: Store, folder: str, pages: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for entry in store.list(folder):
        kind = entry.path[len(folder) + 1 :].partition("/")[0]
        if kind != "run.json" and (pages or kind in {"history", "journal", "labels.json"}):
            found[entry.path] = store.read(entry.path)
        elif kind == "run.json":  # what is of this moment and machine is left out
            document = orjson.loads(store.read(entry.path))
            found[entry.path] = {name: document[name] for name in document if name != "environment"}
        else:
            found[entry.path] = "a page"
    return found
