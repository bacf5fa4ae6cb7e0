"""What holds for all tests: what they may need, and what is said where it is missing."""

import os
import shutil
import signal
from collections.abc import Generator

import pytest

# Several processes that each start a thread a core spend their time waiting for each other: a fit of seconds
# takes minutes. Set before any framework is imported, here and in what the tests start.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shell starts what it runs in the background with Ctrl-C ignored, and programs pass that on.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

NO_BROWSER = "there is no Chromium here: apt-get install --no-install-recommends chromium"

WANTING = ("apt-get install", "could not import", "not installed")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip browser tests on a machine without a browser."""
    if item.get_closest_marker("browser") and shutil.which("chromium") is None:
        pytest.skip(NO_BROWSER)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail, where CI is set, what is skipped for want of something: `make test` installs everything."""
    report = yield
    reason = str(report.longrepr)
    if os.environ.get("CI") and report.skipped and any(words in reason for words in WANTING):
        report.outcome = "failed"
    return report
