"""Sending a run that is recorded offline by another process, while it goes on."""

from functools import cached_property

from ..record.folder import view_of
from ..recorder.mirror import Mirror
from ..recorder.orders import Order
from ..recorder.pages import ProjectPages
from ..storage import Store, open_store

__all__ = ["Live"]


class Live:
    """A copy of a run that goes on: what changed is sent each time, nothing is deleted here.

    Parameters
    ----------
    order : Order
    """

    def __init__(self, order: Order) -> None:
        self._order = order
        self._begun = False

    def send(self) -> None:
        """Send what changed since the last time.

        Raises
        ------
        StoreError
        """
        self._mirror.push()
        self._pages.refresh(view_of(self._order.folder), now=not self._begun)
        self._begun = True

    @cached_property
    def _store(self) -> Store:
        return open_store(self._order.store, self._order.storage_options)

    @cached_property
    def _mirror(self) -> Mirror:
        return Mirror(self._order.root, self._order.path.folder, self._store)

    @cached_property
    def _pages(self) -> ProjectPages:
        return ProjectPages(self._store)
