"""A run's summary: one value a metric, the last one unless :func:`Run.define_metric` asks for another."""

from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

from ..redact import redact_tree
from ..values import pack, plain

__all__ = ["Summary"]


class Summary(MutableMapping[str, Any]):
    """The summary of a run that is being logged.

    Reading replays the run's own journal, so that logging need not keep it. A value that is set wins
    until the metric is logged again.

    Parameters
    ----------
    read : callable
        Returns the summary as it is now.
    record : callable
        Takes packed values, and names to remove.
    """

    def __init__(
        self, read: Callable[[], dict[str, Any]], record: Callable[[dict[str, Any], list[str]], None]
    ) -> None:
        self._read = read
        self._record = record

    def update(self, *args: Any, **values: Any) -> None:
        """Set several values with one event."""
        self._record(redact_tree(pack(plain(dict(*args, **values)))), [])

    def __getitem__(self, key: str) -> Any:
        return self._read()[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.update({key: value})

    def __delitem__(self, key: str) -> None:
        if key not in self._read():
            raise KeyError(key)
        self._record({}, [key])

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())

    def __repr__(self) -> str:
        return f"Summary({self._read()!r})"
