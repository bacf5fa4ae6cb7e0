"""``console="redirect"``: everything that reaches the terminal, by whomever it was written."""

import os
import pty
import subprocess
import sys
from pathlib import Path

from tests.programs import ended, environment, run, wait_until

PROGRAM = """
import os, signal, subprocess, sys, time
import runhooks
print("before", flush=True)
run = runhooks.init(project="p", id="mine", quiet=True, console="redirect")
%s
run.log({"a": 1})
run.finish()
print("after", flush=True)
"""


def log(folder: Path) -> list[str]:
    ended(folder)
    text = (folder / "runs/default/p/runs/mine/logs/output.log").read_text(encoding="utf-8")
    return text.splitlines()


def test_output_of_subprocesses_and_of_c_code_is_in_the_log(tmp_path):
    body = """
print("python")
sys.stdout.flush()
subprocess.run(["sh", "-c", "echo from a subprocess"])
os.write(1, b"from below Python\\n")
print("no line end", end="")
"""
    done = run(PROGRAM % body, tmp_path)
    assert done.returncode == 0, done.stderr
    seen = "python\nfrom a subprocess\nfrom below Python\nno line end"
    assert done.stdout == f"before\n{seen}after\n"
    assert log(tmp_path) == seen.splitlines()


def test_on_a_terminal_it_stays_a_terminal_and_shows_the_same(tmp_path):
    body = 'print(os.isatty(1), os.isatty(2), os.get_terminal_size(1).columns); print("err", file=sys.stderr)'
    (tmp_path / "program.py").write_text(PROGRAM % body)
    outer, inner = pty.openpty()
    import termios

    termios.tcsetwinsize(inner, (30, 77))
    command = [sys.executable, "program.py"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment(), stdout=inner, stderr=inner) as process:
        os.close(inner)
        shown = b""
        try:
            while data := os.read(outer, 4096):
                shown += data
        except OSError:  # all who had it open have gone
            pass
        assert process.wait(60) == 0
    os.close(outer)
    assert shown.decode().split("\r\n") == ["before", "True True 77", "err", "after", ""]
    assert log(tmp_path) == ["True True 77", "err"]


def test_a_relay_that_is_killed_is_said_and_the_program_goes_on(tmp_path):
    body = """
os.kill(run._console._pid, signal.SIGKILL)
time.sleep(1.2)
run.log({"a": 0})
print("goes on", flush=True)
"""
    done = run(PROGRAM % body, tmp_path, RUNHOOKS_SILENT="")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "before\ngoes on\nafter\n"
    assert "console output is not kept any more: the process that copies it has died" in done.stderr


def test_no_relay_is_left_when_the_program_is_killed(tmp_path):
    body = 'print("last words", flush=True); open("relay", "w").write(str(run._console._pid)); time.sleep(60)'
    (tmp_path / "program.py").write_text(PROGRAM % body)
    with subprocess.Popen([sys.executable, "program.py"], cwd=tmp_path, env=environment()) as process:
        wait_until(lambda: (tmp_path / "relay").exists() and (tmp_path / "relay").read_text() != "", 60)
        process.kill()
    relay = int((tmp_path / "relay").read_text())
    wait_until(lambda: not Path(f"/proc/{relay}").exists(), 60)
    assert log(tmp_path) == ["last words"]
