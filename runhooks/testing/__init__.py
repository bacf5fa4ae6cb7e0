"""For tests of code that uses runhooks, and of stores that are written for it. Needs pytest."""

import pytest

# Before they are imported: a failing test then shows what it compared.
pytest.register_assert_rewrite(
    *(f"{__name__}.{name}" for name in ("_folders", "_frame", "_objects", "_paths"))
)

from ._contract import StoreContract  # noqa: E402
from ._failing import FailingStore, Failure  # noqa: E402

__all__ = ["FailingStore", "Failure", "StoreContract"]
