"""Sending a run's large files in a thread of its own: signs of life must not wait for gigabytes."""

import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path

from ..errors import RunhooksError, StoreError, StoreUnreachableError
from ..storage import Store

__all__ = ["Carrier", "Facts", "facts_of"]

Facts = tuple[int, int]
"""Time (nanoseconds) and size of a file."""


def facts_of(file: Path) -> Facts | None:
    """Return time and size of a file, None when it is gone."""
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size


class Carrier:
    """Sends files one after the other while its owner does other things.

    Parameters
    ----------
    remote : Store
    """

    def __init__(self, remote: Store) -> None:
        self._remote = remote
        self._thread: threading.Thread | None = None
        self._waiting: deque[tuple[str, Path, Facts]] = deque()
        self._sent: dict[str, Facts] = {}
        self._error: RunhooksError | None = None

    @property
    def busy(self) -> bool:
        """Whether something is being sent."""
        return self._thread is not None and self._thread.is_alive()

    def begin(self, files: list[tuple[str, Path, Facts]]) -> None:
        """Send these, unless others are still being sent: whoever asks again has them sent then."""
        if files and not self.busy:
            self._waiting.extend(files)
            self._thread = threading.Thread(target=self._work, name="large-files", daemon=True)
            self._thread.start()

    def sent(self) -> dict[str, Facts]:
        """Return what was sent since the last call."""
        sent, self._sent = self._sent, {}
        return sent

    def wait(self, idle: Callable[[], None] | None = None) -> None:
        """Wait until nothing is being sent; call `idle` several times a second meanwhile."""
        while self._thread is not None and self._thread.is_alive():
            self._thread.join(0.1)
            if idle is not None:
                idle()

    def check(self) -> None:
        """Raise, once, what ended the sending.

        Raises
        ------
        StoreError
            The files that were left are forgotten, and have to be given again.
        """
        error, self._error = self._error, None
        if error is not None:
            raise error

    def _work(self) -> None:
        while self._waiting:
            path, local, facts = self._waiting.popleft()
            try:
                self._remote.write(path, local)
            except RunhooksError as error:
                if isinstance(error, StoreUnreachableError) and facts_of(local) != facts:
                    continue  # it changed while it was sent: it is given again
                self._error = error
                self._waiting.clear()
                return
            except OSError:
                continue  # gone, or not to be read any more
            except Exception as error:  # noqa: BLE001  (a thread that ends unheard would pass for done)
                self._error = StoreError(f"could not send {local}: {type(error).__name__}: {error}")
                self._waiting.clear()
                return
            self._sent[path] = facts
