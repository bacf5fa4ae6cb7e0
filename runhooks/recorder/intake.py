"""What the journals say, taken into the run document and into parts."""

from collections.abc import Callable
from typing import Any

from ..record.arrays import to_arrays
from ..record.folder import beginning, writers
from ..record.replay import apply
from ..record.superseded import split, take_over
from ..record.view import RunView
from ..storage import Store
from .compaction import Compaction
from .orders import Order
from .tail import News, Tail

__all__ = ["Intake"]


class Intake:
    """Reads the journals of a run once.

    Parameters
    ----------
    order : Order
    store : Store
        The run's store on this machine.
    view : RunView
        The run document, which is changed by what comes.
    write_document : callable
        Stores it.
    alerted : callable
        Called with each ``alert`` event.

    Attributes
    ----------
    compaction : Compaction
    """

    def __init__(
        self,
        order: Order,
        store: Store,
        view: RunView,
        write_document: Callable[[], None],
        alerted: Callable[[dict[str, Any]], None],
    ) -> None:
        self._order = order
        self._view = view
        self._write_document, self._alerted = write_document, alerted
        self._tail = Tail(order.folder, view.applied, order.writer)
        self.compaction = Compaction(store, order.path.folder, view.superseded)
        self._sealed: list[tuple[str, int]] = []
        self._met = set(view.applied)

    def read(self, *, closed: bool = False) -> bool:
        """Take what came since the last call; return whether anything did.

        Parameters
        ----------
        closed : bool
            See :meth:`.tail.Tail.read`.
        """
        came = False
        for writer in writers(self._order.folder):
            if writer not in self._met:  # before any row: what it says of other writers' rows
                self._met.add(writer)
                take_over(self._view, beginning(self._order.folder, writer))
        for news in self._tail.read(closed=closed):
            came = True
            self._take(news)
            if news.sealed:
                self._sealed.append((news.writer, news.number))
        self._compact()
        return came

    def _take(self, news: News) -> None:
        """Apply events to the document, unless it has them; their rows belong to a part in any case."""
        counted, superseded = split(self._view.superseded, news.writer, news.events)
        for columns in apply(_blank() if news.known else self._view, counted, transpose=to_arrays):
            self.compaction.add(news.writer, news.number, columns)
        for event in () if news.known else news.events:
            if event.get("type") == "alert":
                self._alerted(event)
        for columns in apply(_blank(), superseded, transpose=to_arrays):
            self.compaction.add(news.writer, news.number, columns, superseded=True)
        if not news.known:
            at = [news.number + 1, 0] if news.sealed else [news.number, news.end]
            self._view.applied[news.writer] = at

    def _compact(self) -> None:
        """Write the parts of sealed segments, then the document that says so, then delete the segments.

        Where the disk refuses one of these, the rest is done when it takes it: nothing is forgotten. A
        secondary writer keeps its segments: the run's owner reads them in the store.
        """
        if not self._sealed:
            return
        for writer, number in self._sealed:
            self.compaction.seal(writer, number)
        self._write_document()
        while self._sealed:
            if self._order.secondary is None:
                self.compaction.remove(*self._sealed[0])
            del self._sealed[0]


def _blank() -> RunView:
    return RunView(id="", entity="", project="", name="", created_at=0)
