"""Asking a store for an artifact without touching it from this process: another one does, and answers."""

import subprocess
from typing import Any

from .. import errors
from ..errors import ArtifactError
from ..record.paths import RunPath
from ..recorder.protocol import Lines, encode
from ..recorder.spawn import interpreter
from ..settings import Settings
from .connection import answered
from .place import Place

__all__ = ["ask"]


def ask(place: Place, settings: Settings, run: RunPath, **request: Any) -> dict[str, Any]:
    """Have a request of :mod:`runhooks.recorder.requests` answered.

    Its progress bar is shown in this terminal, and Ctrl-C ends it; what was downloaded is kept.

    Raises
    ------
    RunhooksError
        Whatever the other process met, as the same class.
    """
    whole = {
        "store": place.store,
        "storage_options": dict(settings.storage_options),
        "quiet": settings.quiet or settings.silent,
        "run": str(run),
        **request,
    }
    answer = answered(whole) if place.in_process else _by_process(whole)
    if (failure := answer.get("failure")) is not None:
        kind = getattr(errors, str(failure.get("type")), ArtifactError)
        raise kind(failure.get("text"))
    return answer


def _by_process(request: dict[str, Any]) -> dict[str, Any]:
    # The request, which may hold credentials, goes by the pipe; nothing of it is in a list of processes.
    code = "from runhooks.recorder.requests import main; main()"
    try:
        done = subprocess.run(interpreter(code), input=encode(request), stdout=subprocess.PIPE, check=False)
    except OSError as error:
        raise ArtifactError(f"no process can be started to read the store: {error}") from error
    answers = list(Lines().feed(done.stdout))
    if not answers:
        raise ArtifactError(
            f"the process that read the store ended without an answer (code {done.returncode})"
        )
    return answers[-1]
