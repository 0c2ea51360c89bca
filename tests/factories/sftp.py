"""A real SSH server on loopback, in a thread, serving one folder by SFTP."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import asyncssh

from gateways.sftp import SftpAddress

if TYPE_CHECKING:
    from collections.abc import Iterator

HOST = "127.0.0.1"
USER = "cleanclaim"
PASSWORD = "loopback only"  # noqa: S105  # a test server's


@dataclass(frozen=True)
class SftpServer:
    """A running server: its address, and the folder that stands as `/` to its users."""

    address: SftpAddress
    root: Path


class _OurUsers(asyncssh.SSHServer):
    """Lets one user in, by password or by the key that was made for them."""

    def __init__(
        self, public_key: asyncssh.SSHKey, connections: list[asyncssh.SSHServerConnection]
    ) -> None:
        self._public_key = public_key
        self._connections = connections

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connections.append(conn)

    def begin_auth(self, username: str) -> bool:
        return bool(username)

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USER, PASSWORD)

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return username == USER and bool(key == self._public_key)


@contextmanager
def running_sftp(folder: Path, *, host_key_type: str = "ssh-ed25519") -> Iterator[SftpServer]:
    """Run a server whose root is `folder/sftp`; its keys are made afresh."""
    root = folder / "sftp"
    root.mkdir(exist_ok=True)
    host_key = asyncssh.generate_private_key(host_key_type)
    user_key = asyncssh.generate_private_key("ssh-ed25519")
    key_file = folder / "user_key"
    key_file.write_bytes(user_key.export_private_key("openssh"))
    key_file.chmod(0o600)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    connections: list[asyncssh.SSHServerConnection] = []

    async def listen() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            HOST,
            0,
            server_host_keys=[host_key],
            server_factory=lambda: _OurUsers(user_key.convert_to_public(), connections),
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(root).encode()),
        )

    async def stop(server: asyncssh.SSHAcceptor) -> None:
        server.close()
        await server.wait_closed()
        for connection in connections:
            connection.abort()
            await connection.wait_closed()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0)

    server = asyncio.run_coroutine_threadsafe(listen(), loop).result(10)
    line = host_key.export_public_key("openssh").decode().strip()
    try:
        yield SftpServer(
            SftpAddress(HOST, server.get_port(), USER, line, key_file, timeout_seconds=10), root
        )
    finally:
        asyncio.run_coroutine_threadsafe(stop(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
