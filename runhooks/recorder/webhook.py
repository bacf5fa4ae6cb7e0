"""Posting alerts to a webhook, such as Slack's: in a thread of the recorder, not in the training process."""

import json
import queue
import threading
from collections.abc import Mapping
from time import sleep
from typing import Any
from urllib.error import HTTPError

from ..record.view import RunView
from ..redact import redact_text

__all__ = ["Webhook"]

_TIMEOUT_S = 5.0
_PAUSES_S = (0.5, 2.0)
_LONGEST_WAIT_S = 10.0
_MOST_WAITING = 1000


class Webhook:
    """Posts a run's alerts, one after the other.

    Parameters
    ----------
    url : str or None
        It is a secret: it is in no message and in no record. None for no posts.
    page : str
        Address of the run's page.

    Attributes
    ----------
    remarks : list of str
        What the user should be told: the first failure.
    """

    def __init__(self, url: str | None, page: str) -> None:
        self.remarks: list[str] = []
        self._url = url
        self._page = page
        self._alerts: queue.Queue[dict[str, Any] | None] = queue.Queue(_MOST_WAITING)
        self._thread: threading.Thread | None = None
        self._failed = False

    def send(self, view: RunView, event: Mapping[str, Any]) -> None:
        """Post an alert soon. Beyond a thousand that wait, it is left out: all are on the run's page."""
        if self._url is None or self._alerts.full():
            return
        title, text, level = (str(event.get(name, "")) for name in ("title", "text", "level"))
        said = f"{level}: {title}" + (f": {text}" if text else "")
        self._alerts.put(
            {
                "text": f"{said} (run {view.name}, {view.path}, {self._page})",
                "title": title,
                "message": text,
                "level": level,
                "run": view.path,
                "name": view.name,
                "url": self._page,
                "time": event.get("time"),
            }
        )
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="webhook", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Let what waits be posted, for ten seconds at most."""
        if self._thread is not None:
            self._alerts.put(None)
            self._thread.join(_LONGEST_WAIT_S)

    def _work(self) -> None:
        while (alert := self._alerts.get()) is not None:
            why = self._post(alert)
            if why is not None and not self._failed:
                self._failed = True
                self.remarks.append(
                    f"alerts cannot be posted to the webhook: {why}. They are on the run's page"
                )

    def _post(self, alert: Mapping[str, Any]) -> str | None:
        """Post one alert, trying again a few times; return what went wrong."""
        from urllib.request import Request, urlopen  # with TLS, 40 ms that only those with a webhook wait for

        assert self._url is not None
        body, headers = json.dumps(alert).encode(), {"Content-Type": "application/json"}
        for pause in (*_PAUSES_S, None):
            try:
                request = Request(self._url, body, headers)  # noqa: S310  (the settings take http and https only)
                with urlopen(request, timeout=_TIMEOUT_S):  # noqa: S310
                    return None
            except HTTPError as error:
                why, again = f"it answered {error.code}", error.code >= 500 or error.code == 429
            # Refused, silent, no such host, a certificate: whatever it is, the run goes on.
            except Exception as error:  # noqa: BLE001
                why, again = f"{type(error).__name__}: {getattr(error, 'reason', error)}", True
            if not again or pause is None:
                break
            sleep(pause)
        return redact_text(why.replace(self._url, "its address"))
