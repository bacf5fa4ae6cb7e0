"""Pages of artifacts are derived: they come back the same from the manifests."""

from pathlib import Path

import pytest

import runhooks
from runhooks.site.render import build_site
from runhooks.storage import open_store


def test_pages_of_artifacts_come_back_byte_for_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNHOOKS_SILENT", "1")
    root = tmp_path / "runs"
    with runhooks.init(project="p", store=root) as run:
        for content in ("one", "two"):
            artifact = runhooks.Artifact("data", "dataset", metadata={"nan": float("nan")})
            with artifact.new_file("a") as file:
                file.write(content)
            run.log_artifact(artifact, aliases=["best"])
            artifact.wait(60)
            run.use_artifact("data")
    folder = root / "default/p"
    paths = ["artifacts/index.html", "data/artifacts.js", "artifacts/data/v0.js", "artifacts/data/v1.js"]
    pages = {path: (folder / path).read_bytes() for path in [*paths, "index.html"]}
    for path in pages:
        (folder / path).unlink()

    build_site(open_store(root))

    assert {path: (folder / path).read_bytes() for path in pages} == pages
    assert b'"used_by":["default/p/' in pages["data/artifacts.js"]
    assert b"artifacts/index.html" in pages["index.html"]


def test_a_manifest_that_cannot_be_read_leaves_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNHOOKS_SILENT", "1")
    root = tmp_path / "runs"
    with runhooks.init(project="p", store=root) as run:
        for name in ("one", "two"):
            artifact = runhooks.Artifact(name, "dataset")
            with artifact.new_file("a") as file:
                file.write(name)
            run.log_artifact(artifact).wait(60)
    (root / "default/p/artifacts/one/v0.json").write_text("{")

    build_site(open_store(root))

    page = (root / "default/p/artifacts/index.html").read_text()
    assert "two:v0" in page
    assert "one:v0" not in page
