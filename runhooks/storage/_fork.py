"""What a forked child must not do: touch the connections of its parent.

A child inherits fsspec's event loop without its thread, but with its epoll object and its sockets.
When the child drops a file system, or ends, closing the copies would take the parent's sockets out of
the shared epoll object, so that the parent waits for answers that it has, and would say goodbye to the
server over TLS in the parent's name.
"""

import os
import select
from contextlib import suppress
from pathlib import Path
from typing import Any

__all__ = ["guard_forks", "never_close"]

_guarded = False
_loop: Any = None
_inherited: list[object] = []


def guard_forks() -> None:
    """From now on, cut each forked child off from what fsspec has open."""
    global _guarded
    if not _guarded and hasattr(os, "register_at_fork") and hasattr(select, "epoll"):
        _guarded = True
        os.register_at_fork(before=_remember_loop, after_in_child=_cut_off)


def never_close(filesystem: object) -> None:
    """Keep a file system that a fork inherited from being closed here: that is its parent's business."""
    _inherited.append(filesystem)


def _remember_loop() -> None:
    # In the child it is too late: fsspec forgets its loop there first.
    global _loop
    from fsspec.asyn import loop

    _loop = loop[0]


def _cut_off() -> None:
    """Put an empty epoll object, and nothing, in the places of the parent's."""
    # asyncio does not say which selector a loop has; another loop than its own has none here.
    selector = getattr(_loop, "_selector", None)
    if selector is None:
        return
    with (
        suppress(OSError, RuntimeError),
        Path(os.devnull).open("r+b", buffering=0) as nothing,
        select.epoll() as empty,
    ):
        for key in [*selector.get_map().values()]:
            os.dup2(nothing.fileno(), key.fd, inheritable=False)
        os.dup2(empty.fileno(), selector.fileno(), inheritable=False)
