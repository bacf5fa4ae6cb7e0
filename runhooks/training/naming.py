"""Ids and names of runs."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from time import time_ns

__all__ = ["generate_id", "generate_name", "generate_writer", "take_generated"]

_generated: dict[str, int] = {}
"""Ids that :func:`generate_id` gave to the outside and no run has yet, by process."""

_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"

_ADJECTIVES = (
    "amber ancient autumn bold bright brisk calm clear clever copper coral cosmic crimson crisp dapper "
    "dawn deep distant dusty eager early earnest easy electric fair feral fluent fresh frosty gentle "
    "gilded glad golden good grand hardy hazy hidden honest humble icy ivory jolly keen kind late leafy "
    "light likely lively lone lucid lucky lunar magic mellow merry mild misty modest noble northern olive "
    "pale patient peach plain playful polar proud quick quiet rapid rare ripe rosy royal ruby rustic "
    "sandy scarlet serene sharp shy silent silver smooth snowy soft solar spring stellar still stoic "
    "summer sunny sweet swift tidy tranquil true vague velvet vivid warm wandering wild winter wise "
    "wooden young zesty"
).split()
_NOUNS = (
    "aspen aurora basin bay beacon bird bloom breeze brook butterfly canyon cedar cliff cloud comet coral "
    "cove creek darkness dawn delta dew dream dune eclipse ember etude falcon feather fern field fire "
    "firefly fjord flower fog forest fox frog frost galaxy garden glade glacier grass grove harbor haze "
    "hill horizon island lake lantern leaf lily meadow meteor mist moon moss mountain music nebula night "
    "oasis ocean orchard osprey otter paper pebble pine planet plateau pond prairie puddle rain rainbow "
    "reef resonance ridge river salad sea shadow shape shore silence sky smoke snow snowflake sound spark "
    "spring star stone storm stream sun sunrise sunset surf terrain thunder tide totem tree valley violet "
    "voice water waterfall wave wildflower wind wood yogurt"
).split()


def generate_id() -> str:
    """Return a new run id: 8 characters of a-z and 0-9 from the system's random source."""
    id = "".join(_chosen(_ALPHABET) for _ in range(8))
    _generated[id] = os.getpid()
    return id


def take_generated(id: str) -> bool:
    """Tell, once, whether this process has made up an id: no run anywhere has it, so no store need be asked.

    A child that was forked meanwhile may not be the only one that has the id.
    """
    return _generated.pop(id, None) == os.getpid()


def generate_name(number: int) -> str:
    """Return a readable name, adjective-noun-number; `number` is the run's number in its project."""
    return f"{_chosen(_ADJECTIVES)}-{_chosen(_NOUNS)}-{number}"


def generate_writer(rank: int, after: int = 0, *, secondary: bool = False) -> str:
    """Return a name for one process's journal; names sort by start.

    Parameters
    ----------
    rank : int
        The process's rank.
    after : int
        When the last session of the run began, in microseconds since the epoch: the name sorts behind it
        even where the clock was set back.
    secondary : bool
        Whether it writes to a run of another process, see :mod:`runhooks.record.secondary`.
    """
    started = datetime.fromtimestamp(max(time_ns() // 1000, after + 1) / 1e6, UTC)
    kind = "s" if secondary else "r"
    return f"{started:%Y%m%dT%H%M%S%f}-{kind}{rank}-{os.urandom(3).hex()}"


def _chosen(choices: Sequence[str]) -> str:
    # As secrets.choice(), whose import takes 7 ms. Of 64 bits no choice is noticeably more likely.
    return choices[int.from_bytes(os.urandom(8)) % len(choices)]
