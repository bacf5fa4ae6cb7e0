"""Whether a store takes what a run will send to it: for those who asked that it must."""

from typing import Any

from ..errors import RunhooksError
from ..storage import Retry, open_store
from .orders import Order

__all__ = ["probe"]

_RETRY = Retry(deadline=5.0)


def probe(order: Order) -> dict[str, Any] | None:
    """Write and delete a small object in the run's own folder; return what went wrong.

    Returns
    -------
    dict or None
        ``type``, a name in :mod:`runhooks.errors`, and ``text``; None when the store took it.
    """
    path = f"{order.path.folder}/probe"
    try:
        store = open_store(order.store, order.storage_options, retry=_RETRY)
        store.write(path, b"")
        store.delete(path)
    except RunhooksError as error:
        return {"type": type(error).__name__, "text": str(error)}
    return None
