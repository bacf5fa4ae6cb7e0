"""`runhooks view`: the same pages from any store, with buttons, and for nobody else."""

import signal
import subprocess
from contextlib import suppress
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.request import HTTPCookieProcessor, build_opener

import orjson
import pytest
from starlette.testclient import TestClient

import runhooks
from runhooks import Api
from runhooks.cli.server import Guard, build_app
from runhooks.site.build import build_root
from runhooks.site.render import build_site
from tests.api.made import make
from tests.cli.conftest import Command
from tests.cli.terminal import PROGRAM
from tests.programs import environment, wait_until

HERE = "http://127.0.0.1:8123"
OWN = {"origin": HERE}


@pytest.fixture
def api(here: Path) -> Api:
    api = Api()
    make(api.store, "one", [{"loss": 0.5}], name="calm-lake-1")
    make(api.store, "two")
    build_site(api.store)
    build_root(api.store)
    return api


@pytest.fixture
def client(api: Api) -> TestClient:
    return TestClient(build_app(api.store, Guard("the-token", 8123)), base_url=HERE, follow_redirects=False)


@pytest.fixture
def inside(client: TestClient) -> TestClient:
    """Return a browser that opened the printed address."""
    client.get("/?token=the-token")
    return client


def post(client: TestClient, action: str, headers: dict[str, str] | None = None, **wanted: Any) -> Any:
    return client.post(f"/-/{action}", json=wanted, headers=OWN if headers is None else headers)


def test_the_token_comes_once_in_the_address_and_then_as_a_strict_cookie(client: TestClient) -> None:
    assert client.get("/").status_code == 403
    assert client.get("/?token=wrong").status_code == 403
    opened = client.get("/?token=the-token")

    assert (opened.status_code, opened.headers["location"]) == (303, "/")
    cookie = opened.headers["set-cookie"].lower()
    assert "samesite=strict" in cookie
    assert "httponly" in cookie
    assert client.get("/").status_code == 200


def test_pages_data_and_assets_are_those_of_the_store(inside: TestClient, api: Api) -> None:
    folder = "default/digits/runs/one"
    page = inside.get(f"/{folder}/")

    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert '<meta name="runhooks-view"' in page.text
    assert "connect-src 'self'" in page.text
    assert inside.get(f"/{folder}/data/run.js").content == api.store.read(f"{folder}/data/run.js")
    assert inside.get("/default/digits/index.html").status_code == 200
    assert inside.get("/nothing").status_code == 404
    assert inside.get("/%2e%2e/secret").status_code == 404


def test_parts_of_objects_and_what_did_not_change(inside: TestClient, api: Api) -> None:
    path = "default/digits/runs/one/run.json"
    whole = api.store.read(path)
    part = inside.get(f"/{path}", headers={"range": "bytes=2-9"})
    rest = inside.get(f"/{path}", headers={"range": "bytes=10-"})
    tag = inside.get(f"/{path}").headers["etag"]

    assert (part.status_code, part.content) == (206, whole[2:10])
    assert part.headers["content-range"] == f"bytes 2-9/{len(whole)}"
    assert rest.content == whole[10:]
    assert inside.get(f"/{path}", headers={"range": "bytes=999999-"}).status_code == 416
    assert inside.get(f"/{path}", headers={"if-none-match": tag}).status_code == 304


def test_a_run_is_edited_deleted_and_undeleted(inside: TestClient) -> None:
    run = "default/digits/one"
    assert post(inside, "edit", run=run, name="best", tags=["x"], notes=None).json() == {"done": "edit"}
    found = Api().run("digits/one")
    assert (found.name, found.tags) == ("best", ["x"])

    assert post(inside, "delete", run=run).status_code == 200
    assert [run.id for run in Api().runs("digits")] == ["two"]
    assert post(inside, "restore", run=run).status_code == 200
    assert Api().run("digits/one").name == "best"


def test_a_run_that_goes_on_is_asked_to_stop(inside: TestClient) -> None:
    run = runhooks.init(project="digits", id="live", stop_grace_s=600)
    answer = post(inside, "stop", run="default/digits/live")
    with suppress(KeyboardInterrupt):  # what a program without a callback gets
        wait_until(lambda: run.stop_requested, 60)
    run.finish()

    assert answer.json() == {"done": "stop"}
    assert Api().run("digits/live").state == "killed"


@pytest.mark.parametrize(
    "headers",
    [{}, {"origin": "http://evil.example"}, {"origin": "http://127.0.0.1:9999"}, {"origin": "null"},
     {**OWN, "host": "evil.example"}, {**OWN, "content-type": "text/plain"}],
    ids=str,
)  # fmt: skip
def test_a_change_from_elsewhere_is_refused(inside: TestClient, headers: dict[str, str]) -> None:
    assert post(inside, "delete", headers, run="default/digits/one").status_code in (403, 421)
    assert len(Api().runs("digits")) == 2


def test_nothing_is_changed_without_the_token_or_by_a_get(client: TestClient) -> None:
    assert post(client, "delete", run="default/digits/one").status_code == 403
    client.get("/?token=the-token")
    assert client.get("/-/delete?run=default/digits/one").status_code in (404, 405)
    assert client.get("/", headers={"host": "evil.example"}).status_code == 421
    assert len(Api().runs("digits")) == 2


@pytest.mark.parametrize(
    ("action", "wanted"),
    [
        ("delete", {"run": "default/digits/none"}),
        ("delete", {"run": "../x"}),
        ("delete", {}),
        ("burn", {"run": "a/b/c"}),
        ("edit", {"run": "default/digits/one", "name": ""}),
        ("restore", {"run": "default/digits/one"}),
        ("stop", {"run": "default/digits/one"}),
    ],
    ids=str,
)
def test_a_change_that_cannot_be_says_why(inside: TestClient, action: str, wanted: dict[str, str]) -> None:
    answer = post(inside, action, **wanted)

    assert answer.status_code == 400
    assert answer.json()["error"]


def test_what_a_run_saved_cannot_act_as_a_page_of_the_server(inside: TestClient, api: Api) -> None:
    api.store.write("default/digits/runs/one/files/evil.html", b"<script>fetch('/-/delete')</script>")

    answer = inside.get("/default/digits/runs/one/files/evil.html")

    assert answer.headers["content-security-policy"].startswith("sandbox;")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_command_serves_until_it_is_interrupted(api: Api, here: Path) -> None:
    with subprocess.Popen(
        [*PROGRAM, "view", "runs", "--no-browser", "--json"],
        cwd=here, env=environment(), stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        told = orjson.loads("".join(takewhile_open(process.stdout)))
        opener = build_opener(HTTPCookieProcessor(CookieJar()))
        wait_until(lambda: bool(_get(opener, told["url"])))
        page = _get(opener, told["url"])
        process.send_signal(signal.SIGINT)
        assert process.wait(60) in (0, 130)

    assert told["store"] == str(here / "runs")
    assert b"runhooks-view" in page


def takewhile_open(lines: Any) -> Any:
    for line in lines:
        yield line
        if line == "}\n":
            return


def _get(opener: Any, url: str) -> bytes:
    try:
        return bytes(opener.open(url, timeout=60).read())
    except OSError:
        return b""


def test_a_store_that_is_none_is_wrong_use(command: Command, here: Path) -> None:
    assert command("view", "nowhere", "--no-browser").code == 2
