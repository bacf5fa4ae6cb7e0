"""What becomes of the checkpoints that a framework saves: references, or uploads. They are only read."""

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Literal

import runhooks
from runhooks.errors import ArgumentError

__all__ = ["Checkpoints", "saved_at"]


class Checkpoints:
    """The files or folders of one callback's trainings, as versions of the artifact ``run-<id>-model``.

    Parameters
    ----------
    mode : {"all", "best", False}
        Which are uploaded; of the others, the best and the last are kept by reference.

    Raises
    ------
    ArgumentError
        For another mode.
    """

    def __init__(self, mode: Literal["all", "best", False]) -> None:
        if mode not in ("all", "best", False):
            raise ArgumentError(f"log_model is 'all', 'best' or False, not {mode!r}")
        self._mode = mode
        self._seen: set[tuple[str, int]] = set()

    @property
    def are_all_wanted(self) -> bool:
        """Whether each is uploaded, so that it has to be looked for while the training goes on."""
        return self._mode == "all"

    def pass_over(self, paths: Iterable[str]) -> None:
        """Take what is at these paths for that of an earlier training."""
        self._seen.update((path, saved_at(path)) for path in paths)

    def look(
        self, run: runhooks.Run | None, paths: Iterable[str], aliases: Mapping[str, Sequence[str]]
    ) -> None:
        """Upload, where all are wanted, those that are there and were not at the last look.

        Parameters
        ----------
        run : Run or None
        paths : iterable of str
            Where the framework has saved.
        aliases : mapping
            Path to ``best`` or ``last``.
        """
        if run is None or not self.are_all_wanted:
            return
        for path in sorted(set(paths), key=saved_at):
            if (key := (path, saved_at(path))) not in self._seen and key[1]:
                self._seen.add(key)
                run.log_model(path, aliases=aliases.get(path, ()))

    def end(self, run: runhooks.Run | None, aliases: Mapping[str, Sequence[str]]) -> None:
        """Keep the best and the last of a training, unless all were uploaded; the best should come last."""
        if run is None or self.are_all_wanted:
            return
        for path, words in aliases.items():
            is_elsewhere = "://" in path
            if is_elsewhere or saved_at(path):
                upload = self._mode == "best" and "best" in words and not is_elsewhere
                run.log_model(path, aliases=words, upload=upload)


def saved_at(path: str) -> int:
    """Return when a file or folder was saved, in nanoseconds; 0 where there is none."""
    with suppress(OSError):
        return os.stat(path).st_mtime_ns  # noqa: PTH116 - it may also be an address
    return 0
