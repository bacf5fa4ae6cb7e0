"""What every store must do, as tests that a store's own tests subclass."""

from ._folders import FolderContract
from ._objects import ObjectContract
from ._paths import PathContract

__all__ = ["StoreContract"]


class StoreContract(ObjectContract, FolderContract, PathContract):
    """Tests of the contract in :class:`runhooks.storage.Store`.

    A store's tests subclass it, give it the fixture `store` and the two methods that go past the store,
    and get every test here::

        class TestMyStore(StoreContract):
            @pytest.fixture
            def store(self, tmp_path):
                return MyStore(tmp_path)

            def raw_read(self, store, path):
                file = store.folder / path
                return file.read_bytes() if file.is_file() else None

            def raw_write(self, store, path, data): ...

    Attributes
    ----------
    secrets : tuple of str
        Credentials that the fixture gives to the store; they must show up nowhere.
    big : int
        Size in bytes of the file that is sent: more than one part, where a store sends in parts.
    """
