"""The processes of a Keras training, as far as its backend knows them."""

import os

import keras

from .session import Session

__all__ = ["any_rank", "are_several", "have_nodes", "is_first", "take_part"]


def is_first() -> bool:
    """Tell whether this process has global rank 0."""
    if keras.backend.backend() == "jax":
        import jax

        return jax.process_index() == 0
    if keras.backend.backend() == "torch":
        from torch import distributed

        if distributed.is_available() and distributed.is_initialized():
            return distributed.get_rank() == 0
    return os.environ.get("RANK", "0") == "0"


def are_several() -> bool:
    """Tell whether there are processes that would wait for one that stops alone."""
    if keras.backend.backend() == "jax":
        import jax

        return bool(jax.process_count() > 1)
    if keras.backend.backend() == "torch":
        from torch import distributed

        return (
            distributed.is_available() and distributed.is_initialized() and distributed.get_world_size() > 1
        )
    return "TF_CONFIG" in os.environ


def any_rank(flag: bool) -> bool:
    """Return whether a flag is set on any rank. All ranks call this at the end of an epoch.

    On TensorFlow nothing is asked: the flag is False, and a request to stop comes as a signal.
    """
    if keras.backend.backend() == "jax":
        import numpy as np
        from jax.experimental import multihost_utils

        return bool(np.any(multihost_utils.process_allgather(np.asarray(flag))))
    if keras.backend.backend() == "torch":
        from torch import distributed

        from . import torch_parts

        return torch_parts.any_rank(flag, "cuda" if distributed.get_backend() == "nccl" else "cpu")
    return False


def have_nodes() -> bool:
    """Tell whether the processes are on several nodes. Only torch's backend knows."""
    if keras.backend.backend() != "torch":
        return False
    from . import nodes

    return nodes.are_several()


def take_part(session: Session) -> bool:
    """Open a share of the run of rank 0 on each further node, as :func:`.nodes.take_part` does."""
    from torch import distributed

    from . import nodes

    return nodes.take_part(
        session, nodes.by_torch, rank=distributed.get_rank(), local_rank=nodes.local_rank()
    )
