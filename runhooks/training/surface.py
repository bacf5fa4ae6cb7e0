"""Names of W&B's module that ordinary scripts use beside those that runhooks has anyway.

With ``import runhooks as wandb`` a script runs as it is. What has no meaning here is taken and passed
over (an anonymous mode, an API key); what a script would miss says what to do instead.
"""

import os
from collections.abc import Mapping
from enum import Enum
from types import SimpleNamespace
from typing import Any, NoReturn

from .. import settings as known
from ..errors import NotOfferedError
from .naming import generate_id

__all__ = ["AlertLevel", "Settings", "agent", "login", "some_keys", "sweep", "translated", "util"]

_FIELDS = frozenset(known.Settings._fields)
_RENAMED = {
    "root_dir": "dir", "run_group": "group", "run_id": "id", "run_job_type": "job_type", "run_name": "name",
    "run_notes": "notes", "run_tags": "tags", "x_stats_sampling_interval": "system_interval_s",
    "x_primary": "primary", "x_label": "label",
}  # fmt: skip
_WITHOUT_EFFECT = frozenset(
    "anonymous config_exclude_keys config_include_keys dir force magic monitor_gym save_code settings "
    "sync_tensorboard tensorboard".split()
)


class AlertLevel(Enum):
    """How urgent an alert is."""

    INFO = "INFO"
    WARN = "WARN"
    ERROR = "ERROR"


class Settings(dict[str, Any]):
    """Settings for ``init(settings=…)``; those that runhooks does not have are passed over.

    Parameters
    ----------
    **settings
        Named as in W&B or as in :class:`runhooks.settings.Settings`.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(settings)

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


util = SimpleNamespace(generate_id=generate_id)
"""What scripts use of ``wandb.util``."""


def login(*_: Any, **__: Any) -> bool:
    """Do nothing, successfully: there is no server and no account."""
    return True


def sweep(*_: Any, **__: Any) -> NoReturn:
    """Refuse, and say what to use.

    Raises
    ------
    NotOfferedError
        Always.
    """
    raise NotOfferedError(
        "runhooks has no sweep server. Let Optuna choose, a run a trial: study.optimize("
        "runhooks.integrations.optuna.RunCallback().track(objective)); see docs/wandb.md"
    )


agent = sweep


def translated(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return further arguments of ``init`` without those of W&B that have no meaning here."""
    inner = given.get("settings") or {}
    pairs = dict(inner) if isinstance(inner, Mapping) else vars(inner)
    found = {_RENAMED.get(name, name): value for name, value in pairs.items() if value is not None}
    found = {name: value for name, value in found.items() if name in _FIELDS or name == "dir"}
    found |= {name: value for name, value in given.items() if name in _FIELDS or name not in _WITHOUT_EFFECT}
    folder = given.get("dir") or found.pop("dir", None)
    if folder is not None and "store" not in found and not os.environ.get("RUNHOOKS_STORE"):
        found["store"] = os.path.join(folder, "runs")  # noqa: PTH118  (it may be a text or a path)
    return found


def some_keys(config: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return those keys of a config that ``config_include_keys`` and ``config_exclude_keys`` leave."""
    include, exclude = given.get("config_include_keys"), given.get("config_exclude_keys") or ()
    return {
        key: value
        for key, value in config.items()
        if (include is None or key in include) and key not in exclude
    }
