from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from runhooks.cli import main


@dataclass(frozen=True)
class Done:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on stdout."""
        return orjson.loads(self.out)


Command = Callable[..., Done]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Log to ./runs in a folder of the test's own, and say nothing."""
    monkeypatch.chdir(tmp_path)
    for name in ("RUNHOOKS_STORE", "RUNHOOKS_ENTITY", "RUNHOOKS_PROJECT", "RUNHOOKS_ID", "RUNHOOKS_MODE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("RUNHOOKS_SILENT", "1")
    monkeypatch.setenv("RUNHOOKS_SPOOL", str(tmp_path / "spool"))
    return tmp_path


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Return what runs `runhooks` with these words; it must not show a traceback."""

    def run(*words: str) -> Done:
        capsys.readouterr()
        code = main(words)
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        return Done(code, printed.out, printed.err)

    return run
