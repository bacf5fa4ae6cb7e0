"""``runhooks stop``."""

from collections.abc import Sequence

from .plain import moment
from .screen import iso, print_json, print_line
from .target import find_run, options_of

__all__ = ["stop"]


def stop(word: str, store: str | None, pairs: Sequence[str], *, as_json: bool) -> int:
    """Ask a run to stop; return the exit code."""
    run = find_run(word, store, options_of(pairs))
    asked = run.view
    request = run.stop()
    if as_json:
        facts = {"requested_at": iso(request["time"]), "by": request["by"], "is_new": request["is_new"]}
        print_json({"path": run.path, **facts})
    elif request["is_new"]:
        print_line(f"asked {asked.path} ({asked.name}) to stop; its process looks for that every few seconds")
    else:
        when = f"{moment(request['time'])} UTC by {request['by']}"
        seen = "it was seen" if asked.stop else "it was not seen yet"
        print_line(f"{asked.path} was asked to stop before, at {when}; {seen}")
    return 0
