"""What a run is to do: arguments over ``RUNHOOKS_*`` variables over defaults, in one place."""

import os
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple, cast, get_args

from .errors import ArgumentError
from .values import text

__all__ = ["Console", "Mode", "Reinit", "Resume", "Settings", "resolve"]

Mode = Literal["online", "offline", "disabled", "shared"]
Resume = Literal["allow", "must", "never", "auto"]
Console = Literal["wrap", "redirect", "off"]
_SECRET = frozenset({"alert_webhook", "storage_options"})

Reinit = Literal["return_previous", "finish_previous", "create_new"]


class Settings(NamedTuple):
    """Everything that :func:`runhooks.init` can be told, resolved.

    Attributes
    ----------
    store : str
        A folder or any fsspec URL.
    storage_options : dict
        Passed to the store's filesystem; never written anywhere.
    mode : {"online", "offline", "disabled", "shared"}
        ``shared`` is online with several processes that write to one run, each with a store connection of its
        own: on nodes without a common disk.
    primary : bool or None
        In a shared run: whether this process owns the run, or writes to it besides. By default the process of
        global rank 0 does, unless another has it already.
    label : str or None
        In a shared run: what this process is called on the page.
    resume : {"allow", "must", "never", "auto"} or None
    resume_step : int or None
        The last step that is kept of the run that is resumed; what it logged later is superseded.
    resume_from : str or None
        ``ID?_step=N``: `id` and `resume_step` in one.
    fork_from : str or None
        ``ID?_step=N``: a run, also of another project (``PROJECT/ID?_step=N``), whose history up to this
        step a new run begins with.
    reinit : {"return_previous", "finish_previous", "create_new"} or None
        What a second ``init`` does while a run is active.
    heartbeat_s, refresh_s : float
        Seconds between heartbeats, and between two renderings of a live page.
    system_interval_s : float
        Seconds between two samples of the machine, at least 1; 0 for none.
    save_code : bool
        Whether to keep the script, or the cells that a notebook has run.
    console : {"wrap", "redirect", "off"}
        Which output is kept: what goes through sys.stdout and sys.stderr; all that this process and what it
        starts write to their terminal; or nothing.
    stop_grace_s : float
        How long a program that was asked to stop and got a KeyboardInterrupt has before it gets SIGTERM.
    finish_timeout_s : float
        How long ``finish()`` waits for the record to be complete.
    require_store : bool
        Whether a store that cannot be written is an error of ``init`` rather than a warning.
    alert_webhook : str or None
        An http(s) address that alerts are posted to as JSON, such as Slack's. A secret, and never stored.
    quiet, silent : bool
        Only warnings in the terminal; nothing at all.
    """

    project: str = "Uncategorized"
    entity: str = "default"
    id: str | None = None
    name: str | None = None
    notes: str | None = None
    tags: tuple[str, ...] = ()
    group: str | None = None
    job_type: str | None = None
    store: str = "./runs"
    storage_options: Mapping[str, Any] = {}
    mode: Mode = "online"
    primary: bool | None = None
    label: str | None = None
    resume: Resume | None = None
    resume_step: int | None = None
    resume_from: str | None = None
    fork_from: str | None = None
    reinit: Reinit | None = None
    allow_val_change: bool = False
    spool: str | None = None
    heartbeat_s: float = 30.0
    refresh_s: float = 5.0
    system_interval_s: float = 10.0
    save_code: bool = False
    console: Console = "wrap"
    stop_grace_s: float = 30.0
    finish_timeout_s: float = 60.0
    require_store: bool = False
    alert_webhook: str | None = None
    quiet: bool = False
    silent: bool = False

    def __repr__(self) -> str:
        shown = (f"{name}={value!r}" for name, value in self._asdict().items() if name not in _SECRET)
        return f"Settings({', '.join(shown)})"

    @property
    def online(self) -> bool:
        """Whether the run is sent while it goes on."""
        return self.mode in ("online", "shared")

    @property
    def secondary(self) -> bool:
        """Whether this process writes to a run that another owns."""
        return self.mode == "shared" and self.primary is False


def resolve(arguments: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings for arguments of ``init``; None means not given.

    Raises
    ------
    ArgumentError
        For a name that is no setting, or a value that cannot be used; the message names the argument
        or variable and what it takes.
    """
    environ = os.environ if environ is None else environ
    known = frozenset(Settings._fields)
    if unknown := sorted(set(arguments) - known):
        raise ArgumentError(f"init() has no argument {unknown[0]!r}; it takes {', '.join(sorted(known))}")
    values: dict[str, Any] = {}
    for name in known:
        if (given := arguments.get(name)) is not None:
            values[name] = _CHECKS[name](name, given)
        elif name != "storage_options" and (written := environ.get(f"RUNHOOKS_{name.upper()}", "")):
            values[name] = _READERS.get(name, _CHECKS[name])(f"RUNHOOKS_{name.upper()}", written)
    return Settings(**values)


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise ArgumentError(f"{name} must be a text, not {type(value).__name__}")
    return text(value)


def _store(name: str, value: Any) -> str:
    if not isinstance(value, str | os.PathLike):
        raise ArgumentError(
            f"{name} must be a folder or a URL such as s3://bucket/runs, not {type(value).__name__}"
        )
    return os.fspath(cast("str | os.PathLike[str]", value))


def _webhook(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value.startswith(("https://", "http://")):
        raise ArgumentError(f"{name} must be an http or https address")  # not repeated: it is a secret
    return value


def _tags(name: str, value: Any) -> tuple[str, ...]:
    tags = (value,) if isinstance(value, str) else value
    if not isinstance(tags, list | tuple | set | frozenset) or not all(isinstance(tag, str) for tag in tags):
        raise ArgumentError(f"{name} must be a list of texts, not {value!r}")
    return tuple(dict.fromkeys(sorted(tags) if isinstance(tags, set | frozenset) else tags))


def _options(name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise ArgumentError(f"{name} must be a mapping, not {type(value).__name__}")
    return dict(value)


def _flag(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in ("1", "true", "yes", "on"):
        return True
    if word in ("0", "false", "no", "off"):
        return False
    raise ArgumentError(f"{name} must be true or false, not {value!r}")


def _seconds(name: str, value: Any) -> float:
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = -1.0
    if not 0 <= seconds < 1e9:
        raise ArgumentError(f"{name} must be a number of seconds, not {value!r}")
    return seconds


def _step(name: str, value: Any) -> int:
    try:
        return int(value) if isinstance(value, str) else int(value.__index__())
    except (AttributeError, ValueError):
        raise ArgumentError(f"{name} must be the number of a step, not {value!r}") from None


def _choice(kind: Any, aliases: Mapping[Any, str] = {}) -> Callable[[str, Any], str]:
    choices = get_args(kind)

    def check(name: str, value: Any) -> str:
        word = aliases.get(value, value) if isinstance(value, str | bool) else value
        if word not in choices:
            raise ArgumentError(f"{name} must be one of {', '.join(choices)}, not {value!r}")
        return cast(str, word)

    return check


_CHECKS: dict[str, Callable[[str, Any], Any]] = {
    **dict.fromkeys(("project", "entity", "id", "name", "notes", "group", "job_type", "label"), _text),
    **dict.fromkeys(("resume_from", "fork_from"), _text),
    "resume_step": _step,
    "store": _store,
    "spool": _store,
    "tags": _tags,
    "alert_webhook": _webhook,
    "storage_options": _options,
    "mode": _choice(Mode, {"dryrun": "offline", "run": "online"}),
    "resume": _choice(Resume, {True: "allow", "True": "allow", "true": "allow"}),
    "reinit": _choice(
        Reinit, {True: "finish_previous", False: "return_previous", "default": "return_previous"}
    ),
    **dict.fromkeys(("allow_val_change", "primary", "quiet", "require_store", "save_code", "silent"), _flag),
    "console": _choice(Console, {"auto": "wrap", "wrap_raw": "wrap", "wrap_emu": "wrap"}),
    **dict.fromkeys(
        ("heartbeat_s", "refresh_s", "system_interval_s", "finish_timeout_s", "stop_grace_s"), _seconds
    ),
}
_READERS: dict[str, Callable[[str, Any], Any]] = {
    "tags": lambda name, value: _tags(name, [tag.strip() for tag in value.split(",") if tag.strip()]),
}
