"""`runhooks artifact` and `runhooks gc`."""

import os
from pathlib import Path

import pytest

import runhooks
from tests.cli.conftest import Command

OLD = 1_000_000_000


@pytest.fixture(autouse=True)
def logged(here: Path) -> None:
    """Log data:v0 and v1, of which v0 is the best, and use it."""
    with runhooks.init(project="digits", id="k3f9") as run:
        for content in ("one", "two"):
            artifact = runhooks.Artifact("data", "dataset", metadata={"content": content})
            with artifact.new_file("sub/a.txt") as file:
                file.write(content)
            run.log_artifact(artifact, aliases=["best"] if content == "one" else []).wait(60)
        run.use_artifact("data:best")


def blobs(here: Path) -> list[Path]:
    return sorted((here / "runs/default/digits/blobs").rglob("*/*/*"))


def test_artifacts_are_listed_and_shown(command: Command) -> None:
    listed, versions = command("artifact", "ls", "digits"), command("artifact", "ls", "digits/data:")
    shown, document = (
        command("artifact", "show", "digits/data:best"),
        command("artifact", "show", "digits/data:v0", "--json"),
    )

    assert listed.out.splitlines()[1].startswith("default/digits/data:v1  dataset  latest ")
    assert [line.split()[0][-2:] for line in versions.out.splitlines()[1:]] == ["v1", "v0"]
    for fact in ("aliases           best", "default/digits/k3f9", "metadata.content  one", "sub/a.txt   3 B"):
        assert fact in shown.out
    assert document.json["used_by"] == ["default/digits/k3f9"]
    assert list(document.json["entries"]) == ["sub/a.txt"]
    assert len(command("artifact", "ls", "digits", "--json").json["artifacts"]) == 1


def test_an_artifact_is_downloaded_and_verified(command: Command, here: Path) -> None:
    got = command("artifact", "get", "digits/data:v0", "--root", "out")

    assert (got.code, got.out) == (0, f"default/digits/data:v0: 1 files are in {here}/out\n")
    assert (here / "out/sub/a.txt").read_text() == "one"
    assert command("artifact", "verify", "digits/data:v0", "--root", "out").code == 0
    assert command("artifact", "verify", "digits/data").code == 0
    (here / "out/sub/a.txt").write_text("changed")
    changed = command("artifact", "verify", "digits/data:v0", "--root", "out")
    assert (changed.code, changed.out) == (1, "")
    assert "sub/a.txt was changed" in changed.err


def test_what_is_not_there_is_wrong_use(command: Command) -> None:
    done = command("artifact", "show", "digits/nope")

    assert (done.code, done.out) == (2, "")
    assert "artifacts of default/digits: data" in done.err


def test_content_that_no_version_names_goes_when_it_is_old_enough(command: Command, here: Path) -> None:
    stray = here / "runs/default/digits/blobs/sha256/00" / ("0" * 64)
    stray.parent.mkdir()
    stray.write_text("stray")

    left = command("gc", "--json").json
    os.utime(stray, (OLD, OLD))
    tried = command("gc", "--dry-run")

    assert (left["projects"][0]["recent"], left["projects"][0]["deleted"]) == (1, 0)
    assert tried.out.startswith("would delete 1 objects, 5 B, ")
    assert stray.exists()
    assert command("gc", "--json").json["projects"][0]["deleted"] == 1
    assert not stray.exists()
    assert command("artifact", "verify", "digits/data:v0").code == 0


def test_a_manifest_that_cannot_be_read_stops_the_deletion(command: Command, here: Path) -> None:
    (here / "runs/default/digits/artifacts/data/v1.json").write_text("{")
    for blob in blobs(here):
        os.utime(blob, (OLD, OLD))

    done = command("gc")

    assert (done.code, done.out) == (1, "")
    assert "v1.json cannot be read as an artifact" in done.err
    assert len(blobs(here)) == 2
