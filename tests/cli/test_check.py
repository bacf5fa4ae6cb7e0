"""`runhooks diff`, `verify` and `du`."""

import random
from pathlib import Path

import pytest

import runhooks
from runhooks import Api
from tests.api.made import make
from tests.cli.conftest import Command

HOSTILE = "a|b<script>alert(1)</script>`x`"


@pytest.fixture
def two(here: Path) -> Api:
    api = Api()
    make(api.store, "one", [{"loss": 0.5, "same": 1.0}], config={"lr": 0.1, "depth": 3}, name="same-name")
    make(
        api.store,
        "two",
        [{"loss": 0.25, "same": 1.0}],
        config={"lr": 0.2, "depth": 3, "note": HOSTILE},
        name="same-name",
    )
    return api


def test_a_diff_names_what_is_not_the_same(command: Command, two: Api) -> None:
    found = command("diff", "digits/one", "digits/two", "--json").json

    assert found["runs"] == ["default/digits/one", "default/digits/two"]
    assert found["differences"] == [
        {"kind": "config", "name": "lr", "one": 0.1, "other": 0.2},
        {"kind": "config", "name": "note", "other": HOSTILE},
        {"kind": "summary", "name": "loss", "one": 0.5, "other": 0.25},
    ]
    shown = command("diff", "digits/one", "digits/two").out.splitlines()
    assert shown[-1].split() == ["summary.loss", "0.5", "0.25", "-0.25", "(-50.00%)"]
    assert command("diff", "digits/one", "digits/one").out.endswith("have the same config and summary\n")


def test_a_diff_for_a_pull_request_or_as_a_page_shows_text_only(
    command: Command, two: Api, here: Path
) -> None:
    markdown = command("diff", "digits/one", "digits/two", "--markdown").out
    command("diff", "digits/one", "digits/two", "--html", "diff.html")
    page = (here / "diff.html").read_text()

    assert markdown.splitlines()[1] == "| --- | --- | --- | --- |"
    assert "<script" not in markdown
    assert all(line.replace("\\|", "").count("|") == 5 for line in markdown.splitlines())
    assert "<script" not in page
    assert "0.25" in page
    assert command("diff", "digits/one", "digits/two", "--html", "no/diff.html").code == 2
    assert command("diff", "digits/one", "digits/thre").code == 2


def test_a_store_that_is_as_it_was_written_is_whole(command: Command, here: Path) -> None:
    with runhooks.init(project="digits", id="one") as run:
        for step in range(100):
            run.log({"loss": 1 / (step + 1), "word": "x"})
    live = runhooks.init(project="digits", id="live")
    live.log({"x": 1})
    whole = command("verify", "--json")
    live.finish()

    assert (whole.code, whole.json["runs"], whole.json["faults"]) == (0, 2, [])
    assert whole.json["checked"] >= 4


def test_a_flipped_bit_is_found_and_named(command: Command, two: Api, here: Path) -> None:
    folder = here / "runs/default/digits/runs/one"
    (part,) = (folder / "history").iterdir()
    footer = int.from_bytes(part.read_bytes()[-8:-4], "little") + 8
    chosen = random.Random(7)
    for path, room in ((folder / "run.json", 0), (part, footer)):
        data = path.read_bytes()
        for _ in range(40):
            at = chosen.randrange(4 if room else 0, len(data) - room)
            path.write_bytes(data[:at] + bytes([data[at] ^ (1 << chosen.randrange(8))]) + data[at + 1 :])
            done = command("verify", "digits/one", "--json")
            assert done.code == 1, (path.name, at)
            (fault,) = done.json["faults"]
            assert fault["path"] == f"default/digits/runs/one/{path.relative_to(folder)}"
        path.write_bytes(data)
    assert command("verify", "digits/one").code == 0


def test_a_damaged_journal_line_and_a_missing_document_are_named(
    command: Command, two: Api, here: Path
) -> None:
    folder = here / "runs/default/digits/runs/one"
    journal = folder / "journal/20251123T070000-r0-00ff00/00000000.jsonl"
    journal.parent.mkdir(parents=True)
    journal.write_bytes(b'{"type":"log","step":0,"time":1,"data":{},"crc":"00000000"}\n')
    (here / "runs/default/digits/runs/two/run.json").unlink()

    done = command("verify", "digits/")

    assert done.code == 1
    assert (
        "runs/one/journal/20251123T070000-r0-00ff00/00000000.jsonl: 1 line with a wrong checksum" in done.err
    )
    assert "runs/two/run.json: it is missing" in done.err
    assert command("verify", "digits/zzz").code == command("verify", "zzz").code == 2


def test_use_is_told_by_project_and_by_run(command: Command, two: Api, here: Path) -> None:
    stored = sum(path.stat().st_size for path in (here / "runs").rglob("*") if path.is_file())

    projects, runs = command("du", "--json").json, command("du", "digits", "--json").json

    assert (projects["bytes"], [use["path"] for use in projects["uses"]]) == (stored, ["default/digits"])
    assert {use["path"] for use in runs["uses"]} == {
        "default/digits/index", "default/digits/runs/one", "default/digits/runs/two",
    }  # fmt: skip
    assert runs["bytes"] == stored
    assert command("du", "digits").out.splitlines()[-1].split()[:1] == ["all"]
    assert command("du", "zzz").code == 2


def test_media_that_changed_or_went_are_found(command: Command, here: Path) -> None:
    with runhooks.init(project="digits", id="one") as run:
        run.log({"page": runhooks.Html("<b>bold</b>"), "other": runhooks.Html("<i>thin</i>")})
    assert command("verify").code == 0
    changed, gone = sorted((here / "runs/default/digits/runs/one/files/media/html").rglob("*.html"))
    changed.write_bytes(changed.read_bytes() + b" ")
    gone.unlink()

    done = command("verify", "--json")

    assert done.code == 1
    assert [(fault["path"][-len(changed.name):], fault["problem"][:13]) for fault in done.json["faults"]] == [
        (changed.name, "its checksum "), (gone.name, "it is missing"),
    ]  # fmt: skip
