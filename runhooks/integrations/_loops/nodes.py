"""The nodes of a distributed training: each further one writes a share of the run that global rank 0 opens.

All ranks call :func:`take_part` in the same hook, whatever became of the run on rank 0, as it is a message
of all of them. Whether it is called follows from what is the same on all ranks: the number of nodes.
"""

import os
from collections.abc import Callable
from typing import Any

from torch import distributed

from .session import Session

__all__ = ["are_several", "by_torch", "local_rank", "take_part"]

Told = dict[str, str] | None


def are_several() -> bool:
    """Tell whether the processes of torch's group are on several nodes, as torchrun and its like say.

    ``LOCAL_WORLD_SIZE`` differs between nodes of different size, and is below the group's on each of them.
    """
    if not (distributed.is_available() and distributed.is_initialized()):
        return False
    local = os.environ.get("LOCAL_WORLD_SIZE", "")
    return local.isdecimal() and 0 < int(local) < distributed.get_world_size()


def local_rank() -> int | None:
    """Return the rank of this process on its node, as torchrun and its like say."""
    local = os.environ.get("LOCAL_RANK", "")
    return int(local) if local.isdecimal() else None


def by_torch(told: Told, device: Any = None) -> Told:
    """Return what global rank 0 of torch's group tells. All ranks call this, with a device of the group's."""
    told_by_first: list[Told] = [told]
    distributed.broadcast_object_list(told_by_first, src=0, device=device)
    return told_by_first[0]


def take_part(
    session: Session,
    tell: Callable[[Told], Told],
    *,
    rank: int,
    local_rank: int | None,
    node: int | str | None = None,
) -> bool:
    """Open a share of rank 0's run on the first process of each further node. All ranks call this.

    Parameters
    ----------
    session : Session
        On rank 0 with the run that it opened, if it did.
    tell : callable
        Returns on all ranks what it was given on global rank 0.
    rank, local_rank : int
        Of this process: in the training, and on its node.
    node : int or str, optional
        The node's number, for people; by default as torchrun says, else that of the rank.

    Returns
    -------
    bool
        Whether this process has a share to close.
    """
    told = tell(session.told)
    if told is None or rank == 0 or local_rank != 0:
        return False
    if node is None:
        node = os.environ.get("GROUP_RANK") or os.environ.get("NODE_RANK") or f"of rank {rank}"
    session.join(told, f"node {node}")
    return True
