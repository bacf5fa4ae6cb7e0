"""What a training process asks of its recorder for one run."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..record.paths import RunPath, parse_run_path

__all__ = ["Order"]


@dataclass(frozen=True, slots=True)
class Order:
    """The command ``open``.

    Attributes
    ----------
    path : RunPath
    folder : Path
        The run's folder on this machine.
    store : str
        The store's address.
    mirrored : bool
        Whether the folder is a spool to be copied to the store.
    online : bool
        Whether to copy now; else ``runhooks sync`` does, later.
    cwd : str or None
        Where the training process was started.
    stop_grace_s : float
        Between a KeyboardInterrupt and SIGTERM, for a process that is to stop.
    stops_itself : bool
        Whether it reads ``run.stop_requested``.
    writer : str or None
        The training process's journal.
    alert_webhook : str or None
        Where alerts are posted.
    page : str
        Address of the run's page.
    pid : int or None
        The training process; None where it is gone.
    system_interval_s : float
        Seconds between two samples of the machine; 0 for none.
    import_path : list of str
        Where the training process looks for its packages.
    program : str or None
        The script, where it is to be kept.
    shared : bool
        Whether secondary writers on other nodes may write to the run.
    secondary : str or None
        The secondary writer whose share of a run the folder holds; None where it holds the run.
    """

    path: RunPath
    folder: Path
    store: str
    mirrored: bool = False
    online: bool = True
    storage_options: dict[str, Any] = field(default_factory=dict)
    heartbeat_s: float = 30.0
    refresh_s: float = 5.0
    cwd: str | None = None
    writer: str | None = None
    alert_webhook: str | None = field(default=None, repr=False)
    page: str = ""
    stop_grace_s: float = 30.0
    stops_itself: bool = False
    pid: int | None = None
    system_interval_s: float = 0.0
    import_path: list[str] = field(default_factory=list)
    program: str | None = None
    shared: bool = False
    secondary: str | None = None

    @classmethod
    def of(cls, message: dict[str, Any]) -> "Order":
        """Read the command's message."""
        names = (
            "store",
            "mirrored",
            "online",
            "storage_options",
            "heartbeat_s",
            "refresh_s",
            "cwd",
            "writer",
            "alert_webhook",
            "page",
            "stop_grace_s",
            "stops_itself",
            "pid",
            "system_interval_s",
            "import_path",
            "program",
            "shared",
            "secondary",
        )
        return cls(
            parse_run_path(message["run"]),
            Path(message["folder"]),
            **{n: message[n] for n in names if n in message},
        )

    @property
    def root(self) -> Path:
        """The store's root on this machine: the store itself, or the spool laid out like it."""
        return self.folder.parents[3]
