"""Alerts posted to a webhook: a real HTTP server receives them, from the recorder."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import runhooks
from runhooks.errors import ArgumentError
from runhooks.record.view import RunView
from runhooks.recorder.webhook import Webhook
from tests.programs import wait_until

SECRET = "T0SECRET/B0SECRET/xyz"


class Receiver:
    """A server that keeps what is posted, and answers with the next of `answers`, then 200."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.answers: list[int] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(outer.answers.pop(0) if outer.answers else 200)
                self.end_headers()

            def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/services/{SECRET}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setattr("runhooks.recorder.webhook._PAUSES_S", (0.01, 0.01))
    found = Receiver()
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def view() -> RunView:
    return RunView("k3f9", "default", "digits", "calm-lake-1", 0)


def test_an_alert_is_posted_and_its_address_is_stored_nowhere(
    receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNHOOKS_ALERT_WEBHOOK", receiver.url)
    with runhooks.init(project="digits", id="k3f9", store=tmp_path / "runs") as run:
        run.alert("loss is nan", "at step 3", level="warning")

    wait_until(lambda: len(receiver.got) == 1)
    (got,) = receiver.got
    assert got["text"].startswith("warning: loss is nan: at step 3 (run ")
    assert (got["title"], got["message"], got["level"]) == ("loss is nan", "at step 3", "warning")
    assert (got["run"], got["url"]) == ("default/digits/k3f9", run.url)
    for path in (tmp_path / "runs").rglob("*"):
        assert not path.is_file() or b"T0SECRET" not in path.read_bytes(), path


def test_a_server_that_fails_is_tried_again(receiver: Receiver, view: RunView) -> None:
    receiver.answers = [500, 429]
    webhook = Webhook(receiver.url, "page")
    webhook.send(view, {"title": "a", "level": "info"})
    webhook.close()
    assert len(receiver.got) == 3
    assert webhook.remarks == []


def test_what_stays_refused_is_told_once_and_without_the_address(receiver: Receiver, view: RunView) -> None:
    receiver.answers = [404, 500, 500, 500]
    webhook = Webhook(receiver.url, "page")
    for title in ("a", "b", "c"):
        webhook.send(view, {"title": title, "level": "info"})
    webhook.close()
    assert [got["title"] for got in receiver.got] == ["a", "b", "b", "b", "c"]
    assert webhook.remarks == [
        "alerts cannot be posted to the webhook: it answered 404. They are on the run's page"
    ]


def test_nobody_there_is_told(receiver: Receiver, view: RunView) -> None:
    url = receiver.url.replace(str(receiver.server.server_port), "1")
    webhook = Webhook(url, "page")
    webhook.send(view, {"title": "a", "level": "info"})
    webhook.close()
    (remark,) = webhook.remarks
    assert "refused" in remark
    assert "SECRET" not in remark


def test_an_address_that_is_none_is_refused_and_not_repeated() -> None:
    with pytest.raises(ArgumentError, match="alert_webhook must be an http or https address") as caught:
        runhooks.init(alert_webhook=f"file:///{SECRET}")
    assert "SECRET" not in str(caught.value)
