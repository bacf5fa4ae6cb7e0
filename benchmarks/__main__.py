"""Every line of the speed table, measured: `make bench`, or `python -m benchmarks NAME …` for some lines.

Each line has a baseline that is measured in the same run, so that a ratio holds on any machine. Nothing here
asserts: figures over their budget are marked, and a reader decides.

runhooks is compiled first, as pip leaves an installed package: where PYTHONDONTWRITEBYTECODE is set, each
process would else compile its sources anew, 0.1 s in each of the two that a run has.
"""

import argparse
import compileall
import os
import platform
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import runhooks

LINES = {
    "init": "process:init",
    "whole": "process:whole",
    "log": "hot:log",
    "step": "hot:training_step",
    "volume": "hot:volume",
    "stored": "hot:stored",
    "recorder": "recorder:overhead",
    "gpu": "gpu:gpu",
    "reading": "reading:history_to_pandas",
    "run-page": "pages:run_page",
    "project-page": "pages:project_page",
    "polls": "polls:polls",
    "artifacts": "artifacts:artifacts",
    "managing": "managing:managing",
    "queries": "managing:queries",
    "live": "live:live",
    "rivals": "rivals:rivals",
}
"""Where a line is measured. Imported when it is wanted: not every machine has what all of them need."""

ON_DEMAND = frozenset({"live", "managing", "queries", "rivals"})
"""Lines that take minutes: measured only where they are named."""


@contextmanager
def folder() -> Iterator[Path]:
    """Work in a folder that goes away, and say nothing in the terminal."""
    with tempfile.TemporaryDirectory(prefix="runhooks-bench-", ignore_cleanup_errors=True) as name:
        before = Path.cwd()
        os.chdir(name)
        os.environ["RUNHOOKS_SILENT"] = "1"
        try:
            yield Path(name)
        finally:
            os.chdir(before)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument(
        "lines",
        nargs="*",
        metavar="NAME",
        help=f"of {', '.join(LINES)}; by default those that do not take minutes",
    )
    wanted = parser.parse_args().lines or [name for name in LINES if name not in ON_DEMAND]
    if unknown := sorted(set(wanted) - set(LINES)):
        parser.error(f"no line {unknown[0]!r}; there are {', '.join(LINES)}")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    compileall.compile_dir(Path(runhooks.__file__).parent, quiet=2)
    load = os.getloadavg()[0]
    print(f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores, load {load:.1f}")
    print(f"{'':<54}{'measured':>12}{'baseline':>12}{'ratio':>8}  budget")
    missed: list[str] = []
    for name in wanted:
        with folder() as work:
            module, _, function = LINES[name].partition(":")
            for figure in getattr(import_module(f"benchmarks.{module}"), function)(work):
                print(figure.line(), flush=True)
                missed += [figure.what] if figure.missed else []
    print(f"\n{len(missed)} over budget: {'; '.join(missed)}" if missed else "\nall within budget")


if __name__ == "__main__":
    main()
