"""A file that is larger than memory should ever be: 5 GB where RUNHOOKS_FAULTS=long, else 200 MB."""

import os
from pathlib import Path

import pytest

import runhooks

SIZE = 5 * 2**30 if os.environ.get("RUNHOOKS_FAULTS") == "long" else 200 * 2**20
ROOM = 100 * 2**20
WAIT = 900

pytestmark = [pytest.mark.timeout(2 * WAIT)]


def memory(pid: int, what: str) -> int:
    """Return bytes of memory of a process: VmRSS, now, or VmHWM, the most since `begin_anew`."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(what)) * 1024


def begin_anew(pid: int) -> int:
    """Forget the most that a process had, as the runs before may have made it; return what it has."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    return memory(pid, "VmRSS")


def test_a_large_file_goes_to_the_store_and_back_in_bounded_memory() -> None:
    with Path("large.bin").open("wb") as file:
        file.truncate(SIZE)  # takes no room on the disk
        file.seek(SIZE // 2)
        file.write(b"not all of it is empty")
    with runhooks.init(project="p") as run:
        recorder = run._connection._recorder.pid
        most = begin_anew(recorder) + ROOM
        run.log_artifact("large.bin", name="large").wait(WAIT)
        used = run.use_artifact("large")
        Path("large.bin").unlink()
        before = memory(recorder, "VmHWM")
        folder = Path(used.download("out"))
        used.verify()
        assert used.get_entry("large.bin").size == SIZE
        assert before < most
        after = memory(recorder, "VmHWM")
        print(f"peak {before / 1e6:.0f} MB after storing, {after / 1e6:.0f} MB after downloading")
        assert after < most
    with (folder / "large.bin").open("rb") as file:
        file.seek(SIZE // 2)
        assert file.read(22) == b"not all of it is empty"
    assert (folder / "large.bin").stat().st_size == SIZE
