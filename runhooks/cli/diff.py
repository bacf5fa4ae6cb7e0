"""``runhooks diff``: what differs between two runs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ..api import ApiRun
from ..errors import ArgumentError
from ..site.html import Html, h
from ..values import flatten
from .options import Asked
from .plain import duration, exact, moment, plain
from .screen import Column, print_json, print_line, print_table
from .target import find_run

__all__ = ["diff"]

_ABSENT = object()
_CSP = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = (
    "body{font:14px system-ui;margin:2em}td,th{padding:2px 12px;text-align:left}td{font-variant:tabular-nums}"
)


@dataclass(frozen=True, slots=True)
class _Line:
    """A value that is not the same in both runs."""

    kind: Literal["run", "config", "summary"]
    name: str
    one: Any
    other: Any

    @property
    def change(self) -> str:
        """How much a number grew, with its share."""
        if not all(isinstance(x, int | float) and not isinstance(x, bool) for x in (self.one, self.other)):
            return ""
        grown = self.other - self.one
        if not (self.one and math.isfinite(grown)):
            return f"{grown:+.6g}"
        return f"{grown:+.6g} ({grown / abs(self.one):+.2%})"

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """Name, both values with every digit, and the change."""
        name = self.name if self.kind == "run" else f"{self.kind}.{self.name}"
        return (name, _text(self.one), _text(self.other), self.change)


def _text(value: Any) -> str:
    return "" if value is _ABSENT else exact(value)


def diff(
    one: str,
    other: str,
    asked: Asked,
    *,
    markdown: bool,
    html: Path | None,
) -> int:
    """Show what differs between two runs; return the exit code."""
    if html is not None and not html.parent.is_dir():
        raise ArgumentError(f"there is no folder {html.parent}")
    first, second = find_run(one, asked), find_run(other, asked)
    lines = [*_facts(first, second), *_values(first, second, "config"), *_values(first, second, "summary")]
    if html is not None:
        html.write_text(_page(first, second, lines), encoding="utf-8")
        print_line(f"wrote {html}")
    elif asked.as_json:
        print_json({"runs": [first.path, second.path], "differences": [_row(line) for line in lines]})
    elif markdown:
        for text in _markdown(first, second, lines):
            print_line(text)
    elif not lines:
        print_line(f"{first.path} and {second.path} have the same config and summary")
    else:
        columns = [Column("", "text"), Column(first.path), Column(second.path), Column("CHANGE")]
        print_table(columns, [line.cells for line in lines])
    return 0


def _row(line: _Line) -> dict[str, Any]:
    values = {"one": line.one, "other": line.other}
    return {"kind": line.kind, "name": line.name} | {k: v for k, v in values.items() if v is not _ABSENT}


def _facts(first: ApiRun, second: ApiRun) -> list[_Line]:
    def facts(run: ApiRun) -> dict[str, Any]:
        git = run.environment.get("git") or {}
        return {
            "name": run.name,
            "state": run.state,
            "started": f"{moment(run.view.created_at)} UTC",
            "duration": duration(run.duration),
            "last step": run.last_step,
            "commit": git.get("commit"),
            "host": run.environment.get("host"),
        }

    return _differing("run", facts(first), facts(second))


def _values(first: ApiRun, second: ApiRun, kind: Literal["config", "summary"]) -> list[_Line]:
    return _differing(kind, flatten(getattr(first, kind)), flatten(getattr(second, kind)))


def _differing(
    kind: Literal["run", "config", "summary"], one: dict[str, Any], other: dict[str, Any]
) -> list[_Line]:
    names = dict.fromkeys([*one, *other])
    lines = [_Line(kind, name, one.get(name, _ABSENT), other.get(name, _ABSENT)) for name in names]
    return [line for line in lines if repr(line.one) != repr(line.other)]


def _markdown(first: ApiRun, second: ApiRun, lines: Sequence[_Line]) -> list[str]:
    """Return a table for a pull request; what is in it stays text there."""
    head = ("", first.path, second.path, "change")
    rows = [head, ("---", "---", "---", "---"), *(line.cells for line in lines)]
    return ["| " + " | ".join(map(_cell, row)) + " |" for row in rows]


def _cell(text: str) -> str:
    shown = plain(text)
    for mark in "\\|`*_[]<>@#":
        shown = shown.replace(mark, f"\\{mark}" if mark not in "<>@#" else f"&#{ord(mark)};")
    return shown


def _page(first: ApiRun, second: ApiRun, lines: Sequence[_Line]) -> str:
    head = h("tr", None, [h("th", None, name) for name in ("", first.path, second.path, "change")])
    body = [h("tr", None, [h("td", None, cell) for cell in line.cells]) for line in lines]
    title = f"{first.path} and {second.path}"
    content = [
        h("meta", {"charset": "utf-8"}),
        h("meta", {"http-equiv": "Content-Security-Policy", "content": _CSP}),
        h("title", None, title),
        h("style", None, Html(_STYLE)),
        h("h1", None, title),
        h("table", None, head, body),
    ]
    return "<!doctype html>\n" + "\n".join(content) + "\n"
