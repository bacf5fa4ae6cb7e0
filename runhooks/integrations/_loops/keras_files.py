"""What Keras's own callbacks save in a ``fit``: checkpoints, which are only looked at, and the backup."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import keras

from .checkpoints import saved_at

__all__ = ["Backup", "SavedModels", "callbacks_of"]


def callbacks_of(arguments: Mapping[str, Any]) -> list[Any]:
    """Return the callbacks among the arguments of ``fit``, which takes one, several, or a CallbackList."""
    given = arguments.get("callbacks")
    found = getattr(given, "callbacks", given) or []
    return list(found) if isinstance(found, list | tuple) else [found]


class SavedModels:
    """The files that the ModelCheckpoint callbacks of a ``fit`` save.

    Parameters
    ----------
    callbacks : list
        All of the ``fit``.
    """

    def __init__(self, callbacks: list[Any]) -> None:
        self._callbacks = [each for each in callbacks if isinstance(each, keras.callbacks.ModelCheckpoint)]
        self._saved: dict[str, float | None] = {}  # path to the value that was watched, the oldest first
        self.patterns = {str(each.filepath) for each in self._callbacks}

    @property
    def paths(self) -> list[str]:
        """Where something may have been saved, the latest last."""
        return list(self._saved)

    def note(self, epoch: int, logs: Mapping[str, Any]) -> None:
        """Remember where each callback saves after an epoch, and the value that it watches."""
        for each in self._callbacks:
            with suppress(KeyError, ValueError, IndexError):  # a name of what is not logged
                path = str(each.filepath).format(epoch=epoch + 1, **logs)
                value = logs.get(each.monitor)
                self._saved.pop(path, None)
                self._saved[path] = None if value is None else float(value)

    def named(self) -> dict[str, list[str]]:
        """Return the last file and the best one with these words, the best one last."""
        there = [path for path in self._saved if saved_at(path)]
        if not there:
            return {}
        named = {there[-1]: ["last"]}
        best = self._best(there)
        if best is not None:
            named[best] = [*named.pop(best, []), "best"]
        return named

    def _best(self, there: list[str]) -> str | None:
        for each in self._callbacks:
            if each.save_best_only:  # only what is better than all before is saved
                return there[-1]
            values = {path: value for path in there if (value := self._saved[path]) is not None}
            if values and "{" in str(each.filepath) and callable(each.monitor_op):
                best = next(iter(values))
                for path, value in values.items():
                    best = path if each.monitor_op(value, values[best]) else best
                return best
        return None


class Backup:
    """The id of the run beside the state that BackupAndRestore keeps, which it deletes with that.

    Parameters
    ----------
    callbacks : list
        All of the ``fit``.
    recorder : object
        The callback whose run it is.
    """

    def __init__(self, callbacks: list[Any], recorder: Any) -> None:
        kinds = [each for each in callbacks if isinstance(each, keras.callbacks.BackupAndRestore)]
        place = [each for each in callbacks if type(each) is type(recorder)].index(recorder) if kinds else 0
        self._file = Path(kinds[0].backup_dir, f"runhooks-run-{place}") if kinds else None

    def read(self) -> str | None:
        """Return the id of the run that the backup is of, if there is one."""
        with suppress(OSError):
            return self._file.read_text(encoding="utf-8") if self._file is not None else None
        return None

    def write(self, id: str) -> None:
        """Put the id of the run there."""
        if self._file is not None:
            os.makedirs(self._file.parent, exist_ok=True)  # noqa: PTH103 - as Keras does, on local disks
            self._file.write_text(id, encoding="utf-8")
