"""Tracking without a change to a script: with ``RUNHOOKS_AUTO=1`` each Trainer of Lightning gets a callback.

Lightning calls this for each Trainer, by an entry point of the package.
"""

import os
from importlib import import_module
from typing import Any

__all__ = ["callbacks"]


def callbacks() -> list[Any]:
    """Return the callbacks that a Trainer gets beside its own: one, or none without the variable.

    ``RUNHOOKS_PROJECT`` and the other variables say where it records.
    """
    if os.environ.get("RUNHOOKS_AUTO", "").lower() not in ("1", "true", "yes", "on"):
        return []
    # By name, as the entry point names this: what is shared does not know who uses it.
    return [import_module("runhooks.integrations.lightning").RunCallback()]
