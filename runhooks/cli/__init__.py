"""The ``runhooks`` command: look at runs, render their pages, complete what a crash or an outage left."""

from .main import main

__all__ = ["main"]
