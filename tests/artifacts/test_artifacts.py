"""Artifacts from the script to the store and back, as a training script uses them."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import runhooks
from runhooks import Api, Artifact
from runhooks.errors import (
    ArgumentError,
    ArtifactError,
    ArtifactNotFoundError,
    IdError,
    RecordError,
    RunFinishedError,
)
from runhooks.record.manifest import ArtifactPath, FileEntry, Manifest, digest_of
from runhooks.record.versions import create_version, versions
from runhooks.storage import LocalStore
from tests.programs import run as run_program

WAIT = 60


@pytest.fixture
def run():
    with runhooks.init(project="p") as opened:
        yield opened


def stored(run, name="data", **files):
    artifact = Artifact(name, "dataset")
    for path, content in files.items():
        with artifact.new_file(f"{path}.txt") as file:
            file.write(content)
    return run.log_artifact(artifact).wait(WAIT)


def blobs(root="runs"):
    return sorted(path.name for path in Path(root).glob("default/p/blobs/sha256/*/*"))


def test_what_is_logged_comes_back_as_it_was(run, tmp_path):
    (tmp_path / "in/sub").mkdir(parents=True)
    (tmp_path / "in/a.bin").write_bytes(os.urandom(100_000))
    (tmp_path / "in/sub/empty").touch()
    (tmp_path / "one.txt").write_text("one")
    artifact = Artifact("data", "dataset", "what it is", {"rows": 3})
    artifact.add_dir("in")
    artifact.add_file("one.txt", "named/two.txt")

    run.log_artifact(artifact, aliases=["best"], tags=["small"]).wait(WAIT)

    assert (artifact.version, artifact.path) == ("v0", "default/p/data:v0")
    used = run.use_artifact("data:best", type="dataset")
    assert used.files() == ["a.bin", "named/two.txt", "sub/empty"]
    folder = Path(used.download("out"))
    for path in ("a.bin", "sub/empty"):
        assert (folder / path).read_bytes() == (tmp_path / "in" / path).read_bytes()
    assert (folder / "named/two.txt").read_text() == "one"
    assert (used.metadata, used.description, used.tags) == ({"rows": 3}, "what it is", ["small"])
    assert used.get_entry("named/two.txt").size == 3
    used.verify()
    used.verify("out")
    (folder / "a.bin").write_bytes(b"changed")
    with pytest.raises(ArtifactError, match=r"a\.bin was changed"):
        used.verify("out")


def test_equal_content_makes_no_new_version_and_is_stored_once(run):
    stored(run, a="1", b="2")
    again = stored(run, b="2", a="1")
    other = stored(run, a="1", b="3")
    elsewhere = stored(run, "other", a="1")

    assert (again.version, other.version, elsewhere.version) == ("v0", "v1", "v0")
    assert len(blobs()) == 3


def test_equal_content_of_another_run_is_stored_once(run):
    stored(run, a="1")
    with runhooks.init(project="p", reinit="create_new") as other:
        assert stored(other, a="1").version == "v0"
    assert len(blobs()) == 1


def test_aliases_move_and_latest_is_the_highest(run):
    for content in "12":
        artifact = Artifact("data", "dataset")
        with artifact.new_file("a") as file:
            file.write(content)
        run.log_artifact(artifact, aliases=["best", "mine"]).wait(WAIT)
    assert Api().artifact("p/data:mine").version == "v1"
    assert Api().artifact("p/data").aliases == ("best", "latest", "mine")
    assert Api().artifact("p/data:v0").aliases == ()


def test_it_is_known_who_made_and_who_used_a_version(run):
    stored(run, a="1")
    with runhooks.init(project="p", reinit="create_new") as user:
        user.use_artifact("data")
        user.use_artifact("data")
    run.finish()
    artifact = Api().artifact("p/data:v0")
    assert artifact.logged_by().id == run.id
    assert [found.id for found in artifact.used_by()] == [user.id]
    assert [found["path"] for found in Api().run(run.path).logged_artifacts()] == ["default/p/data:v0"]
    assert [found["path"] for found in Api().run(user.path).used_artifacts()] == ["default/p/data:v0"]


def test_finish_waits_for_what_was_logged(run):
    artifact = Artifact("data", "dataset")
    with artifact.new_file("a") as file:
        file.write("1")
    run.log_artifact(artifact)
    run.finish()
    assert artifact.version == "v0"
    assert not list(Path("runs").glob("**/.staging"))
    with pytest.raises(RunFinishedError):
        run.log_artifact("x")


def test_files_may_be_deleted_at_once(run, tmp_path):
    small, large = tmp_path / "small", tmp_path / "large"
    small.write_text("small")
    large.write_bytes(bytes(9 * 2**20))
    artifacts = [run.log_artifact(path, name=path.name) for path in (small, large)]
    small.write_text("SMALL")
    large.unlink()
    for artifact in artifacts:
        artifact.wait(WAIT)
    assert Path(run.use_artifact("small").download("out"), "small").read_text() == "small"
    assert Api().artifact("p/large").size == 9 * 2**20


def test_a_large_file_that_is_written_again_before_it_was_stored_is_found_out(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("RUNHOOKS_SILENT", "0")
    large = tmp_path / "large"
    large.write_bytes(bytes(9 * 2**20))
    run = runhooks.init(project="p", mode="offline", store="team")
    artifact = run.log_artifact(large, name="large")
    stored_too = run.log_artifact(_small(tmp_path), name="small")
    large.write_bytes(b"1" * 9 * 2**20)
    run.finish()
    with pytest.raises(ArtifactError, match="stored later, by the recorder or by: runhooks sync"):
        artifact.wait(0)

    from runhooks.cli import main

    assert main(["sync"]) == 0
    found = {entry["name"]: entry for entry in Api("team").run(run.path).logged_artifacts()}
    assert f"{large} was changed after log_artifact()" in found["large"]["problem"]
    assert found["small"]["version"] == "v0"
    assert stored_too.files == ["small.txt"]


def _small(tmp_path):
    small = tmp_path / "small.txt"
    small.write_text("small")
    return small


def test_a_file_that_is_gone_is_named_and_the_others_go_on(run, tmp_path):
    gone = tmp_path / "gone.txt"
    gone.write_text("x")
    artifact = Artifact("data", "dataset")
    artifact.add_file(gone)
    gone.unlink()
    run.log_artifact(artifact)
    with pytest.raises(ArtifactError, match=f"{gone} is gone, so the artifact is not stored"):
        artifact.wait(WAIT)
    assert stored(run, a="1").version == "v0"
    assert [a["problem"] is None for a in Api().run(run.path).logged_artifacts()] == [False, True]


def test_links_pipes_and_names_that_are_no_text_are_left_out_and_named(run, tmp_path, monkeypatch, capfd):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a").write_text("a")
    (folder / "loop").symlink_to(folder)
    (folder / "outside").symlink_to("/etc/hostname")
    (folder / "nowhere").symlink_to("nothing")
    os.mkfifo(folder / "pipe")
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9")).write_text("latin-1")
    artifact = Artifact("data", "dataset")
    artifact.add_dir(folder)
    assert artifact.files == ["a"]
    assert artifact.skipped["loop"] == artifact.skipped["outside"] == "it is a link"
    assert artifact.skipped["pipe"] == "it is no regular file"
    assert "contains" in artifact.skipped["caf\\udce9"]
    followed = Artifact("data", "dataset")
    followed.add_dir(folder, "sub", follow_links=True)
    assert followed.files == ["sub/a", "sub/outside"]
    assert set(followed.skipped) == {"sub/loop", "sub/nowhere", "sub/pipe", "sub/caf\\udce9"}
    run.log_artifact(artifact).wait(WAIT)
    with pytest.raises(ArgumentError, match="no regular file"):
        Artifact("data", "dataset").add_file(folder / "pipe")


def test_what_cannot_be_is_said_at_once(run, tmp_path):
    artifact = Artifact("data", "dataset")
    for wrong in ("nothing", tmp_path):
        with pytest.raises(ArgumentError, match="cannot be added to artifact data"):
            artifact.add_file(wrong)
    with pytest.raises(ArgumentError, match="no folder"):
        artifact.add_dir("nothing")
    for name in ("../a", "/a", "a/../b"):
        with pytest.raises(ArgumentError), artifact.new_file(name):
            pass
    with pytest.raises(IdError):
        Artifact("a/b", "dataset")
    with pytest.raises(ArgumentError, match="secret"):
        artifact.add_reference("https://user:password@host/x")
    with pytest.raises(ArgumentError, match="ftp"):
        artifact.add_reference("ftp://host/x")
    with pytest.raises(IdError, match="taken for a version"):
        run.log_artifact(artifact, aliases=["v1"])
    with pytest.raises(ArtifactError, match="was not logged"):
        artifact.wait()
    with pytest.raises(ArtifactNotFoundError, match="there is no artifact default/p/nope:latest"):
        run.use_artifact("nope")
    stored(run, a="1")
    with pytest.raises(ArtifactNotFoundError, match="it has v0, latest"):
        run.use_artifact("data:v7")
    with pytest.raises(ArtifactError, match="is of type 'dataset', not 'model'"):
        run.use_artifact("data", type="model")


def test_a_logged_artifact_cannot_be_changed(run):
    artifact = stored(run, a="1")
    with pytest.raises(ArtifactError, match="was logged and cannot be changed"):
        artifact.remove("a.txt")


def test_files_and_folders_can_be_taken_out_again(tmp_path):
    artifact = Artifact("data", "dataset")
    for name in ("a", "sub/b", "sub/c", "subway"):
        with artifact.new_file(name):
            pass
    artifact.remove("sub")
    assert artifact.files == ["a", "subway"]
    with pytest.raises(ArgumentError, match="has no 'sub'"):
        artifact.remove("sub")


def test_references_are_looked_up_and_their_bytes_stay_where_they_are(run, tmp_path):
    (tmp_path / "big").mkdir()
    (tmp_path / "big/weights.bin").write_bytes(b"weights")
    artifact = Artifact("model", "model")
    artifact.add_reference(tmp_path / "big", "checkpoint")
    artifact.add_reference((tmp_path / "big/weights.bin").as_uri(), checksum=False)
    run.log_artifact(artifact).wait(WAIT)
    used = run.use_artifact("model")
    assert used.files() == ["checkpoint/weights.bin", "weights.bin"]
    assert used.get_entry("checkpoint/weights.bin").digest is not None
    assert used.get_entry("weights.bin").size == 7
    assert blobs() == []
    assert Path(used.download("out"), "checkpoint/weights.bin").read_bytes() == b"weights"
    (tmp_path / "big/weights.bin").write_bytes(b"others!")
    with pytest.raises(ArtifactError, match="not what its manifest says"):
        run.use_artifact("model").download("out2", path_prefix="checkpoint")
    with pytest.raises(ArtifactError, match="was changed since the artifact was made"):
        run.use_artifact("model").download("out3", path_prefix="weights")


def test_a_download_is_partial_resumed_and_verified(run, tmp_path):
    artifact = Artifact("data", "dataset")
    content = os.urandom(20 * 2**20)
    for name in ("sub/large", "sub/small", "other"):
        (tmp_path / name.rpartition("/")[2]).write_bytes(content if name == "sub/large" else name.encode())
        artifact.add_file(tmp_path / name.rpartition("/")[2], name)
    run.log_artifact(artifact).wait(WAIT)
    out = tmp_path / "out"
    found = Api().artifact("p/data")
    found.download(out, path_prefix="sub/")
    assert sorted(path.name for path in out.rglob("*") if path.is_file()) == ["large", "small"]
    assert (out / "sub/large").read_bytes() == content
    (part,) = [out / f"sub/.large.{found.get_entry('sub/large').digest[:16]}.part"]
    (out / "sub/large").unlink()
    part.write_bytes(content[: 9 * 2**20])
    found.download(out)
    assert (out / "sub/large").read_bytes() == content
    assert not part.exists()
    (out / "sub/large").unlink()
    part.write_bytes(b"damaged")
    with pytest.raises(ArtifactError, match="not what its manifest says"):
        found.download(out)
    found.download(out)
    found.verify(out)
    with pytest.raises(ArtifactError, match="no path that begins with 'nope'"):
        found.download(out, path_prefix="nope")


def test_a_download_does_not_go_through_links(run, tmp_path):
    stored(run, a="1")
    artifact = Artifact("deep", "dataset")
    with artifact.new_file("sub/a") as file:
        file.write("1")
    run.log_artifact(artifact).wait(WAIT)
    (tmp_path / "out").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "victim").write_text("kept")
    (tmp_path / "out/sub").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "out/a.txt").symlink_to(tmp_path / "victim")
    with pytest.raises(ArtifactError, match="leads out of"):
        Api().artifact("p/deep").download("out")
    assert list((tmp_path / "elsewhere").iterdir()) == []
    Api().artifact("p/data").download("out")
    assert (tmp_path / "victim").read_text() == "kept"
    assert not (tmp_path / "out/a.txt").is_symlink()


def test_a_manifest_that_leads_out_writes_nothing(run, tmp_path):
    stored(run, a="1")
    manifest = Path("runs/default/p/artifacts/data/v0.json")
    manifest.write_text(manifest.read_text().replace('"a.txt"', '"../../a.txt"'))
    with pytest.raises(RecordError, match=r"the path '../../a.txt'"):
        run.use_artifact("data")
    with pytest.raises(RecordError):
        Api().artifact("p/data").download("out")
    assert not Path("out").exists()


def test_content_that_is_lost_or_damaged_is_named(run):
    stored(run, a="1", b="2")
    one, two = (Path("runs/default/p/blobs/sha256") / name[:2] / name for name in blobs())
    one.write_text("x")
    two.unlink()
    with pytest.raises(ArtifactError, match=r"txt is (missing|damaged); .*txt is (missing|damaged)"):
        Api().artifact("p/data").verify()
    with pytest.raises(ArtifactError):
        Api().artifact("p/data").download("out")
    assert [path for path in Path("out").rglob("*.txt") if path.is_file()] == []


def test_writers_at_once_each_get_a_version_of_their_own(tmp_path):
    store, path = LocalStore(tmp_path / "runs"), ArtifactPath("e", "p", "data", "")

    def create(number):
        entries = {"a": FileEntry(1, f"{number:064x}")}
        facts = {"created_at": number, "made_by": f"e/p/{number}", "order": str(number)}
        return create_version(store, path, Manifest("data", "t", "v0", digest_of(entries), entries, **facts))

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(create, range(24)))
    assert sorted(manifest.version for manifest in made) == sorted(f"v{n}" for n in range(24))
    assert versions(store, path.folder) == [f"v{n}" for n in range(24)]


def test_a_disabled_run_takes_artifacts_and_forgets_them(tmp_path):
    artifact = Artifact("data", "dataset")
    with runhooks.init(project="p", mode="disabled") as run:
        assert run.log_artifact(artifact) is artifact
    assert not Path("runs").exists()


def test_a_store_in_this_process_holds_artifacts_too(tmp_path):
    with runhooks.init(project="p", store="memory://artifacts-test") as run:
        stored(run, a="1")
        assert Path(run.use_artifact("data").download("out"), "a.txt").read_text() == "1"


LIGHT = """
import sys
import runhooks
with runhooks.init(project="p") as run:
    artifact = runhooks.Artifact("data", "dataset")
    with artifact.new_file("a") as file:
        file.write("1")
    run.log_artifact(artifact).wait(60)
    run.use_artifact("data").download("out")
    heavy = {"fsspec", "numpy", "pyarrow", "psutil", "rich"} & set(sys.modules)
    assert not heavy, heavy
"""


def test_the_training_process_stays_light(tmp_path):
    done = run_program(LIGHT, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


def test_a_run_is_deleted_with_the_versions_that_it_made(tmp_path):
    with runhooks.init(project="p", id="maker") as maker:
        stored(maker, a="1")
        stored(maker, a="2")
        maker.log_artifact(Artifact("data", "dataset"), aliases=["empty"]).wait(WAIT)
    with runhooks.init(project="p", id="user") as user:
        user.use_artifact("data:v0")
    api = Api()

    api.run("p/maker").delete(delete_artifacts=True)

    assert [one.version for one in api.artifact_versions("p/data")] == ["v0"]
    with pytest.raises(ArtifactNotFoundError, match="has no 'empty'; it has v0, latest"):
        api.artifact("p/data:empty")
    with runhooks.init(project="p", id="later") as later:
        assert stored(later, a="3").version == "v3"  # no number is used twice
    assert [run.id for run in api.runs("p")] == ["later", "user"]
