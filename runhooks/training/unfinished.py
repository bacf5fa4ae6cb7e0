"""``resume="auto"``: which run a script left unfinished the last time.

A note in the spool holds the run's id while it goes on, and is gone once the run has finished. It belongs
to a script, in a folder, with a store and a project; the process that has the run holds a lock on it,
which the kernel gives back however the process ends.
"""

import fcntl
import os
import sys
from contextlib import suppress

from ..errors import IdError
from ..record.paths import check_id
from ..settings import Settings
from .environment import working_folder
from .place import spool_root, store_name

__all__ = ["Note"]

_LONGEST = 256

_open: set[int] = set()


def _in_child() -> None:
    """Close the notes in a forked child: else it would hold their locks when its parent has ended."""
    for fd in _open:
        with suppress(OSError):
            os.close(fd)
    _open.clear()


os.register_at_fork(after_in_child=_in_child)


class Note:
    """The note of this script, held while this object is open.

    Attributes
    ----------
    id : str or None
        The run that was left unfinished.
    is_others : bool
        Whether another process of the script is running and has the note.
    """

    def __init__(self, settings: Settings) -> None:
        from hashlib import sha256  # 3 ms that others do without

        script = os.path.abspath(sys.argv[0]) if sys.argv and sys.argv[0] else ""  # noqa: PTH100
        facts = (store_name(settings), settings.entity, settings.project, script, working_folder() or "")
        folder = spool_root(settings.spool) / "unfinished"
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / sha256("\0".join(facts).encode(errors="surrogateescape")).hexdigest()[:24]
        self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        _open.add(self._fd)
        self.id: str | None = None
        self.is_others = False
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.is_others = True
            self.close()
            return
        with suppress(IdError):  # empty, or no note of ours
            self.id = check_id(os.read(self._fd, _LONGEST).decode(errors="replace"))

    def keep(self, id: str) -> None:
        """Note the run that is open now."""
        if self._fd >= 0:
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, id.encode(), 0)

    def close(self, *, finished: bool = False) -> None:
        """Let go of the note; a run that has finished needs none."""
        fd, self._fd = self._fd, -1
        if fd < 0 or fd not in _open:
            return
        _open.discard(fd)
        with suppress(OSError):
            if finished:
                os.ftruncate(fd, 0)
            os.close(fd)
