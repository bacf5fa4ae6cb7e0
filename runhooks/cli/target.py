"""What the user means: from the words of a command line to a store, a project or a run."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ..api import Api, ApiRun
from ..errors import ArgumentError, IdError
from ..storage import Store
from .options import Asked

__all__ = ["api_of", "find", "find_project", "find_run", "meant_projects", "options_of"]

_PATH_STARTS = ("/", "./", "../", "~")
_LITERALS = ("{", "[", "true", "false", "null")


def options_of(pairs: Sequence[str]) -> dict[str, Any]:
    """Return storage options from ``KEY=VALUE``; a value may be a JSON object, list, true, false or null.

    Raises
    ------
    ArgumentError
        When a pair is none; its value, which may be a secret, is not repeated.
    """
    options: dict[str, Any] = {}
    for pair in pairs:
        key, equals, written = pair.partition("=")
        if not key or not equals:
            raise ArgumentError("--storage-option takes KEY=VALUE, such as anon=true")
        try:
            options[key] = json.loads(written) if written.startswith(_LITERALS) else written
        except json.JSONDecodeError:
            options[key] = written
    return options


def api_of(asked: Asked) -> Api:
    """Return the Api over the store that is meant.

    Raises
    ------
    ArgumentError, StoreUrlError
        When it can be no store.
    """
    return Api(asked.store, options_of(asked.pairs))


def find_run(word: str, asked: Asked) -> ApiRun:
    """Return the run that a word names: ``entity/project/id``, its folder, or the address of its page.

    Raises
    ------
    ArgumentError
        When the word can be none of these.
    """
    folder = _run_folder(word)
    if folder is None:
        return api_of(asked).run(word)
    root, path = folder
    return Api(root, options_of(asked.pairs)).run(path)


def find_project(word: str, asked: Asked) -> tuple[Api, str, str]:
    """Return the Api, entity and name of the project that a word names.

    Raises
    ------
    ArgumentError
        When it can be no project.
    """
    if "://" in word or word.startswith((".", *_PATH_STARTS)):
        raise ArgumentError(f"a project is entity/project, not {word}; to name a store: --store {word}")
    api = api_of(asked)
    return api, *api.project_path(word)


def meant_projects(
    word: str | None, asked: Asked, every: Callable[[Store], list[tuple[str, str]]]
) -> tuple[Api, list[tuple[str, str]]]:
    """Return the Api, and entity and name of the project that a word names; without one, of every project.

    Raises
    ------
    ArgumentError
        When it can be no project.
    """
    if word is None:
        api = api_of(asked)
        return api, every(api.store)
    api, entity, name = find_project(word, asked)
    return api, [(entity, name)]


def find(word: str, asked: Asked) -> ApiRun | tuple[Api, str, str]:
    """Return the run or the project that a word names; with a slash at its end it is a project.

    Raises
    ------
    ArgumentError
        When it can be neither, or when there are both a run ``project/id`` and a project of this name.
    """
    if _run_folder(word) is not None or word.strip("/").count("/") > 1:
        return find_run(word, asked)
    if "/" not in word.strip("/") or word.endswith("/"):
        return find_project(word, asked)
    api, entity, project = find_project(word, asked)
    run = find_run(word, asked)
    is_project = any(True for _ in api.store.list(f"{entity}/{project}/runs", recursive=False))
    is_run = any(True for _ in api.store.list(f"{run.entity}/{run.project}/runs/{run.id}", recursive=False))
    if is_project and is_run:
        raise ArgumentError(f"{word} is a run and a project: write {run.path} or {word}/")
    return (api, entity, project) if is_project else run


def _run_folder(word: str) -> tuple[str, str] | None:
    """Return store and ``entity/project/id`` of a run's folder or page; None when the word is no place."""
    word = word.removesuffix("/index.html").removesuffix("/run.json")
    if word.startswith("file://"):
        word = unquote(urlsplit(word).path)
    if "://" in word:
        return _split(word, word.rstrip("/").split("/"))
    place = Path(word).expanduser()
    if not word.startswith(_PATH_STARTS) and word not in (".", "..") and not (place / "run.json").is_file():
        return None
    found = place.resolve()
    if not found.is_dir():
        raise ArgumentError(f"there is no folder {place}")
    return _split(word, str(found).split("/"))


def _split(word: str, parts: list[str]) -> tuple[str, str]:
    if len(parts) < 5 or parts[-2] != "runs":
        raise IdError(
            f"{word} is no run's folder, which would be STORE/ENTITY/PROJECT/runs/ID; "
            "to name a store: --store"
        )
    return "/".join(parts[:-4]) or "/", "/".join((*parts[-4:-2], parts[-1]))
