"""What holds for every command."""

import subprocess
import sys
from pathlib import Path

import pytest

import runhooks
from runhooks.cli.plain import plain
from runhooks.cli.target import options_of
from runhooks.errors import ArgumentError
from tests.cli.conftest import Command
from tests.cli.terminal import PROGRAM
from tests.cli.test_verbs import VERBS
from tests.programs import environment

COMMANDS = [name.partition(" ")[0] for name in VERBS]


def test_help_lists_every_command(command: Command) -> None:
    for words in (["--help"], ["-h"], []):
        done = command(*words)
        assert (done.code, done.err) == (0, "")
        assert all(f"\n  {name} " in done.out for name in COMMANDS)


@pytest.mark.parametrize("name", VERBS)
def test_every_command_has_help_and_json(command: Command, name: str) -> None:
    done = command(*name.split(), "--help")

    assert done.code == 0
    for option in ("--store", "--storage-option", "--json", "--help"):
        assert option in done.out


def test_the_version_is_that_of_the_package(command: Command) -> None:
    done = command("--version")

    assert (done.code, done.out) == (0, f"runhooks {runhooks.__version__}\n")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["lss"], "No such command 'lss'"),
        (["ls", "--stroe", "x"], "--stroe"),
        (["show"], "Missing argument 'RUN'"),
        (["ls", "a", "b"], "unexpected extra argument"),
        (["ls", "--store"], "requires an argument"),
        (["ls", "--storage-option", "secret-without-equals"], "--storage-option takes KEY=VALUE"),
        (["ls", "--store", "s3://key:secret@bucket"], "credentials"),
        (["ls", "--store", "nosuch://x"], "nosuch://"),
        (["ls", "--store", ""], "local store needs"),
    ],
)
def test_wrong_use_is_one_line_on_stderr_and_exit_code_2(
    command: Command, words: list[str], told: str
) -> None:
    done = command(*words)

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("runhooks: ")
    assert done.err.count("\n") == 1
    assert told in done.err
    assert "secret" not in done.err.replace("secret-without-equals", "")


def test_help_imports_nothing_heavy() -> None:
    code = "import sys; from runhooks.cli import main; main(['--help']); print(*sys.modules, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True
    )

    loaded = {line.partition(".")[0] for line in done.stdout.splitlines()}
    assert loaded & {"numpy", "pyarrow", "pandas", "fsspec", "psutil", "rich", "orjson", "pynvml"} == set()


def test_a_reader_that_has_enough_is_no_error(here: Path) -> None:
    runhooks.init(project="digits").finish()
    with subprocess.Popen(
        [*PROGRAM, "ls", "--json"], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""


def test_an_unexpected_fault_is_a_line_too(here: Path) -> None:
    runhooks.init(project="digits", id="k3f9").finish()
    code = (
        "import sys, runhooks.cli.ls as ls; ls.ls = lambda *a, **k: 1 / 0\n"
        "from runhooks.cli import main; sys.exit(main(['ls']))"
    )
    words = [sys.executable, "-c", code]
    done = subprocess.run(words, env=environment(), capture_output=True, text=True)
    told = subprocess.run(words, env=environment(PYTHONDEVMODE="1"), capture_output=True, text=True)

    assert done.returncode == 1
    assert done.stderr.startswith("runhooks: unexpected ZeroDivisionError: division by zero")
    assert done.stderr.count("\n") == 1
    assert "Traceback" in told.stderr


def test_storage_options_are_texts_unless_they_are_json() -> None:
    pairs = [
        "key=0123",
        "secret=a=b",
        "anon=true",
        'client_kwargs={"endpoint_url": "http://x"}',
        "odd={",
        "n=5",
    ]

    assert options_of(pairs) == {
        "key": "0123",
        "secret": "a=b",
        "anon": True,
        "client_kwargs": {"endpoint_url": "http://x"},
        "odd": "{",
        "n": "5",
    }
    with pytest.raises(ArgumentError):
        options_of(["=x"])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("a\tb\r\nc", "a b c"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]8;;http://x\x07link\x1b]8;;\x07", "link"),
        ("\u202eevil\u2066\u200f", "evil"),
        ("\x9b31mred\x07\x00", "31mred"),
        ("日本語 é", "日本語 é"),
    ],
)
def test_text_is_shown_and_not_obeyed(text: str, shown: str) -> None:
    assert plain(text) == shown
