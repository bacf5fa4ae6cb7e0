"""Reading the runs that W&B logged offline: what its records say, as a run.

Numbers of fields are those of ``wandb_internal.proto`` in W&B's package.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import RecordError
from ..redact import redact_argv
from .imported import Imported, Logged
from .wandb_files import WandbFiles
from .wandb_log import records
from .wire import Fields, message, number_of, text_of, texts_of

__all__ = ["find_wandb", "read_wandb"]

_OWN = ("_wandb", "_step", "_timestamp", "_runtime")
"""What W&B adds to config, summary and rows of its own accord."""
_GOALS = {1: "minimize", 2: "maximize"}
_SUMMARIES = {1: "min", 2: "max", 3: "mean", 4: "best", 5: "last", 6: "none", 8: "first"}
_LEFT_OUT = {7: "samples of the system", 8: "artifacts", 25: "used artifacts"}
_MOST_BINS = 512
_ODD = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What reading raises where a record is another than W&B's."""


def find_wandb(files: Sequence[Path]) -> dict[str, list[Path]]:
    """Return the ``.wandb`` files among some by run id: of a run that was resumed several, in order."""
    found: dict[str, list[Path]] = {}
    for file in files:
        if file.name.startswith("run-") and file.suffix == ".wandb":
            found.setdefault(file.stem.removeprefix("run-"), []).append(file)
    return found


def read_wandb(id: str, files: list[Path]) -> Imported:
    """Read a run from its files, the earliest session first.

    Raises
    ------
    RecordError
        When a file is not what W&B writes; the message names it, and the place.
    """
    reading = _Reading(Imported(id, f"W&B: {files[0].parent}", id=id, state="crashed", summary={}))
    for file in files:
        reading.enter(file.parent)
        for number, record in enumerate(records(file)):
            try:
                reading.take(message(record))
            except _ODD as error:
                raise RecordError(f"{file}: record {number} is not what W&B writes: {error}") from error
    try:
        return reading.done()
    except _ODD as error:
        raise RecordError(f"{files[-1]}: its summary is not what W&B writes: {error}") from error


class _Reading:
    """A run as far as its records were read."""

    def __init__(self, run: Imported) -> None:
        self._run = run
        self._config: dict[str, Any] = {}
        self._summary: dict[str, Any] = {}
        self._left_out: Counter[str] = Counter()
        self._files = WandbFiles(run.files)

    def enter(self, folder: Path) -> None:
        """Go on with the records of a session, whose files lie in this folder."""
        self._files.enter(folder)

    def take(self, record: Fields) -> None:
        """Add what a record says."""
        for number, content in record.items():
            if number in _LEFT_OUT:
                self._left_out[_LEFT_OUT[number]] += 1
            elif number in self._KINDS:
                self._KINDS[number](self, message(content[-1]))

    def done(self) -> Imported:
        """Return the run."""
        run = self._run
        run.config = {key: value for key, value in self._config.items() if key not in _OWN}
        flat = {key: value for key, value in self._summary.items() if key not in _OWN}
        run.summary = dict(self._values(flat, 0, count=False))
        run.left_out = dict(self._left_out)
        if run.ended is None and run.rows:
            run.ended = max(row.time for row in run.rows)
        return run

    def _began(self, fields: Fields) -> None:
        run = self._run
        for number, name in ((8, "name"), (6, "group"), (7, "job_type"), (9, "notes")):
            if said := text_of(fields, number):
                setattr(run, name, said)
        run.tags = texts_of(fields, 10) or run.tags
        for config in fields.get(4, ()):
            _update(self._config, message(config))
        if fields.get(17) and run.began is None:
            run.began = _time(message(fields[17][-1]))
        if host := text_of(fields, 13):
            run.environment["host"] = host
        if fields.get(21):
            self._git(message(fields[21][-1]))

    def _git(self, fields: Fields) -> None:
        said = {"remote": text_of(fields, 1), "commit": text_of(fields, 2)}
        if found := {name: text for name, text in said.items() if text}:
            self._run.environment["git"] = found

    def _environment(self, fields: Fields) -> None:
        named = {1: "os", 2: "python", 6: "program", 11: "cwd", 12: "host", 13: "author", 14: "executable"}
        said = {name: text_of(fields, number) for number, name in named.items()}
        self._run.environment |= {name: text for name, text in said.items() if text}
        if program := text_of(fields, 6):
            self._run.environment["command"] = " ".join(
                redact_argv(["python", program, *texts_of(fields, 5)])
            )
        if fields.get(9):
            self._git(message(fields[9][-1]))

    def _row(self, fields: Fields) -> None:
        data: dict[str, Any] = {}
        for item in fields.get(1, ()):
            _set(data, message(item))
        step = number_of(message(fields[2][-1]), 1) if fields.get(2) else int(data.get("_step", 0))
        at = data.get("_timestamp")
        time = self._run.began or 0 if at is None else round(float(at) * 1e6)
        kept = {key: value for key, value in data.items() if key not in _OWN}
        if values := dict(self._values(kept, step)):
            self._run.rows.append(Logged(step, time, values))

    def _values(self, data: Mapping[str, Any], step: int, *, count: bool = True) -> Iterator[tuple[str, Any]]:
        """Yield what can be stored: nested values flat, histograms as runhooks has them."""
        for key, value in data.items():
            if not isinstance(value, dict):
                yield key, value
            elif "_type" not in value:
                yield from ((name, item) for name, item in self._values(
                    {f"{key}.{name}": item for name, item in value.items()}, step, count=count))  # fmt: skip
            elif (medium := _histogram(value) or self._files.media(key, step, value)) is not None:
                yield key, medium
                if count:
                    self._left_out.update(f"{kind} of images" for kind in ("masks", "boxes") if kind in value)
            elif count:
                self._left_out[f"{value['_type']} objects"] += 1

    def _summed(self, fields: Fields) -> None:
        _update(self._summary, fields)

    def _configured(self, fields: Fields) -> None:
        _update(self._config, fields)

    def _defined(self, fields: Fields) -> None:
        options = message(fields[6][-1]) if fields.get(6) else {}
        summary = message(fields[7][-1]) if fields.get(7) else {}
        said = {
            "step_metric": text_of(fields, 4) or None,
            "summary": [name for number, name in _SUMMARIES.items() if number_of(summary, number)] or None,
            "goal": _GOALS.get(number_of(fields, 8)),
            "hidden": bool(number_of(options, 2)) or None,
        }
        if name := text_of(fields, 1) or text_of(fields, 2):
            self._run.definitions[name] = {key: value for key, value in said.items() if value is not None}

    def _alerted(self, fields: Fields) -> None:
        time = self._run.rows[-1].time if self._run.rows else self._run.began or 0
        said = {name: text_of(fields, number) for number, name in ((1, "title"), (2, "text"))}
        level = {"WARN": "warning", "ERROR": "error"}.get(text_of(fields, 3), "info")
        self._run.alerts.append({"time": time, **said, "level": level})

    def _printed(self, fields: Fields) -> None:
        time = _time(message(fields[2][-1])) if fields.get(2) else self._run.began or 0
        self._run.output.append((time, text_of(fields, 3)))

    def _saved(self, fields: Fields) -> None:
        for file in fields.get(1, ()):
            if not self._files.named(text_of(message(file), 1)):
                self._left_out["saved files"] += 1

    def _ended(self, fields: Fields) -> None:
        code = number_of(fields, 1)
        self._run.state = "failed" if code else "finished"
        self._run.reason = f"exit code {code}" if code else None
        if self._run.began is not None:
            self._run.ended = self._run.began + number_of(fields, 2) * 1_000_000

    _KINDS: Mapping[int, Callable[["_Reading", Fields], None]] = {
        2: _row, 3: _summed, 4: _printed, 5: _configured, 6: _saved, 10: _alerted, 12: _defined, 13: _printed,
        17: _began, 18: _ended, 26: _environment,
    }  # fmt: skip


def _update(values: dict[str, Any], fields: Fields) -> None:
    """Apply a record of a config or summary: fields ``update`` 1 and ``remove`` 2."""
    for item in fields.get(1, ()):
        _set(values, message(item))
    for item in fields.get(2, ()):
        *above, last = _key(message(item))
        inner: Any = values
        for part in above:
            inner = inner.get(part, {})
        inner.pop(last, None)


def _set(values: dict[str, Any], item: Fields) -> None:
    *above, last = _key(item)
    for part in above:
        inner = values.setdefault(part, {})
        if not isinstance(inner, dict):
            inner = values[part] = {}
        values = inner
    values[last] = _value(item)


def _key(item: Fields) -> list[str]:
    key = texts_of(item, 2) or texts_of(item, 1)
    if not key:
        raise ValueError("a value has no name")
    return key


def _value(item: Fields) -> Any:
    """Return an item's value: JSON with NaN and infinities, or, since 2026, a field a type."""
    if item.get(16):
        return json.loads(text_of(item, 16))
    if item.get(8):
        return json.loads(text_of(item, 8))
    if item.get(7):
        return text_of(item, 7)
    if item.get(6):
        return memoryview(item[6][-1]).cast("B").cast("d")[0]
    if item.get(5):
        return number_of(item, 5)
    return bool(number_of(item, 4)) if item.get(4) else None


def _time(stamp: Fields) -> int:
    return number_of(stamp, 1) * 1_000_000 + number_of(stamp, 2) // 1000


def _histogram(value: Mapping[str, Any]) -> dict[str, Any] | None:
    counts, edges = _numbers(value.get("values")), _numbers(value.get("bins"))
    if value["_type"] != "histogram" or not 1 <= len(counts) <= _MOST_BINS or len(edges) != len(counts) + 1:
        return None
    return {"kind": "histogram", "counts": counts, "edges": edges}


def _numbers(data: Any) -> list[float]:
    are_numbers = isinstance(data, list) and all(isinstance(item, int | float) for item in data)
    return data if are_numbers else []
