"""Runs of ML training as plain files, and pages that open anywhere.

>>> import runhooks
>>> run = runhooks.init(project="digits", config={"lr": 0.1})
>>> run.log({"loss": 0.5})
>>> run.finish()
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api import Api as Api
    from .training.artifact import Artifact as Artifact
    from .training.media import Audio as Audio
    from .training.media import Histogram as Histogram
    from .training.media import Html as Html
    from .training.media import Image as Image
    from .training.media import Object3D as Object3D
    from .training.media import Plotly as Plotly
    from .training.media import Table as Table
    from .training.media import Video as Video
    from .training.media import plot as plot
    from .training.naming import generate_id as generate_id
    from .training.opening import check_arguments as check_arguments
    from .training.opening import init as init
    from .training.run import Run as Run
    from .training.surface import AlertLevel as AlertLevel
    from .training.surface import Settings as Settings
    from .training.surface import agent as agent
    from .training.surface import login as login
    from .training.surface import sweep as sweep
    from .training.surface import util as util

__version__ = "0.1.0"

__all__ = [
    "AlertLevel",
    "Api",
    "Artifact",
    "Audio",
    "Histogram",
    "Html",
    "Image",
    "Object3D",
    "Plotly",
    "Run",
    "Settings",
    "Table",
    "Video",
    "agent",
    "alert",
    "check_arguments",
    "config",
    "define_metric",
    "errors",
    "finish",
    "generate_id",
    "init",
    "log",
    "log_artifact",
    "login",
    "plot",
    "run",
    "save",
    "summary",
    "sweep",
    "unwatch",
    "use_artifact",
    "util",
    "watch",
]

_HOME = {
    "Api": "api",
    "Artifact": "training.artifact",
    "Audio": "training.media",
    "Histogram": "training.media",
    "Html": "training.media",
    "Image": "training.media",
    "Object3D": "training.media",
    "Plotly": "training.media",
    "Table": "training.media",
    "Video": "training.media",
    "Run": "training.run",
    "AlertLevel": "training.surface",
    "Settings": "training.surface",
    "agent": "training.surface",
    "check_arguments": "training.opening",
    "generate_id": "training.naming",
    "init": "training.opening",
    "login": "training.surface",
    "sweep": "training.surface",
    "util": "training.surface",
}

_OF_RUN = frozenset(
    {
        "alert",
        "config",
        "define_metric",
        "finish",
        "log",
        "log_artifact",
        "run",
        "save",
        "summary",
        "unwatch",
        "use_artifact",
        "watch",
    }
)
"""Names that are those of the open run."""


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: ``import runhooks`` itself costs next to nothing."""
    if name in _HOME:
        value = globals()[name] = getattr(import_module(f".{_HOME[name]}", __name__), name)
        return value
    if name == "errors":
        return import_module(".errors", __name__)
    if name == "plot":
        return import_module(".training.media.plot", __name__)
    if name in _OF_RUN:
        from .training.opening import active

        current = active()
        if name == "run":
            return current
        if current is None:
            from .errors import RunhooksError

            raise RunhooksError(f"runhooks.{name} needs an open run; call runhooks.init() first")
        return getattr(current, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}")


def __dir__() -> list[str]:
    return __all__
