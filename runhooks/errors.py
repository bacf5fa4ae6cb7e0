"""Every exception that runhooks raises, as one tree.

::

    RunhooksError (Exception)
    ├── ArgumentError (ValueError)            a wrong argument or variable
    │   ├── IdError                           an id or name that cannot be part of a path
    │   └── StepError                         a step that a run does not have
    ├── RunExistsError (ValueError)           the id is taken, and no resume was asked for
    ├── RunNotFoundError (LookupError)        no such run
    ├── ArtifactNotFoundError (LookupError)   no such artifact, version or alias
    ├── ArtifactError (RuntimeError)          an artifact that is not stored, or not as its manifest says
    ├── RunFinishedError (RuntimeError)       the run has ended; it takes no more data
    ├── RunBusyError (RuntimeError)           another process has the run and does not let go
    ├── RecordError (ValueError)              a stored object that cannot be read
    │   └── FormatVersionError                written by a newer runhooks
    ├── SiteError (RuntimeError)              pages that cannot be built
    ├── WaitTimeoutError (TimeoutError)       what was waited for did not happen in time
    ├── NotOfferedError (NotImplementedError) what runhooks leaves to other tools; the message names them
    ├── MissingExtraError (ImportError)       an optional dependency is not installed
    ├── StoreUrlError (ValueError)            a store address that cannot be used
    └── StoreError (OSError)                  the store did not do what it was asked
        ├── StoreUnreachableError (ConnectionError)
        ├── StorePermissionError (PermissionError)
        ├── StoreNotFoundError (FileNotFoundError)    the bucket or folder itself is missing
        └── ObjectNotFoundError (FileNotFoundError)   one object is missing

Each class also inherits the builtin that fits, so that code which knows nothing of runhooks
catches it as usual. Messages say what happened, what was kept, and what to do.
"""

__all__ = [
    "ArgumentError",
    "ArtifactError",
    "ArtifactNotFoundError",
    "FormatVersionError",
    "IdError",
    "MissingExtraError",
    "NotOfferedError",
    "ObjectNotFoundError",
    "RecordError",
    "RunBusyError",
    "RunExistsError",
    "RunFinishedError",
    "RunNotFoundError",
    "RunhooksError",
    "SiteError",
    "StepError",
    "StoreError",
    "StoreNotFoundError",
    "StorePermissionError",
    "StoreUnreachableError",
    "StoreUrlError",
    "WaitTimeoutError",
]


class RunhooksError(Exception):
    """Base of every exception that runhooks raises."""


class ArgumentError(RunhooksError, ValueError):
    """An argument or a ``RUNHOOKS_*`` variable has a value that cannot be used."""


class IdError(ArgumentError):
    """An id, entity or project name cannot be part of a path."""


class StepError(ArgumentError):
    """A run has no such step to go on from."""


class RunExistsError(RunhooksError, ValueError):
    """A run with this id exists already and ``resume`` was not given."""


class RunNotFoundError(RunhooksError, LookupError):
    """No run has this path."""


class ArtifactNotFoundError(RunhooksError, LookupError):
    """No artifact, version or alias has this name."""


class ArtifactError(RunhooksError, RuntimeError):
    """An artifact could not be stored, or its content is not what its manifest says."""


class RunFinishedError(RunhooksError, RuntimeError):
    """The run has ended; it takes no more data."""


class RunBusyError(RunhooksError, RuntimeError):
    """Another process has the run and does not let go of it."""


class RecordError(RunhooksError, ValueError):
    """A stored object is not what the format says."""


class FormatVersionError(RecordError):
    """A record was written in a newer format than this version reads."""


class SiteError(RunhooksError, RuntimeError):
    """Pages cannot be built."""


class WaitTimeoutError(RunhooksError, TimeoutError):
    """What was waited for did not happen in the time that was given."""


class NotOfferedError(RunhooksError, NotImplementedError):
    """Something of W&B that runhooks leaves to other tools; the message names them."""


class MissingExtraError(RunhooksError, ImportError):
    """An optional dependency is not installed; the message names the extra."""


class StoreUrlError(RunhooksError, ValueError):
    """A store address that cannot be used. The message never repeats its secrets."""


class StoreError(RunhooksError, OSError):
    """The store did not do what it was asked."""


class StoreUnreachableError(StoreError, ConnectionError):
    """The store did not answer in time."""


class StorePermissionError(StoreError, PermissionError):
    """The store refused the credentials, or none were found."""


class StoreNotFoundError(StoreError, FileNotFoundError):
    """The bucket or folder that should hold the store is missing."""


class ObjectNotFoundError(StoreError, FileNotFoundError):
    """One object is missing from the store."""
