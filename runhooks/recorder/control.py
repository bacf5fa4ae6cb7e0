"""What others ask of a run's process: small objects in the run's folder ``control``, named by its writer."""

from .orders import Order

__all__ = ["is_resumed"]


def is_resumed(order: Order) -> bool:
    """Tell whether another process goes on with the run since this order's own began."""
    return order.writer is not None and (order.folder / "control" / f"resumed-{order.writer}.json").exists()
