import pytest


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    """Log to ./runs in a folder of the test's own, and say nothing."""
    monkeypatch.chdir(tmp_path)
    for name in ("RUNHOOKS_STORE", "RUNHOOKS_ENTITY", "RUNHOOKS_PROJECT", "RUNHOOKS_ID", "RUNHOOKS_MODE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("RUNHOOKS_SILENT", "1")
    monkeypatch.setenv("RUNHOOKS_SPOOL", str(tmp_path / "spool"))
