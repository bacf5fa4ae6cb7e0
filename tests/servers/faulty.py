"""A proxy before an HTTP server that breaks chosen requests: reset, delay, silence, status, lost, cut."""

import contextlib
import http.client
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

Fault = str
"""How a request breaks; empty for not at all.

`reset`: the connection closes before the server hears of it; `lost`: after the server did it. `silence`: no
answer; `delay:2`: an answer after so many seconds; `cut`: half of the answer's body; a number: that status;
a code of S3 such as `SlowDown`: that error, as S3 words it.
"""

CODES = {
    "SlowDown": 503,
    "ExpiredToken": 400,
    "InvalidAccessKeyId": 403,
    "SignatureDoesNotMatch": 403,
    "RequestTimeTooSkewed": 403,
}
"""S3's errors and their status: docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html."""

_HOP = {"Content-Length", "Transfer-Encoding", "Connection"}


class FaultyProxy(ThreadingHTTPServer):
    """The proxy; `plan` gets number, method and path of each request."""

    daemon_threads = True

    def __init__(self, server: str, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Relay)
        self.endpoint = f"http://127.0.0.1:{self.server_port}"
        self.target = urlsplit(server).netloc
        self.requests: list[tuple[str, str]] = []
        self.over = threading.Event()
        self.plan: Callable[[int, str, str], Fault] = lambda _number, _method, _path: ""
        self._lock = threading.Lock()

    def fail(self, *faults: Fault) -> None:
        """Break the next requests so, one after the other; forget the requests so far."""
        self.requests.clear()
        self.plan = lambda number, _method, _path: faults[number] if number < len(faults) else ""

    def fault_of(self, method: str, path: str) -> Fault:
        with self._lock:
            number = len(self.requests)
            self.requests.append((method, path))
        return self.plan(number, method, path)


class _Relay(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else a body waits 40 ms for the client to take note of the headers
    server: FaultyProxy

    def relay(self) -> None:
        fault = self.server.fault_of(self.command, self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if fault.startswith("delay:"):
            self.server.over.wait(float(fault.removeprefix("delay:")))
            fault = ""
        if fault == "silence":
            self.server.over.wait(60)
        elif fault.isdigit():
            self._answer(int(fault), [("Content-Length", "0")], b"")
        elif fault in CODES:
            error = f"<?xml version='1.0'?><Error><Code>{fault}</Code><Message>No.</Message></Error>".encode()
            headers = [("Content-Type", "application/xml"), ("Content-Length", str(len(error)))]
            self._answer(CODES[fault], headers, b"" if self.command == "HEAD" else error)
        elif fault != "reset":
            self._pass_on(body, fault)
        self.close_connection = self.close_connection or bool(fault)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = relay  # noqa: N815  (http.server's names)

    def log_message(self, *args: object) -> None: ...

    def _pass_on(self, body: bytes, fault: Fault) -> None:
        with contextlib.closing(http.client.HTTPConnection(self.server.target, timeout=60)) as server:
            server.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                server.putheader(name, value)
            server.endheaders(body)
            answer = server.getresponse()
            content = answer.read()
        if fault == "lost":
            return
        headers = [(name, value) for name, value in answer.getheaders() if name not in _HOP]
        headers.append(("Content-Length", answer.headers.get("Content-Length", str(len(content)))))
        self._answer(answer.status, headers, content[: len(content) // 2] if fault == "cut" else content)

    def _answer(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


@contextlib.contextmanager
def faulty_proxy(server: str, port: int = 0) -> Iterator[FaultyProxy]:
    """Run a proxy before `server`, an address such as ``http://127.0.0.1:9000``."""
    with FaultyProxy(server, port) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield proxy
        finally:
            proxy.over.set()
            proxy.shutdown()
            thread.join()
