"""``runhooks stop``."""

from .options import Asked
from .plain import moment
from .screen import iso, print_json, print_line
from .target import find_run

__all__ = ["stop"]


def stop(word: str, asked: Asked) -> int:
    """Ask a run to stop; return the exit code."""
    run = find_run(word, asked)
    before = run.view
    request = run.stop()
    if asked.as_json:
        facts = {"requested_at": iso(request["time"]), "by": request["by"], "is_new": request["is_new"]}
        print_json({"path": run.path, **facts})
    elif request["is_new"]:
        print_line(
            f"asked {before.path} ({before.name}) to stop; its process looks for that every few seconds"
        )
    else:
        when = f"{moment(request['time'])} UTC by {request['by']}"
        seen = "it was seen" if before.stop else "it was not seen yet"
        print_line(f"{before.path} was asked to stop before, at {when}; {seen}")
    return 0
