"""``runhooks view``."""

import secrets
import socket
import sys
import webbrowser
from dataclasses import replace

from ..errors import MissingExtraError
from .options import Asked
from .screen import note, print_json, print_line
from .target import api_of

__all__ = ["view"]


def view(where: str | None, asked: Asked, *, port: int, browser: bool) -> int:
    """Serve a store's pages on this machine until Ctrl-C; return the exit code."""
    try:
        import uvicorn

        from .server import Guard, build_app
    except ImportError as error:
        raise MissingExtraError(
            "runhooks view needs starlette and uvicorn: pip install 'runhooks[view]'"
        ) from error
    api = api_of(asked if where is None else replace(asked, store=where))
    _ = any(True for _ in api.store.list("", recursive=False))  # finds out that there is no such store
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        taken = listening.getsockname()[1]
        guard = Guard(secrets.token_urlsafe(32), taken)
        address = f"http://127.0.0.1:{taken}/?token={guard.token}"
        if asked.as_json:
            print_json({"store": api.store.url, "url": address})
        else:
            print_line(f"{api.store.url} is at {address}")
            note("only you can open it; Ctrl-C ends it")
        sys.stdout.flush()
        if browser:
            webbrowser.open(address)
        config = uvicorn.Config(build_app(api.store, guard), log_level="warning", access_log=False)
        uvicorn.Server(config).run(sockets=[listening])
    return 0
