"""The files that a run of W&B left beside its records, and the media that its rows name."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from ..record.tables import to_parquet
from ..redact import Redactor, redact_argv, redact_tree
from .below import telling
from .saved import Files, Saved, bytes_of, facts_of, gather, media_path

__all__ = ["WandbFiles"]

_KINDS = {"image-file": "image", "audio-file": "audio", "video-file": "video"}
_PLAYED = {
    "image": (".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".bmp", ".svg"),
    "audio": (".wav", ".mp3", ".ogg", ".flac", ".m4a"),
    "video": (".mp4", ".webm", ".ogg", ".gif", ".png"),
}
"""What the pages show of each kind."""
_ODD = (LookupError, OSError, RecursionError, TypeError, ValueError)


class WandbFiles:
    """Files of one run, of all its sessions: of two with one name the later counts, as on W&B's server.

    Parameters
    ----------
    files : Files
        Of the run; filled here.
    """

    def __init__(self, files: Files) -> None:
        self._files = files.taken
        self._all = files
        self._folder = Path()
        self._tables: dict[str, dict[str, Any]] = {}

    def enter(self, folder: Path) -> None:
        """Take the files of a session, whose records are in this folder."""
        self._folder = folder / "files"
        if not folder.resolve().name.startswith(("run-", "offline-run-")):
            if self._folder.is_dir():
                self._all.skipped[str(self._folder)] = "its folder is not named as W&B names a run's"
            return
        gather(self._folder, self._all)
        for inside, hide in _HIDE.items():
            file = self._folder / inside
            if self._files.get(inside) == file:
                with telling(file, self._all.unread):
                    self._files[inside] = _hidden(file, hide)

    def named(self, inside: str) -> bool:
        """Take a file that a record names, and tell whether it is there.

        What ``wandb.save`` was given is a link in the folder. It is followed where it leads to a file that
        lies below the folder in which ``wandb/`` is, and is not hidden there.
        """
        if inside in self._files:
            return True
        link = self._folder / inside
        if str(link) not in self._all.skipped or not link.is_symlink():
            return False
        folder = self._folder.parent.resolve().parent
        base = folder.parent if folder.name in ("wandb", ".wandb") else folder
        try:
            target = link.resolve(strict=True)
            with target.open("rb") as opened:
                opened.read(1)
            if any(part.startswith(".") for part in target.relative_to(base).parts):
                raise ValueError
        except (OSError, RuntimeError, ValueError):
            self._all.skipped[str(link)] = (
                f"it is a link to what is not a file below {base}, or is hidden there"
            )
            return False
        del self._all.skipped[str(link)]
        self._files[inside] = target
        return True

    def media(self, key: str, step: int, value: Mapping[str, Any]) -> Any:
        """Return what a row says of a medium; None for one that has no place here, or no file."""
        try:
            if value["_type"] == "images/separated":
                return self._images(value)
            if value["_type"] == "table-file":
                return self._table(key, step, value)
            kind = _KINDS.get(value["_type"])
            return None if kind is None else self._item(kind, value)
        except _ODD:
            return None

    def _item(self, kind: str, value: Mapping[str, Any]) -> dict[str, Any] | None:
        path = value["path"]
        if path not in self._files or PurePosixPath(path).suffix.lower() not in _PLAYED[kind]:
            return None
        known = {name: value[name] for name in ("width", "height") if type(value.get(name)) is int}
        caption = value.get("caption")
        said = {"caption": caption} if isinstance(caption, str) else {}
        return {"kind": kind, "path": path, **facts_of(self._files[path]), **known, **said}

    def _images(self, value: Mapping[str, Any]) -> list[dict[str, Any]] | None:
        captions = value.get("captions") or []
        common = {name: value.get(name) for name in ("width", "height")}
        found = []
        for number, path in enumerate(value["filenames"]):
            caption = captions[number] if number < len(captions) else None
            item = self._item("image", {"path": path, "caption": caption, **common})
            if item is None:
                return None
            found.append(item)
        return found or None

    def _table(self, key: str, step: int, value: Mapping[str, Any]) -> dict[str, Any] | None:
        path = value["path"]
        if path in self._tables:
            return self._tables[path]
        saved = self._files[path]
        table = json.loads(bytes_of(saved))
        columns = list(_distinct(table["columns"]))
        rows = [[self._cell(cell) for cell in row] for row in table["data"]]
        if any(len(row) != len(columns) for row in rows):
            return None
        data = to_parquet(columns, rows)
        stored = media_path("table", key, step, data, ".parquet")
        self._files[stored] = data
        item = {"kind": "table", "path": stored, "rows": len(rows), "columns": len(columns)}
        self._tables[path] = item
        return item

    def _cell(self, cell: Any) -> Any:
        if isinstance(cell, dict) and cell.get("_type") in _KINDS:
            return self._item(_KINDS[cell["_type"]], cell) or cell
        return cell


def _distinct(names: Sequence[Any]) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        wanted, number = str(name), 2
        while wanted in seen:
            wanted, number = f"{name} ({number})", number + 1
        seen.add(wanted)
        yield wanted


def _hidden(file: Path, hide: Callable[[str], str]) -> Saved:
    """Return a file that W&B itself wrote with credentials hidden: the file as it is where it has none."""
    text = file.read_bytes().decode("utf-8", "surrogateescape")
    hidden = hide(text)
    return file if hidden == text else hidden.encode("utf-8", "surrogateescape")


def _hide_text(text: str) -> str:
    redactor = Redactor()
    return "".join(map(redactor.redact, text.splitlines(keepends=True)))


def _hide_json(text: str) -> str:
    try:
        found = json.loads(text)
        hidden = redact_tree(found)
        if isinstance(hidden, dict) and isinstance(hidden.get("args"), list):
            hidden["args"] = redact_argv(map(str, hidden["args"]))
    except (RecursionError, ValueError):
        return _hide_text(text)
    return text if hidden == found else json.dumps(hidden, indent=2)


class _Plain(yaml.SafeLoader):
    """YAML as W&B writes it: without aliases, of which few bytes make endless trees."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("an alias")
        return super().compose_node(parent, index)


def _hide_yaml(text: str) -> str:
    try:
        found = yaml.load(text, _Plain)  # noqa: S506  (it is a safe loader)
        hidden = redact_tree(found)
    except (RecursionError, TypeError, ValueError, yaml.YAMLError):
        return _hide_text(text)
    return text if hidden == found else yaml.safe_dump(hidden, sort_keys=False)


_HIDE: Mapping[str, Callable[[str], str]] = {
    "output.log": _hide_text, "diff.patch": _hide_text, "requirements.txt": _hide_text,
    "wandb-metadata.json": _hide_json, "wandb-summary.json": _hide_json, "config.yaml": _hide_yaml,
}  # fmt: skip
