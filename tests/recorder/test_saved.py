"""Files of a run: what `run.save` and `run.dir` keep, and what they pass over."""

import os
import socket
from pathlib import Path

import pytest

import runhooks
from runhooks.errors import ArgumentError
from runhooks.record.files import parse_listing
from runhooks.record.staging import encode_local
from runhooks.recorder.saved import SavedFiles
from tests.programs import documents, ended, wait_until


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run's folder."""
    folder = tmp_path / "store" / "e" / "p" / "runs" / "r"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def saved(run: Path) -> SavedFiles:
    return SavedFiles(run, run.parents[3], lambda: None)


@pytest.fixture
def given(tmp_path: Path) -> Path:
    """The folder of the user's program."""
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def order(folder: Path, pattern: str, policy: str = "live") -> dict[str, str]:
    return {"glob": encode_local(f"{folder}/{pattern}"), "base": encode_local(str(folder)), "policy": policy}


def again(saved: SavedFiles, *orders: dict[str, str], last: bool = False) -> None:
    saved._due = 0.0
    saved.tick(orders, last=last)


def listed(run: Path) -> tuple[dict[str, int], dict[str, str]]:
    listing = parse_listing((run / "files.json").read_bytes())
    return {file.path: file.size for file in listing.files}, listing.skipped


def test_files_keep_their_place_content_and_time(run, saved, given):
    (given / "sub" / "deep").mkdir(parents=True)
    (given / "a.txt").write_text("a")
    (given / "sub" / "deep" / "b.bin").write_bytes(bytes(9_000_000))
    os.utime(given / "a.txt", (1_000_000_000, 1_000_000_000))
    saved.tick([order(given, "a.txt"), order(given, "sub")])
    assert listed(run) == ({"a.txt": 1, "sub/deep/b.bin": 9_000_000}, {})
    assert (run / "files" / "a.txt").stat().st_mtime == 1_000_000_000
    assert (run / "files" / "sub" / "deep" / "b.bin").read_bytes() == bytes(9_000_000)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.txt", {"a.txt"}),
        ("**/*.txt", {"a.txt", "sub/b.txt", "sub/deep/c.txt"}),
        ("**", {"a.txt", "sub/b.txt", "sub/deep/c.txt", "sub/x.bin"}),
        ("sub/*", {"sub/b.txt", "sub/x.bin", "sub/deep/c.txt"}),
        ("s*/x.*", {"sub/x.bin"}),
        ("sub/**", {"sub/b.txt", "sub/x.bin", "sub/deep/c.txt"}),
        ("[ab].txt", {"a.txt"}),
        ("nothing*", set()),
    ],
)
def test_a_pattern_names_files_and_folders(run, saved, given, pattern, expected):
    for name in ("a.txt", "sub/b.txt", "sub/x.bin", "sub/deep/c.txt"):
        (given / name).parent.mkdir(parents=True, exist_ok=True)
        (given / name).write_text(name)
    saved.tick([order(given, pattern)])
    files, skipped = listed(run)
    assert set(files) == expected
    assert bool(skipped) == (not expected)


def test_live_follows_the_file_now_takes_it_once_and_end_when_the_run_ends(run, saved, given):
    for name in ("live", "now", "end"):
        (given / name).write_text("1")
    orders = [order(given, name, name) for name in ("live", "now", "end")]
    saved.tick(orders)
    assert set(listed(run)[0]) == {"live", "now"}
    for name in ("live", "now", "end"):
        (given / name).write_text("22")
    again(saved, *orders)
    assert listed(run)[0] == {"live": 2, "now": 1}
    again(saved, *orders, last=True)
    assert listed(run)[0] == {"live": 2, "now": 1, "end": 2}


def test_links_fifos_sockets_and_loops_are_passed_over_and_listed(run, saved, given, tmp_path):
    (tmp_path / "secret").write_text("secret")
    (given / "file").write_text("file")
    (given / "link").symlink_to(tmp_path / "secret")
    (given / "loop").symlink_to(given)
    os.mkfifo(given / "fifo")
    os.chdir(given)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind("door")
        saved.tick([order(given, "**")])
    files, skipped = listed(run)
    assert files == {"file": 4}
    words = {Path(path).name: why for path, why in skipped.items()}
    assert {name: why.split(";")[0] for name, why in words.items()} == {
        "link": "it is a link",
        "loop": "it is a link",
        "fifo": "it is a fifo",
        "door": "it is a socket",
    }
    assert not [path for path in run.rglob("*") if path.is_symlink()]


def test_a_link_to_a_folder_in_the_way_of_a_pattern_is_not_followed(run, saved, given, tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.txt").write_text("secret")
    (given / "sub").symlink_to(tmp_path / "outside")
    saved.tick([order(given, "*/*.txt"), order(given, "**/*.txt")])
    assert listed(run)[0] == {}


def test_a_name_in_another_encoding_is_kept_readable_and_an_empty_file_is_a_file(run, saved, given):
    name = os.fsdecode(b"caf\xe9.txt")
    (given / name).write_text("x")
    (given / "empty").touch()
    (given / "tab\tname").write_text("x")
    saved.tick([order(given, "*")])
    assert listed(run) == ({"caf%E9.txt": 1, "empty": 0, "tab%09name": 1}, {})


def test_a_file_that_vanishes_or_changes_while_it_is_read_is_told_and_tried_again(run, given):
    source = given / "big"
    source.write_bytes(bytes(20 * 2**20))

    def cut() -> None:
        if source.stat().st_size > 100:
            source.write_bytes(b"short")

    saved = SavedFiles(run, run.parents[3], cut)
    (given / "other").write_text("rest")
    saved.tick([order(given, "*")])
    files, skipped = listed(run)
    assert files == {"other": 4}
    assert "shorter" in skipped[str(source)]
    again(saved, order(given, "*"))
    assert listed(run) == ({"big": 5, "other": 4}, {})
    source.unlink()
    again(saved, order(given, "*"), last=True)
    assert listed(run)[0] == {"big": 5, "other": 4}  # what was saved stays


def test_nothing_outside_the_run_is_written_and_the_store_is_not_copied_into_itself(run, saved, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (run / "files").mkdir()
    (run / "files" / "sub").symlink_to(outside)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "x").write_text("x")
    (tmp_path / "y").write_text("y")
    saved.tick([order(tmp_path, "**")])
    files, skipped = listed(run)
    assert files == {"y": 1}
    assert not list(outside.iterdir())
    assert "link in the run's own folder" in skipped[str(tmp_path / "sub" / "x")]


def test_what_is_put_into_the_runs_folder_is_listed_and_what_a_store_cannot_keep_is_told(run, saved):
    (run / "files").mkdir()
    (run / "files" / "mine.txt").write_text("mine")
    (run / "files" / ".hidden").write_text("")
    (run / "files" / "back\\slash").write_text("")
    (run / "files" / "link").symlink_to("/etc/passwd")
    saved.tick([])
    files, skipped = listed(run)
    assert files == {"mine.txt": 4}
    assert set(skipped) == {".hidden", "back\\slash", "link"}


def test_a_run_saves_and_the_api_reads(tmp_path):
    (tmp_path / "model.bin").write_bytes(b"weights")
    (tmp_path / "notes.txt").write_text("first")
    with runhooks.init() as run:
        run.save("model.bin", policy="now")
        run.save("notes.txt", policy="end")
        run.log({"loss": 1})
        (folder,) = [path.parent for path in documents(tmp_path)]
        wait_until((folder / "files" / "model.bin").is_file, 60)
        (tmp_path / "notes.txt").write_text("second")
        Path(run.dir, "mine.txt").write_text("mine")
    ended(tmp_path)
    (found,) = runhooks.Api("runs").runs("default/Uncategorized")
    files = {file.name: file for file in found.files()}
    assert {"model.bin", "notes.txt", "mine.txt"} <= set(files)
    assert files["notes.txt"].read() == b"second"
    target = files["model.bin"].download("got")
    assert target.read_bytes() == b"weights"
    with pytest.raises(FileExistsError, match="replace=True"):
        files["model.bin"].download("got")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("a", None, "sometimes"), "policy must be one of live, now, end"),
        (("a.txt", "/somewhere/else"), "does not lie in base_path"),
        ((3,), "takes a path or a pattern"),
    ],
)
def test_a_wrong_order_says_so(arguments, why):
    with runhooks.init(mode="disabled") as run, pytest.raises(ArgumentError, match=why):
        run.save(*arguments)
