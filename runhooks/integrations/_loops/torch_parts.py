"""What the integrations of torch's frameworks share: the size of a model, and what ranks agree on."""

from typing import Any

from torch import distributed, tensor
from torch.nn.parameter import is_lazy

__all__ = ["any_rank", "size"]


def size(module: Any, *, only_trainable: bool = False) -> int:
    """Count the parameters of a module.

    DeepSpeed's stage 3 leaves empty ones and their size in ``ds_numel``; lazy ones have none yet.
    """
    found = (each for each in module.parameters() if each.requires_grad or not only_trainable)
    return sum(getattr(each, "ds_numel", each.numel()) for each in found if not is_lazy(each))


def any_rank(flag: bool, device: Any = "cpu") -> bool:
    """Return whether a flag is set on any rank. All ranks call this at the same step."""
    if not (distributed.is_available() and distributed.is_initialized()):
        return flag
    found = tensor(int(flag), device=device)
    distributed.all_reduce(found, op=distributed.ReduceOp.MAX)
    return bool(found.item())
