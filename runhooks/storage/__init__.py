"""Stores: where records are kept. A folder, a bucket, or whatever else fsspec reaches."""

from ._local import LocalStore
from ._metered import MeteredStore, Traffic
from ._open import describe, open_store
from ._protocol import Entry, Store
from ._retry import Retry, RetryStore
from ._together import together

__all__ = [
    "Entry",
    "LocalStore",
    "MeteredStore",
    "Retry",
    "RetryStore",
    "Store",
    "Traffic",
    "describe",
    "open_store",
    "together",
]
