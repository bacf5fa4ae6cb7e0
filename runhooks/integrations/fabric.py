"""RunLogger for Lightning Fabric: ``Fabric(loggers=[RunLogger(project="digits")])``.

``fabric.log(name, value, step)`` and ``fabric.log_dict`` reach the run, which the first of them opens, on
global rank 0 only. The run ends with the process, or by ``logger.finalize("success")``.
"""

from ._loops.lightning_loggers import RunLogger

__all__ = ["RunLogger"]
