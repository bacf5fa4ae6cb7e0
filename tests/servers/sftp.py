"""An SFTP server on loopback: paramiko's own, in a thread, over a folder of this machine."""

import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import paramiko

USER, PASSWORD = "runhooks", "sftp-password-0123456789"


@dataclass(frozen=True)
class SFTPServer:
    """Where the server is, and the folder that it serves."""

    port: int
    folder: Path

    @property
    def storage_options(self) -> dict[str, Any]:
        return {"port": self.port, "username": USER, "password": PASSWORD}


class _Login(paramiko.ServerInterface):
    def check_auth_password(self, username: str, password: str) -> int:
        return paramiko.AUTH_SUCCESSFUL if (username, password) == (USER, PASSWORD) else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED

    def get_allowed_auths(self, username: str) -> str:
        return "password"


class _Handle(paramiko.SFTPHandle):
    def stat(self) -> Any:
        return paramiko.SFTPAttributes.from_stat(os.fstat(self.readfile.fileno()))


class _Files(paramiko.SFTPServerInterface):
    """The calls of the protocol that fsspec's client makes, on files below a root."""

    root: Path

    def __init__(self, server: Any, *args: Any, root: Path, **kwargs: Any) -> None:
        super().__init__(server, *args, **kwargs)
        self.root = root

    def _at(self, path: str) -> Path:
        return Path(f"{self.root}{self.canonicalize(path)}")

    def list_folder(self, path: str) -> Any:
        def listed() -> list[paramiko.SFTPAttributes]:
            found = self._at(path).iterdir()
            return [paramiko.SFTPAttributes.from_stat(each.lstat(), each.name) for each in found]

        return self._told(listed)

    def stat(self, path: str) -> Any:
        return self._told(lambda: paramiko.SFTPAttributes.from_stat(self._at(path).stat()))

    def lstat(self, path: str) -> Any:
        return self._told(lambda: paramiko.SFTPAttributes.from_stat(self._at(path).lstat()))

    def open(self, path: str, flags: int, attr: Any) -> Any:
        def opened() -> _Handle:
            fd = os.open(self._at(path), flags, 0o644)
            mode = {os.O_WRONLY: "wb", os.O_RDWR: "r+b"}.get(flags & os.O_ACCMODE, "rb")
            handle = _Handle(flags)
            handle.readfile = handle.writefile = os.fdopen(fd, mode)  # type: ignore[attr-defined]
            return handle

        return self._told(opened)

    def remove(self, path: str) -> int:
        return self._done(lambda: self._at(path).unlink())

    def posix_rename(self, old: str, new: str) -> int:
        return self._done(lambda: self._at(old).replace(self._at(new)))

    def mkdir(self, path: str, attr: Any) -> int:
        return self._done(lambda: self._at(path).mkdir())

    def rmdir(self, path: str) -> int:
        return self._done(lambda: self._at(path).rmdir())

    def chattr(self, path: str, attr: Any) -> int:
        return int(paramiko.SFTP_OK)

    def _told(self, ask: Any) -> Any:
        try:
            return ask()
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)

    def _done(self, action: Any) -> int:
        try:
            action()
        except OSError as error:
            return int(paramiko.SFTPServer.convert_errno(error.errno or 0))
        return int(paramiko.SFTP_OK)


@contextlib.contextmanager
def sftp_server(folder: Path) -> Iterator[SFTPServer]:
    """Serve a folder until the block ends."""
    key = paramiko.RSAKey.generate(2048)
    transports: list[paramiko.Transport] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:  # closed: the block has ended
                    return
                transport = paramiko.Transport(connection)
                transport.add_server_key(key)
                transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _Files, root=folder)
                transports.append(transport)
                with contextlib.suppress(paramiko.SSHException, EOFError):
                    transport.start_server(server=_Login())

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield SFTPServer(listener.getsockname()[1], folder)
        finally:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join(10)
            for transport in transports:
                transport.close()
