"""A progress bar of bytes on a terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ..plaintext import plain

__all__ = ["bar"]


@contextmanager
def bar(title: str, size: int, *, quiet: bool = False) -> Iterator[Callable[[int], Any]]:
    """Show a bar on stderr while bytes are moved; nothing where stderr is no terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda _bytes: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    shown = (TextColumn("runhooks: {task.description}", markup=False), BarColumn(), DownloadColumn())
    with Progress(*shown, TransferSpeedColumn(), console=console, transient=True) as progress:
        task = progress.add_task(plain(title), total=size)
        yield lambda done: progress.update(task, advance=done)
