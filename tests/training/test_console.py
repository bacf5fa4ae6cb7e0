"""The console, copied while the program's own streams stay what they are."""

import contextlib
import io
import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import runhooks
from runhooks.training.console import Console
from tests.programs import ended, environment, run, wait_until

RUN = "runs/default/p/runs/mine"


def program(body: str, **settings: object) -> str:
    options = "".join(f", {name}={value!r}" for name, value in settings.items())
    return f"""
import os, subprocess, sys, threading
import runhooks
run = runhooks.init(project="p", id="mine", quiet=True{options})
run.log({{"a": 1}})
{body}
run.finish()
"""


def run_bytes(code: str, folder: Path) -> bytes:
    """Run a program whose output is no text."""
    (folder / "program.py").write_text(code, encoding="utf-8")
    command = [sys.executable, "program.py"]
    return subprocess.run(
        command, cwd=folder, env=environment(), stdout=subprocess.PIPE, timeout=60, check=True
    ).stdout


def log(folder: Path) -> list[str]:
    ended(folder)
    return (folder / RUN / "logs" / "output.log").read_text(encoding="utf-8").splitlines()


def raw(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted((folder / RUN / "logs" / "raw").iterdir()))


class Copied:
    """A console of its own, and what is in its journal."""

    def __init__(self, folder: Path) -> None:
        (folder / "run").mkdir()
        self.told: list[str] = []
        self.console = Console(folder / "run", "w", self.told.append)
        self._journal = folder / "run" / "logs" / "journal" / "w"

    def pieces(self) -> list[str]:
        lines = [line for path in sorted(self._journal.glob("*")) for line in path.read_bytes().splitlines()]
        events = [json.loads(line) for line in lines]
        return [event["text"] for event in events if event["type"] == "out"]


@pytest.fixture
def copied(tmp_path):
    found = Copied(tmp_path)
    yield found
    found.console.close()


@pytest.fixture
def stdout(monkeypatch):
    """Put a stdout of the test's own in place, as Python makes it; pytest puts its own before a test."""

    def put():
        raw = io.BytesIO()
        stream = io.TextIOWrapper(raw, encoding="utf-8", write_through=False)
        stream.sink = raw
        monkeypatch.setattr(sys, "stdout", stream)
        return stream

    return put


def test_the_stream_is_the_same_and_is_left_as_it_was_found(copied, stdout):
    stream = stdout()
    before = dict(vars(stream)), vars(stream).get("write")
    copied.console.open()
    assert sys.stdout is stream
    assert (stream.encoding, stream.isatty(), type(stream)) == ("utf-8", False, io.TextIOWrapper)
    print("hello", "there")
    stream.flush()
    assert stream.sink.getvalue() == b"hello there\n"
    copied.console.close()
    print("later")
    assert copied.pieces() == ["hello", " ", "there", "\n"]
    assert (dict(vars(stream)), vars(stream).get("write")) == before


def test_bytes_are_copied_once_and_text_not_again_as_bytes(copied, stdout):
    stream = stdout()
    copied.console.open()
    stream.write("text ")
    stream.buffer.write(b"bytes ")
    stream.flush()
    stream.writelines(["a", "b"])
    stream.flush()
    assert copied.pieces() == ["text ", "bytes ", "a", "b"]


def test_somebody_elses_stream_is_theirs(copied, stdout):
    stdout()
    copied.console.open()
    with contextlib.redirect_stdout(io.StringIO()) as other:
        print("not for the terminal")
    print("for the terminal")
    assert other.getvalue() == "not for the terminal\n"
    assert "".join(copied.pieces()) == "for the terminal\n"


def test_a_wrapper_of_somebody_who_came_later_keeps_working(copied, stdout):
    stream = stdout()
    copied.console.open()
    ours, heard = stream.write, []

    def theirs(text):
        heard.append(text)
        return ours(text)

    stream.write = theirs
    print("one")
    copied.console.close()
    print("two")
    stream.flush()
    assert stream.sink.getvalue() == b"one\ntwo\n"
    assert "".join(heard) == "one\ntwo\n"
    assert "".join(copied.pieces()) == "one\n"


def test_threads_write_at_once_and_no_line_is_torn(copied, stdout):
    stream = stdout()
    copied.console.open()

    def talk(name):
        for _ in range(200):
            stream.write(f"{name}{name * 50}\n")

    threads = [threading.Thread(target=talk, args=(letter,)) for letter in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pieces = copied.pieces()
    assert len(pieces) == 800
    assert {len(set(piece.strip())) for piece in pieces} == {1}


def test_a_stream_that_does_not_let_itself_be_followed_is_told_of(copied, monkeypatch):
    class Slotted:
        __slots__ = ()

        def write(self, text):
            return len(text)

        def flush(self):
            """Nothing."""

    monkeypatch.setattr(sys, "stdout", Slotted())
    copied.console.open()
    print("goes on")
    (told,) = copied.told
    assert "what goes to stdout is not kept: Slotted does not let its write be followed" in told


def test_a_secret_that_is_printed_reaches_no_file(tmp_path):
    secret = "hf_" + "Q" * 36
    key = "-----BEGIN PRIVATE KEY-----\\nTOPSECRETLINE\\n-----END PRIVATE KEY-----"
    body = f"""
print("token {secret}")
print("https://user:hunter2pass@host/x", file=sys.stderr)
sys.stdout.buffer.write(b"\\xff {secret}\\n")
for line in {key!r}.encode().decode("unicode_escape").splitlines():
    print(line)
sys.stdout.write("tok" + "en: hf_QQQQQQQQQQQQQQQQQQQ"); sys.stdout.write("QQQQQQQQQQQQQQQQQ split\\n")
"""
    run_bytes(program(body), tmp_path)
    assert log(tmp_path)[0] == "token [redacted]"
    found = [path for path in (tmp_path / RUN).rglob("*") if path.is_file()]
    for canary in (secret, "hunter2pass", "TOPSECRETLINE"):
        assert not [path for path in found if canary.encode() in path.read_bytes()], canary


def test_bytes_that_are_no_utf8_go_on_and_are_said(tmp_path):
    body = 'sys.stdout.buffer.write(b"caf\\xe9\\n"); sys.stdout.flush(); print("after")'
    assert run_bytes(program(body), tmp_path) == b"caf\xe9\nafter\n"
    assert log(tmp_path) == ["caf\ufffd", "after"]
    assert raw(tmp_path) == b"caf\xe9\nafter\n"
    assert '"not_text":1' in (tmp_path / RUN / "data" / "log.js").read_text()


def test_ten_megabytes_on_one_line_go_on_and_are_said(tmp_path):
    done = run(program('print("x" * 10_000_000); print("after")'), tmp_path)
    assert done.returncode == 0
    assert len(done.stdout) == 10_000_007
    first, second = log(tmp_path)
    assert first.startswith("xxx")
    assert first.endswith("… 9,980,000 more characters of this line are in the raw log")
    assert len(first) < 25_000
    assert second == "after"
    assert len(raw(tmp_path)) == 10_000_007


@pytest.mark.parametrize("body", ["sys.stdout = None", "sys.stdout.close()"])
def test_a_program_without_stdout_goes_on(tmp_path, body):
    code = program('print("err", file=sys.stderr)').replace(
        "import runhooks\n", f"import runhooks\n{body}\n", 1
    )
    done = run(code, tmp_path, RUNHOOKS_SILENT="")
    assert done.returncode == 0, done.stderr
    assert "what goes to stdout is not kept: it is closed" in done.stderr
    assert "err" in log(tmp_path)


def test_a_program_that_was_started_with_a_closed_stdout_goes_on(tmp_path):
    (tmp_path / "program.py").write_text(program('print("x"); print("err", file=sys.stderr)'))
    command = ["sh", "-c", f"{sys.executable} program.py >&-"]
    done = subprocess.run(command, cwd=tmp_path, env=environment(), timeout=60)
    assert done.returncode == 0
    assert log(tmp_path)[-1:] == ["err"]


def test_a_console_file_on_a_full_disk_is_said_and_the_program_goes_on(tmp_path):
    body = """
import resource, time
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
for n in range(3000):
    print("y" * 100)
time.sleep(1.1)
run.log({"a": 2})
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
"""
    done = run(program(body), tmp_path, RUNHOOKS_SILENT="")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 3000
    assert "console output is being lost: [Errno 27] File too large" in done.stderr
    assert 500 < len(log(tmp_path)) < 3000


def test_a_forked_childs_output_is_copied_too(tmp_path):
    body = """
print("parent", flush=True)
pid = os.fork()
if not pid:
    print("child", flush=True)
    os._exit(0)
os.waitpid(pid, 0)
"""
    run(program(body), tmp_path)
    assert log(tmp_path) == ["parent", "child"]


def test_off_copies_nothing(tmp_path):
    run(program('print("x")', console="off"), tmp_path)
    ended(tmp_path)
    assert not (tmp_path / RUN / "logs").exists()


def test_an_uncaught_exception_is_in_the_log(tmp_path):
    run(program("1 / 0"), tmp_path)
    assert log(tmp_path)[-1] == "ZeroDivisionError: division by zero"


def test_a_program_that_prints_nothing_has_no_log(tmp_path):
    run(program(""), tmp_path)
    ended(tmp_path)
    assert not (tmp_path / RUN / "logs").exists()


def test_a_deleted_run_does_not_come_back_by_a_print(tmp_path):
    body = "import os, shutil; shutil.rmtree(os.path.dirname(run.dir)); print('x')"
    run(program(body), tmp_path)
    wait_until(lambda: not (tmp_path / RUN).exists())


def test_under_pytest_itself_a_run_opens_prints_and_ends(capsys):
    with runhooks.init(project="p", id="mine", quiet=True) as opened:
        print("seen by both")
    assert capsys.readouterr().out == "seen by both\n"
    assert (Path(opened.dir).parent / "logs" / "output.log").read_text() == "seen by both\n"
