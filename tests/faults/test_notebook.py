"""Runs that the cells of a notebook open: its kernel goes on, is interrupted, shut down or killed."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager

from runhooks.storage import open_store
from tests.faults.check import whole
from tests.faults.ledger import Ledger
from tests.programs import environment, views, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.slow]

OPENS = """
import time, runhooks
from pathlib import Path
run = runhooks.init(project="p", name="{name}")
for n in range(20): run.log({{"loss": n / 2}})
"""
LOOPS = """
while True:
    n += 1
    run.log({"loss": n / 2})
    Path("logging").touch()
    time.sleep(0.001)
"""


@asynccontextmanager
async def kernel(folder: Path) -> AsyncIterator["Kernel"]:
    manager = AsyncKernelManager()
    await manager.start_kernel(cwd=str(folder), env=environment(RUNHOOKS_SPOOL=str(folder / "spool")))
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=120)
        yield Kernel(manager, client, folder)
    finally:
        client.stop_channels()
        if await manager.is_alive():
            await manager.shutdown_kernel(now=True)
        manager.context.destroy()


class Kernel:
    """A kernel, and the cells that are run in it."""

    def __init__(self, manager: AsyncKernelManager, client: AsyncKernelClient, folder: Path) -> None:
        self.manager, self._client, self.folder = manager, client, folder

    async def run(self, cell: str) -> str:
        """Run a cell; return the name of the exception that it raised, if any."""
        content = {"status": "aborted"}
        while content["status"] == "aborted":  # a kernel passes over what it gets right after an error
            reply = await self._client.execute_interactive(cell, timeout=120, output_hook=lambda _: None)
            content = reply["content"]
        return str(content.get("ename", ""))

    async def interrupt(self, cell: str) -> str:
        """Interrupt a cell once it logs; return the name of the exception that it raised."""
        asked = self._client.execute(cell)
        wait_until((self.folder / "logging").exists, 60)
        await self.manager.interrupt_kernel()
        while True:
            reply = await self._client.get_shell_msg(timeout=60)
            if reply["parent_header"].get("msg_id") == asked:
                return str(reply["content"].get("ename", ""))

    def states(self) -> dict[str, str]:
        return {view.name: view.state for view in views(self.folder)}

    def whole(self, name: str, rows: int, state: str) -> None:
        """See that a run ends in a state with its rows."""
        (id,) = (view.id for view in views(self.folder) if view.name == name)
        folder = f"default/p/runs/{id}"
        journal = self.folder / "runs" / folder / "journal"
        wait_until(lambda: self.states()[name] == state and not journal.exists(), 60)
        whole(open_store(self.folder / "runs"), rows, folder=folder, states=[state], alone=False)


async def scenario(folder: Path) -> None:
    async with kernel(folder / "ends") as notebook:
        for name in ("one", "two"):  # the same cell, but for what tells the runs from each other here
            assert await notebook.run(OPENS.format(name=name)) == ""
        assert notebook.states() == {"one": "finished", "two": "running"}
        notebook.whole("one", 20, "finished")
        assert await notebook.run("1 / 0") == "ZeroDivisionError"
        assert await notebook.interrupt(LOOPS) == "KeyboardInterrupt"
        assert notebook.states()["two"] == "running", "the kernel goes on, and so does its run"
        assert await notebook.run("run.finish()") == ""
        notebook.whole("two", 21, "finished")
        assert await notebook.run(OPENS.format(name="three")) == ""
        await notebook.manager.shutdown_kernel()
        notebook.whole("three", 20, "finished")
    async with kernel(folder / "killed") as notebook:
        assert await notebook.run(OPENS.format(name="four")) == ""
        await notebook.manager.shutdown_kernel(now=True)
        notebook.whole("four", 20, "crashed")


@pytest.mark.case(
    "Process", "a notebook: a cell is run again, fails, is interrupted; the kernel ends, or is killed"
)
def test_runs_of_a_notebook_end_as_they_ended(tmp_path: Path, ledger: Ledger) -> None:
    for n in ledger.tries(1, 40):
        with ledger.attempt(n):
            for name in ("ends", "killed"):
                (tmp_path / str(n) / name).mkdir(parents=True)
            # In a thread of its own: where browser tests ran before, this one has Playwright's loop already.
            with ThreadPoolExecutor(1) as thread:
                thread.submit(lambda: asyncio.run(scenario(tmp_path / str(n)))).result()  # noqa: B023
    ledger.figure = "4 runs a try; finished, going on, finished at the shutdown, crashed; all rows there"
