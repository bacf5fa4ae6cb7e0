"""Reading what runs left: entities, projects, runs and their histories, from any store.

>>> from runhooks import Api
>>> run = Api("./runs").run("default/digits/k3f9a2c1")  # doctest: +SKIP
>>> run.state, run.summary["loss"], run.history(["loss"])  # doctest: +SKIP
"""

from .artifact import ApiArtifact
from .entry import Api
from .project import ApiProject
from .run import ApiRun
from .runs import Runs

__all__ = ["Api", "ApiArtifact", "ApiProject", "ApiRun", "Runs"]
