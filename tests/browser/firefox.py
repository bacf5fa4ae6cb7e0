"""Debian's Firefox as Playwright can drive it: a program that starts it and passes on what the two say.

Playwright speaks WebDriver BiDi to a Firefox that it did not build, and begins with an emulation of colour
schemes that the long-term release does not know. That one command is answered here; all else goes through.
"""

import json
import re
import subprocess
import sys
import threading

from websockets.sync.client import ClientConnection, connect
from websockets.sync.server import ServerConnection, serve

UNKNOWN = "emulation.setMediaFeaturesOverride"


def main() -> None:
    """Run Firefox with the arguments given, and offer its protocol at an address of our own."""
    command = ["firefox-esr", *sys.argv[1:]]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as firefox:
        assert firefox.stderr is not None
        for line in firefox.stderr:
            if found := re.search(r"WebDriver BiDi listening on (ws://\S+)", line):
                threading.Thread(target=_offer, args=(found[1],), daemon=True).start()


def _offer(address: str) -> None:
    def pass_on(browser: ClientConnection, driver: ServerConnection) -> None:
        for message in browser:
            driver.send(message)

    def talk(driver: ServerConnection) -> None:
        with connect(f"{address}/session", max_size=None) as browser:
            threading.Thread(target=pass_on, args=(browser, driver), daemon=True).start()
            for message in driver:
                asked = json.loads(message)
                if asked["method"] == UNKNOWN:
                    driver.send(json.dumps({"type": "success", "id": asked["id"], "result": {}}))
                else:
                    browser.send(message)

    with serve(talk, "127.0.0.1", 0, max_size=None) as server:
        port = server.socket.getsockname()[1]
        print(f"WebDriver BiDi listening on ws://127.0.0.1:{port}", file=sys.stderr, flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
