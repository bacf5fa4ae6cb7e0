"""From journal segments to Parquet parts, and to the series that charts draw."""

from collections.abc import Mapping, Sequence

from ..journal import segment_name
from ..record.columns import Column
from ..record.parts import Part, Rows
from ..record.paths import part_name
from ..record.read import history
from ..record.view import Cut
from ..site.series import SeriesSet
from ..storage import Store

__all__ = ["Compaction"]


class Compaction:
    """Gathers the rows of segments that are being written, and writes each as a part when it is sealed.

    Parameters
    ----------
    store : Store
        The run's store on this machine.
    folder : str
        The run's folder in it.
    cuts : sequence of Cut
        What is not drawn: see :attr:`runhooks.record.view.RunView.superseded`.
    """

    def __init__(self, store: Store, folder: str, cuts: Sequence[Cut] = ()) -> None:
        self.series = SeriesSet()
        self._store = store
        self._folder = folder
        self._open: dict[tuple[str, int], Part] = {}
        self._done = {entry.path.rsplit("/", 1)[-1] for entry in store.list(f"{folder}/history")}
        self._read_parts(cuts)

    def _read_parts(self, cuts: Sequence[Cut]) -> None:
        """Feed the series with what earlier sessions left."""
        if self._done:
            for key, rows in history(self._store, self._folder, parts_only=True, superseded=cuts):
                self.draw_rows(key, rows)

    def add(
        self, writer: str, number: int, columns: Mapping[str, Column], *, superseded: bool = False
    ) -> None:
        """Take rows of a segment, in the order of the journal. What is superseded is kept, not drawn."""
        if part_name(writer, number) in self._done:
            return  # its part was written before its segment could be removed
        part = self._open.setdefault((writer, number), Part())
        for key, column in columns.items():
            rows = Rows.of(column)
            part.add(key, rows, superseded=superseded)
            if not superseded:
                self.draw_rows(key, rows)

    def seal(self, writer: str, number: int) -> None:
        """Write the part of a segment that has been read to its end."""
        part, name = self._open.get((writer, number)), part_name(writer, number)
        if part is not None and part.rows and name not in self._done:
            self._store.write(f"{self._folder}/history/{name}", part.to_bytes())
            self._done.add(name)
        self._open.pop((writer, number), None)

    def has(self, writer: str, number: int) -> bool:
        """Tell whether there is a part of a segment here."""
        return part_name(writer, number) in self._done

    def draw(self, columns: Mapping[str, Column]) -> None:
        """Draw rows of a writer that makes its parts itself."""
        for key, column in columns.items():
            self.draw_rows(key, Rows.of(column))

    def remove(self, writer: str, number: int) -> None:
        """Delete a segment whose part and whose effects on the run document are stored."""
        self._store.delete(f"{self._folder}/journal/{writer}/{segment_name(number)}")

    def draw_rows(self, key: str, rows: Rows) -> None:
        """Draw one metric's rows."""
        if rows.objects:
            self.series.media.add(key, rows)
        if rows.numeric is None:
            self.series.add(key, rows.steps, rows.times, rows.values)
        elif rows.numeric.any():
            self.series.add(
                key, rows.steps[rows.numeric], rows.times[rows.numeric], rows.values[rows.numeric]
            )
