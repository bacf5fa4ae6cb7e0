"""Keeping a run's system metrics: samples in; journal, parts and the series that charts draw out."""

import fcntl
from collections import defaultdict
from collections.abc import Container, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from ...journal import parse, segment_name, segments
from ...record.columns import to_columns
from ...record.parts import Part, Rows
from ...record.paths import part_name
from ...record.system import host_of, system_history
from ...site.series import SeriesSet
from ...storage import Store
from .sampler import Sampler

__all__ = ["SystemMetrics"]


class SystemMetrics:
    """What one recorder knows of a run's system metrics.

    Parameters
    ----------
    store : Store
        The run's store on this machine.
    folder : str
        The run's folder in it.
    root : Path
        Where that store is.
    sampler : Sampler or None
        None where nothing is sampled: the setting says so, or the training process is gone.
    others : container of str
        Samplers of other nodes, whose journals are theirs.

    Attributes
    ----------
    series : dict
        Node to its metrics' series.
    """

    def __init__(
        self, store: Store, folder: str, root: Path, sampler: Sampler | None, others: Container[str] = ()
    ) -> None:
        self.series: dict[str, SeriesSet] = defaultdict(SeriesSet)
        self._store = store
        self._folder = folder
        self._path = root / folder / "system"
        self._sampler = sampler
        self._part = Part()
        self._adopt(others)
        self._latest: dict[str, int] = {}
        for host, key, rows in system_history(store, folder):
            self._draw(host, key, rows)

    def tick(self, *, now: bool = False) -> bool:
        """Sample when it is time, or `now`; return whether there is something new."""
        event = None if self._sampler is None else self._sampler.sample(now=now)
        if event is None or self._sampler is None:
            return False
        self._take(event, host_of(self._sampler.writer))
        if self._sampler.full:
            self._compact()
        return True

    def draw_newer(self, host: str, found: Iterable[tuple[str, Rows]]) -> None:
        """Draw what another node's sampler took since what is drawn of it."""
        drawn = self._latest.get(host, -1)
        for key, rows in found:
            self._draw(host, key, rows.take(np.flatnonzero(rows.times > drawn)))

    def close(self, *, compact: bool = True) -> None:
        """End sampling; write what there is as a part, unless another recorder goes on with the run."""
        if self._sampler is not None:
            if compact:
                self._compact()
            self._sampler.close()
            self._sampler = None

    def _take(self, event: dict[str, Any], host: str) -> None:
        for key, column in to_columns([event]).items():
            rows = Rows.of(column)
            self._part.add(key, rows)
            self._draw(host, key, rows)

    def _draw(self, host: str, key: str, rows: Rows) -> None:
        if len(rows.steps):
            self.series[host].add(key, rows.steps, rows.times, rows.values)
            self._latest[host] = max(self._latest.get(host, -1), int(rows.times.max()))

    def _compact(self) -> None:
        """Make a part of the sampler's segment."""
        assert self._sampler is not None
        writer = self._sampler.writer
        self._sampler.begin_anew()
        if self._part.rows:
            self._write(writer, 0, self._part)
            self._part = Part()

    def _write(self, writer: str, number: int, part: Part) -> None:
        self._store.write(f"{self._folder}/system/{part_name(writer, number)}", part.to_bytes())
        self._store.delete(f"{self._folder}/system/{writer}/{segment_name(number)}")

    def _adopt(self, others: Container[str]) -> None:
        """Make parts of what samplers before left that are gone: a recorder that was killed loses nothing."""
        try:
            writers = sorted(entry.name for entry in self._path.iterdir() if entry.is_dir())
        except FileNotFoundError:
            return
        for writer in (writer for writer in writers if writer not in others):
            for number in segments(self._path / writer):
                data = _left(self._path / writer / segment_name(number))
                if data is None:
                    continue
                part = Part()
                events = [event for event in parse(data) if event.get("type") == "log"]
                for key, column in to_columns(events).items():
                    part.add(key, Rows.of(column))
                self._write(writer, number, part)


def _left(segment: Path) -> bytes | None:
    """Return what a segment holds that no living sampler writes to."""
    with segment.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
        except OSError:  # a file system without locks; the run itself is this recorder's
            pass
        return file.read()
