"""The command that sends what is kept on this machine. Light: the training process says it, too."""

from collections.abc import Iterable
from pathlib import Path

__all__ = ["sync_command"]


def sync_command(folder: Path, options: Iterable[str] = ()) -> str:
    """Return the command line that completes and sends a run's folder.

    Parameters
    ----------
    folder : Path
        The run's folder on this machine.
    options : iterable of str
        Names of the storage options that the run was given. Their values, which may be secrets, are not
        kept and have to be given again.
    """
    try:
        from shlex import quote  # 2 ms, for a line that is hardly ever said

        where = quote(str(folder))
    except OSError:  # no file number is free to read it
        where = repr(str(folder))
    return " ".join(["runhooks sync", where, *(f"--storage-option {name}=..." for name in sorted(options))])
