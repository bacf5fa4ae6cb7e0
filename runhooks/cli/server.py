"""The application behind ``runhooks view``: a store's pages over http, with buttons, for one user.

Only who has the token gets anything: it comes once in the address, then as a cookie. A request that
changes something must be a POST from this very origin. The store is read and written with the
credentials of whoever started the command; nothing of them is sent.
"""

import hmac
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any
from urllib.parse import urlsplit

import orjson
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from ..api.edit import edit_run
from ..api.run import ApiRun
from ..api.trash import delete_runs, refresh_projects, restore_runs
from ..errors import ArgumentError, ObjectNotFoundError, RunFinishedError, RunhooksError, RunNotFoundError
from ..record.paths import RunPath, parse_run_path
from ..storage import Store

__all__ = ["Guard", "build_app"]

_COOKIE = "runhooks_view"
_MOST_BODY = 1_000_000
_RANGE = re.compile(r"bytes=(\d+)-(\d*)$")
_KINDS = {
    "html": "text/html; charset=utf-8", "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "json": "application/json", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg",
    "gif": "image/gif", "webp": "image/webp", "svg": "image/svg+xml", "mp4": "video/mp4", "wav": "audio/wav",
    "log": "text/plain; charset=utf-8", "txt": "text/plain; charset=utf-8",
}  # fmt: skip
_PLAIN = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-cache"}
# What a run saved must not run as a page of this origin, which has the buttons.
_CONTAINED = {
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
}
_Answer = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Guard:
    """Who may ask.

    Attributes
    ----------
    token : str
    port : int
        On 127.0.0.1.
    """

    token: str
    port: int

    def refusal(self, request: Request) -> Response | None:
        """Return why a request is refused; None for one that may go on."""
        hosts = {f"127.0.0.1:{self.port}", f"localhost:{self.port}"}
        if request.headers.get("host", "") not in hosts:
            return PlainTextResponse("this server answers only to its own address", 421)
        given = request.query_params.get("token")
        if request.method == "GET" and given is not None and hmac.compare_digest(given, self.token):
            answer = RedirectResponse(request.url.path, 303)
            answer.set_cookie(_COOKIE, self.token, httponly=True, samesite="strict")
            return answer
        if not hmac.compare_digest(request.cookies.get(_COOKIE, ""), self.token):
            return PlainTextResponse("open the address that runhooks view printed: it has the token", 403)
        if request.method == "POST" and not self._is_own(request, hosts):
            return PlainTextResponse("a change must come from a page of this server", 403)
        return None

    def _is_own(self, request: Request, hosts: set[str]) -> bool:
        origin = urlsplit(request.headers.get("origin", ""))
        own = origin.scheme == "http" and origin.netloc in hosts
        return own and request.headers.get("content-type", "").partition(";")[0] == "application/json"


def build_app(store: Store, guard: Guard) -> Starlette:
    """Return the application over a store."""

    def guarded(work: _Answer) -> _Answer:
        async def answer(request: Request) -> Response:
            return guard.refusal(request) or await work(request)

        return answer

    async def page(request: Request) -> Response:
        return await run_in_threadpool(_object, store, request)

    async def change(request: Request) -> Response:
        body = await request.body()
        if len(body) > _MOST_BODY:
            return PlainTextResponse("too long", 413)
        return await run_in_threadpool(_change, store, request.path_params["action"], body)

    return Starlette(
        routes=[
            Route("/-/{action}", guarded(change), methods=["POST"]),
            Route("/{path:path}", guarded(page), methods=["GET"]),
        ]
    )


def _object(store: Store, request: Request) -> Response:
    path = request.path_params["path"]
    path = f"{path}index.html" if path.endswith("/") or not path else path
    part = _RANGE.match(request.headers.get("range", ""))
    try:
        if part:
            return _range(store, path, int(part[1]), int(part[2]) + 1 if part[2] else None)
        data = store.read(path)
    except (ObjectNotFoundError, ArgumentError):
        return PlainTextResponse(f"there is no {path} in {store.url}", 404)
    except RunhooksError as error:
        return PlainTextResponse(str(error), 502)
    if path.endswith("/index.html") or path == "index.html":
        data = with_buttons(data)
    tag = f'"{blake2b(data, digest_size=12).hexdigest()}"'
    headers = _headers(path) | {"ETag": tag, "Accept-Ranges": "bytes"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(data, headers=headers)


def _range(store: Store, path: str, start: int, end: int | None) -> Response:
    folder, name = path.rpartition("/")[0], path
    whole = next((entry.size for entry in store.list(folder, recursive=False) if entry.path == name), None)
    if whole is None:
        return PlainTextResponse(f"there is no {path} in {store.url}", 404)
    if start >= whole:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{whole}"})
    data = store.read(path, start, end)
    said = f"bytes {start}-{start + len(data) - 1}/{whole}"
    return Response(data, 206, headers=_headers(path) | {"Content-Range": said})


def _headers(path: str) -> dict[str, str]:
    parts = path.split("/")
    kind = _KINDS.get(path.rpartition(".")[2].lower(), "application/octet-stream")
    saved = len(parts) > 4 and parts[2] == "runs" and parts[4] in ("files", "logs")
    saved = saved or (len(parts) > 2 and parts[2] in ("artifacts", "blobs"))
    return {**_PLAIN, **(_CONTAINED if saved else {}), "Content-Type": kind}


def with_buttons(page: bytes) -> bytes:
    """Return a page that knows it is served by this server, and may send changes to it."""
    return page.replace(b"<title>", b'<meta name="runhooks-view" content="1">\n<title>', 1)


def _change(store: Store, action: str, body: bytes) -> Response:
    try:
        wanted = orjson.loads(body)
        path = parse_run_path(str(wanted["run"]))
        _ACTIONS[action](store, path, wanted)
    except (orjson.JSONDecodeError, TypeError, KeyError) as error:
        return JSONResponse({"error": f"no such change: {error}"}, 400)
    except (ArgumentError, RunFinishedError, RunNotFoundError) as error:
        return JSONResponse({"error": str(error)}, 400)
    except RunhooksError as error:
        return JSONResponse({"error": str(error)}, 502)
    return JSONResponse({"done": action})


def _edit(store: Store, path: RunPath, wanted: dict[str, Any]) -> None:
    edit_run(store, path, {key: wanted[key] for key in ("name", "notes", "tags") if key in wanted})
    refresh_projects(store, [path])


def _delete(store: Store, path: RunPath, _wanted: dict[str, Any]) -> None:
    delete_runs(store, [(path, ApiRun(store, path).name)])


def _restore(store: Store, path: RunPath, _wanted: dict[str, Any]) -> None:
    restore_runs(store, [path])


def _stop(store: Store, path: RunPath, _wanted: dict[str, Any]) -> None:
    ApiRun(store, path).stop()


_ACTIONS: dict[str, Callable[[Store, RunPath, dict[str, Any]], None]] = {
    "edit": _edit,
    "delete": _delete,
    "restore": _restore,
    "stop": _stop,
}
