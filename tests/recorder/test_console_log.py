"""The console log: what the recorder makes of a console's journal."""

from contextlib import suppress
from pathlib import Path

import pytest

from runhooks.journal import Journal
from runhooks.record.console import ConsoleFacts, read_console
from runhooks.recorder.console.keeping import ConsoleLog
from runhooks.site.log_data import log_files
from runhooks.storage import open_store

RUN = "default/p/runs/mine"
WRITER = "20261123T060102123456-r0-000000"


class Program:
    """What a training process leaves of its console."""

    def __init__(self, root: Path, writer: str = WRITER, segment_bytes: int | None = None) -> None:
        self._journal = Journal(root / RUN / "logs" / "journal", writer, segment_bytes)
        self._journal.event("terminal", rows=None)

    def write(self, text: str) -> None:
        self._journal.event("out", stream=1, text=text)

    def close(self) -> None:
        self._journal.close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / RUN).mkdir(parents=True)
    return tmp_path


def keeping(root: Path) -> ConsoleLog:
    return ConsoleLog(open_store(root), RUN, root, "mine")


def lines(root: Path) -> list[str]:
    found = read_console(open_store(root), RUN)
    return [] if found is None else [text for text, _ in found[1]]


def test_a_log_is_read_while_it_grows(root):
    program, log = Program(root), keeping(root)
    program.write("first\n")
    assert log.tick()
    assert not log.tick()
    page = log.page()
    assert page is not None
    assert b'"lines":["first"]' in page[0]["data/log-0.js"]
    for n in range(200):
        program.write(f"line {n}\n")
    log.tick()
    assert len(lines(root)) == 152  # but for those that a program could still change
    program.close()
    log.finish()
    assert lines(root) == ["first", *(f"line {n}" for n in range(200))]
    assert not (root / RUN / "logs" / "journal").exists()


@pytest.mark.parametrize("moment", ["while it runs", "in its last steps"])
def test_a_recorder_that_is_killed_loses_no_line_and_doubles_none(root, monkeypatch, moment):
    program, killed = Program(root, segment_bytes=2000), keeping(root)
    expected = []
    for n in range(300):
        program.write(f"line {n}\n")
        expected.append(f"line {n}")
        if n % 40 == 0:
            killed.tick()
    if moment == "in its last steps":
        program.close()
        monkeypatch.setattr(killed._store, "delete", _die)
        with suppress(KeyboardInterrupt):
            killed.finish()
    after = keeping(root)
    after.tick()
    if moment == "while it runs":
        program.write("and on\n")
        expected.append("and on")
    program.close()
    after.finish()
    assert lines(root) == expected
    raw = sorted((root / RUN / "logs" / "raw").iterdir())
    assert b"".join(path.read_bytes() for path in raw).decode().splitlines() == expected
    found = read_console(open_store(root), RUN)
    assert found is not None
    assert found[0].raw == [path.name for path in raw]


def _die(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_resumed_run_goes_on_below(root):
    for number in range(2):
        program = Program(root, WRITER.replace("000000", f"00000{number}"))
        program.write(f"session {number}\nopen end")
        program.close()
        keeping(root).finish()
    assert lines(root) == ["session 0", "open end", "session 1", "open end"]


def test_a_very_long_log_keeps_its_beginning_and_its_end(root, monkeypatch):
    monkeypatch.setattr("runhooks.recorder.console.keeping.MOST_READABLE", 100)
    monkeypatch.setattr("runhooks.recorder.console.keeping.LAST_LINES", 5)
    program, log = Program(root), keeping(root)
    for n in range(200):
        program.write(f"line {n:03d}\n")
    log.tick()
    program.close()
    log.finish()
    told = "… 184 lines are left out here: the log grew too long …"
    begin, end = [f"line {n:03d}" for n in range(11)], [f"line {n}" for n in range(195, 200)]
    assert lines(root) == [*begin, told, *end]
    found = read_console(open_store(root), RUN)
    assert found is not None
    assert found[0].left_out == 184


def test_the_middle_of_a_very_long_raw_log_is_left_out(root, monkeypatch):
    monkeypatch.setattr("runhooks.recorder.console.keeping.MOST_RAW", 2)
    monkeypatch.setattr("runhooks.recorder.console.keeping.LAST_RAW", 1)
    program, log = Program(root, segment_bytes=500), keeping(root)
    for n in range(100):
        program.write(f"line {n:03d}\n")
        log.tick()
    program.close()
    log.finish()
    raw = b"".join(path.read_bytes() for path in sorted((root / RUN / "logs" / "raw").iterdir()))
    assert raw.startswith(b"line 000\n")
    assert raw.endswith(b"line 099\n")
    assert len(raw) < 500
    assert lines(root) == [f"line {n:03d}" for n in range(100)]


def test_the_page_is_the_same_when_it_is_rendered_again(root, monkeypatch):
    monkeypatch.setattr("runhooks.site.log_data.MOST_LINES", 30)
    program, log = Program(root), keeping(root)
    written: dict[str, bytes] = {}
    for n in range(100):
        program.write(f"\x1b[3{n % 8}mline {n}\x1b[0m {'ERROR' if n % 50 == 0 else ''}\n")
        log.tick()
        page = log.page()
        assert page is not None
        written |= page[0]
        log.chunks.written()
    program.close()
    log.finish()
    page = log.page()
    assert page is not None
    written |= page[0]
    found = read_console(open_store(root), RUN)
    assert found is not None
    assert log_files("mine", found[1], found[0])[0] == written
    assert set(written) == {"data/log.js", *(f"data/log-{n}.js" for n in range(4))}
    assert b'"errors":[0,50]' in written["data/log.js"]


def test_a_log_file_that_is_damaged_is_an_error_that_names_it(root):
    from runhooks.errors import RecordError

    with pytest.raises(RecordError, match="x does not describe a console log"):
        ConsoleFacts.from_bytes(b"{", "x")
