"""`runhooks export`."""

import os
from pathlib import Path

import pytest

import runhooks
from tests.cli.conftest import Command


@pytest.fixture(autouse=True)
def run(here: Path) -> None:
    with runhooks.init(project="digits", id="k3f9", config={"data": "/home/grace/faces/a.csv"}) as run:
        for step in range(20):
            run.log({"loss": 1 / (step + 1)})


def test_a_run_becomes_one_file(command: Command, here: Path) -> None:
    done = command("export", "digits/k3f9", "--html", "one.html")

    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("wrote one.html: ")
    page = (here / "one.html").read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert "/home/grace" in page
    assert " src=" not in page.partition("<script>")[0]


def test_the_same_record_gives_the_same_file(command: Command, here: Path) -> None:
    for name in ("a.html", "b.html"):
        command("export", "digits/k3f9", "--html", name)

    assert (here / "a.html").read_bytes() == (here / "b.html").read_bytes()


def test_what_tells_whose_it_is_is_removed_and_listed(command: Command, here: Path) -> None:
    done = command("export", "digits/k3f9", "--html", "one.html", "--anonymous")

    page = (here / "one.html").read_text("utf-8")
    data = page.partition("</head>")[0].partition("<style>")[0] + page.partition("</head>")[2]
    assert [word for word in ("/home/grace", str(here), os.uname().nodename) if word in data] == []
    assert "a.csv" in data
    for what in ("entity", "environment.host", "environment.command", "config.data"):
        assert f"  removed: {what}\n" in done.out
    again = command("export", "digits/k3f9", "--html", "one.html", "--anonymous", "--json")
    [told] = again.json["exported"]
    assert set(told) == {"path", "file", "bytes", "removed", "left_out"}
    assert told["bytes"] == (here / "one.html").stat().st_size


def test_wrong_use_is_said(command: Command) -> None:
    assert "say one file to write: --html" in command("export", "digits/k3f9").err
    assert command("export", "digits/k3f9", "--csv", "one.csv", "--anonymous").code == 2
    assert command("export", "digits/k3f9", "--html", "no/one.html").code == 2
    missing = command("export", "digits/k3f8", "--html", "one.html")
    assert (missing.code, "did you mean " in missing.err) == (2, True)
