import pytest


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    """Log to ./runs in a folder of the test's own, and say nothing."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUNHOOKS_SILENT", "1")
    monkeypatch.setenv("RUNHOOKS_SPOOL", str(tmp_path / "spool"))
